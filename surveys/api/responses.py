"""The REST API of answers, to be read."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from surveys.api.response_serializers import ResponseSerializer
from surveys.filters.clients import ClientResponseFilter
from surveys.filters.responses import RESPONSE_SORTS
from surveys.models import Response


class ResponseViewSet(ReadOnlyScopedViewSet):
    """Answers of the accounts that the caller sees; those of anonymous campaigns are in the results alone."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = ResponseSerializer
    filterset_class = ClientResponseFilter
    sorts = RESPONSE_SORTS
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Response.objects.visible_to(self.request.user).defer("campaign__definition", "campaign__texts")
        return rows.select_related("campaign", "account", "contact", "manager", "team", "product_line", "entered_by")
