"""Reports: those that come with the product and those that people saved, run for whoever opens them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.http import UserRequest, panel
from dashboards.choices import FILES
from dashboards.models import Report
from dashboards.pages import Source, source_of
from dashboards.reports import charting, naming, showing
from dashboards.reports.compiling import Compiled
from dashboards.reports.definition import GROUPS_IN_ADDRESS
from dashboards.reports.errors import ReportTooLarge, ReportTooSlow
from dashboards.reports.opening import Opened, asked_by, opened
from dashboards.reports.running import ONLINE, Listing, run
from dashboards.reports.shipped import SHIPPED, THEMES
from dashboards.services.reports import delete_report


@require_GET
def report_list(request: UserRequest) -> HttpResponse:
    """What comes with the product by theme; one's own reports and those that are shared."""
    found = request.GET.get("q", "").strip()[:80].casefold()
    saved = Report.objects.visible_to(request.user).select_related("owner").order_by("name", "pk")
    shipped = [report for report in SHIPPED.values() if found in f"{report.name} {report.about}".casefold()]
    reports = [report for report in saved[:500] if found in f"{report.name} {report.description}".casefold()]
    context = {
        "q": request.GET.get("q", "")[:80],
        "mine": [report for report in reports if report.owner_id == request.user.pk],
        "shared": [report for report in reports if report.owner_id != request.user.pk],
        "themes": [(label, [one for one in shipped if one.theme == theme]) for theme, label in THEMES.items()],
        "nothing": not reports and not shipped,
    }
    return render(request, panel(request, "dashboards/reports/list.html", "rows"), context)


@require_GET
def report_shipped(request: UserRequest, code: str) -> HttpResponse:
    """Run a report that comes with the product."""
    if code not in SHIPPED:
        raise Http404
    return _page(request, source_of(request.user, code))


@require_GET
def report_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Run a saved report."""
    return _page(request, source_of(request.user, str(pk)))


@require_GET
def report_shipped_rows(request: UserRequest, code: str) -> HttpResponse:
    """The rows behind a number of a shipped report."""
    if code not in SHIPPED:
        raise Http404
    return _page(request, source_of(request.user, code), rows=True)


@require_GET
def report_rows(request: UserRequest, pk: int) -> HttpResponse:
    """The rows behind a number of a saved report."""
    return _page(request, source_of(request.user, str(pk)), rows=True)


@require_POST
def report_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Delete a report of one's own."""
    delete_report(get_object_or_404(Report.objects.visible_to(request.user), pk=pk), actor=request.user)
    return redirect("dashboards:report_list")


def cell_of(request: UserRequest) -> dict[int, str]:
    """Which group the address asks for: `g0`, `g1` and `g2`."""
    names = {f"g{number}": number for number in range(GROUPS_IN_ADDRESS)}
    return {number: request.GET[name][:200] for name, number in names.items() if name in request.GET}


def _page(request: UserRequest, source: Source, *, rows: bool = False) -> HttpResponse:
    """The report, or why it cannot be shown: fields that are gone (unless the reader agrees to go without them), too
    slow, too large."""
    found = opened(source.raw)
    agreed = request.GET.get("without") == "1"
    context: dict[str, Any] = {
        "source": source,
        "report": source.report,
        "is_mine": source.report is not None and source.report.owner_id == request.user.pk,
        "problems": found.problems,
        "can_run": found.can_run,
        "agreed": agreed,
        "is_rows": rows,
        "query": urlencode({f"g{number}": value for number, value in cell_of(request).items()}) if rows else "",
        "formats": FILES,
        "schedules": source.report.schedules.all()
        if source.report and source.report.owner_id == request.user.pk
        else (),
    }
    if found.can_run and (agreed or not found.problems):
        context |= _result(request, source, found, rows=rows)
    status = 400 if context.get("bad_address") else 200
    return render(request, panel(request, "dashboards/reports/detail.html", "result"), context, status=status)


def _result(request: UserRequest, source: Source, found: Opened, *, rows: bool) -> dict[str, Any]:
    definition, one = found.ready()
    page = request.GET.get("page", "1")
    number = int(page) if page.isdecimal() and len(page) < 6 else 1
    asked = asked_by(request.user, timezone.now())
    cell = cell_of(request) if rows else None
    try:
        result = run(definition, one, asked, ONLINE, cell=cell, page=number)
    except (ReportTooSlow, ReportTooLarge) as error:
        return {"refusal": str(error), "can_wait": True}
    except DomainError as error:
        return {"refusal": str(error), "bad_address": True}
    if isinstance(result, Listing):
        return listing_context(result, found) | {
            "cell": naming.cell_words(Compiled(definition, one, asked), cell or {})
        }
    extra = {"without": "1"} if found.problems else {}

    def address(groups: dict[str, str]) -> str:
        return f"{source.rows_url}?{urlencode({**groups, **extra})}"

    return {
        "table": result,
        "grid": showing.grid(result, definition, one, address),
        "chart": charting.option(result, definition, one),
        "one": one,
    }


def listing_context(result: Listing, found: Opened) -> dict[str, Any]:
    """A list of rows in words."""
    one = found.one
    lines = [
        (
            reverse(one.url, args=[pk]) if one and one.url and pk else "",
            [showing.cell(c, v) for c, v in zip(result.columns, values, strict=True)],
        )
        for pk, values in result.rows
    ]
    heads = [(showing.label_of(one, c.key), showing.is_number(c)) for c in result.columns] if one else []
    sums = [
        (
            showing.label_of(one, key),
            showing.money(value) if column.kind == "money" else showing.Shown(showing.plain(value)),
        )
        for key, value in result.sums.items()
        if one and (column := one.column(key)) and value is not None
    ]
    return {"listing": result, "heads": heads, "lines": lines, "row_sums": sums, "one": one}
