"""Filters of visits, the same on the pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import AboutAccounts
from accounts.models import Account
from core.forms import LookupSelect
from core.paging import Sort
from interactions.choices import Duty, VisitSource, VisitStatus
from interactions.models import Visit
from search.services import matching_ids
from users.models import Team, User

VISIT_SORTS = {"planned_date": Sort("planned_date"), "id": Sort("pk")}
VISIT_DEFAULT_SORT = "planned_date"
OVERDUE, ALL = "overdue", "all"


class VisitFilter(AboutAccounts):
    """`q` is anything that finds accounts; `team` is the visitor's, with the teams below it."""

    q = django_filters.CharFilter(label=_("Account"), method="search")
    status = django_filters.ChoiceFilter(
        label=_("status"), choices=[*VisitStatus.choices, (OVERDUE, _("Overdue"))], method="in_status"
    )
    planned_date = django_filters.DateFromToRangeFilter(label=_("date"))
    owner = django_filters.ModelChoiceFilter(
        label=_("visitor"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    city = django_filters.CharFilter(label=_("city"), field_name="account__city", lookup_expr="iexact", max_length=60)
    source = django_filters.ChoiceFilter(label=_("source"), choices=VisitSource.choices)
    duty = django_filters.ChoiceFilter(label=_("duty"), choices=Duty.choices)
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Visit
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def in_status(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        if value == OVERDUE:
            return queryset.overdue(timezone.localdate())
        return queryset.filter(status=value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(owner__in=User.objects.filter(team__path__startswith=value.path))


class VisitListFilter(VisitFilter):
    """On the page: what is still to be done, unless asked for something else."""

    status = django_filters.ChoiceFilter(
        label=_("status"),
        choices=[
            (OVERDUE, _("Overdue")),
            *[choice for choice in VisitStatus.choices if choice[0] != VisitStatus.PLANNED],
            (ALL, pgettext_lazy("visits", "All")),
        ],
        empty_label=VisitStatus.PLANNED.label,
        method="in_status",
    )
    bar = ("q", "status", "planned_date", "owner")

    def in_status(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return queryset if value == ALL else super().in_status(queryset, name, value)

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.filter(status=VisitStatus.PLANNED)

    @property
    def looks_back(self) -> bool:
        """Whether what is over is asked for: then the newest comes first."""
        return self.form["status"].value() not in (None, "", OVERDUE)
