"""The REST API of alerts: found as in the inbox, and every verb of theirs, for one or for many."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.api.access import require_editable
from core.api.views import ReadOnlyScopedViewSet
from health.api.alert_serializers import (
    AlertBulkResultSerializer,
    AlertBulkSerializer,
    AlertCommentSerializer,
    AlertLineSerializer,
    AlertSerializer,
    MeasuresSerializer,
    ReassignSerializer,
    ResolveSerializer,
    SnoozeSerializer,
)
from health.filters import ALERT_DEFAULT_SORT, ALERT_SORTS, AlertFilter
from health.models import Alert
from health.services import alerts as services
from health.services.alert_bulk import act_on_alerts
from health.services.alert_measures import MONTHS, MOST_MONTHS, alert_measures

LOST_EXAMPLE = OpenApiExample(
    "Lost",
    request_only=True,
    value={"outcome": "lost", "lost_cause": "competitor", "resolution": "被竞争对手以低价抢单"},
)


class AlertViewSet(ReadOnlyScopedViewSet):
    """Alerts about the accounts that the caller sees. The nightly job raises them."""

    tag = "Health"
    scope = "health"
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    sorts = ALERT_SORTS
    default_sort = ALERT_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Alert.objects.visible_to(self.request.user)
        rows = rows.select_related("account", "owner", "rule", "acknowledged_by", "resolved_by")
        if self.action == "list":
            return rows.defer("evidence", "evidence_now")
        return rows.prefetch_related("comments__author")

    def get_serializer_class(self) -> type[Serializer]:
        return AlertLineSerializer if self.action == "list" else AlertSerializer

    @extend_schema(request=None, responses={200: AlertSerializer})
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        """The caller takes care of it. 409 `alert_acknowledged`, `alert_snoozed`, `alert_resolved`."""
        alert = self._editable()
        return self.shown(services.acknowledge_alert(alert, actor=request.user, now=timezone.now()))

    @extend_schema(request=SnoozeSerializer, responses={200: AlertSerializer})
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: int) -> Response:
        """Let it rest until a day. 400 `snooze_date_wrong`, 409 `alert_resolved`."""
        alert, values = self._editable(), self._values(SnoozeSerializer)
        return self.shown(services.snooze_alert(alert, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=None, responses={200: AlertSerializer})
    @action(detail=True, methods=["post"])
    def wake(self, request: Request, pk: int) -> Response:
        """It rests no longer. 409 `alert_not_snoozed`, `alert_resolved`."""
        alert = self._editable()
        return self.shown(services.wake_alert(alert, actor=request.user, now=timezone.now()))

    @extend_schema(request=AlertCommentSerializer, responses={201: AlertSerializer})
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: int) -> Response:
        """Note something beside it."""
        alert, values = self._editable(), self._values(AlertCommentSerializer)
        services.comment_on_alert(alert, **values, actor=request.user, now=timezone.now())
        return self.shown(alert, status.HTTP_201_CREATED)

    @extend_schema(request=ResolveSerializer, responses={200: AlertSerializer}, examples=[LOST_EXAMPLE])
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """It is over. 400 `lost_cause_needed`, `outcome_unknown` for withdrawn; 409 `alert_resolved`."""
        alert, values = self._editable(), self._values(ResolveSerializer)
        return self.shown(services.resolve_alert(alert, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=None, responses={200: AlertSerializer})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """It is not over after all. 409 `alert_not_resolved`, `another_alert`."""
        alert = self._editable()
        return self.shown(services.reopen_alert(alert, actor=request.user, now=timezone.now()))

    @extend_schema(request=ReassignSerializer, responses={200: AlertSerializer})
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, pk: int) -> Response:
        """Somebody else is to act. 400 `alert_owner_unfit`, 409 `alert_resolved`."""
        alert, values = self._editable(), self._values(ReassignSerializer)
        return self.shown(services.reassign_alert(alert, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=AlertBulkSerializer, responses={200: AlertBulkResultSerializer})
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """One verb for many alerts; each is done or refused by itself, in the order of the ids."""
        values = self._values(AlertBulkSerializer)
        ids, verb = list(dict.fromkeys(values.pop("ids"))), values.pop("verb")
        outcome = act_on_alerts(self.get_queryset(), ids, verb, values, actor=request.user, now=timezone.now())
        refused = {refusal.pk: refusal for refusal in outcome.refused}
        results = [
            {"id": pk, "done": False, "code": refused[pk].code, "message": refused[pk].message}
            if pk in refused
            else {"id": pk, "done": True, "code": "", "message": ""}
            for pk in ids
        ]
        return Response({"done": len(outcome.done), "results": results})

    @extend_schema(
        parameters=[OpenApiParameter("months", int, description="How many months, 1 to 60; without it 12.")],
        responses={200: MeasuresSerializer(many=True)},
        filters=False,
    )
    @action(detail=False, methods=["get"], parameters=("months",), paginated=False, pagination_class=None)
    def measures(self, request: Request) -> Response:
        """How good the alerts were, by the month in which they were raised, and of all months together at the end."""
        text = request.query_params.get("months", str(MONTHS))
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_MONTHS):
            raise ValidationError({"months": [_("Say a number of months from 1 to 60.")]})
        rows = alert_measures(request.user, timezone.localdate(), int(text))
        return Response(MeasuresSerializer(rows, many=True).data)

    def _editable(self) -> Alert:
        alert: Alert = self.get_object()
        require_editable(self.request.user, alert.account_id)
        return alert

    def _values(self, serializer_class: Any) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values
