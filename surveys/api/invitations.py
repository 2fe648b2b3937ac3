"""The REST API of invitations: asked for in bulk, their links, what became of their mails."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from core.api.views import ReadOnlyScopedViewSet
from surveys.api.campaign_serializers import NothingSerializer
from surveys.api.intake import BULK_STATUSES, invite_rows
from surveys.api.invitation_serializers import (
    DELIVERED,
    BulkInviteRequestSerializer,
    BulkInviteResultSerializer,
    BulkInviteSerializer,
    DeliverySerializer,
    InvitationSerializer,
    LinkSerializer,
)
from surveys.filters.campaigns import INVITATION_DEFAULT_SORT, INVITATION_SORTS
from surveys.filters.clients import InvitationFilter
from surveys.links import answer_url
from surveys.models import Invitation
from surveys.services import invitations as services

BULK_EXAMPLE = OpenApiExample(
    "Two closed cases",
    request_only=True,
    value={
        "campaign": 4,
        "invitations": [
            {"external_id": "T-4711", "account": "KA0000050", "email": "wang.fang@lanhe.example"},
            {"external_id": "T-4712", "account": "KA0000051", "contact": 812},
        ],
    },
)


class InvitationViewSet(ReadOnlyScopedViewSet):
    """Invitations of contacts at the accounts that the caller sees."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    sorts = INVITATION_SORTS
    default_sort = INVITATION_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Invitation.objects.visible_to(self.request.user).defer("campaign__definition", "campaign__texts")
        return rows.select_related("campaign", "account", "contact", "manager", "product_line")

    @extend_schema(
        request=BulkInviteRequestSerializer, responses={200: BulkInviteResultSerializer}, examples=[BULK_EXAMPLE]
    )
    @action(detail=False, methods=["post"], url_path="bulk-create")
    def bulk_create(self, request: Request) -> Response:
        """Invite up to 1,000 contacts to a running campaign, whatever its audience; the answer has each outcome.

        Opt-outs and the days between two surveys hold: such a row is rejected with the reason as `code`. The same
        `external_id` again changes nothing. 409 `campaign_wrong_status` unless the campaign runs.
        """
        serializer = BulkInviteSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values, now = serializer.validated_data, timezone.now()
        results = invite_rows(
            values["campaign"], values["invitations"], user=request.user, today=timezone.localdate(now), now=now
        )
        counts = Counter(result["status"] for result in results)
        return Response({**{name: counts[name] for name in BULK_STATUSES}, "results": results})

    @extend_schema(request=NothingSerializer, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: int) -> Response:
        """The link of an open invitation with its token; who asked for it is recorded. 409 `invitation_over`."""
        invitation = self._editable()
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        stored = services.hand_over_link(invitation, actor=request.user, today=timezone.localdate())
        url = answer_url(stored.seed)
        return Response({"url": url, "token": url.rstrip("/").rsplit("/", 1)[-1], "expires_on": stored.expires_on})

    @extend_schema(request=DeliverySerializer, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def delivery(self, request: Request, pk: int) -> Response:
        """What the mail system reports: its mail was delivered, or came back. 409 `invitation_over`."""
        invitation = self._editable()
        serializer = DeliverySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if serializer.validated_data["status"] == DELIVERED:
            services.mark_delivered(invitation, actor=request.user)
        else:
            error = serializer.validated_data.get("error", "")
            services.mark_bounced(invitation, error=error, actor=request.user, now=timezone.now())
        return self.shown(invitation)

    def _editable(self) -> Invitation:
        invitation: Invitation = self.get_object()
        require_editable(self.request.user, invitation.account_id)
        return invitation
