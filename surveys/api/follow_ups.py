"""The REST API of follow-ups: contact, findings, closing, opening again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from core.api.views import ReadOnlyScopedViewSet
from interactions.choices import Kind
from interactions.models import Interaction
from surveys.api.follow_up_serializers import (
    FindingsSerializer,
    FollowUpContactSerializer,
    FollowUpSerializer,
    ReopenSerializer,
)
from surveys.filters.follow_ups import FOLLOW_UP_DEFAULT_SORT, FOLLOW_UP_SORTS, FollowUpFilter
from surveys.models import FollowUp
from surveys.services import follow_ups as services
from surveys.services.follow_ups import Findings

CLOSE_EXAMPLE = OpenApiExample(
    "Solved",
    request_only=True,
    value={
        "cause": "delivery",
        "action": "改为每周两次配送",
        "customer_told": True,
        "outcome": "solved",
    },
)


class FollowUpViewSet(ReadOnlyScopedViewSet):
    """Follow-ups of the accounts that the caller sees."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    sorts = FOLLOW_UP_SORTS
    default_sort = FOLLOW_UP_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = FollowUp.objects.visible_to(self.request.user).defer("campaign__definition", "campaign__texts")
        return rows.select_related("campaign", "account", "owner", "closed_by").prefetch_related("reasons")

    @extend_schema(request=FollowUpContactSerializer, responses=FollowUpSerializer)
    @action(detail=True, methods=["post"])
    def contact(self, request: Request, pk: int) -> Response:
        """The customer was contacted: log it, or name the interaction that is logged already.

        400 `contact_too_early` before the answer, `no_contact` for a note; 409 `follow_up_closed`.
        """
        follow_up, values = self._editable(), self._body(FollowUpContactSerializer)
        contacts, now = values.pop("contacts", ()), timezone.now()
        interaction = values.pop("interaction", None)
        if interaction is None:
            values.setdefault("kind", Kind.CALL)
            values.setdefault("occurred_at", now)
            interaction = Interaction(account=follow_up.account, **values)
        services.log_contact(follow_up, interaction, contacts=contacts, actor=request.user, now=now)
        return self.shown(follow_up)

    @extend_schema(request=FindingsSerializer, responses=FollowUpSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Keep what is known so far; the follow-up stays open."""
        follow_up = self._editable()
        services.save_findings(follow_up, self._findings(follow_up), actor=request.user)
        return self.shown(follow_up)

    @extend_schema(request=FindingsSerializer, responses=FollowUpSerializer, examples=[CLOSE_EXAMPLE])
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """The loop is closed. 400 `not_contacted`, `follow_up_incomplete` (with the field), `outcome_unfit`."""
        follow_up = self._editable()
        services.close(follow_up, self._findings(follow_up), actor=request.user, now=timezone.now())
        return self.shown(follow_up)

    @extend_schema(request=ReopenSerializer, responses=FollowUpSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """It was not settled after all: a new deadline from now on. 409 `follow_up_open`, `another_follow_up`."""
        follow_up, values = self._editable(), self._body(ReopenSerializer)
        services.reopen(follow_up, **values, actor=request.user, now=timezone.now())
        return self.shown(follow_up)

    def _editable(self) -> FollowUp:
        follow_up: FollowUp = self.get_object()
        require_editable(self.request.user, follow_up.account_id)
        return follow_up

    def _findings(self, follow_up: FollowUp) -> Findings:
        """What was sent, over what is known."""
        known = {name: getattr(follow_up, name) for name in asdict(Findings())}
        return Findings(**{**known, **self._body(FindingsSerializer)})

    def _body(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
