"""How accounts moved between tiers, regions in numbers, and why customers were lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from accounts.choices import Status, Tier
from accounts.models import Account, TierHistory
from dashboards.director.months import summed

TIERS = (*Tier.values, "")
COLOURS = {"A": "tier-A", "B": "tier-B", "C": "tier-C", "": "muted"}


@dataclass(frozen=True)
class Days:
    """Days of a period, both included."""

    first: dt.date
    last: dt.date


def with_tiers(accounts: QuerySet[Account], days: Days) -> QuerySet[Any]:
    """The accounts whose tier changed in the period, with `tier_then` before it and `tier_after` at its end."""
    own = TierHistory.objects.filter(account=OuterRef("pk"), since__gte=days.first, since__lte=days.last)
    moved = TierHistory.objects.filter(since__gte=days.first, since__lte=days.last).order_by().values("account")
    return accounts.filter(pk__in=moved).annotate(
        tier_then=Subquery(own.order_by("since", "pk").values("previous_tier")[:1]),
        tier_after=Subquery(own.order_by("-since", "-pk").values("tier")[:1]),
    )


def moves_of(accounts: QuerySet[Account], days: Days) -> list[tuple[str, str, int]]:
    """(from, to, accounts); who came back to where they were is not among them."""
    counted = with_tiers(accounts, days).order_by().values_list("tier_then", "tier_after").annotate(Count("pk"))
    found = [row for row in counted if row[0] != row[1]]
    return sorted(found, key=lambda row: (TIERS.index(row[0]), TIERS.index(row[1])))


def flow(moves: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """A Sankey diagram from the tiers before (left) to those after (right)."""
    nodes = [_node(side, tier) for side in (0, 1) for tier in TIERS if any(move[side] == tier for move in moves)]
    links = [{"source": _key(0, then), "target": _key(1, after), "value": count} for then, after, count in moves]
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey", "left": 8, "right": 110, "top": 12, "bottom": 12, "nodeAlign": "justify",
                "layoutIterations": 0, "draggable": False, "data": nodes, "links": links,
                "lineStyle": {"color": "source", "opacity": 0.35},
            }
        ],
    }  # fmt: skip


def tier_name(tier: str) -> str:
    return _("Tier %(tier)s") % {"tier": tier} if tier else _("No tier")


def _key(side: int, tier: str) -> str:
    return (_("after: %(tier)s") if side else _("before: %(tier)s")) % {"tier": tier_name(tier)}


def _node(side: int, tier: str) -> dict[str, Any]:
    return {"name": _key(side, tier), "depth": side, "itemStyle": {"color": COLOURS[tier]}}


@dataclass
class Place:
    """A region; revenue is that of 12 months, `prior` that of the 12 before."""

    region: str
    accounts: int
    revenue: Decimal
    prior: Decimal
    rhythm: int
    covered: int
    at_risk: int
    share: Decimal | None = None
    label: str = ""
    url: str = ""
    risk_url: str = ""

    @property
    def change(self) -> Decimal | None:
        return self.revenue / self.prior - 1 if self.prior > 0 else None

    @property
    def coverage(self) -> Decimal | None:
        return Decimal(self.covered) / self.rhythm if self.rhythm else None


def places_of(accounts: QuerySet[Account], today: dt.date) -> list[Place]:
    """The regions with the most revenue first; one statement."""
    due = "summary__contact_due_date"
    within = Q(summary__last_contact_date__isnull=False, **{f"{due}__gte": today})
    rows = summed(
        accounts.order_by().values_list("region"),
        Count("pk"), Sum("summary__revenue_12m_amount"), Sum("summary__revenue_prior_12m_amount"),
        Count("pk", filter=Q(**{f"{due}__isnull": False})), Count("pk", filter=within),
        Count("pk", filter=Q(summary__health_band="at_risk")),
    )  # fmt: skip
    places = [Place(row[0], row[1], row[2] or Decimal(0), row[3] or Decimal(0), *row[4:]) for row in rows]
    whole = sum((place.revenue for place in places), Decimal(0))
    for place in places:
        place.share = place.revenue / whole if whole > 0 else None
    return sorted(places, key=lambda place: (-place.revenue, place.region))


def interruptions(accounts: QuerySet[Account]) -> list[tuple[str, int]]:
    """Reasons of interrupted relationships, the most frequent first."""
    rows = (
        accounts.filter(status=Status.INTERRUPTED).order_by().values_list("interruption_reason").annotate(Count("pk"))
    )
    return sorted(rows, key=lambda row: (-row[1], row[0]))
