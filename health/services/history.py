"""How the health of an account has moved, and what has changed since a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, When
from django.utils.translation import gettext as _

from accounts.models import Account
from health.models import AccountHealth, HealthPoint
from health.signals.words import bound_words, label, value_words

# Smaller changes of severity are noise of the day.
NOTICEABLE = 0.1
POINTS_SHOWN = 400


@dataclass(frozen=True)
class Change:
    """A signal that is worse (`by` above 0) or better than then; `before` or `now` is empty where it had no data."""

    signal: str
    label: str
    before: str
    now: str
    bound: str
    by: float

    @property
    def is_worse(self) -> bool:
        return self.by > 0

    @property
    def words(self) -> str:
        names = {"signal": self.label, "before": self.before, "now": self.now, "bound": self.bound}
        if not self.before:
            return _("%(signal)s: now %(now)s, not known before (limit %(bound)s)") % names
        if not self.now:
            return _("%(signal)s: %(before)s before, not known any more") % names
        if self.is_worse:
            return _("%(signal)s got worse: from %(before)s to %(now)s (limit %(bound)s)") % names
        return _("%(signal)s got better: from %(before)s to %(now)s (limit %(bound)s)") % names


@dataclass(frozen=True)
class Since:
    """What has changed since the point of `date`: the score then and now, the signals, the greatest change first."""

    date: dt.date
    score_before: int | None
    score_now: int | None
    changes: list[Change]


def trend(account: Account, since: dt.date) -> list[HealthPoint]:
    """The points of the history from a day on, the oldest first."""
    points = HealthPoint.objects.filter(account=account, date__gte=since).order_by("-date")
    return list(points[:POINTS_SHOWN])[::-1]


def changes_since(account: Account, since: dt.date) -> Since | None:
    """Compare the newest score with the newest point up to `since`, or with the oldest one where there is none so old;
    None without anything to compare."""
    newest = AccountHealth.objects.filter(account=account).first()
    old = Q(date__lte=since)
    before, newest_old = Case(When(old, then=0), default=1), Case(When(old, then=F("date")))
    then = HealthPoint.objects.filter(account=account).order_by(before, newest_old.desc(), "date").first()
    if newest is None or then is None or then.date >= newest.as_of:
        return None
    return Since(then.date, then.score, newest.score, compared(then.parts, newest.parts))


def what_changed(account: Account, since: dt.date) -> list[str]:
    """The changes in sentences, the greatest first."""
    found = changes_since(account, since)
    return [change.words for change in found.changes] if found else []


def compared(then: Mapping[str, Sequence[float]], parts: Sequence[Mapping[str, Any]]) -> list[Change]:
    """The signals whose severity is noticeably another one."""
    now = {part["signal"]: part for part in parts}
    found = []
    for key in [*now, *(key for key in then if key not in now)]:
        before, part = then.get(key), now.get(key)
        by = (part["severity"] if part else 0.0) - (before[1] if before else 0.0)
        if abs(by) >= NOTICEABLE:
            found.append(_change(key, before, part, by))
    return sorted(found, key=lambda change: (-abs(change.by), change.signal))


def _change(key: str, before: Sequence[float] | None, part: Mapping[str, Any] | None, by: float) -> Change:
    then = value_words({"signal": key, "value": before[0]}) if before else ""
    now = value_words(part) if part else ""
    return Change(key, label(key), then, now, bound_words(part) if part else "", round(by, 4))
