"""The three charts of the cockpit, each with its table: coverage by manager against capacity, the risk matrix, renewals
by month."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.querysets import contact_conditions
from contracts import pipeline
from contracts.rates import DatedRates
from contracts.retention import ONE_DAY
from core.workdays import HOME, work_calendars
from dashboards.cockpit.scope import ACCOUNTS, RENEWALS, RISKS, VISITS, WAITING, Scope
from health.risk import risk_matrix
from interactions.services.workload import capacities, leave_days, visits_per_day
from users.models import User

SHOWN = 30
"""Managers in the chart: those with the most accounts that are not covered."""
AHEAD = 28


@dataclass
class Manager:
    """One manager's accounts with a cadence, those contacted within it, and the visits of the next four weeks."""

    pk: int
    name: str
    total: int
    covered: int
    planned: int = 0
    capacity: int = 0
    covered_url: str = ""
    total_url: str = ""
    visits_url: str = ""

    @property
    def share(self) -> float | None:
        return self.covered / self.total if self.total else None

    @property
    def load(self) -> float | None:
        return self.planned / self.capacity if self.capacity else None


def managers(scope: Scope) -> tuple[list[Manager], int]:
    """Who has the most to catch up first, and how many there are in all."""
    conditions = contact_conditions(scope.today)
    rows = (
        ACCOUNTS.of(scope, contact="cadence").filter(manager__isnull=False).values_list("manager")
        .annotate(total=Count("pk"), covered=Count("pk", filter=conditions["covered"]))
    )  # fmt: skip
    ranked = sorted(rows, key=lambda row: (row[2] - row[1], row[0]))
    people = User.objects.visible_to(scope.viewer).in_bulk([pk for pk, _total, _covered in ranked[:SHOWN]])
    found = [Manager(pk, str(people[pk]), total, covered) for pk, total, covered in ranked[:SHOWN] if pk in people]
    _add_load(scope, found)
    return found, len(ranked)


def _add_load(scope: Scope, found: list[Manager]) -> None:
    """Planned visits against what they can do from today on, and where the rows are."""
    keys, last = [one.pk for one in found], scope.today + (AHEAD - 1) * ONE_DAY
    working = set(work_calendars([HOME], scope.today, last)[HOME].working_days(scope.today, last))
    most, away = capacities(keys, visits_per_day()), leave_days(keys, scope.today, last)
    days = {"planned_date_after": scope.today.isoformat(), "planned_date_before": last.isoformat()}
    visits = VISITS.of(scope, **days).filter(account__manager__in=keys)
    planned = dict(visits.values_list("account__manager").annotate(number=Count("pk")))
    for one in found:
        own = scope.of_manager(one.pk)
        one.planned, one.capacity = planned.get(one.pk, 0), most[one.pk] * len(working - away[one.pk])
        one.covered_url = ACCOUNTS.url(own, {"contact": "covered"})
        one.total_url = ACCOUNTS.url(own, {"contact": "cadence"})
        one.visits_url = VISITS.url(own, days)


def manager_option(found: list[Manager]) -> dict[str, Any]:
    """Bars of coverage and of planned visits against capacity, in per cent, the first manager on top."""
    shown = found[::-1]

    def shares(name: str) -> list[float | None]:
        values = [getattr(one, name) for one in shown]
        return [None if value is None else round(value, 4) for value in values]

    return {
        "kam": {"number": "percent"},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0},
        "yAxis": {"type": "category", "data": [one.name for one in shown], "axisTick": {"show": False}},
        "series": [
            {"name": _("Coverage"), "type": "bar", "data": shares("share"), "itemStyle": {"color": "accent"}},
            {"name": _("Planned against capacity"), "type": "bar", "data": shares("load"),
             "itemStyle": {"color": "muted", "opacity": 0.6}},
        ],
    }  # fmt: skip


def matrix(scope: Scope) -> Any:
    """Accounts by probability of leaving and what they buy; every cell has the address of its rows."""
    found: Any = risk_matrix(RISKS.of(scope))
    for _span, cells in found.rows:
        for cell in cells:
            cell.url = RISKS.url(scope, cell.query)
    return found


@dataclass
class Month:
    """The renewals of a month, opened and not opened yet, with the addresses of their rows."""

    row: pipeline.Month
    url: str
    waiting_url: str


def months(scope: Scope, rates: DatedRates) -> list[Month]:
    """Terms that end within twelve months, from this month on."""
    last = pipeline.horizon(scope.today)
    opened = RENEWALS.of(scope, term_end_after=scope.today.replace(day=1), term_end_before=last)
    rows, _total = pipeline.months(
        pipeline.amounts_by_month(opened), rates, scope.today, pipeline.waiting_by_month(WAITING.of(scope))
    )
    queries = [{"month": row.key} for row in rows]
    return [
        Month(row, RENEWALS.url(scope, query), WAITING.url(scope, query))
        for row, query in zip(rows, queries, strict=True)
    ]


def month_option(found: list[Month], currency: str) -> dict[str, Any]:
    """Stacked bars of what is opened and what is not, in the reporting currency."""

    def values(name: str) -> list[float]:
        return [float(getattr(month.row, name) or Decimal(0)) for month in found]

    return {
        "kam": {"number": "money", "currency": currency},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [month.row.key for month in found]},
        "yAxis": {"type": "value"},
        "series": [
            {"name": pgettext("renewals", "Opened"), "type": "bar", "stack": "value", "data": values("value"),
             "itemStyle": {"color": "accent"}},
            {"name": pgettext("renewals", "Not opened yet"), "type": "bar", "stack": "value",
             "data": values("waiting_value"), "itemStyle": {"color": "muted", "opacity": 0.6}},
        ],
    }  # fmt: skip
