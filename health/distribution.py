"""How healthy the accounts are: counted by band along one dimension, by score, and by how they moved between days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.choices import Category, Region, Stage, Tier
from health.choices import Band
from health.models import HealthPoint, HealthProfile
from users.models import Team, User

BANDS = (*Band.values, "")
"""In their order on pages; the last one: no score."""
BINS = 10
WINDOW = dt.timedelta(days=14)
"""A point counts for a day when it is no older: the history is weekly, and a week may have been missed."""
DIMENSIONS = {
    "tier": "account__tier",
    "stage": "account__stage",
    "category": "account__category",
    "region": "account__region",
    "manager": "account__manager",
    "team": "account__manager__team",
    "profile": "profile",
}
CHOICES = {"tier": Tier, "stage": Stage, "category": Category, "region": Region}
ROWS: dict[str, Any] = {"manager": User, "team": Team, "profile": HealthProfile}
NONE = "none"
WORSE, BETTER = "worse", "better"
GROUPS_SHOWN = 200
FOUR_WEEKS = dt.timedelta(days=28)


@dataclass
class Cell:
    """How many accounts of a group are in a band; `query` are the filters of the list that has exactly those."""

    band: str
    count: int = 0
    query: dict[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass
class Group:
    """One value of the dimension. `key` is empty for none."""

    key: Any
    label: str
    cells: list[Cell]
    at_risk: Decimal = Decimal(0)
    query: dict[str, str] = field(default_factory=dict)
    url: str = ""

    @property
    def count(self) -> int:
        return sum(cell.count for cell in self.cells)

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(cell.band, cell.count) for cell in self.cells]

    @property
    def endangered(self) -> int:
        return next(cell.count for cell in self.cells if cell.band == Band.AT_RISK)


@dataclass
class Bin:
    """Accounts with a score from `low` on, ten points wide (the last one with 100)."""

    low: int
    high: int
    count: int = 0
    url: str = ""

    @property
    def label(self) -> str:
        return f"{self.low}–{self.high}"

    @property
    def query(self) -> dict[str, str]:
        return {"score_from": str(self.low), "score_below": str(self.high + 1)}


def groups_of(rows: Any, by: str) -> list[Group]:
    """Of these AccountHealth rows; the values in their own order, people and teams with the most in danger first. Two
    statements at most."""
    path = DIMENSIONS[by]
    counted = rows.order_by().values_list(path, "band").annotate(Count("pk"), Sum("value_at_risk_amount"))
    sums: dict[Any, dict[str, int]] = defaultdict(dict)
    at_risk: dict[Any, Decimal] = defaultdict(Decimal)
    for key, band, count, amount in counted:
        sums[key or ""][band] = sums[key or ""].get(band, 0) + count
        at_risk[key or ""] += amount or 0
    naming = _naming(by, [key for key in sums if key])
    groups = [
        Group(key, naming(key), [Cell(band, found.get(band, 0)) for band in BANDS], at_risk[key])
        for key, found in sums.items()
    ]
    groups.sort(key=_order(by))
    for group in groups:
        group.query = _query(by, group.key)
        for cell in group.cells:
            cell.query = group.query | {"band": cell.band or NONE}
    return groups


def total_of(groups: list[Group]) -> Group:
    """All groups together."""
    cells = [Cell(band, sum(group.cells[place].count for group in groups)) for place, band in enumerate(BANDS)]
    for cell in cells:
        cell.query = {"band": cell.band or NONE}
    return Group("", _("All"), cells, sum((group.at_risk for group in groups), Decimal(0)))


def bins_of(rows: Any) -> list[Bin]:
    """Accounts by score in tens, in one statement."""
    bins = [Bin(low, low + BINS - 1 if low < 90 else 100) for low in range(0, 100, BINS)]
    scored = rows.order_by().filter(score__isnull=False).values_list("score").annotate(Count("pk"))
    for score, count in scored:
        bins[min(score // BINS, len(bins) - 1)].count += count
    return bins


def with_bands(accounts: Any, then: dt.date, now: dt.date) -> Any:
    """Accounts with `then_band` and `now_band`: those of the newest point up to each day, empty without a score."""
    return accounts.annotate(
        then_band=Coalesce(Subquery(_newest(then).values("band")[:1]), Value("")),
        now_band=Coalesce(Subquery(_newest(now).values("band")[:1]), Value("")),
    )


def with_newest_bands(accounts: Any) -> Any:
    """The same of the newest night and four weeks before it, as the summaries have them."""
    return accounts.annotate(then_band=F("summary__health_band_before"), now_band=F("summary__health_band"))


def with_scores(accounts: Any, then: dt.date, now: dt.date) -> Any:
    """The scores of the same points."""
    return accounts.annotate(
        then_score=Subquery(_newest(then).values("score")[:1]), now_score=Subquery(_newest(now).values("score")[:1])
    )


def moves_of(accounts: Any) -> dict[tuple[str, str], int]:
    """(band then, band now) -> accounts, in one statement; those without a score on both days are left out."""
    counted = accounts.order_by().values_list("then_band", "now_band").annotate(Count("pk"))
    return {(then, now): count for then, now, count in counted if then or now}


def directions_of(moves: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """How many went down, went up, stayed; came new and went away."""
    totals = {WORSE: 0, BETTER: 0, "same": 0, "new": 0, "gone": 0}
    for (then, now), count in moves.items():
        by = rank_of(now) - rank_of(then)
        known = WORSE if by > 0 else BETTER if by < 0 else "same"
        totals[known if then and now else "new" if now else "gone"] += count
    return totals


def moved(direction: str) -> Q:
    """Of accounts with bands (`with_bands`): those that have a score on both days and went down, or up."""
    found = Q(pk__in=[])
    for then in Band.values:
        for now in Band.values:
            by = rank_of(now) - rank_of(then)
            if by > 0 if direction == WORSE else by < 0:
                found |= Q(then_band=then, now_band=now)
    return found


def rank_of(band: str) -> int:
    """The lower the healthier; without a score -1."""
    return BANDS.index(band) if band else -1


def points_for(day: dt.date) -> Any:
    """The points that a day may have its band from: of each account the newest one."""
    return HealthPoint.objects.filter(date__lte=day, date__gt=day - WINDOW)


def _newest(day: dt.date) -> Any:
    return points_for(day).filter(account=OuterRef("pk")).order_by("-date")


def _naming(by: str, keys: list[Any]) -> Callable[[Any], str]:
    if by in CHOICES:
        labels: Mapping[Any, Any] = dict(CHOICES[by].choices)
        return lambda key: str(labels.get(key, key)) if key else _("None")
    rows = ROWS[by].objects.in_bulk(keys)
    return lambda key: str(rows[key]) if key in rows else _("Nobody")


def _order(by: str) -> Callable[[Group], Any]:
    if by in CHOICES:
        places = {code: place for place, code in enumerate(CHOICES[by].values)}
        return lambda group: places.get(group.key, len(places))
    return lambda group: (-group.endangered, group.label)


def _query(by: str, key: Any) -> dict[str, str]:
    """The filters of the list that say the same as the group."""
    if by in CHOICES or by == "profile":
        return {by: str(key) if key else NONE}
    if by == "manager":
        return {"manager": str(key)} if key else {"unmanaged": "true"}
    return {"own_team": str(key)} if key else {"teamless": "true"}
