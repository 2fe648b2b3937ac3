"""Filters of alerts and of accounts at risk, the same on the pages and in the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Category, Region, Stage, Tier
from accounts.filters import AboutAccounts, BuyingAccounts
from accounts.models import Account
from core.forms import LookupSelect, YesNoSelect
from core.paging import Sort
from health.alert_measures import Quiet
from health.choices import ACTIVE_ALERTS, AlertOutcome, AlertStatus, Band, LostCause, Reason, Severity
from health.models import AccountHealth, Alert
from search.services import matching_ids
from users.models import Team, User

NO_TIER = "none"
TIERS = [*Tier.choices, (NO_TIER, _("No tier"))]
NO_REGION = "none"
REGIONS = [*Region.choices, (NO_REGION, pgettext_lazy("of a filter", "None"))]
ACTIVE, OVERDUE, ESCALATED, UNRESOLVED, ALL = "active", "overdue", "escalated", "unresolved", "all"
IN_HAND = "in_hand"
"""Its owner has it, and it is not resolved."""
MINE, TEAM = "mine", "team"
NOT_WARNED = "no"
TABS = (ACTIVE, AlertStatus.HELD.value, AlertStatus.SNOOZED.value, AlertStatus.RESOLVED.value)
SCOPES = (MINE, TEAM, ALL)
ALERT_SORTS = {
    "rank": Sort("rank"),
    "due_at": Sort("due_at", nullable=True),
    "opened_at": Sort("opened_at"),
    "resolved_at": Sort("resolved_at", nullable=True),
    "id": Sort("pk"),
}
ALERT_DEFAULT_SORT = "-rank"
RISK_SORTS = {
    "value_at_risk": Sort("value_at_risk_amount", nullable=True),
    "probability": Sort("probability", nullable=True),
    "score": Sort("score", nullable=True),
    "revenue": Sort("account__summary__revenue_12m_amount"),
}
RISK_DEFAULT_SORT = "-value_at_risk"
HUGE = 10**12
LONGEST = 100


def in_state(queryset: Any, value: str) -> Any:
    """Narrowed to a status, or to one of the states that are more than one or follow from the clock: active (open or
    acknowledged), overdue, escalated, unresolved."""
    if value == ACTIVE:
        return queryset.active()
    if value == OVERDUE:
        return queryset.overdue(timezone.now())
    if value == ESCALATED:
        return queryset.active().filter(escalation__gt=0)
    if value == UNRESOLVED:
        return queryset.unresolved()
    if value == IN_HAND:
        return queryset.filter(status__in=[*ACTIVE_ALERTS, AlertStatus.SNOOZED])
    return queryset if value == ALL else queryset.filter(status=value)


class AlertFilter(AboutAccounts):
    """`q` is anything that finds accounts; `team` with all teams below it; `min_severity` and all above it; days are
    the reader's."""

    q = django_filters.CharFilter(label=_("Account"), method="search", max_length=LONGEST)
    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("of an alert", "state"),
        choices=[
            (ACTIVE, pgettext_lazy("of an alert", "Open or acknowledged")),
            (OVERDUE, pgettext_lazy("of an alert", "Overdue")),
            (ESCALATED, pgettext_lazy("of an alert", "Escalated")),
            (UNRESOLVED, pgettext_lazy("of an alert", "Unresolved")),
            *AlertStatus.choices,
        ],
        method="in_state",
    )
    reason = django_filters.MultipleChoiceFilter(label=_("reason"), choices=Reason.choices, distinct=False)
    min_severity = django_filters.ChoiceFilter(
        label=_("severity from"), choices=Severity.choices, field_name="severity", lookup_expr="gte"
    )
    severity = django_filters.ChoiceFilter(label=_("severity"), choices=Severity.choices)
    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="in_tier")
    account_tier = None  # `tier` is the account's
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"),
        queryset=User.objects.only("name", "username").order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    outcome = django_filters.ChoiceFilter(label=_("outcome"), choices=AlertOutcome.choices)
    lost_cause = django_filters.ChoiceFilter(label=_("cause of the loss"), choices=LostCause.choices)
    opened = django_filters.DateFromToRangeFilter(label=pgettext_lazy("of an alert", "opened"), field_name="opened_on")
    resolved = django_filters.DateFromToRangeFilter(
        label=pgettext_lazy("of an alert", "resolved"), field_name="resolved_at"
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Alert
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def in_state(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return in_state(queryset, value)

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__tier="" if value == NO_TIER else value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(owner__team__path__startswith=value.path)


class AlertInboxFilter(AlertFilter):
    """On the page: what is in the tab (`state`; what wants somebody to act, unless asked for something else), of the
    reader, of those whom they lead, or all that they see (`scope`)."""

    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("of an alert", "state"),
        choices=[(tab, tab) for tab in (*TABS, IN_HAND, ALL)],
        method="in_state",
        widget=forms.HiddenInput,
    )
    scope = django_filters.ChoiceFilter(
        label=_("whose"), choices=[(scope, scope) for scope in SCOPES], method="in_scope", widget=forms.HiddenInput
    )
    urgency = django_filters.ChoiceFilter(
        label=_("urgency"),
        choices=[
            (OVERDUE, pgettext_lazy("of an alert", "Overdue")),
            (ESCALATED, pgettext_lazy("of an alert", "Escalated")),
        ],
        method="in_urgency",
    )
    region = django_filters.ChoiceFilter(
        label=_("region"), choices=REGIONS, method="in_region", widget=forms.HiddenInput
    )
    account_team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="managed_in", widget=forms.HiddenInput
    )
    bar = ("q", "reason", "min_severity", "tier", "urgency", "owner")
    kept = ("state", "scope", "account")

    def in_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__region="" if value == NO_REGION else value)

    def managed_in(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(account__manager__team__path__startswith=value.path)

    def in_scope(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset  # as the tab, applied below: the pages count in all tabs what fits the other filters

    def in_state(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset

    def in_urgency(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return in_state(queryset, value)

    @property
    def tab(self) -> str:
        return str(self.form.cleaned_data.get("state") or ACTIVE)

    @property
    def chosen_scope(self) -> str:
        """What the reader answers for; one account's or one person's alerts, whoever sees them."""
        user, chosen = self.request.user, self.form.cleaned_data
        if chosen.get("scope"):
            return str(chosen["scope"])
        if chosen.get("account") or chosen.get("owner") or user.sees_everything:
            return ALL
        return TEAM if user.leads else MINE

    @property
    def is_narrowed(self) -> bool:
        """By more than what the page itself asks for."""
        return bool(set(self.form.changed_data) - set(self.kept))

    @property
    def in_all_tabs(self) -> models.QuerySet[Any]:
        """What the filters and the scope let through, in whatever state."""
        user = self.request.user
        if self.chosen_scope == MINE:
            return self.qs.filter(owner=user)
        return self.qs.filter(owner__in=User.objects.planned_by(user)) if self.chosen_scope == TEAM else self.qs

    @property
    def in_tab(self) -> models.QuerySet[Any]:
        return in_state(self.in_all_tabs, self.tab)


class MeasureFilter(AlertFilter):
    """Which alerts are measured, over how many months."""

    months = django_filters.ChoiceFilter(
        label=_("months"),
        choices=[("6", "6"), ("24", "24"), ("36", "36"), ("60", "60")],
        empty_label="12",
        method="over_months",
    )
    q = state = outcome = lost_cause = opened = resolved = account = None
    bar = ("months", "reason", "min_severity", "tier", "owner")

    def over_months(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset  # the measures begin with the first of them

    @property
    def month_count(self) -> int:
        return int(self.form.cleaned_data.get("months") or 12)

    @property
    def in_list(self) -> list[tuple[str, str]]:
        """The filters that are on, as the list of alerts says them."""
        return [
            (name, value) for name, values in self.data.lists() for value in values
            if value and name in self.filters and name not in ("months", "month", "warned")
        ]  # fmt: skip


class SilentFilter(MeasureFilter):
    """Which of the accounts that went silent: of the month of their last order, warned by the days without an order."""

    month = django_filters.DateFilter(label=_("month"), method="over_months", widget=forms.HiddenInput)
    warned = django_filters.ChoiceFilter(
        label=_("warned"),
        choices=[
            ("0", _("before the last order")),
            ("30", _("within 30 days of the last order")),
            ("60", _("within 60 days of the last order")),
            ("90", _("within 90 days of the last order")),
            (NOT_WARNED, pgettext_lazy("a customer", "not warned")),
        ],
        method="over_months",
    )
    bar = ("warned", "reason", "min_severity", "tier", "owner")
    kept = ("months", "month")

    @property
    def month_shown(self) -> dt.date | None:
        month = self.form.cleaned_data.get("month")
        return month and month.replace(day=1)

    def narrowed(self, found: Iterable[Quiet]) -> list[Quiet]:
        """Those that the choice lets through."""
        warned = self.form.cleaned_data.get("warned")
        if warned == NOT_WARNED:
            return [quiet for quiet in found if quiet.after is None]
        if not warned:
            return list(found)
        return [quiet for quiet in found if quiet.after is not None and quiet.after <= int(warned)]


class RiskFilter(BuyingAccounts):
    """Which accounts the risk matrix counts."""

    q = django_filters.CharFilter(label=_("Account"), method="search", max_length=LONGEST)
    tier = django_filters.MultipleChoiceFilter(label=_("tier"), choices=TIERS, method="in_tiers")
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), field_name="account__manager", queryset=User.objects.order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    stage = django_filters.ChoiceFilter(
        label=_("relationship stage"), field_name="account__stage", choices=Stage.choices
    )
    category = django_filters.ChoiceFilter(
        label=_("category"), field_name="account__category", choices=Category.choices
    )
    region = django_filters.ChoiceFilter(label=_("region"), field_name="account__region", choices=Region.choices)
    bar: ClassVar[tuple[str, ...]] = ("q", "tier", "manager", "team")

    class Meta:
        model = AccountHealth
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def in_tiers(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        wanted = ["" if tier == NO_TIER else tier for tier in value]
        return queryset.filter(account__tier__in=wanted) if wanted else queryset

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(account__manager__team__path__startswith=value.path)


class RiskListFilter(RiskFilter):
    """The rows behind a number: probabilities in per cent, from one bound on and below the other."""

    band = django_filters.ChoiceFilter(label=_("health band"), choices=Band.choices)
    alerted = django_filters.BooleanFilter(label=_("with an open alert"), method="is_alerted", widget=YesNoSelect)
    probability_from = django_filters.NumberFilter(
        label=_("probability from, per cent"), method="by_probability", min_value=0, max_value=100
    )
    probability_below = django_filters.NumberFilter(
        label=_("probability below, per cent"), method="by_probability", min_value=0, max_value=100
    )
    value_from = django_filters.NumberFilter(
        label=_("revenue of 12 months from"), field_name="account__summary__revenue_12m_amount", lookup_expr="gte",
        min_value=-HUGE, max_value=HUGE,
    )  # fmt: skip
    value_below = django_filters.NumberFilter(
        label=_("revenue of 12 months below"), field_name="account__summary__revenue_12m_amount", lookup_expr="lt",
        min_value=-HUGE, max_value=HUGE,
    )  # fmt: skip
    predicted = django_filters.BooleanFilter(
        label=_("with a probability"), field_name="probability", lookup_expr="isnull", exclude=True, widget=YesNoSelect
    )
    valued = django_filters.BooleanFilter(label=_("with value at risk"), method="is_valued", widget=YesNoSelect)
    bar = ("q", "tier", "band", "manager", "alerted")

    def is_valued(self, queryset: models.QuerySet[Any], name: str, value: object) -> models.QuerySet[Any]:
        valued = models.Q(value_at_risk_amount__gt=0)
        return queryset.filter(valued if value else ~valued)

    def is_alerted(self, queryset: models.QuerySet[Any], name: str, value: object) -> models.QuerySet[Any]:
        alerted = models.Q(account__summary__open_alerts__gt=0)
        return queryset.filter(alerted if value else ~alerted)

    def by_probability(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        lookup = "gte" if name == "probability_from" else "lt"
        return queryset.filter(**{f"probability__{lookup}": float(value) / 100})
