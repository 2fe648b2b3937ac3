"""The REST API of promises and next steps."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from accounts.errors import AccountReadOnly
from core.api.views import ReadOnlyScopedViewSet
from interactions import services
from interactions.api.interaction_serializers import (
    CompleteSerializer,
    GivenReasonSerializer,
    NextStepSerializer,
    NextStepUpdateSerializer,
    NoBodySerializer,
)
from interactions.filters.interactions import STEP_DEFAULT_SORT, STEP_SORTS, NextStepFilter
from interactions.models import NextStep

STEP_EXAMPLE = OpenApiExample(
    "A promise",
    request_only=True,
    value={"account": 42, "kind": "promise", "text": "发送新报价", "owner": 3, "due_date": "2026-03-20"},
)


class NextStepViewSet(ReadOnlyScopedViewSet):
    """Promises and next steps of the accounts that the caller sees, and the caller's own."""

    tag = "Interactions"
    scope = "interactions"
    serializer_class = NextStepSerializer
    filterset_class = NextStepFilter
    sorts = STEP_SORTS
    default_sort = STEP_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return NextStep.objects.visible_to(self.request.user).select_related("account", "owner", "closed_by")

    def get_serializer_class(self) -> type[NextStepSerializer]:
        return NextStepUpdateSerializer if self.action in ("update", "partial_update") else NextStepSerializer

    @extend_schema(examples=[STEP_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Add a promise or a next step; its owner is told."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        serializer.validated_data.setdefault("owner", request.user)
        step = services.add_step(serializer.build(), actor=request.user, now=timezone.now())
        return self.shown(step, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change an open step."""
        step = self._own_step()
        serializer = self.validated(step, partial=partial)
        services.update_step(serializer.apply(), actor=request.user, now=timezone.now())
        return self.shown(step)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an open step."""
        return self.update(request, pk, partial=True)

    @extend_schema(request=CompleteSerializer, responses=NextStepSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: int) -> Response:
        """It is done. 409 `step_closed` where somebody was quicker."""
        step = self._own_step()
        values = self._body(CompleteSerializer)
        services.complete_step(step, **values, actor=request.user, now=timezone.now())
        return self.shown(step)

    @extend_schema(request=GivenReasonSerializer, responses=NextStepSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        """It will not be done, and why."""
        step = self._own_step()
        values = self._body(GivenReasonSerializer)
        services.drop_step(step, **values, actor=request.user, now=timezone.now())
        return self.shown(step)

    @extend_schema(request=NoBodySerializer, responses=NextStepSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """It is to be done after all."""
        step = self._own_step()
        self._body(NoBodySerializer)
        services.reopen_step(step, actor=request.user, now=timezone.now())
        return self.shown(step)

    def _own_step(self) -> NextStep:
        """The step of the address. Raises AccountReadOnly unless the caller may change it."""
        step: NextStep = self.get_object()
        if not NextStep.objects.editable_by(self.request.user).filter(pk=step.pk).exists():
            raise AccountReadOnly
        return step

    def _body(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
