"""Coverage as JSON: the same numbers as on its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from core.api.views import ScopedViewSet
from interactions import coverage
from interactions.coverage import Group
from interactions.filters.coverage import CoverageFilter, CoverageMonthFilter
from interactions.models import CoverageMonth
from users.models import Team, User

GROUPS = [("manager", _("account manager")), ("team", _("team")), ("tier", _("tier")), ("month", _("month"))]


class CoverageGroupFilter(CoverageFilter):
    """Whose accounts, and what the numbers are grouped by."""

    group_by = django_filters.ChoiceFilter(
        label=_("grouped by"), choices=GROUPS, method="keep", help_text="Default: manager."
    )

    def keep(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset


class CoverageGroupSerializer(serializers.Serializer):
    """One group: how many accounts with a cadence there are, and how many were contacted within it."""

    group = serializers.CharField(
        allow_null=True, help_text="Id of the manager or team, letter of the tier, or month (2026-11); null: none."
    )
    name = serializers.CharField(help_text="Name of the manager or team.")
    accounts = serializers.IntegerField(help_text="Accounts to which a cadence applies.")
    covered = serializers.IntegerField(help_text="Contacted, and the next contact is not overdue.")
    share = serializers.FloatField(help_text="covered divided by accounts, 0 to 1.")


class CoverageSerializer(serializers.Serializer):
    """Groups of one kind. A team counts the teams below it, so teams do not add up."""

    group_by = serializers.ChoiceField(choices=[key for key, _label in GROUPS])
    results = CoverageGroupSerializer(many=True)


class CoverageViewSet(ScopedViewSet):
    """Coverage of the accounts that the caller sees, today or over the last twelve months."""

    tag = "Coverage"
    scope = "coverage"
    serializer_class = CoverageSerializer
    filterset_class = CoverageGroupFilter
    pagination_class = None

    def get_queryset(self) -> models.QuerySet[Any]:
        return Account.objects.visible_to(self.request.user)

    @extend_schema(responses=forced_singular_serializer(CoverageSerializer))
    def list(self, request: Request) -> Response:
        """The numbers, grouped by manager, team, tier or month."""
        accounts = self.filter_queryset(self.get_queryset())
        group_by = request.query_params.get("group_by") or "manager"
        groups = self._months(request) if group_by == "month" else self._today(request, accounts, group_by)
        rows = [
            {
                "group": self._key(group, group_by),
                "name": group.name,
                "accounts": group.total,
                "covered": group.covered,
                "share": group.share or 0.0,
            }
            for group in groups
        ]
        return Response({"group_by": group_by, "results": rows})

    def _today(self, request: Request, accounts: models.QuerySet[Any], group_by: str) -> Sequence[Group]:
        counts = coverage.count_now(accounts, timezone.localdate())
        people = User.objects.visible_to(request.user).select_related("team").in_bulk({pk for pk, _g in counts if pk})
        found = coverage.sorted_out(counts, people, Team.objects.visible_to(request.user))
        return {"manager": found.managers, "team": found.teams, "tier": found.tiers}[group_by]

    def _months(self, request: Request) -> Sequence[Group]:
        rows = CoverageMonthFilter(request.query_params, queryset=CoverageMonth.objects.visible_to(request.user)).qs
        return coverage.by_month(rows, timezone.localdate())

    def _key(self, group: Group, group_by: str) -> str | None:
        if group_by == "month":
            return group.name
        return str(group.key) if group.key else None
