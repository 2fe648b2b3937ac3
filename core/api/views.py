"""What every view set of the API shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import models
from django.utils.http import http_date
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api.filters import check_parameters
from core.api.writing import guarded
from core.paging import Sort


@dataclass(frozen=True)
class Deprecation:
    """Since when not to begin with it any more, and from when on it may be gone: at least a year later."""

    since: dt.date
    until: dt.date

    @property
    def headers(self) -> dict[str, str]:
        """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594)."""
        since, until = (
            int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) for day in (self.since, self.until)
        )
        return {"Deprecation": f"@{since}", "Sunset": http_date(until)}


class ScopedViewSet(GenericViewSet):
    """Rows under one scope (`scope`: `accounts` stands for `accounts:read` and `accounts:write`).

    `sorts` and `default_sort` are the keys of `?ordering=`; `tag` groups operations in the document; `paginated`
    is set on actions of one row that answer with a list; `parameters` are query parameters of an action beside filters
    and paging; `deprecation` marks what is to go, of a view set or of an action. `get_queryset` starts at
    `visible_to`.
    """

    scope: str = ""
    sorts: ClassVar[dict[str, Sort]] = {"id": Sort("pk")}
    default_sort: str = "id"
    tag: str = ""
    paginated: bool | None = None
    parameters: Sequence[str] = ()
    deprecation: Deprecation | None = None
    lookup_value_converter = "int"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_parameters(request, self)
        if handler := guarded(self, request):
            setattr(self, request.method.lower(), handler)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.deprecation.headers.items() if self.deprecation else ():
            response[name] = value
        return response

    def validated(self, instance: models.Model | None = None, **kwargs: Any) -> serializers.BaseSerializer[Any]:
        """The serializer of this action with the request's body in it. Raises ValidationError."""
        serializer = self.get_serializer(instance, data=self.request.data, **kwargs)
        serializer.is_valid(raise_exception=True)
        return serializer

    def shown(self, row: models.Model, http_status: int = status.HTTP_200_OK) -> Response:
        """The answer that shows `row` as `retrieve` does, read anew."""
        row = self.get_queryset().filter(pk=row.pk).first() or row
        return Response(self.get_serializer(row).data, status=http_status)

    def page_of(self, queryset: models.QuerySet[Any]) -> Response:
        """The answer with one page of `queryset`."""
        rows = self.paginate_queryset(queryset)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


class ReadOnlyScopedViewSet(RetrieveModelMixin, ListModelMixin, ScopedViewSet):
    """List and retrieve."""
