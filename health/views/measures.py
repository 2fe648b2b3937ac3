"""How good alerts have been, month by month: right or not, in time or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from core.forms import scope_form
from core.http import UserRequest, panel
from health.alert_measures import Measures
from health.choices import AlertOutcome
from health.filters import ALL, IN_HAND, MeasureFilter
from health.models import Alert
from health.services.alert_measures import alert_measures

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


@require_GET
def measures(request: UserRequest) -> HttpResponse:
    """Of the alerts opened in a month how many were right; of the customers that went silent how many had one."""
    today = timezone.localdate()
    found = MeasureFilter(request.GET, queryset=Alert.objects.visible_to(request.user), request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    rows = alert_measures(request.user, today, found.month_count, found.qs)
    query = found.in_list
    total, months = rows[-1], rows[:-1][::-1]
    first = months[-1].month or today
    context = {
        "filter": found,
        "rows": [(row, _links(query, row, first, today)) for row in months],
        "total": total,
        "total_links": _links(query, total, first, today),
        "chart": _chart(months[::-1]),
        "narrowed": bool(query),
    }
    return render(request, panel(request, "health/measures.html", "rows"), context)


def _links(query: list[tuple[str, str]], row: Measures, first: dt.date, today: dt.date) -> dict[str, str]:
    """Where the alerts behind each number are."""
    begin = row.month or first
    end = min((begin.replace(day=28) + 4 * DAY).replace(day=1) - DAY, today) if row.month else today
    days = [("opened_after", begin.isoformat()), ("opened_before", end.isoformat()), ("scope", ALL)]
    url = reverse("health:alert_list")
    return {name: f"{url}?{urlencode([*query, *days, *narrowing.items()])}" for name, narrowing in FIGURES.items()}


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
