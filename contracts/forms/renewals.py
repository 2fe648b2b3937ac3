"""Filters of renewals, the same on the page and in the API; and what is typed when one is decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contracts.choices import RenewalOutcome
from contracts.models import Renewal
from contracts.narrowing import NO_TIER, TIERS, ContractsOf
from core.forms import DayInput, LookupSelect
from core.paging import Sort
from search.services import matching_ids
from users.models import Team, User

ALL = "all"
RENEWED, DECIDED = "any_renewed", "decided"
IDLE, ESCALATED, ALERT = "idle", "escalated", "alert"
RENEWAL_SORTS = {"term_end": Sort("term_end"), "notice_date": Sort("notice_date"), "id": Sort("pk")}
RENEWAL_DEFAULT_SORT = "term_end"


class RenewalFilter(django_filters.FilterSet):
    """`q` is anything that finds accounts, or a contract's number; `month` is that of the term's end, as 2026-05."""

    q = django_filters.CharFilter(label=_("Account or contract number"), method="search", max_length=100)
    outcome = django_filters.ChoiceFilter(label=_("outcome"), choices=RenewalOutcome.choices)
    state = django_filters.ChoiceFilter(
        label=_("urgency"),
        choices=[(IDLE, _("Nobody acted yet")), (ESCALATED, _("Escalated")), (ALERT, _("Alert"))],
        method="in_state",
    )
    month = django_filters.CharFilter(label=_("month of the term's end"), method="in_month", max_length=7)
    term_end = django_filters.DateFromToRangeFilter(label=_("term ends"))
    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="in_tier")
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name"), method="of_manager",
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), field_name="contract__account", widget=forms.HiddenInput
    )
    contract = django_filters.NumberFilter(
        label=_("contract"), field_name="contract", max_value=2**63 - 1, min_value=1, widget=forms.HiddenInput
    )

    class Meta:
        model = Renewal
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        found = models.Q(contract__account__in=matching_ids("account", value))
        return queryset.filter(found | models.Q(contract__number__istartswith=value))

    def in_state(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        open_rows = queryset.filter(outcome=RenewalOutcome.OPEN, acted_at__isnull=True)
        if value == ALERT:
            return open_rows.filter(alerted_on__isnull=False)
        if value == ESCALATED:
            return open_rows.filter(escalated_on__isnull=False, alerted_on__isnull=True)
        return open_rows

    def in_month(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        first = month_of(value)
        if first is None:
            return queryset.none()
        return queryset.filter(term_end__range=(first, last_of(first)))

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(contract__account__tier="" if value == NO_TIER else value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        people = User.objects.filter(team__path__startswith=value.path)
        return queryset.filter(contract__account__manager__in=people)

    def of_manager(self, queryset: models.QuerySet[Any], name: str, value: User) -> models.QuerySet[Any]:
        accounts = Account.objects.order_by().filter(pk=OuterRef("contract__account"), manager=value)
        return queryset.filter(Exists(accounts))


class RenewalListFilter(RenewalFilter):
    """On the page: what is open, unless asked for something else."""

    outcome = django_filters.ChoiceFilter(
        label=_("outcome"),
        choices=[
            (RENEWED, _("Renewed, with or without a new contract")),
            *[choice for choice in RenewalOutcome.choices if choice[0] != RenewalOutcome.OPEN],
            (ALL, pgettext_lazy("renewals", "All")),
        ],
        empty_label=RenewalOutcome.OPEN.label,
        method="with_outcome",
    )
    bar = ("q", "outcome", "state", "tier", "team", "manager")

    def with_outcome(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        if value == RENEWED:
            return queryset.filter(outcome__in=[RenewalOutcome.RENEWED, RenewalOutcome.AUTO_RENEWED])
        return queryset if value == ALL else queryset.filter(outcome=value)

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        """The rows; those of all months stay in `all_months`: what the table of months counts."""
        chosen, found = self.form.cleaned_data, queryset
        for name, value in chosen.items():
            if name != "month":
                found = self.filters[name].filter(found, value)
        self.all_months = found if chosen.get("outcome") else found.filter(outcome=RenewalOutcome.OPEN)
        return self.filters["month"].filter(self.all_months, chosen.get("month"))


def month_of(text: str) -> dt.date | None:
    """The first day of the month that `2026-11` names; None for anything else."""
    year, dash, month = text.partition("-")
    if not (dash and len(text) == 7 and text.isascii() and year.isdigit() and month.isdigit()):
        return None
    try:
        return dt.date(int(year), int(month), 1)
    except ValueError:
        return None


def last_of(first: dt.date) -> dt.date:
    """The last day of a month, given its first."""
    following = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) if first.year < dt.MAXYEAR else None
    return following - dt.timedelta(days=1) if following else first.replace(day=28)


class RateFilter(ContractsOf):
    """Whose contracts the rates count, and by quarter or year."""

    by = django_filters.ChoiceFilter(
        label=_("period"), choices=[("year", _("Years"))], empty_label=_("Quarters"), method="as_it_is"
    )
    bar = ("by", "tier", "team", "manager")

    @property
    def by_year(self) -> bool:
        return self.form.cleaned_data.get("by") == "year"


class LostForm(forms.Form):
    """Why a contract is not renewed."""

    reason = forms.CharField(
        label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip


class NoticeForm(forms.Form):
    """When notice was given, and why."""

    on = forms.DateField(label=_("notice given on"), widget=DayInput)
    reason = forms.CharField(
        label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why.")},
    )  # fmt: skip
