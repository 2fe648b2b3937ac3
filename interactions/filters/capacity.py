"""Filters of the list of capacities."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.forms import LookupSelect
from users.models import Team, User


class CapacityFilter(django_filters.FilterSet):
    """`q` is a part of the name; `team` stands for its whole subtree."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    own = django_filters.ChoiceFilter(
        label=_("capacity"),
        choices=[("yes", _("Their own")), ("no", _("As the policy says"))],
        method="with_own",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        text = value.strip()
        return queryset.filter(Q(name__icontains=text) | Q(username__icontains=text))

    def with_own(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(capacity__isnull=value == "no")

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(team__path__startswith=value.path)
