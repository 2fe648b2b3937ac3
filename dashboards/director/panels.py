"""The panels of the company: what each shows, for the page and for the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.choices import InterruptionReason, Region
from dashboards.director import charts, cohorts, lines, links, losses, months, moves
from dashboards.director.links import NONE
from dashboards.filters import CompanyFilter
from dashboards.models import AccountPurchases, CompanyCount, LineCell, MonthCell
from health.models import Alert, Playbook, PlaybookRun
from health.playbook_results import tallies
from orders.models import ProductLine
from users.models import User

STATES = {"running": ""}
"""What is at work is what that list shows without a filter."""
Panel = dict[str, Any]


@dataclass(frozen=True)
class Company:
    """Who looks at which accounts; `found` is a valid filter of those that they see."""

    user: User
    query: Mapping[str, str]
    found: CompanyFilter
    today: dt.date

    @property
    def days(self) -> moves.Days:
        return self.found.days(self.today)

    @property
    def count(self) -> CompanyCount | None:
        """The night's count, where the reader sees the whole company and the count is of this month and at most a day
        old; without it the numbers are counted now."""
        if not self.user.sees_everything:
            return None
        first = max(self.today.replace(day=1), self.today - dt.timedelta(days=1))
        return CompanyCount.objects.visible_to(self.user).filter(as_of__gte=first).order_by("-pk").first()

    @property
    def accounts(self) -> Any:
        """The accounts that numbers counted now are of; None for all."""
        return None if self.user.sees_everything and not self.found.is_narrowed else self.found.qs

    def of_accounts(self, rows: Any) -> Any:
        """Rows of the accounts that the filters leave; all that the reader sees where they leave all."""
        return rows.filter(account__in=self.found.qs.order_by().values("pk")) if self.found.is_narrowed else rows


def months_panel(asked: Company) -> Panel:
    """Revenue, accounts that bought, coverage, health and NPS by month."""
    found, today = asked.found, asked.today
    span, count = found.span(today), asked.count
    if count:
        cells = MonthCell.objects.visible_to(asked.user).filter(found.parts(), month__gte=span[0])
        sums = months.months_of(cells)
    else:
        narrowed = found.parts("account__region")
        live = months.counted(span, asked.accounts, narrowed, today=today, by_part=False)
        sums = {key[0]: month for key, month in live.items()}
    shown = [(month, sums.get(month, months.Month())) for month in span]
    has_data = any(month != months.Month() for _day, month in shown)
    return {
        "rows": [(day, month, links.month(asked.query, day)) for day, month in shown[::-1]],
        "revenue": charts.revenue(shown) if has_data else None,
        "coverage": charts.coverage(shown) if any(month.rhythm for _day, month in shown) else None,
        "scores": charts.scores(shown) if any(month.scored or month.answers for _day, month in shown) else None,
        "current": span[-1],
        "count": count,
    }


def cohorts_panel(asked: Company) -> Panel:
    """Of the accounts that first bought in a month or quarter: which share came back how long after."""
    by = "month" if asked.query.get("by") == "month" else "quarter"
    table = cohorts.table(asked.of_accounts(AccountPurchases.objects.visible_to(asked.user)), asked.today, by)
    for row in table:
        row.url = links.accounts(asked.query, cohort=row.cohort.name)
        for step, cell in enumerate(row.cells, 1):
            cell.url = links.accounts(asked.query, cohort=row.cohort.name, step=str(step))
    steps = range(1, max((len(row.cells) for row in table), default=0) + 1)
    return {
        "by": by, "table": table, "steps": [(step * cohorts.STEPS[by], step) for step in steps],
        "counted": CompanyCount.objects.visible_to(asked.user).order_by("-pk").first(),
    }  # fmt: skip


def tiers_panel(asked: Company) -> Panel:
    """How many accounts moved from which tier to which in the months."""
    days = asked.days
    moved = moves.moves_of(asked.found.qs, days)
    span = {"since": str(days.first), "until": str(days.last)}
    rows = [
        (then, after, number, links.accounts(asked.query, was=then or NONE, became=after or NONE, **span))
        for then, after, number in moved
    ]
    return {"rows": rows, "option": moves.flow(moved) if moved else None, "days": days}


def regions_panel(asked: Company) -> Panel:
    """Accounts, revenue, coverage and risk by region."""
    places = moves.places_of(asked.found.qs, asked.today)
    for place in places:
        place.label = str(Region(place.region).label) if place.region else "–"
        place.url = links.accounts(asked.query, region=place.region or NONE)
        place.risk_url = links.accounts(asked.query, region=place.region or NONE, band="at_risk")
    option = charts.regions(places) if any(place.revenue or place.prior for place in places) else None
    return {"places": places, "option": option}


def lines_panel(asked: Company) -> Panel:
    """Revenue of 12 months by product line and tier, with share and change."""
    found, today = asked.found, asked.today
    count = asked.count
    if count:
        rows = lines.of_cells(LineCell.objects.visible_to(asked.user).filter(found.parts()))
    else:
        rows = lines.counted(asked.accounts, today, by_part=False)
    table = lines.table(rows)
    names = {line.pk: str(line) for line in ProductLine.objects.visible_to(asked.user)}
    whole = lines.Line(0)
    for line in table:
        line.name = names.get(line.pk, "–")
        for tier, amounts in line.tiers.items():
            whole.tiers[tier].add(amounts)
            amounts.url = links.accounts(asked.query, line=str(line.pk), tier=tier or NONE)
    shown = [(line, line.total, links.accounts(asked.query, line=str(line.pk))) for line in table]
    return {"rows": shown, "whole": whole, "tiers": lines.TIERS, "span": lines.span_of(today), "count": count}


def churn_panel(asked: Company) -> Panel:
    """What became of the alerts of the months, why customers were lost, why relationships are interrupted."""
    found = asked.found
    days = asked.days
    alerts = losses.opened(Alert.objects.visible_to(asked.user), found.qs if found.is_narrowed else None, days)
    link = {"opened_after": str(days.first), "opened_before": str(days.last), "scope": "all", "state": "resolved"}
    outcomes = [
        (key, label, number, links.alerts(asked.query, link | {"outcome": key}))
        for key, label, number in losses.outcomes(alerts)
    ]
    causes = [
        (key, label, number, links.alerts(asked.query, link | {"outcome": "lost", "lost_cause": key}))
        for key, label, number in losses.causes(alerts)
    ]
    broken = [
        (reason or NONE, _reason(reason), number, links.accounts(asked.query, interruption=reason or NONE))
        for reason, number in moves.interruptions(found.qs)
    ]
    return {
        "outcomes": outcomes, "causes": causes, "interruptions": broken, "days": days,
        "option": losses.option([row[1:] for row in causes]), "precision": losses.precision(alerts),
    }  # fmt: skip


def _reason(reason: str) -> str:
    return str(InterruptionReason(reason).label) if reason else "–"


def actions_panel(asked: Company) -> Panel:
    """What playbooks were put to work in the months, and how far they came."""
    days = asked.days
    runs = PlaybookRun.objects.visible_to(asked.user).filter(started_on__gte=days.first, started_on__lte=days.last)
    playbooks = Playbook.objects.visible_to(asked.user)
    used = [tally for tally in tallies(playbooks, asked.of_accounts(runs)) if tally.started]
    link = {"started_after": str(days.first), "started_before": str(days.last)}

    def link_to(tally: Any, status: str) -> str:
        own = {"playbook": str(tally.playbook.pk), "status": STATES.get(status, status)}
        return links.runs(asked.query, link | own)

    states = ("all", "running", "done", "stopped")
    rows = [(tally, {status: link_to(tally, status) for status in states}) for tally in used]
    return {"rows": rows, "days": days, "leads": asked.user.leads}


PANELS: dict[str, Callable[[Company], Panel]] = {
    "months": months_panel, "cohorts": cohorts_panel, "tiers": tiers_panel, "regions": regions_panel,
    "lines": lines_panel, "churn": churn_panel, "actions": actions_panel,
}  # fmt: skip
