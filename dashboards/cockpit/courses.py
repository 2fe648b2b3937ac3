"""Beside a tile's number: its course over the months that are over, and what was agreed for the period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core.numbers import percent
from dashboards.choices import Measure, PeriodKind
from dashboards.cockpit import trends
from dashboards.cockpit.scope import Scope
from dashboards.cockpit.tile import Tile
from dashboards.director.months import Month
from dashboards.director.months import months_of as company_months
from dashboards.models import MonthCell, ScorecardTarget, TrendCell
from orders.revenue import months_until
from users.models import Team, User

Course = list[Any]
KEPT = {
    "health": "at_risk", "value_at_risk": "value_at_risk_amount", "visits": "overdue_visits", "alerts": "open_alerts",
    "receivables": "overdue_amount",
}  # fmt: skip
"""Tile -> what the months of the cockpit have of it."""
COUNTED: dict[str, Callable[[Month], Any]] = {
    "revenue": lambda month: month.revenue_amount,
    "coverage": lambda month: month.coverage,
    "nps": lambda month: month.nps,
}
"""Tile -> what follows of it from the months of the company."""
OVER_TIME = ("revenue", "nps")
"""Their number is that of a span of time, not of a day."""
AGREED = {"coverage": Measure.COVERAGE, "nps": Measure.NPS}


def add_courses(scope: Scope, tiles: Iterable[Tile]) -> None:
    """The months that are over, for the tiles that have a course; two statements, none where accounts are chosen by
    what they buy. Where the number of now is the same measure, it is the last point."""
    wanted = [tile for tile in tiles if tile.code in KEPT or tile.code in COUNTED]
    if scope.line is not None or not wanted:
        return
    months = months_until(scope.today, trends.KEPT_MONTHS + 1)[:-1]
    kept = _kept(scope, months) if any(tile.code in KEPT for tile in wanted) else {}
    company = {}
    if any(tile.code in COUNTED for tile in wanted):
        company = company_months(_cells(scope, MonthCell.objects.all(), months))
    for tile in wanted:
        course = [_value(tile.code, kept.get(month), company.get(month)) for month in months]
        now = [] if tile.code in OVER_TIME else [tile.main.shown]
        tile.spark = _known([*course, *now])
        tile.spark_label = _("Month by month; the last point is now") if now else _("Month by month")


def _value(code: str, kept: dict[str, Any] | None, month: Month | None) -> Any:
    if code in KEPT:
        return kept and kept[KEPT[code]]
    return month and COUNTED[code](month)


def _known(course: Sequence[Any]) -> Course:
    """From the first month on that has something; what is missing between is left out. Fewer than two are no course."""
    first = next((place for place, value in enumerate(course) if value), len(course))
    found = [Decimal(value) for value in course[first:] if value is not None]
    return found if len(found) > 1 else []


def _kept(scope: Scope, months: Sequence[dt.date]) -> dict[dt.date, dict[str, Any]]:
    rows = _cells(scope, TrendCell.objects.all(), months).values("month")
    return {row["month"]: row for row in rows.annotate(**{name: Sum(name) for name in trends.SUMS})}


def _cells(scope: Scope, cells: Any, months: Sequence[dt.date]) -> QuerySet[Any]:
    """The cells of the accounts of the scope."""
    chosen = Q(month__gte=months[0], month__lte=months[-1])
    if scope.tier:
        chosen &= Q(tier=scope.account_tier)
    if scope.region:
        chosen &= Q(region=scope.region)
    if scope.team:
        people = User.objects.filter(team__path__startswith=scope.team.path).order_by()
        chosen &= Q(manager_id__in=people.values("pk"))
    if scope.manager:
        chosen &= Q(manager_id=scope.manager.pk)
    return cells.managed_for(scope.viewer).filter(chosen).order_by()


def add_targets(scope: Scope, tiles: Iterable[Tile]) -> None:
    """What the scorecard of the person or team (of the company: of the topmost team) has as the target of the period;
    nothing where only some of their accounts are looked at."""
    wanted = {AGREED[tile.code]: tile for tile in tiles if tile.code in AGREED}
    if not wanted or scope.tier or scope.region or scope.line:
        return
    for measure, target, card in _agreed(scope, list(wanted)):
        tile = wanted[Measure(measure)]
        tile.target, tile.target_url = target, reverse("dashboards:scorecard_detail", args=[card])
        shown = percent(target, 0) if measure == Measure.COVERAGE else f"{target:.0f}"
        tile.target_label = _("%(target)s in %(period)s") % {"target": shown, "period": scope.period.name}


def _agreed(scope: Scope, measures: Sequence[str]) -> QuerySet[Any, tuple[str, Decimal, int]]:
    kind = PeriodKind.QUARTER if "Q" in scope.period.name else PeriodKind.YEAR
    rows = ScorecardTarget.objects.visible_to(scope.viewer).filter(
        measure__in=measures, scorecard__kind=kind, scorecard__first_day=scope.period.first
    )
    if scope.manager:
        rows = rows.filter(scorecard__person=scope.manager)
    else:
        team: Any = scope.team.pk if scope.team else Team.objects.filter(parent=None).order_by("pk").values("pk")[:1]
        rows = rows.filter(scorecard__person=None, scorecard__team=team)
    return rows.order_by("pk").values_list("measure", "target", "scorecard")
