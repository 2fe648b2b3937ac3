"""Cursor pagination of the API, on the same keyset paging as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core.errors import DomainError
from core.paging import Page, Sort, keyset_page

MAX_PAGE_SIZE = 200


class InvalidParameter(DomainError):
    code = "invalid_parameter"
    message = _("A query parameter is not valid.")


class KeysetPagination(BasePagination):
    """`?cursor=`, `?ordering=` (one key, `-` for descending) and `?page_size=` (1 to 200, 50 unless given).

    A view names its keys in `sorts` and the one used unless asked in `default_sort`.
    """

    fallback: ClassVar[dict[str, Sort]] = {"id": Sort("pk")}

    def paginate_queryset(self, queryset: models.QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        """Raises InvalidParameter for an unknown ordering or page size, InvalidCursor for a bad cursor."""
        self.request = request
        sorts = getattr(view, "sorts", self.fallback)
        text = request.query_params.get("ordering") or getattr(view, "default_sort", next(iter(sorts)))
        sort = Sort.parse(text, sorts)
        if sort is None:
            raise InvalidParameter(
                _("Unknown ordering “%(value)s”; possible: %(names)s."),
                field="ordering",
                value=text,
                names=", ".join(sorts),
            )
        self.page: Page = keyset_page(queryset, sort, request.query_params.get("cursor"), self._size(request))
        return self.page.rows

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", "50")
        if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= MAX_PAGE_SIZE:
            raise InvalidParameter(
                _("page_size is a whole number from 1 to %(most)s."), field="page_size", most=MAX_PAGE_SIZE
            )
        return int(text)

    def get_paginated_response(self, data: list[Any]) -> Response:
        return Response(
            {
                "next": self._link(self.page.next_cursor),
                "previous": self._link(self.page.previous_cursor),
                "results": data,
            }
        )

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        url = remove_query_param(self.request.build_absolute_uri(), "cursor")
        return replace_query_param(url, "cursor", cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        sorts = getattr(view, "sorts", self.fallback)
        names = [sign + name for name in sorts for sign in ("", "-")]
        default = getattr(view, "default_sort", names[0])
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Opaque; from next or previous.",
            },
            {"name": "ordering", "in": "query", "schema": {"type": "string", "enum": names, "default": default}},
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": 50},
            },
        ]
