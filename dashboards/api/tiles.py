"""The numbers of the cockpit as JSON, each with the list that has its rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from core.api.views import ScopedViewSet
from core.forms import scope_form
from dashboards.cockpit import board
from dashboards.cockpit.filters import CockpitFilter
from dashboards.cockpit.tile import COUNT, MONEY, SCORE, SHARE, Number, Tile

KINDS = (COUNT, MONEY, SHARE, SCORE)


class NumberSerializer(serializers.Serializer):
    """One number, and where its rows are."""

    code = serializers.CharField(help_text="Stable: `coverage`, `coverage.overdue`.")
    label = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=KINDS,
        help_text="count; money in the reporting currency; share from 0 to 1; score from -100 to 100.",
    )
    value = serializers.DecimalField(
        max_digits=24, decimal_places=6, allow_null=True, help_text="null: there is nothing to divide by."
    )
    count = serializers.IntegerField(allow_null=True, help_text="How many rows the list below has.")
    list = serializers.CharField(allow_blank=True, help_text="The endpoint that has the rows; empty: only a page has.")
    query = serializers.CharField(allow_blank=True, help_text="Its query.")
    page = serializers.CharField(help_text="The page that shows the rows.")


class TileSerializer(serializers.Serializer):
    """A tile: its main number, what that was before, and the numbers beside it."""

    code = serializers.CharField()
    group = serializers.ChoiceField(choices=list(board.GROUPS))
    title = serializers.CharField()
    before = serializers.DecimalField(
        max_digits=24, decimal_places=6, allow_null=True,
        help_text="The main number at the end of the period before, or in it; null: not known.",
    )  # fmt: skip
    target = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    course = serializers.ListField(
        child=serializers.DecimalField(max_digits=24, decimal_places=6),
        help_text="The main number month by month, the oldest first; last of all now, if it is that of a day.",
    )
    numbers = NumberSerializer(many=True, help_text="The main number first.")


class TilesSerializer(serializers.Serializer):
    """All tiles, and whose they are."""

    period_from = serializers.DateField()
    period_until = serializers.DateField()
    team = serializers.IntegerField(allow_null=True)
    manager = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(help_text="The reporting currency.")
    results = TileSerializer(many=True)


class TileViewSet(ScopedViewSet):
    """The numbers of the cockpit: of the team, for directors of the company, for account managers their own."""

    tag = "Dashboards"
    scope = "dashboards"
    serializer_class = TilesSerializer
    filterset_class = CockpitFilter
    pagination_class = None
    filter_backends = ()

    def get_queryset(self) -> models.QuerySet[Any]:
        return Account.objects.visible_to(self.request.user)

    @extend_schema(responses=forced_singular_serializer(TilesSerializer))
    def list(self, request: Request) -> Response:
        """Every tile; `GET {list}?{query}` answers with exactly `count` rows."""
        found = CockpitFilter(request.query_params, viewer=request.user)
        scope_form(found.form, request.user)
        if not found.form.is_valid():
            raise ValidationError(found.form.errors)
        now = timezone.now()
        scope = found.scope(now, timezone.localdate(now))
        answer = {
            "period_from": scope.period.first,
            "period_until": scope.period.last,
            "team": scope.team and scope.team.pk,
            "manager": scope.manager and scope.manager.pk,
            "currency": settings.REPORTING_CURRENCY,
            "results": [_tile(tile) for tile in board.all_tiles(scope)],
        }
        return Response(TilesSerializer(answer).data)


def _tile(tile: Tile) -> dict[str, Any]:
    return {
        "code": tile.code, "group": tile.group, "title": tile.title, "before": _rounded(tile.before),
        "target": tile.target, "course": [_rounded(value) for value in tile.spark],
        "numbers": [_number(number) for number in tile.numbers],
    }  # fmt: skip


def _number(number: Number) -> dict[str, Any]:
    return {
        "code": number.code, "label": number.label, "kind": number.kind, "value": _rounded(number.shown),
        "count": number.count, "list": reverse(number.rows.endpoint) if number.rows.endpoint else "",
        "query": number.endpoint_query, "page": number.url,
    }  # fmt: skip


def _rounded(value: Any) -> Any:
    return None if value is None else round(value, 6)
