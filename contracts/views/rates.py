"""Renewal rate and net revenue retention by quarter or year, with what was counted; each number opens its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import Account
from contracts import retention
from contracts.forms.renewals import ALL, RENEWED, RateFilter
from contracts.models import Contract, Renewal
from contracts.rates import DatedRates, dated_rates
from contracts.retention import AccountChange, NetRetention, Period, RenewalRate
from contracts.retention_sets import retentions
from core.forms import scope_form
from core.http import UserRequest, panel

QUARTERS, YEARS = 8, 5
PAGE = 100
FIGURES = ("start", "expansion", "contraction", "lost", "end")


@require_GET
def renewal_rates(request: UserRequest) -> HttpResponse:
    """The rates of the last periods."""
    today = timezone.localdate()
    found = _filter(request)
    periods = retention.periods_until(today, YEARS if found.by_year else QUARTERS, by_year=found.by_year)
    rates = dated_rates()
    renewals = Renewal.objects.visible_to(request.user)
    if found.narrows:
        renewals = renewals.filter(contract__in=found.qs.order_by())
    terms = retention.ended_terms(renewals, periods[-1].first, today)
    rows: list[dict[str, Any]] = [
        {"period": period, "rate": rate, "net": net, "links": _links(request, period, today)}
        for period, rate, net in zip(
            periods,
            retention.renewal_rates(terms, periods, today, rates.convert),
            retentions(found.qs, periods, today, rates),
            strict=True,
        )
    ]
    context = {
        "filter": found,
        "rows": rows,
        "is_empty": not any(_counted(row["rate"], row["net"]) for row in rows),
        "reporting": settings.REPORTING_CURRENCY,
        "by_year": found.by_year,
    }
    return render(request, panel(request, "contracts/renewal_rates.html", "rows"), context)


@require_GET
def renewal_rate_accounts(request: UserRequest) -> HttpResponse:
    """The accounts behind a number of the net revenue retention of a period."""
    today, found = timezone.localdate(), _filter(request)
    period = period_of(request.GET.get("period") or retention.quarter_of(today).name, today)
    if period is None:
        raise Http404
    figure = request.GET.get("figure", "")
    net = _net(found, period, today, dated_rates())
    rows = [row for row in net.accounts if _is_in(row, figure)]
    rows.sort(key=lambda row: (row.change, row.account))
    number = _page_number(request.GET.get("page", ""), len(rows))
    shown = rows[(number - 1) * PAGE : number * PAGE]
    accounts = Account.objects.visible_to(request.user).select_related("manager")
    names = accounts.in_bulk([row.account for row in shown])
    context = {
        "period": period,
        "net": net,
        "figure": figure if figure in FIGURES else "",
        "rows": [(names[row.account], row) for row in shown if row.account in names],
        "count": len(rows),
        "start": sum(row.start for row in rows),
        "end": sum(row.end for row in rows),
        "change": sum(row.change for row in rows),
        "previous_page": number - 1,
        "next_page": number + 1 if number * PAGE < len(rows) else None,
        "reporting": settings.REPORTING_CURRENCY,
    }
    return render(request, panel(request, "contracts/renewal_rate_accounts.html", "rows"), context)


def period_of(name: str, today: dt.date) -> Period | None:
    """The period of that name among those that the page shows; None for anything else."""
    periods = retention.periods_until(today, QUARTERS) + retention.periods_until(today, YEARS, by_year=True)
    return next((period for period in periods if period.name == name), None)


def _filter(request: UserRequest) -> RateFilter:
    found = RateFilter(request.GET, queryset=Contract.objects.visible_to(request.user), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    return found


def _net(found: RateFilter, period: Period, today: dt.date, rates: DatedRates) -> NetRetention:
    spans = retention.contract_spans(found.qs, period.first - retention.ONE_DAY, min(period.last, today))
    return retention.net_retention(spans, period, today, rates.convert)


def _counted(rate: RenewalRate, net: NetRetention) -> bool:
    return bool(rate.due or net.start or net.unpriced)


def _is_in(row: AccountChange, figure: str) -> bool:
    """Whether an account is behind a figure; behind start and end all of them are."""
    if figure == "expansion":
        return row.end > row.start
    if figure == "contraction":
        return bool(row.end) and row.end < row.start
    return figure != "lost" or not row.end


def _page_number(text: str, count: int) -> int:
    last = max((count + PAGE - 1) // PAGE, 1)
    return min(max(int(text), 1), last) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _links(request: UserRequest, period: Period, today: dt.date) -> dict[str, str]:
    """Where the rows behind the numbers of a period are: the same filters, and the period."""
    kept = {name: request.GET[name] for name in RateFilter.narrowing if request.GET.get(name)}
    last = min(period.last, today - retention.ONE_DAY)
    terms = {**kept, "term_end_after": period.first.isoformat(), "term_end_before": last.isoformat()}
    outcomes = {"due": ALL, "renewed": RENEWED, "lost": "lost", "undecided": ""}
    url, accounts = reverse("contracts:renewal_list"), reverse("contracts:renewal_rate_accounts")
    links = {
        name: f"{url}?{urlencode({**terms, 'outcome': value} if value else terms)}" for name, value in outcomes.items()
    }
    for figure in FIGURES:
        query: dict[str, Any] = {**kept, "period": period.name, "figure": figure}
        links[f"net_{figure}"] = f"{accounts}?{urlencode(query)}"
    return links
