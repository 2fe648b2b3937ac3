"""The company as a whole: a page of panels, each with its own address; and the accounts behind every number."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.choices import InterruptionReason, Region
from accounts.models import Account
from core.filterbar import PAGING
from core.forms import scope_form
from core.http import UserRequest, is_fragment, panel
from core.paging import Sort, bounded_count, keyset_page
from dashboards.director import charts, cohorts, lines, losses, months, moves
from dashboards.filters import (
    COMPANY_DEFAULT_SORT,
    COMPANY_SORTS,
    NONE,
    CompanyAccountFilter,
    CompanyFilter,
)
from dashboards.models import AccountPurchases, CompanyCount, LineCell, MonthCell
from health.models import Alert, Playbook, PlaybookRun
from health.playbook_results import tallies
from orders.models import ProductLine

STATES = {"running": ""}
"""What is at work is what that list shows without a filter."""
PANELS = ("months", "cohorts", "tiers", "regions", "lines", "churn", "actions")


@require_GET
def company(request: UserRequest) -> HttpResponse:
    """The page: the filters, and a slot for each panel."""
    found = _found(request)
    query = urlencode(_query(request))
    urls = [f"{reverse(f'dashboards:company_{name}')}{'?' * bool(query)}{query}" for name in PANELS]
    context = {"filter": found, "urls": urls, "whole": request.user.sees_everything}
    return render(request, panel(request, "dashboards/company.html", "rows"), context)


@require_GET
def company_months(request: UserRequest) -> HttpResponse:
    """Revenue, accounts that bought, coverage, health and NPS by month."""
    found, today = _found(request), timezone.localdate()
    span, count = found.span(today), _count(request, today)
    if count:
        cells = MonthCell.objects.visible_to(request.user).filter(found.parts(), month__gte=span[0])
        sums = months.months_of(cells)
    else:
        accounts = None if request.user.sees_everything and not found.is_narrowed else found.qs
        live = months.counted(span, accounts, found.parts("account__region"), today=today, by_part=False)
        sums = {key[0]: month for key, month in live.items()}
    shown = [(month, sums.get(month, months.Month())) for month in span]
    has_data = any(month != months.Month() for _day, month in shown)
    context = {
        "rows": [(day, month, _month_links(request, found, day)) for day, month in shown[::-1]],
        "revenue": charts.revenue(shown) if has_data else None,
        "coverage": charts.coverage(shown) if any(month.rhythm for _day, month in shown) else None,
        "scores": charts.scores(shown) if any(month.scored or month.answers for _day, month in shown) else None,
        "current": span[-1],
        "count": count,
    }
    return _panel(request, found, "months", context)


@require_GET
def company_cohorts(request: UserRequest) -> HttpResponse:
    """Of the accounts that first bought in a month or quarter: which share came back how long after."""
    found, today = _found(request), timezone.localdate()
    by = "month" if request.GET.get("by") == "month" else "quarter"
    rows = AccountPurchases.objects.visible_to(request.user)
    if found.is_narrowed:
        rows = rows.filter(account__in=found.qs.order_by().values("pk"))
    table = cohorts.table(rows, today, by)
    for row in table:
        row.url = _accounts(request, cohort=row.cohort.name)
        for step, cell in enumerate(row.cells, 1):
            cell.url = _accounts(request, cohort=row.cohort.name, step=str(step))
    steps = range(1, max((len(row.cells) for row in table), default=0) + 1)
    context = {
        "by": by, "table": table, "steps": [(step * cohorts.STEPS[by], step) for step in steps],
        "counted": CompanyCount.objects.visible_to(request.user).order_by("-pk").first(),
    }  # fmt: skip
    return _panel(request, found, "cohorts", context)


@require_GET
def company_tiers(request: UserRequest) -> HttpResponse:
    """How many accounts moved from which tier to which in the months."""
    found = _found(request)
    days = found.days(timezone.localdate())
    moved = moves.moves_of(found.qs, days)
    rows = [
        (then, after, number, _accounts(
            request, was=then or NONE, became=after or NONE, since=str(days.first), until=str(days.last)
        ))
        for then, after, number in moved
    ]  # fmt: skip
    return _panel(request, found, "tiers", {"rows": rows, "option": moves.flow(moved) if moved else None, "days": days})


@require_GET
def company_regions(request: UserRequest) -> HttpResponse:
    """Accounts, revenue, coverage and risk by region."""
    found = _found(request)
    places = moves.places_of(found.qs, timezone.localdate())
    for place in places:
        place.label = str(Region(place.region).label) if place.region else "–"
        place.url = _accounts(request, region=place.region or NONE)
        place.risk_url = _accounts(request, region=place.region or NONE, band="at_risk")
    option = charts.regions(places) if any(place.revenue or place.prior for place in places) else None
    return _panel(request, found, "regions", {"places": places, "option": option})


@require_GET
def company_lines(request: UserRequest) -> HttpResponse:
    """Revenue of 12 months by product line and tier, with share and change."""
    found, today = _found(request), timezone.localdate()
    count = _count(request, today)
    if count:
        rows = lines.of_cells(LineCell.objects.visible_to(request.user).filter(found.parts()))
    else:
        accounts = None if request.user.sees_everything and not found.is_narrowed else found.qs
        rows = lines.counted(accounts, today, by_part=False)
    table = lines.table(rows)
    names = {line.pk: str(line) for line in ProductLine.objects.visible_to(request.user)}
    whole = lines.Line(0)
    for line in table:
        line.name = names.get(line.pk, "–")
        for tier, amounts in line.tiers.items():
            whole.tiers[tier].add(amounts)
            amounts.url = _accounts(request, line=str(line.pk), tier=tier or NONE)
    shown = [(line, line.total, _accounts(request, line=str(line.pk))) for line in table]
    context = {"rows": shown, "whole": whole, "tiers": lines.TIERS, "span": lines.span_of(today), "count": count}
    return _panel(request, found, "lines", context)


@require_GET
def company_churn(request: UserRequest) -> HttpResponse:
    """What became of the alerts of the months, why customers were lost, why relationships are interrupted."""
    found = _found(request)
    days = found.days(timezone.localdate())
    alerts = losses.opened(Alert.objects.visible_to(request.user), found.qs if found.is_narrowed else None, days)
    link = {"opened_after": str(days.first), "opened_before": str(days.last), "scope": "all", "state": "resolved"}
    outcomes = [(label, n, _alerts(request, link | {"outcome": key})) for key, label, n in losses.outcomes(alerts)]
    causes = [
        (label, number, _alerts(request, link | {"outcome": "lost", "lost_cause": key}))
        for key, label, number in losses.causes(alerts)
    ]
    broken = [
        (InterruptionReason(reason).label if reason else "–", number, _accounts(request, interruption=reason or NONE))
        for reason, number in moves.interruptions(found.qs)
    ]
    context = {
        "outcomes": outcomes, "causes": causes, "interruptions": broken, "days": days,
        "option": losses.option(causes), "precision": losses.precision(alerts),
    }  # fmt: skip
    return _panel(request, found, "churn", context)


@require_GET
def company_actions(request: UserRequest) -> HttpResponse:
    """What playbooks were put to work in the months, and how far they came."""
    found = _found(request)
    days = found.days(timezone.localdate())
    runs = PlaybookRun.objects.visible_to(request.user).filter(started_on__gte=days.first, started_on__lte=days.last)
    if found.is_narrowed:
        runs = runs.filter(account__in=found.qs.order_by().values("pk"))
    used = [tally for tally in tallies(Playbook.objects.visible_to(request.user), runs) if tally.started]
    link = {"started_after": str(days.first), "started_before": str(days.last)}
    rows = [
        (tally, {
            status: _runs(request, link | {"playbook": str(tally.playbook.pk), "status": STATES.get(status, status)})
            for status in ("all", "running", "done", "stopped")
        })
        for tally in used
    ]  # fmt: skip
    return _panel(request, found, "actions", {"rows": rows, "days": days, "leads": request.user.leads})


@require_GET
def company_accounts(request: UserRequest) -> HttpResponse:
    """The accounts behind a number."""
    accounts = Account.objects.visible_to(request.user).with_list_columns()
    found = CompanyAccountFilter(request.GET, queryset=accounts, request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), COMPANY_SORTS, COMPANY_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {"filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key}
    return render(request, panel(request, "dashboards/company_accounts.html", "rows"), context)


def _found(request: UserRequest) -> CompanyFilter:
    found = CompanyFilter(request.GET, queryset=Account.objects.visible_to(request.user).order_by(), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    return found


def _count(request: UserRequest, today: dt.date) -> CompanyCount | None:
    """The night's count, where the reader sees the whole company and the count is of this month and at most a day old;
    without it the numbers are counted now."""
    if not request.user.sees_everything:
        return None
    first = max(today.replace(day=1), today - dt.timedelta(days=1))
    return CompanyCount.objects.visible_to(request.user).filter(as_of__gte=first).order_by("-pk").first()


def _panel(request: UserRequest, found: CompanyFilter, name: str, context: dict[str, Any]) -> HttpResponse:
    """Only the panel for htmx; else a page with the filters and this panel."""
    template = f"dashboards/company_{name}.html"
    context |= {"filter": found, "currency": settings.REPORTING_CURRENCY, "panel_template": template}
    return render(request, template if is_fragment(request) else "dashboards/company_panel.html", context)


def _query(request: UserRequest) -> list[tuple[str, str]]:
    """The filters that are on."""
    names = ("months", "tier", "region", "team")
    return [(name, request.GET[name]) for name in names if request.GET.get(name) and name not in PAGING]


def _accounts(request: UserRequest, **own: str) -> str:
    """The list of the accounts behind a number, with the page's filters; what the number is about comes last."""
    kept = {name: value for name, value in _query(request) if name != "months"}
    return f"{reverse('dashboards:company_accounts')}?{urlencode(kept | own)}"


def _alerts(request: UserRequest, own: dict[str, str]) -> str:
    names = {"tier": "tier", "region": "region", "team": "account_team"}
    kept = {names[name]: value for name, value in _query(request) if name in names}
    return f"{reverse('health:alert_list')}?{urlencode(kept | own)}"


def _runs(request: UserRequest, own: dict[str, str]) -> str:
    names = {"tier": "account_tier", "region": "region", "team": "account_team"}
    kept = {names[name]: value for name, value in _query(request) if name in names}
    return f"{reverse('health:playbook_run_list')}?{urlencode(kept | {k: v for k, v in own.items() if v})}"


def _month_links(request: UserRequest, found: CompanyFilter, day: dt.date) -> dict[str, str]:
    """Where the rows behind the numbers of a month are."""
    month = f"{day:%Y-%m}"
    names = ("booked", "bought", "scored", "answered")
    links = {name: _accounts(request, **{name: month}) for name in names} | {"covered": ""}
    rest = {name: value for name, value in _query(request) if name != "months"}
    if rest.get("region") == NONE:  # that list has no filter for it
        return links
    covered = urlencode(rest | {"month": month, "state": "covered"})
    return links | {"covered": f"{reverse('interactions:coverage_accounts')}?{covered}"}
