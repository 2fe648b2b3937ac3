"""Coverage: the share of accounts that were contacted within their cadence, by manager, team, tier and month.

An account counts where a cadence applies to it; it is covered where it was contacted and its next contact is not yet
overdue. One statement counts all groups; the sums over teams and tiers are made from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Count, Q

from accounts.choices import Tier
from users.models import Team, User

MONTHS = 12
DAY = dt.timedelta(days=1)


@dataclass
class Group:
    """Accounts of one manager, team, tier or month: how many there are and in which state."""

    key: Any
    name: str = ""
    total: int = 0
    covered: int = 0
    overdue: int = 0
    never: int = 0
    depth: int = 0
    link: str = ""

    def add(self, other: Group) -> None:
        self.total += other.total
        self.covered += other.covered
        self.overdue += other.overdue
        self.never += other.never

    @property
    def share(self) -> float | None:
        return self.covered / self.total if self.total else None

    @property
    def uncovered(self) -> int:
        return self.total - self.covered


@dataclass
class Coverage:
    """All that the page shows of today."""

    whole: Group
    tiers: list[Group] = field(default_factory=list)
    managers: list[Group] = field(default_factory=list)
    teams: list[Group] = field(default_factory=list)


def month_end(month: dt.date) -> dt.date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=1) + 31 * DAY).replace(day=1) - DAY


def previous_month(day: dt.date) -> dt.date:
    """The first day of the month before that of `day`."""
    return (day.replace(day=1) - DAY).replace(day=1)


def first_month(today: dt.date, count: int = MONTHS) -> dt.date:
    """The first of the last `count` months, the current one included."""
    number = today.year * 12 + today.month - count
    return dt.date(number // 12, number % 12 + 1, 1)


def count_now(accounts: models.QuerySet[Any], today: dt.date) -> list[tuple[int | None, Group]]:
    """(manager, counts of one tier) for accounts that the reader sees: one statement, a row per manager and tier."""
    due, last = "summary__contact_due_date", "summary__last_contact_date"
    rows = (
        accounts.filter(**{f"{due}__isnull": False})
        .order_by()
        .values_list("manager", "tier")
        .annotate(
            accounts=Count("pk"),
            covered=Count("pk", filter=Q(**{f"{due}__gte": today, f"{last}__isnull": False})),
            overdue=Count("pk", filter=Q(**{f"{due}__lt": today})),
            never=Count("pk", filter=Q(**{f"{last}__isnull": True})),
        )
    )
    return [
        (manager, Group(tier, "", total, covered, overdue, never))
        for manager, tier, total, covered, overdue, never in rows
    ]


def sorted_out(counts: Iterable[tuple[int | None, Group]], people: dict[int, User], teams: Iterable[Team]) -> Coverage:
    """The counts by tier, by manager (who has the most to catch up first) and by team, each with what is below it."""
    found = Coverage(Group("all"))
    tiers = {tier: Group(tier) for tier in (*Tier.values, "")}
    managers: dict[int | None, Group] = {}
    for manager, group in counts:
        found.whole.add(group)
        tiers[group.key].add(group)
        managers.setdefault(manager, Group(manager, str(people[manager]) if manager in people else "")).add(group)
    found.tiers = [group for group in tiers.values() if group.total]
    found.managers = sorted(managers.values(), key=lambda group: (-group.uncovered, group.name, group.key or 0))
    found.teams = _by_team(managers, people, teams)
    return found


def _by_team(managers: dict[int | None, Group], people: dict[int, User], teams: Iterable[Team]) -> list[Group]:
    """In the order of the tree; a team counts the teams below it. Last, those whose manager has no team."""
    by_path = {team.path: Group(team.pk, team.local_name, depth=min(team.depth, 5)) for team in teams}
    without = Group(None)
    for manager, group in managers.items():
        person = people.get(manager) if manager else None
        if person is None or person.team is None:
            if manager is not None:
                without.add(group)
            continue
        steps = person.team.path.split(".")[:-1]
        for length in range(1, len(steps) + 1):
            above = by_path.get(".".join(steps[:length]) + ".")
            if above is not None:
                above.add(group)
    return [group for _path, group in sorted(by_path.items()) if group.total] + ([without] if without.total else [])


def by_month(rows: models.QuerySet[Any], today: dt.date) -> list[Group]:
    """The last twelve months of `CoverageMonth` rows that the reader sees, the oldest first."""
    counted = (
        rows.filter(month__gte=first_month(today))
        .order_by()
        .values_list("month")
        # `covered` and not the key is counted: all columns then lie in one index
        .annotate(accounts=Count("covered"), within=Count("covered", filter=Q(covered=True)))
    )
    months = [Group(month, f"{month:%Y-%m}", total, covered) for month, total, covered in counted]
    return sorted(months, key=lambda group: group.key)


def trend(months: list[Group], label: str) -> dict[str, Any]:
    """The ECharts option of the share by month, in per cent."""
    return {
        "kam": {"number": "percent"},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [group.name for group in months]},
        "yAxis": {"type": "value", "min": 0, "max": 1},
        "series": [
            {
                "name": label,
                "type": "line",
                "showSymbol": True,
                "lineStyle": {"width": 2, "color": "accent"},
                "itemStyle": {"color": "accent"},
                "areaStyle": {"opacity": 0.08, "color": "accent"},
                "data": [round(group.share or 0, 4) for group in months],
            }
        ],
    }
