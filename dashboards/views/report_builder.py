"""The builder: choose an object, fields, filters, groups and sums, and see the first rows at once."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from core import reporting
from core.errors import DomainError
from core.forms import add_domain_error
from core.http import UserRequest, panel
from core.reporting import Kind, ReportObject
from dashboards.forms import ReportForm, definition_of
from dashboards.models import Report
from dashboards.pages import source_of
from dashboards.reports import building, charting, showing
from dashboards.reports.definition import MOST_FILTERS, Definition
from dashboards.reports.opening import Opened, asked_by, opened
from dashboards.reports.running import PREVIEW, Listing, run
from dashboards.services.reports import save_report
from dashboards.views.reports import listing_context

START = {"object": "accounts"}


@require_http_methods(["GET", "POST"])
def report_create(request: UserRequest) -> HttpResponse:
    """A new report; `from` names one, shipped or saved, to begin with."""
    report, raw = Report(), dict(START)
    key = request.GET.get("from", "")
    if key:
        source = source_of(request.user, key)
        report.name, report.description, raw = source.title[:120], source.about[:300], source.raw
    elif request.GET.get("object") in reporting.reportable():
        raw = {"object": request.GET["object"]}
    return _builder(request, report, raw)


@require_http_methods(["GET", "POST"])
def report_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a report of one's own."""
    report = get_object_or_404(Report.objects.editable_by(request.user), pk=pk)
    return _builder(request, report, report.definition)


@require_GET
def report_lookup(request: UserRequest) -> JsonResponse:
    """Values of a field of an object that have `q` in their name, for the select of a filter."""
    one = reporting.reportable().get(request.GET.get("object", ""))
    column = one.column(request.GET.get("column", "")) if one else None
    text = request.GET.get("q", "").strip()[:80].replace("\x00", "")
    if one is None or column is None or column.kind != Kind.RELATION:
        return JsonResponse({"results": []})
    return JsonResponse({"results": building.related_found(column, text, request.user, one)})


def _builder(request: UserRequest, report: Report, raw: Any) -> HttpResponse:
    """The form; every change posts it and shows it again with a preview, `save` saves the report."""
    if request.method == "POST":
        raw = _posted(request.POST)
    found = opened(raw)
    saving = request.method == "POST" and "save" in request.POST
    form = ReportForm(request.POST if request.method == "POST" else None, instance=report)
    if saving and form.is_valid():
        saved = form.save(commit=False)
        saved.definition = raw
        try:
            return redirect(save_report(saved, actor=request.user))
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
    if not saving:
        form.is_bound = False  # what is typed stays (see _keep), nothing is said of it before saving
        _keep(form, request.POST)
    context = {
        "form": form,
        "report": report,
        "found": found,
        "saving": saving,
        **_offer(request, found),
        **_preview(request, found),
    }
    return render(request, panel(request, "dashboards/reports/builder.html", "builder"), context)


def _keep(form: ReportForm, data: QueryDict) -> None:
    for name in form.fields:
        if name in data:
            form.initial[name] = data[name]


def _posted(data: QueryDict) -> Any:
    objects = reporting.reportable()
    one = objects.get(data.get("object", ""))
    return definition_of(data, one) if one else {"object": data.get("object", "")[:60]}


def _offer(request: UserRequest, found: Opened) -> dict[str, Any]:
    """What can be chosen, and what is."""
    objects = reporting.reportable()
    one = found.one or objects["accounts"]
    definition = found.definition or Definition(one.key)
    groups = [*definition.groups, None, None][:2]
    return {
        "objects": [(key, str(other.label)) for key, other in objects.items()],
        "one": one,
        "definition": definition,
        "columns": definition.columns or one.shown,
        "fields": building.fields(one),
        "groupable": building.groupable(one),
        "dates": [column.key for column in one.columns if column.kind == "date"],
        "grains": [(code, str(label)) for code, label in building.GRAIN_LABELS.items()],
        "charts": [(code, str(label)) for code, label in building.CHART_LABELS.items()],
        "groups": [*groups, definition.cross],
        "sums": building.sums(one),
        "chosen_sums": [f"{m.function}:{m.column}" if m.column else m.function for m in definition.measures],
        "orders": building.orders(definition, one),
        "filters": building.filter_rows(definition.filters, one, _drafts(request.POST, definition, one), request.user),
    }


def _drafts(data: QueryDict, definition: Definition, one: ReportObject) -> list[tuple[str, str]]:
    """Filters that are begun: a field is chosen, and no value that fits."""
    complete = [(each.column, each.op) for each in definition.filters]
    begun = []
    for number in range(MOST_FILTERS):
        name = f"f{number}"
        pair = (data.get(f"{name}_column", ""), data.get(f"{name}_op", ""))
        if not one.column(pair[0]) or data.get("drop") == name:
            continue
        if pair in complete:
            complete.remove(pair)
        else:
            begun.append(pair)
    return begun


def _preview(request: UserRequest, found: Opened) -> dict[str, Any]:
    """The first rows, unless the definition has a mistake."""
    if not found.can_run or found.one is None or found.definition is None:
        return {}
    asked = asked_by(request.user, timezone.now())
    try:
        result = run(found.definition, found.one, asked, PREVIEW)
    except DomainError as error:
        return {"refusal": str(error)}
    if isinstance(result, Listing):
        return listing_context(result, found)
    return {
        "table": result,
        "grid": showing.grid(result, found.definition, found.one),
        "chart": charting.option(result, found.definition, found.one),
    }
