"""Backtests: ask the past, see how good the warnings would have been."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, attachment, panel, requires
from core.paging import Sort, keyset_page
from health import tasks
from health.backtest_charts import calibration
from health.forms.backtests import BacktestForm
from health.models import Backtest
from health.services.backtests import ask_backtest, record_download

CSV = "text/csv; charset=utf-8"


@requires("sees_everything")
@require_GET
def backtest_list(request: UserRequest) -> HttpResponse:
    """Every backtest, newest first."""
    backtests = Backtest.objects.visible_to(request.user).defer("results").select_related("created_by")
    page = keyset_page(backtests.order_by(), Sort("pk", descending=True), request.GET.get("cursor"))
    return render(request, panel(request, "health/backtest_list.html", "rows"), {"page": page})


@requires("sees_everything")
@require_http_methods(["GET", "POST"])
def backtest_create(request: UserRequest) -> HttpResponse:
    """Ask for one; a worker answers it."""
    form = BacktestForm(request.POST or None, today=timezone.localdate())
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            backtest = ask_backtest(form.save(commit=False), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            tasks.run_backtest.delay_on_commit(backtest.pk)
            return redirect(backtest)
    return render(request, "health/backtest_form.html", {"form": form})


@requires("sees_everything")
@require_GET
def backtest_detail(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is; then the measures side by side. Asks again every second while it runs."""
    backtest = get_object_or_404(Backtest.objects.visible_to(request.user).select_related("created_by"), pk=pk)
    context = {"backtest": backtest, **_answer(backtest)}
    return render(request, panel(request, "health/backtest_detail.html", "progress"), context)


@requires("sees_everything")
@require_GET
def backtest_rows(request: UserRequest, pk: int) -> FileResponse:
    """The rows as CSV, for those who may export and see the backtest."""
    backtest = get_object_or_404(Backtest.objects.visible_to(request.user), pk=pk)
    if not request.user.may_export:
        raise PermissionDenied
    if not backtest.rows_file:
        raise Http404
    record_download(backtest, actor=request.user)
    return attachment(backtest.rows_file.open("rb"), f"backtest-{pk}.csv", CSV)


def _answer(backtest: Backtest) -> dict[str, Any]:
    """The measures as the page shows them, one column per scorer."""
    labels = {
        "model": pgettext("backtest", "Churn model"),
        "rule": pgettext("backtest", "Plain rule"),
        "score": pgettext("backtest", "Health score"),
        "rules": pgettext("backtest", "Alert rules"),
        "what_if": pgettext("backtest", "Health score, what if"),
        "what_if_rules": pgettext("backtest", "Alert rules, what if"),
    }
    found = backtest.results.get("scorers", {})
    scorers = [(labels[name], found[name]) for name in labels if name in found]
    curves = [(label, each["pooled"]["curve"]) for label, each in scorers if each["pooled"].get("curve")]
    months: list[Any] = []
    if scorers:
        for place, month in enumerate(scorers[0][1]["snapshots"]):
            cells = [(label, each["snapshots"][place]) for label, each in scorers]
            months.append((month, cells))
    return {
        "scorers": scorers,
        "months": months,
        "early": _by_row(scorers, "early"),
        "lead": _by_row(scorers, "lead"),
        "curves": curves,
        "chart": calibration(curves) if curves else None,
        "not_over": backtest.results.get("not_over", []),
        "is_open": backtest.status in ("queued", "running"),
    }


def _by_row(scorers: list[tuple[str, Any]], name: str) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """A table of the answer, a row at a time: its first scorer's cell, and all cells with their scorer."""
    rows = scorers[0][1].get(name, []) if scorers else []
    return [(row, [(label, each[name][place]) for label, each in scorers]) for place, row in enumerate(rows)]
