"""The REST API of answers, to be read."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from surveys.api.filters import RESPONSE_SORTS, ResponseFilter
from surveys.api.serializers import ResponseSerializer
from surveys.models import Response


class ResponseViewSet(ReadOnlyScopedViewSet):
    """Answers of the accounts that the caller sees; those of anonymous campaigns are in the results alone."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = ResponseSerializer
    filterset_class = ResponseFilter
    sorts = RESPONSE_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Response.objects.visible_to(self.request.user)
        return rows.select_related("campaign", "account", "contact", "manager", "team", "product_line", "entered_by")
