"""The REST API of campaigns."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from surveys.api.filters import CAMPAIGN_SORTS, CampaignFilter
from surveys.api.serializers import CampaignDetailSerializer, CampaignSerializer
from surveys.models import Campaign


class CampaignViewSet(ReadOnlyScopedViewSet):
    """Campaigns. Everybody reads them; directors and administrators change them."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = CampaignDetailSerializer
    filterset_class = CampaignFilter
    sorts = CAMPAIGN_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Campaign.objects.visible_to(self.request.user)
        rows = rows.select_related("questionnaire_version__questionnaire", "owner", "product_line")
        return rows.defer("definition") if self.action == "list" else rows.prefetch_related("loop_rules")

    def get_serializer_class(self) -> type[CampaignSerializer]:
        return CampaignSerializer if self.action == "list" else CampaignDetailSerializer
