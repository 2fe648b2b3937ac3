"""The REST API of visits and of what could not be planned."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from core.api.views import ReadOnlyScopedViewSet
from interactions import services
from interactions.api.visit_serializers import (
    CancelVisitSerializer,
    CompletedVisitSerializer,
    CompleteVisitSerializer,
    MoveSerializer,
    PlanningGapSerializer,
    VisitSerializer,
    VisitUpdateSerializer,
)
from interactions.filters import (
    GAP_DEFAULT_SORT,
    GAP_SORTS,
    VISIT_DEFAULT_SORT,
    VISIT_SORTS,
    PlanningGapFilter,
    VisitFilter,
)
from interactions.models import PlanningGap, Visit

VISIT_EXAMPLE = OpenApiExample(
    "A visit on a Thursday",
    request_only=True,
    value={"account": 42, "planned_date": "2026-03-19", "start_time": "14:00", "purpose": "新报价", "contacts": [7]},
)
MOVE_EXAMPLE = OpenApiExample("To another day", request_only=True, value={"planned_date": "2026-03-20"})


class VisitViewSet(ReadOnlyScopedViewSet):
    """Visits to the accounts that the caller sees: planned, done, missed and cancelled ones."""

    tag = "Visits"
    scope = "visits"
    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    sorts = VISIT_SORTS
    default_sort = VISIT_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        visits = Visit.objects.visible_to(self.request.user)
        return visits.select_related("account", "owner", "closed_by").prefetch_related("contacts")

    def get_serializer_class(self) -> type[VisitSerializer]:
        return VisitUpdateSerializer if self.action in ("update", "partial_update") else VisitSerializer

    @extend_schema(examples=[VISIT_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Plan a visit by hand. A holiday, leave or a full day are told as `warnings` and hinder nothing."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        contacts = serializer.validated_data.pop("contacts", ())
        serializer.validated_data.setdefault("owner", request.user)
        visit: Visit = serializer.build()
        warnings = services.warnings_for(visit.owner, visit.account, visit.planned_date)
        services.plan_visit(visit, actor=request.user, today=timezone.localdate(), contacts=contacts)
        return self._warned(visit, warnings, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change time, length, purpose and people of a planned visit."""
        visit = self._editable()
        serializer = self.validated(visit, partial=partial)
        contacts = serializer.validated_data.pop("contacts", None)
        services.update_visit(serializer.apply(), actor=request.user, today=timezone.localdate(), contacts=contacts)
        return self.shown(visit)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some of time, length, purpose and people of a planned visit."""
        return self.update(request, pk, partial=True)

    @extend_schema(request=MoveSerializer, responses=VisitSerializer, examples=[MOVE_EXAMPLE])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Put it on another day, at another time or into other hands; the planner then leaves it there.

        409 `visit_closed` where it is no longer planned.
        """
        visit, values = self._editable(), self._body(MoveSerializer)
        date, owner = values["planned_date"], values.get("owner") or visit.owner
        warnings = services.warnings_for(owner, visit.account, date, visit=visit)
        services.move_visit(
            visit,
            date,
            start_time=values.get("start_time", services.KEEP),
            owner=owner,
            actor=request.user,
            today=timezone.localdate(),
        )
        return self._warned(visit, warnings)

    @extend_schema(request=CompleteVisitSerializer, responses=CompletedVisitSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: int) -> Response:
        """It took place; the answer has the visit that follows. 409 `visit_closed` where somebody was quicker."""
        visit, values = self._editable(), self._body(CompleteVisitSerializer)
        following = services.complete_visit(
            visit, actor=request.user, now=timezone.now(), interaction=values.get("interaction")
        )
        rows = {row.pk: row for row in self.get_queryset().filter(pk__in=[visit.pk, getattr(following, "pk", None)])}
        answer = {
            "visit": rows[visit.pk],
            "next_visit": rows.get(following.pk) if isinstance(following, Visit) else None,
            "next_due_date": following if isinstance(following, dt.date) else None,
        }
        return Response(CompletedVisitSerializer(answer, context=self.get_serializer_context()).data)

    @extend_schema(request=CancelVisitSerializer, responses=VisitSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """It will not take place, and why. If contact is due, the planner proposes another day."""
        visit, values = self._editable(), self._body(CancelVisitSerializer)
        services.cancel_visit(visit, **values, actor=request.user, now=timezone.now())
        return self.shown(visit)

    def _editable(self) -> Visit:
        visit: Visit = self.get_object()
        require_editable(self.request.user, visit.account_id)
        return visit

    def _body(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values

    def _warned(self, visit: Visit, warnings: list[str], http_status: int = status.HTTP_200_OK) -> Response:
        row = self.get_queryset().filter(pk=visit.pk).first() or visit
        row.warnings = warnings
        return Response(VisitSerializer(row, context=self.get_serializer_context()).data, status=http_status)


class PlanningGapViewSet(ReadOnlyScopedViewSet):
    """Visits that are due and could not be planned, each with its reason, as the newest planning left them."""

    tag = "Visits"
    scope = "visits"
    serializer_class = PlanningGapSerializer
    filterset_class = PlanningGapFilter
    sorts = GAP_SORTS
    default_sort = GAP_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return PlanningGap.objects.visible_to(self.request.user).select_related("account", "user")
