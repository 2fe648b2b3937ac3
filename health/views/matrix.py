"""The risk matrix, and the accounts behind its cells."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from core.filterbar import PAGING
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from health.filters import RISK_DEFAULT_SORT, RISK_SORTS, RiskFilter, RiskListFilter
from health.models import AccountHealth
from health.pages import gap_now
from health.risk import risk_matrix
from users.models import User

AT_THE_TOP = 15


@require_GET
def matrix(request: UserRequest) -> HttpResponse:
    """How many accounts are how likely to leave, by what they buy; those with the most at risk below."""
    found = RiskFilter(request.GET, queryset=_rows(request.user), request=request)
    scope_form(found.form, request.user)
    counted, query = risk_matrix(found.qs), _query(request)
    rows_url = reverse("health:risk_list")
    for _span, cells in counted.rows:
        for cell in cells:
            cell.url = f"{rows_url}?{urlencode(query + list(cell.query.items()))}"
    top = found.qs.filter(value_at_risk_amount__isnull=False).order_by("-value_at_risk_amount", "-pk")
    context = {
        "filter": found,
        "matrix": counted,
        "top": top[:AT_THE_TOP],
        "rows_url": f"{rows_url}?{urlencode(query)}" if query else rows_url,
        "unknown_url": f"{rows_url}?{urlencode([*query, ('predicted', 'false')])}",
        "gap": gap_now(request.user),
    }
    return render(request, panel(request, "health/matrix.html", "rows"), context)


@require_GET
def risk_list(request: UserRequest) -> HttpResponse:
    """Accounts with their probability and value at risk: the rows behind every number of the matrix."""
    found = RiskListFilter(request.GET, queryset=_rows(request.user), request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), RISK_SORTS, RISK_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    context = {"filter": found, "page": page, "count": bounded_count(found.qs), "sort_key": sort_key}
    return render(request, panel(request, "health/risk_list.html", "rows"), context)


def _rows(user: User) -> Any:
    """What a row shows, without what explains the score."""
    rows = AccountHealth.objects.visible_to(user).select_related("account__summary", "account__manager").order_by()
    return rows.defer("parts", "missing", "reasons")


def _query(request: UserRequest) -> list[tuple[str, str]]:
    """The filters that are on, for the addresses of the rows."""
    left_out = (*PAGING, "sort")
    return [(name, value) for name, values in request.GET.lists() for value in values if value and name not in left_out]
