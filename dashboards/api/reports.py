"""The REST API of reports: those that come with the product and those that the caller may read, and their numbers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ScopedViewSet
from core.reporting import Kind
from dashboards.models import Report
from dashboards.pages import source_of
from dashboards.reports import exporting, showing
from dashboards.reports.definition import GROUPS_IN_ADDRESS
from dashboards.reports.errors import InvalidReport
from dashboards.reports.opening import asked_by, opened
from dashboards.reports.running import ONLINE, Listing, run
from dashboards.reports.shipped import SHIPPED
from dashboards.reports.tables import Row

GROUP_NAMES = tuple(f"g{number}" for number in range(GROUPS_IN_ADDRESS))


class ReportSerializer(serializers.Serializer[Any]):
    """A report by its key: the code of one that comes with the product, the number of a saved one."""

    key = serializers.CharField()
    name = serializers.CharField()
    about = serializers.CharField(allow_blank=True)
    shipped = serializers.BooleanField()
    definition = serializers.JSONField()


_HEAD = inline_serializer(
    "ReportHead", {"key": serializers.CharField(), "label": serializers.CharField(), "kind": serializers.CharField()}
)


class ReportRowsSerializer(serializers.Serializer[Any]):
    """The numbers of a table, or rows. Of a table each line has its group keys (`g0`, `g1`), and for each value of the
    column group (`crosses`, then all of them) the sums in the order of `sums`."""

    kind = serializers.ChoiceField(choices=["table", "rows"])
    columns = serializers.ListField(child=_HEAD)
    crosses = serializers.ListField(child=serializers.CharField(), required=False)
    rows = serializers.JSONField()
    total = serializers.JSONField(required=False)
    count = serializers.IntegerField()
    complete = serializers.BooleanField(help_text="No if there are more groups or rows than are here.")
    without_rate = serializers.IntegerField(help_text="Amounts that have no exchange rate and are in no sum.")


class ReportViewSet(ScopedViewSet):
    """Reports that the caller may read; every caller gets their own rows."""

    tag = "Reports"
    scope = "reports"
    serializer_class = ReportSerializer
    pagination_class = None
    filterset_class = None
    filter_backends = ()
    lookup_url_kwarg = "key"
    lookup_value_converter = "slug"
    paginated = False

    def get_queryset(self) -> Any:
        return Report.objects.visible_to(self.request.user)

    @extend_schema(responses=ReportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """What comes with the product, then one's own and what is shared."""
        shipped = [source_of(request.user, code) for code in SHIPPED]
        saved = [source_of_row(report) for report in self.get_queryset().order_by("pk")[:1000]]
        return Response([_json(source.key, source.title, source.about, source.raw) for source in shipped] + saved)

    def retrieve(self, request: Request, key: str) -> Response:
        """One report with its definition."""
        source = source_of(request.user, key)
        return Response(_json(source.key, source.title, source.about, source.raw))

    @extend_schema(
        responses=ReportRowsSerializer,
        parameters=[
            OpenApiParameter("page", OpenApiTypes.INT, description="Of rows: a hundred on each."),
            *(
                OpenApiParameter(name, description="The rows of this group: its value, or ~ for none.")
                for name in GROUP_NAMES
            ),
        ],
    )
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, key: str) -> Response:
        """Run it: at most two seconds, 20,000 cells, 10,000 rows. 400 where it is more, or where a field is gone."""
        found = opened(source_of(request.user, key).raw)
        if found.problems:
            raise InvalidReport(problems=" ".join(problem.text for problem in found.problems))
        definition, one = found.ready()
        query = request.query_params
        cell = {number: query[name] for number, name in enumerate(GROUP_NAMES) if name in query} or None
        page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
        result = run(definition, one, asked_by(request.user, timezone.now()), ONLINE, cell=cell, page=page)
        if isinstance(result, Listing):
            return Response(_rows(result, one))
        return Response(_table(result, definition, one))

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("page", *GROUP_NAMES) if self.action == "rows" else ()


def source_of_row(report: Report) -> dict[str, Any]:
    return _json(str(report.pk), report.name, report.description, report.definition)


def _json(key: str, name: str, about: str, definition: Any) -> dict[str, Any]:
    return {"key": key, "name": name, "about": about, "shipped": key in SHIPPED, "definition": definition}


def _rows(listing: Listing, one: Any) -> dict[str, Any]:
    heads = [{"key": c.key, "label": showing.label_of(one, c.key), "kind": c.kind.value} for c in listing.columns]
    rows = [
        {c.key: _value(c, value) for c, value in zip(listing.columns, values, strict=True)}
        for _pk, values in listing.rows
    ]
    complete = listing.pages == 1 and len(rows) == listing.count
    return {
        "kind": "rows", "columns": heads, "rows": rows, "count": listing.count, "complete": complete,
        "without_rate": listing.unpriced,
    }  # fmt: skip


def _value(column: Any, value: Any) -> Any:
    """A relation as id and name, a choice by its code."""
    if column.kind == Kind.RELATION:
        return {"id": value[0], "name": value[1]}
    return value if column.kind in (Kind.CHOICE, Kind.YESNO) else exporting.raw(column, value)


def _table(table: Any, definition: Any, one: Any) -> dict[str, Any]:
    heads = [
        {"key": f"sum:{n}", "label": showing.measure_label(m, one), "kind": m.function}
        for n, m in enumerate(definition.measures)
    ]

    def line(row: Row) -> dict[str, Any]:
        keys = {f"g{n}": {"value": key.param, "text": key.text} for n, key in enumerate(row.keys)}
        return {**keys, "sums": row.cells, "is_subtotal": row.is_sum}

    return {
        "kind": "table",
        "columns": heads,
        "crosses": [key.text for key in table.crosses],
        "rows": [line(row) for row in table.rows],
        "total": line(table.total),
        "count": len(table.rows),
        "complete": not table.more_groups,
        "without_rate": table.unpriced,
    }
