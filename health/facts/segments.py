"""In which segment an account was: tier, stage and category as far as they are dated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import Account, TierHistory
from audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Segment:
    """What decides which profile scores an account, and by which rules it is treated."""

    tier: str
    stage: str
    status: str
    category: str
    region: str
    known_since: dt.date
    interruption: str
    stage_since: dt.date | None = None


Found = dict[int, "Segment"]
_remembered: ContextVar[tuple[Sequence[int], dt.date, Found] | None] = ContextVar("segments", default=None)


@contextmanager
def remembered(ids: Sequence[int], as_of: dt.date) -> Iterator[Found]:
    """Inside, whoever asks for the segments of this very batch is given the same ones: several kinds of facts do."""
    found = segments(ids, as_of)
    token = _remembered.set((ids, as_of, found))
    try:
        yield found
    finally:
        _remembered.reset(token)


def segments(ids: Sequence[int], as_of: dt.date) -> Found:
    """The segment of each account on the days before `as_of`.

    The tier is that of the tier history, the stage that of the audit; status, category and region have no history. An
    account whose tier was never decided keeps the one it has.
    """
    known = _remembered.get()
    if known is not None and known[0] is ids and known[1] == as_of:
        return known[2]
    tiers, decided = tiers_at(ids, as_of)
    stages, since = stages_at(ids, as_of)
    columns = ("pk", "tier", "stage", "status", "category", "region", "created_at", "interruption_reason")
    found: Found = {}
    for pk, tier, stage, status, category, region, created, reason in (
        Account.objects.filter(pk__in=ids).order_by().values_list(*columns)
    ):
        since_day = timezone.localdate(created)
        then = tiers.get(pk, "") if pk in decided else tier
        found[pk] = Segment(then, stages.get(pk, stage), status, category, region, since_day, reason, since.get(pk))
    return found


def tiers_at(ids: Sequence[int], as_of: dt.date) -> tuple[dict[int, str], set[int]]:
    """Account -> its tier before `as_of`, and the accounts whose tier was ever decided."""
    rows = TierHistory.objects.filter(account__in=ids).order_by("since", "pk")
    tiers: dict[int, str] = {}
    decided = set()
    for account, tier, since in rows.values_list("account", "tier", "since"):
        decided.add(account)
        if since < as_of:
            tiers[account] = tier
    return tiers, decided


def stages_at(ids: Sequence[int], as_of: dt.date) -> tuple[dict[int, str], dict[int, dt.date]]:
    """Account -> its stage before `as_of` where it has changed since, and the day of the last change before."""
    entries = AuditEntry.objects.filter(
        object_type=Account._meta.label_lower, object_id__in=ids, action="account.updated", changes__has_key="stage"
    )
    then: dict[int, str] = {}
    since: dict[int, dt.date] = {}
    start = dt.datetime.combine(as_of, dt.time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    for pk, at, changes in entries.order_by("pk").values_list("object_id", "at", "changes"):
        if at < start:
            since[pk] = timezone.localdate(at)
        else:
            then.setdefault(pk, changes["stage"][0] or "")
    return then, since
