"""Filters of what could not be planned, the same on the page and in the API."""

from __future__ import annotations

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.forms import LookupSelect
from core.paging import Sort
from interactions.choices import Duty, GapReason
from interactions.models import PlanningGap
from search.services import matching_ids
from users.models import Team, User

GAP_SORTS = {"due_date": Sort("due_date"), "id": Sort("pk")}
GAP_DEFAULT_SORT = "due_date"


class PlanningGapFilter(django_filters.FilterSet):
    """`q` is anything that finds accounts; `user` is who was to go, `team` theirs with the teams below it."""

    q = django_filters.CharFilter(label=_("Account"), method="search")
    reason = django_filters.ChoiceFilter(label=_("reason"), choices=GapReason.choices)
    user = django_filters.ModelChoiceFilter(
        label=_("visitor"),
        queryset=User.objects.order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    duty = django_filters.ChoiceFilter(label=_("duty"), choices=Duty.choices)
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    bar = ("q", "reason", "user", "team")

    class Meta:
        model = PlanningGap
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[PlanningGap], name: str, value: str) -> models.QuerySet[PlanningGap]:
        return queryset.filter(account__in=matching_ids("account", value))

    def in_team(self, queryset: models.QuerySet[PlanningGap], name: str, value: Team) -> models.QuerySet[PlanningGap]:
        return queryset.filter(user__in=User.objects.filter(team__path__startswith=value.path))
