"""What the builder's page offers for an object: fields, operators, values, sums, orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.reporting import Column, Kind, ReportObject, related_model
from dashboards.reports.definition import FUNCTION_LABELS, Definition, Filter, Measure
from dashboards.reports.naming import nothing
from dashboards.reports.periods import PERIODS
from dashboards.reports.showing import label_of, measure_label
from dashboards.reports.values import ME, OPERATOR_LABELS, OPERATORS

FEW, FOUND = 100, 20
"""Related rows that a list shows, and that a search finds at a time."""
GRAIN_LABELS = {
    "day": gettext_lazy("by day"),
    "week": gettext_lazy("by week"),
    "month": gettext_lazy("by month"),
    "quarter": gettext_lazy("by quarter"),
    "year": gettext_lazy("by year"),
}
CHART_LABELS = {
    "": gettext_lazy("No chart"),
    "bar": gettext_lazy("Bars"),
    "stacked": gettext_lazy("Stacked bars"),
    "line": gettext_lazy("Lines"),
}
Choice = tuple[str, str]


@dataclass
class FilterRow:
    """One filter of the form: what can be chosen, and what is. `widget`: which control takes the value."""

    name: str
    column: str = ""
    op: str = ""
    ops: list[Choice] = field(default_factory=list)
    widget: str = ""
    options: list[Choice] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    text: str = ""
    ends: tuple[str, str] = ("", "")
    lookup: str = ""


def fields(one: ReportObject) -> list[Choice]:
    """Every field by its key, but those that only groups have."""
    return [(column.key, capfirst(str(column.label))) for column in one.columns if not column.ratio]


def groupable(one: ReportObject) -> list[Choice]:
    return [(column.key, capfirst(str(column.label))) for column in one.columns if column.groupable]


def sums(one: ReportObject) -> list[tuple[str, list[Choice]]]:
    """The sums under their fields: the value is `function:column`."""
    found = [("", [("count", str(FUNCTION_LABELS["count"]) + " – " + str(one.label))])]
    for column in one.columns:
        if column.functions:
            choices = [
                (f"{code}:{column.key}", measure_label(Measure(code, column.key), one)) for code in column.functions
            ]
            found.append((capfirst(str(column.label)), choices))
    return found


def orders(definition: Definition, one: ReportObject) -> list[Choice]:
    """What the report can be sorted by."""
    if not definition.is_table:
        keys = definition.columns or one.shown
        return [(key, label_of(one, key)) for key in keys]
    found = [("group", _("By group"))]
    found += [(f"sum:{n}", measure_label(measure, one)) for n, measure in enumerate(definition.measures)]
    return found


def filter_rows(
    filters: Sequence[Filter], one: ReportObject, drafts: Sequence[tuple[str, str]], viewer: Any
) -> list[FilterRow]:
    """A row for each filter, for each that is begun (field and operator), and an empty one."""
    rows = [
        _row(number, one.column(found.column), found.op, found.value, viewer, one)
        for number, found in enumerate(filters)
    ]
    for column, op in drafts:
        rows.append(_row(len(rows), one.column(column), op, None, viewer, one))
    rows.append(FilterRow(f"f{len(rows)}"))
    return rows


def _row(number: int, column: Column | None, op: str, value: Any, viewer: Any, one: ReportObject) -> FilterRow:
    row = FilterRow(f"f{number}")
    if column is None:
        return row
    allowed = OPERATORS[column.kind]
    row.column, row.op = column.key, op if op in allowed else allowed[0]
    row.ops = [(code, str(OPERATOR_LABELS[code])) for code in allowed]
    row.widget = _widget(column, row.op)
    if row.widget == "between":
        low, high = value if isinstance(value, list) and len(value) == 2 else (None, None)
        row.ends = ("" if low is None else str(low), "" if high is None else str(high))
    elif row.widget in ("many", "one"):
        values = value if isinstance(value, list) else [value]
        row.chosen = [_chosen(one_value) for one_value in values if one_value is not None]
        row.options, row.lookup = _options(column, row, viewer, one)
    else:
        row.text = "" if value is None else str(value)
    return row


def _chosen(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "~" if value == "" else str(value)


def _widget(column: Column, op: str) -> str:
    if op in ("empty", "not_empty"):
        return "none"
    if op == "between":
        return "between"
    if op in ("in", "not_in"):
        return "many"
    if op == "period" or column.kind == Kind.YESNO:
        return "one"
    return "days" if op in ("older", "not_since") else "text"


def _options(column: Column, row: FilterRow, viewer: Any, one: ReportObject) -> tuple[list[Choice], str]:
    """The values to choose from, or the address of a search where they are many."""
    if row.op == "period":
        return [(code, str(label)) for code, (label, _span) in PERIODS.items()], ""
    if column.kind == Kind.YESNO:
        return [("yes", _("Yes")), ("no", _("No"))], ""
    if column.kind == Kind.CHOICE:
        return [*((str(code), str(label)) for code, label in column.choices), ("~", nothing())], ""
    return _related(column, row, viewer, one)


def _related(column: Column, row: FilterRow, viewer: Any, one: ReportObject) -> tuple[list[Choice], str]:
    first = (
        [(ME, pgettext("a person in a filter", "Whoever reads the report"))]
        if column.url == "users:user_detail"
        else []
    )
    rows, lookup = _choosable(column, viewer, one), ""
    found = list(rows.order_by(column.name).values_list("pk", column.name)[: FEW + 1])
    if len(found) > FEW:
        chosen = [int(text) for text in row.chosen if text.isdecimal()]
        found = list(rows.filter(pk__in=chosen).values_list("pk", column.name))
        query = urlencode({"object": one.key, "column": column.key})
        lookup = f"{reverse('dashboards:report_lookup')}?{query}"
    return [*first, *((str(pk), str(name)) for pk, name in found)], lookup


def _choosable(column: Column, viewer: Any, one: ReportObject) -> QuerySet[Any]:
    """The related rows that the viewer sees: of those a filter may name any."""
    model = one.model() if column.path == "id" else related_model(one.model(), column.path)
    manager: Any = model._default_manager
    rows: QuerySet[Any] = manager.visible_to(viewer) if hasattr(manager, "visible_to") else manager.all()
    return rows


def related_found(column: Column, text: str, viewer: Any, one: ReportObject) -> list[dict[str, Any]]:
    """What a search among the values of a field finds, by a part of the name in either language."""
    fits = Q(**{f"{column.name}__icontains": text})
    if column.english:
        fits |= Q(**{f"{column.english}__icontains": text})
    rows = _choosable(column, viewer, one).filter(fits).order_by(column.name, "pk")
    return [{"value": pk, "text": str(name)} for pk, name in rows.values_list("pk", column.name)[:FOUND]]
