"""Filters of coverage: whose accounts, and in which state; the same for the numbers and for the rows behind them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Region, Tier
from accounts.filters import NO_TIER
from accounts.models import Account
from core.forms import LookupSelect
from core.paging import Sort
from interactions.models import CoverageMonth
from users.models import Team, User

NOBODY, NO_TEAM = "nobody", "no_team"
COVERED, UNCOVERED, OVERDUE, NEVER = "covered", "uncovered", "overdue", "never"
COVERAGE_SORTS = {"contact_due": Sort("summary__contact_due_date"), "name": Sort("name"), "id": Sort("pk")}
COVERAGE_MONTH_SORTS = {"contact_due": Sort("due_date"), "id": Sort("pk")}
COVERAGE_DEFAULT_SORT = "contact_due"


class CoverageFilter(django_filters.FilterSet):
    """Accounts to which a cadence applies, as they are today."""

    at_account = ""  # the lookup from the row to the account
    tier = django_filters.ChoiceFilter(
        label=_("tier"), choices=[*Tier.choices, (NO_TIER, _("No tier"))], method="in_tier"
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name"), widget=LookupSelect("users:user_lookup")
    )
    region = django_filters.ChoiceFilter(label=_("region"), choices=Region.choices, method="in_region")
    without = django_filters.ChoiceFilter(
        label=_("without"),
        choices=[(NOBODY, _("account manager")), (NO_TEAM, _("team"))],
        method="is_without",
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(tier="" if value == NO_TIER else value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(manager__in=User.objects.filter(team__path__startswith=value.path))

    def in_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.at_account}region": value})

    def is_without(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        if value == NOBODY:
            return queryset.filter(manager__isnull=True)
        return queryset.filter(manager__isnull=False, manager__team__isnull=True)


class CoverageAccountFilter(CoverageFilter):
    """The rows behind a number of today."""

    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("state of contact", "contact"),
        choices=[
            (COVERED, _("Within the cadence")),
            (UNCOVERED, _("Not within the cadence")),
            (OVERDUE, _("Contact overdue")),
            (NEVER, _("Never contacted")),
        ],
        method="in_state",
    )
    bar = ("state", "tier", "team", "manager", "region")

    def in_state(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return queryset.in_contact_state(value, timezone.localdate())


class CoverageMonthFilter(CoverageFilter):
    """The rows behind a number of a month that is over, with the tier and the manager of its end."""

    at_account = "account__"
    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("state of contact", "contact"),
        choices=[(COVERED, _("Within the cadence")), (UNCOVERED, _("Not within the cadence"))],
        method="in_state",
    )
    bar = CoverageAccountFilter.bar

    class Meta:
        model = CoverageMonth
        fields: list[str] = []

    def in_state(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(covered=value == COVERED)


def month_of(text: str) -> dt.date | None:
    """The first day of the month that `2026-11` names; None for anything else."""
    try:
        return dt.datetime.strptime(text[:7], "%Y-%m").date().replace(day=1)  # noqa: DTZ007  a date
    except ValueError:
        return None
