"""Orders: the list, one order, the orders tab and the chart of an account."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import pages
from accounts.models import Account
from audit.models import AuditEntry
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from orders import charts, revenue
from orders.filters import ORDER_DEFAULT_SORT, ORDER_SORTS, OrderFilter
from orders.models import MonthlyRevenue, Order

LINES_SHOWN = 500


@require_GET
def order_list(request: UserRequest) -> HttpResponse:
    """The orders of the accounts that the user sees, newest first."""
    context = _list_context(request, Order.objects.visible_to(request.user).select_related("account"))
    return render(request, panel(request, "orders/order_list.html", "rows"), context)


@require_GET
def order_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One order with its lines and its history."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("account"), pk=pk)
    lines = list(order.lines.select_related("product__line").order_by("position")[: LINES_SHOWN + 1])
    context = {
        "order": order,
        "lines": lines[:LINES_SHOWN],
        "cut": len(lines) > LINES_SHOWN,
        "limit": LINES_SHOWN,
        "entries": AuditEntry.objects.of(order).with_names(request.user)[:20],
    }
    return render(request, "orders/order_detail.html", context)


@require_GET
def account_panel(request: UserRequest, account_pk: int) -> HttpResponse:
    """The orders tab of an account: revenue by month and the list."""
    account = pages.get_account(request.user, account_pk)
    context = _list_context(request, Order.objects.visible_to(request.user).filter(account=account))
    if request.headers.get("HX-Target") == "rows":
        return render(request, "orders/account_panel.html#rows", {**context, "account": account})
    context |= {"account": account, "active_tab": "orders", **_chart_context(request, account)}
    return render(request, panel(request, "orders/account_panel.html"), context)


@require_GET
def account_chart(request: UserRequest, account_pk: int) -> HttpResponse:
    """Revenue by month, for the overview of the account."""
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=account_pk)
    return render(request, "orders/chart.html", {"account": account, **_chart_context(request, account)})


def _list_context(request: UserRequest, orders: QuerySet[Order]) -> dict[str, Any]:
    """Filter, sort and page."""
    found = OrderFilter(request.GET, queryset=orders)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), ORDER_SORTS, ORDER_DEFAULT_SORT)
    return {
        "filter": found,
        "page": keyset_page(found.qs, sort, request.GET.get("cursor")),
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
    }


def _last_month(request: UserRequest, account: Account) -> dt.date:
    """The month that the chart ends with: this one, or the last one with orders where they are older than the chart."""
    today = timezone.localdate()
    facts = MonthlyRevenue.objects.visible_to(request.user).filter(account=account)
    latest = facts.aggregate(latest=Max("month"))["latest"]
    return latest if latest and latest < revenue.months_until(today)[0] else today


def _chart_context(request: UserRequest, account: Account) -> dict[str, Any]:
    """The account's revenue history in its own currency where it has one, else in the reporting currency."""
    months = revenue.months_until(_last_month(request, account))
    facts = (
        MonthlyRevenue.objects.visible_to(request.user)
        .filter(account=account, month__gte=revenue.year_before(months[0]), month__lte=months[-1])
        .select_related("product_line")
    )
    rows = list(facts)
    currencies = {row.currency for row in rows}
    own = currencies.pop() if len(currencies) == 1 else None
    history = revenue.history(
        (
            revenue.Fact(
                row.month, str(row.product_line), row.net_amount if own else row.reporting_amount or Decimal(0)
            )
            for row in rows
        ),
        months,
        currency=own or settings.REPORTING_CURRENCY,
        complete=bool(own) or all(row.reporting_amount is not None for row in rows),
        rest=_("Other"),
    )
    return {"history": history, "option": charts.revenue(history) if history.has_revenue else None}
