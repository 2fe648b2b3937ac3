"""Coverage: the numbers by manager, team, tier and month, and the accounts behind each of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Account
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from interactions import coverage as counting
from interactions.coverage import Coverage, Group
from interactions.filters.coverage import (
    COVERAGE_DEFAULT_SORT,
    COVERAGE_MONTH_SORTS,
    COVERAGE_SORTS,
    NO_TEAM,
    NO_TIER,
    NOBODY,
    CoverageAccountFilter,
    CoverageFilter,
    CoverageMonthFilter,
    month_of,
)
from interactions.models import CoverageMonth
from users.models import Team, User

MANAGERS_SHOWN = 100


@require_GET
def coverage(request: UserRequest) -> HttpResponse:
    """Coverage of the accounts that the user sees: today by tier, team and manager, and over twelve months."""
    today = timezone.localdate()
    accounts = CoverageFilter(request.GET, queryset=Account.objects.visible_to(request.user))
    scope_form(accounts.form, request.user)
    rows = CoverageMonthFilter(request.GET, queryset=CoverageMonth.objects.visible_to(request.user))
    scope_form(rows.form, request.user)
    found = coverage_of(request.user, accounts.qs)
    months = _with_today(counting.by_month(rows.qs, today), found.whole)
    _link(request, found, months)
    context = {
        "filter": accounts,
        "found": found,
        "managers": found.managers[:MANAGERS_SHOWN],
        "more": max(len(found.managers) - MANAGERS_SHOWN, 0),
        "shown": MANAGERS_SHOWN,
        "months": months[::-1],
        "trend": counting.trend(months, _("Within the cadence")) if len(months) > 1 else None,
    }
    return render(request, panel(request, "interactions/coverage.html", "rows"), context)


@require_GET
def coverage_accounts(request: UserRequest) -> HttpResponse:
    """The accounts behind a number of coverage; with `?month=2026-10` as they were at the end of that month."""
    month = month_of(request.GET.get("month", ""))
    if month is None or month == timezone.localdate().replace(day=1):
        month, rows = None, Account.objects.visible_to(request.user).with_list_columns()
        found: Any = CoverageAccountFilter(request.GET, queryset=rows.filter(summary__contact_due_date__isnull=False))
        sorts = COVERAGE_SORTS
    else:
        history = CoverageMonth.objects.visible_to(request.user).filter(month=month)
        found = CoverageMonthFilter(request.GET, queryset=history.select_related("account", "manager"))
        sorts = COVERAGE_MONTH_SORTS
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), sorts, COVERAGE_DEFAULT_SORT)
    context = {
        "filter": found,
        "month": month,
        "page": keyset_page(found.qs, sort, request.GET.get("cursor")),
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
        "today": timezone.localdate(),
    }
    return render(request, panel(request, "interactions/coverage_accounts.html", "rows"), context)


def coverage_of(user: User, accounts: Any) -> Coverage:
    """Today's coverage of `accounts`, a set that `user` sees, with the names of managers and teams."""
    counts = counting.count_now(accounts, timezone.localdate())
    people = User.objects.visible_to(user).select_related("team").in_bulk({pk for pk, _group in counts if pk})
    return counting.sorted_out(counts, people, Team.objects.visible_to(user))


def _with_today(months: list[Group], whole: Group) -> list[Group]:
    """The current month as it is now, not as the night left it."""
    first = timezone.localdate().replace(day=1)
    before = [group for group in months if group.key != first]
    now = Group(first, f"{first:%Y-%m}", whole.total, whole.covered)
    return [*before, now] if whole.total else before


def _link(request: HttpRequest, found: Coverage, months: list[Group]) -> None:
    """Where each number's rows are: the page's own filters, with the group's in place of what it narrows."""
    url = reverse("interactions:coverage_accounts")

    def link(**changes: Any) -> str:
        query: QueryDict = request.GET.copy()
        for name in ("cursor", "sort", "page", "state", "month", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return f"{url}?{query.urlencode()}&"

    found.whole.link = link()
    for group in found.tiers:
        group.link = link(tier=group.key or NO_TIER)
    for group in found.managers:
        group.link = link(manager=group.key) if group.key else link(without=NOBODY)
    for group in found.teams:
        group.link = link(team=group.key) if group.key else link(without=NO_TEAM)
    for group in months:
        group.link = link(month=group.name)
