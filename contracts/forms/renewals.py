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
from contracts.models import Contract, Renewal
from contracts.narrowing import ContractsOf, OfAccounts
from core.forms import DayInput
from core.paging import Sort
from search.services import matching_ids
from users.models import User

ALL, NOT_YET = "all", "no"
RENEWED, DECIDED = "any_renewed", "decided"
IDLE, ESCALATED, ALERT = "idle", "escalated", "alert"
RENEWAL_SORTS = {"term_end": Sort("term_end"), "notice_date": Sort("notice_date"), "id": Sort("pk")}
RENEWAL_DEFAULT_SORT = "term_end"
WAITING_SORTS = {
    "term_end": Sort("end_date", nullable=True),
    "notice_date": Sort("notice_date", nullable=True),
    "id": Sort("pk"),
}


class RenewalFilter(OfAccounts):
    """`q` is anything that finds accounts, or a contract's number; `month` is that of the term's end, as 2026-05."""

    q = django_filters.CharFilter(label=_("Account or contract number"), method="search", max_length=100)
    outcome = django_filters.MultipleChoiceFilter(label=_("outcome"), choices=RenewalOutcome.choices, distinct=False)
    state = django_filters.ChoiceFilter(
        label=_("urgency"),
        choices=[(IDLE, _("Nobody acted yet")), (ESCALATED, _("Escalated")), (ALERT, _("Alert"))],
        method="in_state",
    )
    month = django_filters.CharFilter(label=_("month of the term's end"), method="in_month", max_length=7)
    term_end = django_filters.DateFromToRangeFilter(label=_("term ends"))
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
    opened = django_filters.ChoiceFilter(
        label=pgettext_lazy("renewals", "opening"), choices=[(NOT_YET, pgettext_lazy("renewals", "Not opened yet"))],
        empty_label=pgettext_lazy("renewals", "Opened"), method="as_it_is",
    )  # fmt: skip
    bar = ("q", "opened", "outcome", "state", "tier", "team", "manager")

    def as_it_is(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        """Says which of the two lists is shown, not which rows of this one."""
        return queryset

    @property
    def of_open(self) -> bool:
        """Whether what is still to come belongs to it: not where an outcome or an urgency is asked for."""
        return not (self.form.cleaned_data.get("outcome") or self.form.cleaned_data.get("state"))

    @property
    def not_yet(self) -> bool:
        """Whether the contracts whose renewals are not opened yet are to be listed."""
        return self.of_open and self.form.cleaned_data.get("opened") == NOT_YET

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


class WaitingFilter(ContractsOf):
    """Contracts whose renewal is not opened yet, by the filters of the pipeline."""

    q = django_filters.CharFilter(method="search", max_length=100)
    account = django_filters.ModelChoiceFilter(queryset=Account.objects.all())
    contract = django_filters.NumberFilter(field_name="pk", max_value=2**63 - 1, min_value=1)
    month = django_filters.CharFilter(method="in_month", max_length=7)
    term_end = django_filters.DateFromToRangeFilter(field_name="end_date")

    all_months: models.QuerySet[Any]

    class Meta:
        model = Contract
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        found = models.Q(account__in=matching_ids("account", value))
        return queryset.filter(found | models.Q(number__istartswith=value))

    def in_month(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        first = month_of(value)
        return queryset.none() if first is None else queryset.filter(end_date__range=(first, last_of(first)))

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        """As the pipeline's: `all_months` is what the table of months counts."""
        for name, value in self.form.cleaned_data.items():
            if name != "month":
                queryset = self.filters[name].filter(queryset, value)
        self.all_months = queryset
        return self.filters["month"].filter(queryset, self.form.cleaned_data.get("month"))


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
