"""The cockpit: what is in danger first, then the numbers, then the charts; each number opens its rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contracts.rates import dated_rates
from core.forms import scope_form
from core.http import UserRequest, is_live, live, panel
from dashboards.cockpit import board, charts, portfolio
from dashboards.cockpit.exceptions import exceptions
from dashboards.cockpit.filters import CockpitFilter
from dashboards.views import my_day


@require_GET
def home(request: UserRequest) -> HttpResponse:
    """My day; for those who lead, the cockpit, unless the address asks for a day."""
    if request.user.leads and not request.GET:
        return redirect("dashboards:cockpit")
    return my_day.my_day(request)


@require_GET
def cockpit(request: UserRequest) -> HttpResponse:
    """The whole page; for htmx what stands below the filters."""
    return render(request, panel(request, "dashboards/cockpit.html", "rows"), _now(request))


@require_GET
@live
def cockpit_now(request: UserRequest) -> HttpResponse:
    """Exceptions and main tiles as they are now, for the page that is open."""
    template = "dashboards/cockpit.html"
    return render(request, f"{template}#now" if is_live(request) else template, _now(request))


@require_GET
@live
def cockpit_more(request: UserRequest) -> HttpResponse:
    """The other tiles, by group."""
    found = _filter(request)
    tiles = board.other_tiles(_scope(found))
    groups = [(label, [tile for tile in tiles if tile.group == code]) for code, label in board.GROUPS.items()]
    context = {"filter": found, "groups": [group for group in groups if group[1]], "query": request.GET.urlencode()}
    template = panel(request, "dashboards/cockpit_more.html")
    return render(request, "dashboards/cockpit_more.html#numbers" if is_live(request) else template, context)


@require_GET
def cockpit_charts(request: UserRequest) -> HttpResponse:
    """Coverage by manager against capacity, the risk matrix, renewals by month; each with its table."""
    found = _filter(request)
    scope, currency = _scope(found), settings.REPORTING_CURRENCY
    managers, count = charts.managers(scope)
    months = charts.months(scope, dated_rates())
    context = {
        "filter": found,
        "managers": managers,
        "cut_words": _cut(len(managers), count),
        "manager_option": charts.manager_option(managers) if managers else None,
        "matrix": charts.matrix(scope),
        "months": months,
        "month_option": charts.month_option(months, currency) if months else None,
        "query": request.GET.urlencode(),
        "currency": currency,
    }
    return render(request, panel(request, "dashboards/cockpit_charts.html"), context)


def _cut(shown: int, count: int) -> str:
    """That not all managers are in the chart."""
    words = _("The %(shown)s with the most to catch up, of %(manager_count)s.")
    return words % {"shown": shown, "manager_count": count} if shown < count else ""


def _filter(request: UserRequest) -> CockpitFilter:
    found = CockpitFilter(request.GET, viewer=request.user)
    scope_form(found.form, request.user)
    return found


def _scope(found: CockpitFilter) -> Any:
    now = timezone.now()
    return found.scope(now, timezone.localdate(now))


def _now(request: UserRequest) -> dict[str, Any]:
    found = _filter(request)
    scope = _scope(found)
    counted = portfolio.portfolio_of(scope)
    return {
        "filter": found,
        "scope": scope,
        "accounts": counted.accounts,
        "dangers": exceptions(scope) if counted.accounts else [],
        "tiles": board.main_tiles(scope, counted) if counted.accounts else [],
        "query": request.GET.urlencode(),
        "currency": settings.REPORTING_CURRENCY,
    }
