"""The REST API of follow-ups."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from surveys.api.serializers import FollowUpSerializer
from surveys.filters.follow_ups import FOLLOW_UP_DEFAULT_SORT, FOLLOW_UP_SORTS, FollowUpFilter
from surveys.models import FollowUp


class FollowUpViewSet(ReadOnlyScopedViewSet):
    """Follow-ups of the accounts that the caller sees."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    sorts = FOLLOW_UP_SORTS
    default_sort = FOLLOW_UP_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = FollowUp.objects.visible_to(self.request.user)
        return rows.select_related("campaign", "account", "owner", "closed_by").prefetch_related("reasons")
