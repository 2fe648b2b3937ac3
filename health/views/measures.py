"""How good alerts have been, month by month: right or not, in time or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.models import Account
from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import InvalidCursor, Page
from health.alert_measures import SILENT_DAYS, Measures
from health.choices import AlertOutcome
from health.filters import ALL, IN_HAND, MeasureFilter, SilentFilter
from health.models import Alert
from health.services.alert_measures import alert_measures, silent_accounts

# What each number counts, as the list of alerts says it.
FIGURES = {
    "raised": {"state": ALL},
    "in_hand": {"state": IN_HAND},
    **{
        outcome.value: {"state": "resolved", "outcome": outcome.value}
        for outcome in (AlertOutcome.SAVED, AlertOutcome.LOST, AlertOutcome.FALSE_ALARM)
    },
}
DAY = dt.timedelta(days=1)
PAGE, LONGEST_CURSOR = 50, 10


@require_GET
def measures(request: UserRequest) -> HttpResponse:
    """Of the alerts opened in a month how many were right; of the customers that went silent how many had one."""
    today = timezone.localdate()
    found = MeasureFilter(request.GET, queryset=Alert.objects.visible_to(request.user), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    rows = alert_measures(request.user, today, found.month_count, found.qs)
    total, months = rows[-1], rows[:-1][::-1]
    first = months[-1].month or today
    context = {
        "filter": found,
        "rows": [(row, _links(found, row, first, today)) for row in months],
        "total": total,
        "total_links": _links(found, total, first, today),
        "chart": _chart(months[::-1]),
        "narrowed": bool(found.in_list),
    }
    return render(request, panel(request, "health/measures.html", "rows"), context)


@require_GET
def silent_list(request: UserRequest) -> HttpResponse:
    """The accounts that went silent, with when there was an alert: the rows behind the numbers of them."""
    found = SilentFilter(request.GET, queryset=Alert.objects.visible_to(request.user), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    quiet = found.narrowed(
        silent_accounts(request.user, timezone.localdate(), found.month_count, found.qs, found.month_shown)
    )
    page = _page(quiet, request.GET.get("cursor", ""))
    accounts = Account.objects.visible_to(request.user).select_related("manager")
    by_key = accounts.in_bulk([one.account for one in page])
    context = {
        "filter": found,
        "page": page,
        "count": (len(quiet), True),
        "rows": [(by_key[one.account], one) for one in page if one.account in by_key],
        "month": found.month_shown,
    }
    return render(request, panel(request, "health/silent_list.html", "rows"), context)


def _page(found: Sequence[Any], cursor: str) -> Page:
    """One page of what was computed; the cursor is the place where it begins. Raises InvalidCursor."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < LONGEST_CURSOR):
        raise InvalidCursor
    at = int(cursor or 0)
    last = max(len(found) - 1, 0) // PAGE * PAGE
    return Page(
        list(found[at : at + PAGE]),
        next_cursor=str(at + PAGE) if at + PAGE < len(found) else None,
        previous_cursor=str(max(at - PAGE, 0)) if at else None,
        last_cursor=str(last),
    )


def _links(found: MeasureFilter, row: Measures, first: dt.date, today: dt.date) -> dict[str, str]:
    """Where the alerts and the accounts behind each number are."""
    query = found.in_list
    begin = row.month or first
    end = min((begin.replace(day=28) + 4 * DAY).replace(day=1) - DAY, today) if row.month else today
    days = [("opened_after", begin.isoformat()), ("opened_before", end.isoformat()), ("scope", ALL)]
    url = reverse("health:alert_list")
    links = {name: f"{url}?{urlencode([*query, *days, *narrowing.items()])}" for name, narrowing in FIGURES.items()}
    months = [("months", found.form.cleaned_data["months"])] if found.form.cleaned_data.get("months") else []
    month = [("month", row.month.isoformat())] if row.month else []
    url = reverse("health:silent_list")
    for name, more in (("silent", []), ("warned", [("warned", str(SILENT_DAYS))])):
        links[name] = f"{url}?{urlencode([*query, *months, *month, *more])}"
    return links


def _chart(months: list[Measures]) -> dict[str, Any]:
    """Precision and the share that was warned as lines."""
    series = [
        (pgettext("alerts", "Right"), [row.precision.value for row in months], "accent"),
        (_("Warned before going silent"), [row.warned.value for row in months], "good"),
    ]
    labels = [formats.date_format(row.month, "YEAR_MONTH_FORMAT") for row in months if row.month]
    return {
        "kam": {"number": "percent"},
        "xAxis": {"type": "category", "data": labels},
        "yAxis": {"type": "value", "min": 0, "max": 1},
        "series": [
            {"type": "line", "name": name, "data": values, "itemStyle": {"color": colour}, "showSymbol": True}
            for name, values, colour in series
        ],
    }
