"""The REST API of scores, their history, and the signals that there are."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet
from health.api.score_serializers import HealthHistorySerializer, HealthScoreSerializer, HealthSignalSerializer
from health.filters_scores import (
    HISTORY_DEFAULT_SORT,
    HISTORY_SORTS,
    SCORE_DEFAULT_SORT,
    SCORE_SORTS,
    HistoryFilter,
    ScoreFilter,
)
from health.models import AccountHealth, HealthPoint, HealthProfile
from health.signals import all_signals


class ScoreViewSet(ReadOnlyScopedViewSet):
    """The newest health score of each account that the caller sees, with every point explained. Made every night."""

    tag = "Health"
    scope = "health"
    # By the account's own key: SQLite fails at a related one that no integer of a database holds.
    lookup_field = "account__id"
    lookup_url_kwarg = "pk"
    serializer_class = HealthScoreSerializer
    filterset_class = ScoreFilter
    sorts = SCORE_SORTS
    default_sort = SCORE_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return AccountHealth.objects.visible_to(self.request.user).select_related("account__summary", "profile")


class HistoryViewSet(ReadOnlyScopedViewSet):
    """The history of scores: daily for tier A, weekly else, and whenever the band changed; as long as it is kept."""

    tag = "Health"
    scope = "health"
    serializer_class = HealthHistorySerializer
    filterset_class = HistoryFilter
    sorts = HISTORY_SORTS
    default_sort = HISTORY_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return HealthPoint.objects.visible_to(self.request.user).select_related("account")


class SignalViewSet(ScopedViewSet):
    """The signals that scores are made of; profiles weigh them and move their bounds."""

    tag = "Health"
    scope = "health"
    serializer_class = HealthSignalSerializer
    pagination_class = None

    def get_queryset(self) -> models.QuerySet[Any]:
        return HealthProfile.objects.visible_to(self.request.user)

    @extend_schema(responses=HealthSignalSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All signals, in the order in which pages show them."""
        return Response(HealthSignalSerializer(list(all_signals().values()), many=True).data)
