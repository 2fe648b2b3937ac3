"""The REST API of manager scorecards."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from dashboards.api.scorecard_serializers import (
    ScorecardCommentSerializer,
    ScorecardNothingSerializer,
    ScorecardReopenSerializer,
    ScorecardSerializer,
    TargetsSerializer,
)
from dashboards.filters import SCORECARD_SORTS, ScorecardFilter
from dashboards.models import Scorecard
from dashboards.services import scorecards as services


class ScorecardViewSet(ReadOnlyScopedViewSet):
    """Manager scorecards: one's own; those of the people and teams below; all for directors. Targets are set, signed
    and reopened by who leads the person (403 `not_your_scorecard`)."""

    tag = "Scorecards"
    scope = "scorecards"
    serializer_class = ScorecardSerializer
    filterset_class = ScorecardFilter
    sorts = SCORECARD_SORTS
    default_sort = "-first_day"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Scorecard.objects.visible_to(self.request.user)
        return rows.select_related("person", "team", "set_by", "signed_by")

    def create(self, request: Request) -> Response:
        """Agree on targets for a person or a team. 409 `scorecard_exists`, 400 `weights_wrong`, `target_wrong`."""
        values = dict(self.validated().validated_data)
        wanted = [services.Wanted(**row) for row in values.pop("targets")]
        today, now = _clock()
        card = services.create_scorecard(Scorecard(**values), wanted, actor=request.user, today=today, now=now)
        return self.shown(card, status.HTTP_201_CREATED)

    @extend_schema(request=TargetsSerializer, responses={200: ScorecardSerializer})
    @action(detail=True, methods=["put"], serializer_class=TargetsSerializer)
    def targets(self, request: Request, pk: int) -> Response:
        """Other targets. 409 `scorecard_signed`."""
        card, form = self.get_object(), self.validated()
        today, now = _clock()
        return self._answer(services.set_targets(card, form.wanted, actor=request.user, today=today, now=now))

    @extend_schema(request=None, responses={200: ScorecardSerializer})
    @action(detail=True, methods=["post"], serializer_class=ScorecardNothingSerializer)
    def compute(self, request: Request, pk: int) -> Response:
        """Bring the numbers up to date. 409 `scorecard_signed`."""
        today, now = _clock()
        return self._answer(services.compute_scorecard(self.get_object(), today=today, now=now))

    @extend_schema(request=None, responses={200: ScorecardSerializer})
    @action(detail=True, methods=["post"], serializer_class=ScorecardNothingSerializer)
    def sign(self, request: Request, pk: int) -> Response:
        """Compute for the last time and freeze. 409 `period_not_over`, `scorecard_signed`."""
        today, now = _clock()
        return self._answer(services.sign_scorecard(self.get_object(), actor=request.user, today=today, now=now))

    @extend_schema(request=ScorecardReopenSerializer, responses={200: ScorecardSerializer})
    @action(detail=True, methods=["post"], serializer_class=ScorecardReopenSerializer)
    def reopen(self, request: Request, pk: int) -> Response:
        """Take a signature back, with the reason. 409 `scorecard_not_signed`."""
        card, form = self.get_object(), self.validated()
        reason = form.validated_data["reason"]
        return self._answer(services.reopen_scorecard(card, reason, actor=request.user, now=timezone.now()))

    @extend_schema(request=ScorecardCommentSerializer, responses={201: ScorecardCommentSerializer})
    @action(detail=True, methods=["post"], serializer_class=ScorecardCommentSerializer)
    def comments(self, request: Request, pk: int) -> Response:
        """Add a comment that both sides see."""
        card, form = self.get_object(), self.validated()
        text = form.validated_data["text"]
        comment = services.add_comment(card, text, actor=request.user, now=timezone.now())
        return Response(self.get_serializer(comment).data, status=status.HTTP_201_CREATED)

    def _answer(self, card: Scorecard) -> Response:
        row = self.get_queryset().get(pk=card.pk)
        return Response(ScorecardSerializer(row, context=self.get_serializer_context()).data)


def _clock() -> tuple[dt.date, dt.datetime]:
    now = timezone.now()
    return timezone.localdate(now), now
