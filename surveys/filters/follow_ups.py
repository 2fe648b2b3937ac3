"""Filters of follow-ups, the same on the pages and in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from accounts.filters import AboutAccounts
from accounts.models import Account
from core.forms import LookupSelect
from core.paging import Sort
from search.services import matching_ids
from surveys.choices import Cause, FollowUpKind, FollowUpOutcome, FollowUpStatus
from surveys.models import Campaign, FollowUp, FollowUpResponse
from users.models import Team, User

NO_TIER = "none"
TIERS = [*Tier.choices, (NO_TIER, _("No tier"))]
UNFINISHED, LATE, ESCALATED, IN_TIME, TOO_LATE, ALL = "unfinished", "late", "escalated", "in_time", "too_late", "all"
FOLLOW_UP_SORTS = {"due_at": Sort("due_at"), "opened_at": Sort("opened_at"), "id": Sort("pk")}
FOLLOW_UP_DEFAULT_SORT = "due_at"
RATE_DAYS = 90


def in_state(queryset: Any, value: str) -> Any:
    """Narrowed to a status, or to one of the states that follow from dates: unfinished, late now, escalated, closed
    within the deadline or after it."""
    if value == UNFINISHED:
        return queryset.unfinished()
    if value == LATE:
        return queryset.late(timezone.now())
    if value == ESCALATED:
        return queryset.unfinished().filter(escalated_at__isnull=False)
    if value in (IN_TIME, TOO_LATE):
        closed = queryset.filter(status=FollowUpStatus.CLOSED)
        within = models.Q(closed_at__lte=models.F("due_at"))
        return closed.filter(within if value == IN_TIME else ~within)
    return queryset if value == ALL else queryset.filter(status=value)


class FollowUpFilter(AboutAccounts):
    """`q` is anything that finds accounts; `team` with all teams below it, `own_team` alone; `response` an answer that
    is among the reasons; days are the reader's."""

    q = django_filters.CharFilter(label=_("Account"), method="search", max_length=100)
    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a follow-up", "state"),
        choices=[
            (UNFINISHED, pgettext_lazy("of a follow-up", "Unfinished")),
            (LATE, pgettext_lazy("of a follow-up", "Overdue")),
            (ESCALATED, pgettext_lazy("of a follow-up", "Escalated")),
            *FollowUpStatus.choices,
            (IN_TIME, _("Closed in time")),
            (TOO_LATE, _("Closed too late")),
        ],
        method="in_state",
    )
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=FollowUpKind.choices)
    campaign = django_filters.ModelChoiceFilter(
        label=_("survey campaign"), queryset=Campaign.objects.defer("definition")
    )
    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="in_tier")
    account_tier = None  # `tier` is the account's
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    own_team = django_filters.ModelChoiceFilter(
        label=_("team"), field_name="owner__team", queryset=Team.objects.all(), widget=forms.HiddenInput
    )
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name", "pk"), widget=LookupSelect("users:user_lookup")
    )
    cause = django_filters.ChoiceFilter(label=_("cause"), choices=Cause.choices)
    outcome = django_filters.ChoiceFilter(label=_("outcome"), choices=FollowUpOutcome.choices)
    opened = django_filters.DateFromToRangeFilter(
        label=pgettext_lazy("of a follow-up", "opened"), field_name="opened_at"
    )
    due = django_filters.DateFromToRangeFilter(label=_("deadline"), field_name="due_at")
    contacted = django_filters.BooleanFilter(
        label=_("customer contacted"), field_name="contacted_at", lookup_expr="isnull", exclude=True
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    response = django_filters.NumberFilter(
        label=_("survey response"), method="of_response", min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )

    class Meta:
        model = FollowUp
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def in_state(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return in_state(queryset, value)

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__tier="" if value == NO_TIER else value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(owner__team__path__startswith=value.path)

    def of_response(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        reasons = FollowUpResponse.objects.order_by().filter(follow_up=OuterRef("pk"), response=int(value))
        return queryset.filter(Exists(reasons))


class FollowUpListFilter(FollowUpFilter):
    """On the page: what is unfinished, unless asked for something else."""

    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a follow-up", "state"),
        choices=[
            (LATE, pgettext_lazy("of a follow-up", "Overdue")),
            (ESCALATED, pgettext_lazy("of a follow-up", "Escalated")),
            *FollowUpStatus.choices,
            (IN_TIME, _("Closed in time")),
            (TOO_LATE, _("Closed too late")),
            (ALL, pgettext_lazy("follow-ups", "All")),
        ],
        empty_label=pgettext_lazy("of a follow-up", "Unfinished"),
        method="in_state",
    )
    bar = ("q", "state", "kind", "owner")

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        found = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        return found if chosen.get("state") or chosen.get("response") else found.unfinished()


class LoopRateFilter(FollowUpFilter):
    """Which follow-ups the rates count: those opened in the days, of the last 90 unless asked for others; those who are
    won back unless asked for references."""

    kind = django_filters.ChoiceFilter(
        label=_("kind"),
        choices=[
            (FollowUpKind.REFERENCE.value, FollowUpKind.REFERENCE.label),
            (ALL, pgettext_lazy("follow-ups", "All")),
        ],
        empty_label=FollowUpKind.RECOVERY.label,
        method="of_kind",
    )
    state = None
    cause = None
    outcome = None
    due = None
    contacted = None
    q = None
    response = None
    own_team = None
    bar = ("opened", "kind", "campaign")

    def of_kind(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset if value == ALL else queryset.filter(kind=value)

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        found = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("kind"):
            found = found.filter(kind=FollowUpKind.RECOVERY)
        if self.since is not None:
            found = found.filter(opened_at__gte=timezone.make_aware(dt.datetime.combine(self.since, dt.time())))
        return found

    @property
    def since(self) -> dt.date | None:
        """The day that the rates begin with where none was asked for."""
        return None if self.form.cleaned_data.get("opened") else timezone.localdate() - dt.timedelta(days=RATE_DAYS)

    @property
    def in_list(self) -> dict[str, str]:
        """What narrows the list of follow-ups to just those that are counted."""
        names = [name for name in self.data if name not in ("by", "cursor", "page")]
        query = {name: str(self.data[name]) for name in names if self.data[name]}
        kind = query.pop("kind", FollowUpKind.RECOVERY.value)
        query |= {} if kind == ALL else {"kind": kind}
        return query | ({"opened_after": self.since.isoformat()} if self.since else {})
