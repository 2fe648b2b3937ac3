"""The REST API of exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.http import FileResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from core.exports import Asked, ListExport
from core.http import attachment
from core.paging import Sort
from dashboards import tasks
from dashboards.choices import ExportForm
from dashboards.errors import ExportNotAllowed
from dashboards.export_files import content_type, file_name
from dashboards.models import ExportJob
from dashboards.services import exports as services

EXAMPLE = OpenApiExample(
    "The active accounts of the north, by revenue", request_only=True,
    value={"list": "accounts", "filters": {"region": "north", "status": ["active"], "sort": "-revenue"},
           "format": "xlsx"},
)  # fmt: skip
BOUNDS = ("_after", "_before", "_min", "_max")


class ExportSerializer(serializers.ModelSerializer[ExportJob]):
    """An export: `status` is `done` when its file is at `content`, until `expires_at`."""

    list = serializers.CharField(source="list_name", read_only=True)
    format = serializers.ChoiceField(source="file_format", choices=ExportForm.choices, read_only=True)

    class Meta:
        model = ExportJob
        fields = [
            "id", "list", "query", "format", "language", "status", "rows_expected", "rows_done", "size", "error_code",
            "message", "created_at", "finished_at", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields


class ExportRequestSerializer(serializers.Serializer[Any]):
    """Which list (`accounts`, `contacts`, `orders`, `order_lines`, `contracts` …), narrowed by the filters of its page,
    in its order (`sort`), and as what."""

    list = serializers.CharField(max_length=40)
    filters = serializers.DictField(child=serializers.JSONField(), required=False, default=dict)
    format = serializers.ChoiceField(choices=ExportForm.choices, default=ExportForm.XLSX)


class ExportViewSet(ReadOnlyScopedViewSet):
    """The caller's own exports."""

    tag = "Exports"
    scope = "exports"
    serializer_class = ExportSerializer
    sorts = {"id": Sort("pk")}
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return ExportJob.objects.visible_to(self.request.user).order_by().select_related("user")

    @extend_schema(request=ExportRequestSerializer, responses={202: ExportSerializer}, examples=[EXAMPLE])
    def create(self, request: Request) -> Response:
        """Let a list be exported in the background; ask for the export again until its `status` is `done`.

        400 `unknown_list`, `list_not_narrowed`, `too_many_rows_to_export`, `nothing_to_export`, or a filter that is
        unknown or cannot be read; 403 `export_not_allowed`; 409 `too_many_exports`.
        """
        if not request.user.may_export:
            raise ExportNotAllowed
        serializer = ExportRequestSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        values, now = serializer.validated_data, timezone.now()
        query = _query(values["filters"])
        export, asked = services.list_of(values["list"], query, actor=request.user, now=now)
        _require_known(export, asked)
        language = translation.get_language() or request.user.language
        job = services.ask_for_export(
            export.name, query, form=values["format"], language=language, actor=request.user, now=now
        )
        tasks.run_export.delay_on_commit(job.pk)
        return self.shown(job, status.HTTP_202_ACCEPTED)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: int) -> FileResponse:
        """The file; 409 `export_not_ready` before it is there and after it expired, 403 `export_not_allowed`."""
        job = self.get_object()
        path = services.open_export(job, actor=request.user, now=timezone.now())
        return attachment(path.open("rb"), file_name(job), content_type(job))

    @extend_schema(request=None, responses={200: ExportSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Stop it; 409 `export_over` where it is finished."""
        return self.shown(services.cancel_export(self.get_object(), actor=request.user, now=timezone.now()))


def _query(filters: Mapping[str, Any]) -> QueryDict:
    """The filters as the page's address has them."""
    query = QueryDict(mutable=True)
    for name, value in filters.items():
        values = value if isinstance(value, list) else [value]
        query.setlist(name, [_word(one) for one in values if one is not None])
    return query


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _require_known(export: ListExport, asked: Asked) -> None:
    """Raises ValidationError for a filter that the list does not have, or whose value says nothing: the page shows such
    a list without it, but a client would take the wrong rows for the right ones."""
    filterset = export.find(asked).filterset
    known = {"sort", "tab", "month", *export.needed, *(filterset.filters if filterset is not None else ())}
    text = _("There is no such filter.")
    unknown = [name for name in asked.query if name not in known and _stem(name) not in known]
    errors: dict[str, Any] = {name: [text] for name in unknown}
    if filterset is not None:
        errors |= dict(filterset.form.errors)
    if errors:
        raise serializers.ValidationError({"filters": errors})


def _stem(name: str) -> str:
    return next((name.removesuffix(end) for end in BOUNDS if name.endswith(end)), name)
