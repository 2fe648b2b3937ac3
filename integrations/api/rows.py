"""Whole resources as lines of JSON (NDJSON), in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.http import Http404, StreamingHttpResponse
from django.utils import timezone, translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from audit.services import audit_context
from core.api.filters import PAGING, known_parameters, require_known
from core.api.resources import RESOURCES, view_for
from core.api.views import ScopedViewSet
from integrations.errors import ResourceNotAllowed, RowsNotAllowed
from integrations.services.row_exports import begin_rows, end_rows, may_go_on

BATCH = 1000


class Cut(ConnectionAbortedError):
    """The right ended while rows were on their way: the connection breaks, lest a part be taken for the whole."""


class LinesRenderer(JSONRenderer):
    """Lines of JSON; what is no stream, that is, a problem, is plain JSON."""

    media_type = "application/x-ndjson"
    format = "ndjson"


class RowsViewSet(ScopedViewSet):
    """Whole resources, a line of JSON for each row."""

    tag = "Exports"
    scope = "exports"
    pagination_class = None
    renderer_classes = (LinesRenderer, JSONRenderer)
    paginated = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super(ScopedViewSet, self).initial(request, *args, **kwargs)  # the resource knows its parameters

    @extend_schema(
        operation_id="rows_export",
        parameters=[
            OpenApiParameter(
                "resource", OpenApiTypes.STR, OpenApiParameter.PATH, description="As in the address: `orders`."
            )
        ],
        responses={(200, LinesRenderer.media_type): OpenApiTypes.STR},
        filters=False,
    )
    def list(self, request: Request, resource: str) -> StreamingHttpResponse:
        """Every row of a resource as its list shows it, one JSON object on each line, by id; narrowed by the list's
        filters.

        For users who may export (403 `may_not_export`); a token also needs the scope to read the resource. Rows that
        are written meanwhile may be in it or not: take a cursor of the changes first. If the right to it ends on the
        way, or the server stops, the connection breaks off without the closing chunk.
        """
        view = _view_of(resource, request)
        if not request.user.may_export:
            raise RowsNotAllowed
        if request.auth is not None and not request.auth.allows(f"{view.scope}:read"):
            raise ResourceNotAllowed(scope=f"{view.scope}:read")
        require_known(request, set(known_parameters(request, view)) - set(PAGING))
        queryset = view.filter_queryset(view.get_queryset()).order_by("pk")
        begin_rows(resource, request.query_params.dict(), actor=request.user, token=request.auth)
        response = StreamingHttpResponse(lines(view, resource, queryset), content_type=LinesRenderer.media_type)
        response["Content-Disposition"] = f'attachment; filename="{resource}.ndjson"'
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def lines(view: ScopedViewSet, resource: str, queryset: models.QuerySet[Any]) -> Iterator[bytes]:
    """The rows in batches by key: no statement is open while the client reads, however slowly it does.

    Raises Cut where the right ended. The audit gets the count, whichever way it ends.
    """
    user, token = view.request.user, view.request.auth
    scopes = ["exports:read", f"{view.scope}:read"]
    language, zone = translation.get_language(), timezone.get_current_timezone()
    via, last, count, complete = f"api:{token.prefix}" if token else "api", 0, 0, False
    try:
        while True:
            if not may_go_on(user, token, scopes, timezone.now()):
                raise Cut
            with translation.override(language), timezone.override(zone):
                rows = list(queryset.filter(pk__gt=last)[:BATCH])
                part = _lines_of(view, rows)
            if not rows:
                break
            last, count = rows[-1].pk, count + len(rows)
            yield part
            if len(rows) < BATCH:
                break
        complete = True
    finally:
        with audit_context(via):
            end_rows(resource, count, complete=complete, actor=user, token=token)


def _lines_of(view: ScopedViewSet, rows: list[Any]) -> bytes:
    shown = view.get_serializer(rows, many=True).data
    return "".join(
        f"{json.dumps(row, cls=JSONEncoder, ensure_ascii=False, separators=(',', ':'))}\n" for row in shown
    ).encode()


def _view_of(resource: str, request: Request) -> ScopedViewSet:
    """The resource's list. Raises Http404 for what has no rows of its own."""
    model = getattr(getattr(getattr(RESOURCES.get(resource), "serializer_class", None), "Meta", None), "model", None)
    if model is None or not hasattr(RESOURCES[resource], "list"):
        raise Http404
    return view_for(resource, request, "list")
