"""How healthy the accounts are, and how they have moved between the bands; each number opens its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import Account
from core.filterbar import PAGING
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from health import charts
from health.distribution import (
    BANDS,
    GROUPS_SHOWN,
    NONE,
    bins_of,
    directions_of,
    groups_of,
    moves_of,
    rank_of,
    total_of,
    with_scores,
)
from health.filters_scores import (
    MOVE_DEFAULT_SORT,
    MOVE_SORTS,
    SCORE_DEFAULT_SORT,
    SCORE_SORTS,
    DistributionFilter,
    MigrationFilter,
    MoveFilter,
    ScoreFilter,
)
from health.models import AccountHealth, HealthRun
from health.pages import gap_now
from users.models import User


@require_GET
def distribution(request: UserRequest) -> HttpResponse:
    """Accounts by band along tier, stage, category, region, manager, team or profile; and by score."""
    found = DistributionFilter(request.GET, queryset=_rows(request.user), request=request)
    scope_form(found.form, request.user)
    rows, query = found.qs, _query(request, "by")
    groups, bins = groups_of(rows, found.dimension), bins_of(rows)
    total, rows_url = total_of(groups), reverse("health:distribution_list")
    own = [part for group in (*groups, total) for part in (group, *group.cells)]
    for part in (*own, *bins):
        part.url = _address(rows_url, query, part.query)
    context = {
        "filter": found,
        "groups": groups[:GROUPS_SHOWN],
        "more": max(len(groups) - GROUPS_SHOWN, 0),
        "total": total,
        "bins": bins,
        "bands": BANDS,
        "option": charts.histogram(bins) if total.count else None,
        "gap": gap_now(request.user),
        "newest": _latest(request.user),
    }
    return render(request, panel(request, "health/distribution.html", "rows"), context)


@require_GET
def distribution_list(request: UserRequest) -> HttpResponse:
    """Accounts with their scores: the rows behind every number of the distribution."""
    rows = _rows(request.user).select_related("account__summary", "account__manager")
    found = ScoreFilter(request.GET, queryset=rows.defer("parts", "missing", "reasons"), request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SCORE_SORTS, SCORE_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {"filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key}
    return render(request, panel(request, "health/distribution_list.html", "rows"), context)


@require_GET
def migration(request: UserRequest) -> HttpResponse:
    """From which band to which the accounts moved between two days."""
    found = _moving(request, MigrationFilter)
    moves, query = moves_of(found.qs), _query(request)
    shown = [band for band in BANDS if any(band in pair for pair in moves)]
    rows_url = reverse("health:migration_list")
    table = [
        (then, [_cell(then, now, moves, _address(rows_url, query, {"was": then or NONE, "now": now or NONE}))
                for now in shown])
        for then in shown
    ]  # fmt: skip
    context = {
        "filter": found,
        "since": found.days[0],
        "until": found.days[1],
        "bands": shown,
        "table": table,
        "totals": directions_of(moves),
        "option": charts.flow([(then, now, count) for (then, now), count in moves.items()]) if moves else None,
    }
    return render(request, panel(request, "health/migration.html", "rows"), context)


@require_GET
def migration_list(request: UserRequest) -> HttpResponse:
    """The accounts behind a number of the migration, with both scores."""
    found = _moving(request, MoveFilter)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), MOVE_SORTS, MOVE_DEFAULT_SORT)
    page = keyset_page(with_scores(found.qs, *found.days), sort, request.GET.get("cursor"))
    context = {
        "filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key,
        "since": found.days[0], "until": found.days[1],
    }  # fmt: skip
    return render(request, panel(request, "health/migration_list.html", "rows"), context)


def _moving(request: UserRequest, filterset: type[MigrationFilter]) -> Any:
    accounts = Account.objects.visible_to(request.user).with_list_columns()
    found = filterset(request.GET, queryset=accounts, request=request)
    scope_form(found.form, request.user)
    found.latest = _latest(request.user) or timezone.localdate()
    return found


def _latest(user: User) -> dt.date | None:
    """The day of the newest night that scored."""
    newest: dt.date | None = (
        HealthRun.objects.visible_to(user).order_by("-as_of").values_list("as_of", flat=True).first()
    )
    return newest


def _rows(user: User) -> Any:
    return AccountHealth.objects.visible_to(user).order_by()


def _cell(then: str, now: str, moves: dict[tuple[str, str], int], url: str) -> dict[str, Any]:
    by = rank_of(now) - rank_of(then) if then and now else 0
    css = "is-worse" if by > 0 else "is-better" if by < 0 else ""
    return {"count": moves.get((then, now), 0), "url": url, "css": css}


def _query(request: UserRequest, *without: str) -> list[tuple[str, str]]:
    """The filters that are on, for the addresses of the rows."""
    left_out = (*PAGING, "sort", *without)
    return [(name, value) for name, values in request.GET.lists() for value in values if value and name not in left_out]


def _address(path: str, query: list[tuple[str, str]], own: dict[str, str]) -> str:
    """The list with the page's filters; what the number itself is about replaces a filter of the same name."""
    parts = [pair for pair in query if pair[0] not in own] + list(own.items())
    return f"{path}?{urlencode(parts)}" if parts else path
