"""What the pages about alerts share: the place in the inbox, what is shown of one alert, the gap in the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db.models import Count, Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.agenda import link
from core.paging import Page, Sort, keyset_page
from health.choices import ACTIVE_ALERTS, AlertStatus, StepStatus
from health.evidence_words import compared
from health.forms.alerts import CommentForm, ResolveForm, SnoozeForm
from health.models import Alert, AlertComment, HealthPoint, HealthRun, PlaybookRun
from health.rule_words import condition_sentences
from health.services.playbooks import recommended
from users.models import User

OWN = ("alert", "at", "next")
VERBS = ("acknowledge", "snooze", "wake", "comment", "resolve", "reopen", "reassign")
SNOOZES = ((1, _("Tomorrow")), (7, _("In a week")), (14, _("In two weeks")), (30, _("In a month")))
SHOWN_BEFORE = dt.timedelta(days=182)
POINTS_SHOWN = 400
PAGE = 30


@dataclass(frozen=True)
class Place:
    """The list as its address says (`query`: tab, scope, filters, page), and the number of the row (None: no list)."""

    query: QueryDict
    at: int | None = None

    @cached_property
    def written(self) -> str:
        """The query as it stands in addresses; without what is of one row (`OWN`)."""
        return self.query.urlencode()

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        query = request.GET.copy()
        at = query.get("at", "")
        for name in OWN:
            query.pop(name, None)
        return cls(query, int(at) if at.isascii() and at.isdigit() and len(at) < 4 else None)

    def row(self, at: int | None) -> Place:
        place = Place(self.query, at)
        place.__dict__["written"] = self.written
        return place

    def list_url(self, **more: object) -> str:
        return _address(reverse("health:alert_list"), self.written, **more)

    def url(self, name: str, alert: Alert) -> str:
        """A page about the alert that knows the way back to its place."""
        return _address(reverse(name, args=[alert.pk]), self.written, at=self.at)

    def after(self, alert: Alert, *, stays: bool, inbox: bool) -> str:
        """Where to go when something was done about it: it is still to be seen, or the next one takes its place."""
        if stays:
            return self.list_url(alert=alert.pk) if inbox else self.url("health:alert_detail", alert)
        known = inbox or self.at is not None
        return self.list_url(at=self.at) if known else self.url("health:alert_detail", alert)


def _address(path: str, written: str, **more: object) -> str:
    added = urlencode({name: str(value) for name, value in more.items() if value is not None})
    query = "&".join(part for part in (written, added) if part)
    return f"{path}?{query}" if query else path


def snooze_days(today: dt.date) -> list[tuple[Promise, dt.date]]:
    """Until when one mostly snoozes: its words and the day."""
    return [(label, today + dt.timedelta(days=days)) for days, label in SNOOZES]


def alerts_of(user: User) -> Any:
    """The alerts that the user sees, with all that a row of the inbox and its panes show."""
    return _with_words(Alert.objects.visible_to(user))


def _with_words(alerts: Any) -> Any:
    return alerts.select_related("account__summary", "owner", "rule").order_by()


def page_of(found: Any, sort: Sort, cursor: str | None) -> Page:
    """One page of a list of alerts. Which rows it has is found without what they show: that is much, and would be read
    and sorted for all of them. What `found` lets through is not asked a second time whether it is visible."""
    page = keyset_page(found.only(sort.path), sort, cursor, PAGE)
    rows = _with_words(Alert.objects.filter(pk__in=[row.pk for row in page])).in_bulk()
    page.rows = [rows[row.pk] for row in page if row.pk in rows]
    return page


def gap_now(user: User) -> HealthRun | None:
    """The newest night, where it found the company's own orders missing."""
    run = HealthRun.objects.visible_to(user).order_by("-as_of").first()
    return run if run is not None and run.gap_from is not None else None


def pane(alert: Alert, user: User, place: Place, now: dt.datetime, sent: Mapping[str, Any]) -> dict[str, Any]:
    """All that is shown of one alert; `sent` are the forms that were sent and refused."""
    today, account = timezone.localdate(now), alert.account
    is_open, is_active = alert.status != AlertStatus.RESOLVED, alert.status in ACTIVE_ALERTS
    comments = AlertComment.objects.visible_to(user).filter(alert=alert).select_related("author")
    return {
        "alert": alert,
        "account": account,
        "place": place,
        "may_edit": Account.objects.editable_by(user).filter(pk=account.pk).exists(),
        "is_open": is_open,
        "is_active": is_active,
        "conditions": condition_sentences(alert.rule),
        "signals": compared(alert.evidence, alert.evidence_now),
        "points": _points(alert, user),
        "comments": comments.order_by("-created_at", "-pk"),
        "runs": _runs(account, user),
        "playbooks": recommended(alert) if is_open else [],
        "others": max(account.summary.open_alerts - is_active, 0),
        "snoozes": snooze_days(today),
        "snooze_form": sent.get("snooze") or SnoozeForm(today=today),
        "resolve_form": sent.get("resolve") or ResolveForm(),
        "comment_form": sent.get("comment") or CommentForm(),
        "unfolded": next(iter(sent), ""),
        "urls": {verb: place.url(f"health:alert_{verb}", alert) for verb in VERBS},
        "log_url": link("interactions:interaction_log", account=account.pk),
        "visit_url": link("interactions:visit_create", account=account.pk),
        "now": now,
    }


def _runs(account: Account, user: User) -> Any:
    """The playbooks at work at the account, with how far they are."""
    runs = PlaybookRun.objects.visible_to(user).running().filter(account=account).select_related("playbook")
    left = Count("tasks", filter=Q(tasks__status=StepStatus.OPEN))
    return runs.annotate(steps=Count("tasks"), steps_left=left).order_by("-pk")


def _points(alert: Alert, user: User) -> list[tuple[dt.date, int | None]]:
    """The course of the account's score before and since the alert."""
    since = alert.opened_on - SHOWN_BEFORE
    points = HealthPoint.objects.visible_to(user).filter(account=alert.account_id, date__gte=since, score__isnull=False)
    return list(points.order_by("date").values_list("date", "score")[:POINTS_SHOWN])
