"""The REST API of invitations."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from surveys.api.filters import INVITATION_SORTS, InvitationFilter
from surveys.api.serializers import InvitationSerializer
from surveys.models import Invitation


class InvitationViewSet(ReadOnlyScopedViewSet):
    """Invitations of contacts at the accounts that the caller sees."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    sorts = INVITATION_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Invitation.objects.visible_to(self.request.user)
        return rows.select_related("campaign", "account", "contact", "manager", "product_line")
