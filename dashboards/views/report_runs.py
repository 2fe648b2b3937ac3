"""Reports in the background: ask, watch, read, fetch the file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError, Forbidden
from core.http import UserRequest, attachment, panel
from core.paging import Sort, keyset_page
from core.reporting import reportable
from core.sheets import CSV_TYPE, WORKBOOK_TYPE
from dashboards import tasks
from dashboards.choices import FILES, Format
from dashboards.models import ReportRun
from dashboards.pages import source_of
from dashboards.reports.opening import opened
from dashboards.services.report_runs import ask_run, record_download
from dashboards.views.reports import cell_of

TYPES = {Format.XLSX: WORKBOOK_TYPE, Format.CSV: CSV_TYPE, Format.PDF: "application/pdf"}


@require_GET
def report_run_list(request: UserRequest) -> HttpResponse:
    """One's own runs and files, newest first; they are kept for a week."""
    runs = ReportRun.objects.visible_to(request.user).defer("result", "definition")
    page = keyset_page(runs.order_by(), Sort("pk", descending=True), request.GET.get("cursor"))
    context = {"page": page, "any_open": any(run.is_open for run in page.rows)}
    return render(request, panel(request, "dashboards/reports/run_list.html", "rows"), context)


@require_POST
def report_run_create(request: UserRequest) -> HttpResponse:
    """Ask for a report in the background, as a page or a file."""
    source = source_of(request.user, request.POST.get("from", ""))
    asked = ReportRun(
        title=source.title,
        source=source.key,
        definition=_asked(source.raw, agreed="without" in request.POST),
        format=request.POST.get("format", ""),
        cell={str(number): value for number, value in cell_of(request).items()} if "rows" in request.POST else {},
    )
    if asked.format not in Format.values:
        raise Http404
    try:
        run = ask_run(asked, actor=request.user)
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(source.url)
    tasks.run_report.delay_on_commit(run.pk)
    return redirect(run)


def _asked(raw: Any, *, agreed: bool) -> Any:
    """What is to be run: where the reader agreed, without what is gone."""
    found = opened(raw)
    return found.definition.as_json() if agreed and found.definition else raw


@require_GET
def report_run_detail(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is; then the report, or its file. Asks again every second while it runs."""
    run = get_object_or_404(ReportRun.objects.visible_to(request.user), pk=pk)
    context = {"run": run, "is_file": run.format in FILES, **_result(run)}
    return render(request, panel(request, "dashboards/reports/run_detail.html", "progress"), context)


@require_GET
def report_run_file(request: UserRequest, pk: int) -> FileResponse:
    """The file, for those who may export."""
    run = get_object_or_404(ReportRun.objects.visible_to(request.user), pk=pk)
    if not request.user.may_export:
        raise PermissionDenied
    if not run.file:
        raise Http404
    record_download(run, actor=request.user)
    return attachment(run.file.open("rb"), f"{run.title}.{run.format}", TYPES[Format(run.format)])


def _result(run: ReportRun) -> dict[str, object]:
    """What `result.html` shows, from what was kept."""
    kept = run.result
    if "grid" in kept:
        return {"grid": kept["grid"], "table": kept["table"], "chart": kept["chart"]}
    if "heads" in kept:
        one = reportable().get(str(run.definition.get("object")))
        lines = [(reverse(one.url, args=[pk]) if one and one.url and pk else "", cells) for pk, cells in kept["lines"]]
        listing = {"count": kept["count"], "unpriced": kept["unpriced"], "pages": 1, "page": 1}
        return {"heads": kept["heads"], "lines": lines, "listing": listing, "one": one}
    return {}
