"""Tiles about the accounts themselves: revenue, concentration, coverage, health, responsibility."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.utils.translation import gettext as _

from accounts.choices import Gap, HealthBand, Tier
from accounts.filters import NO_TIER, UNCOVERED, WITH_CADENCE
from accounts.querysets import contact_conditions
from dashboards.cockpit.scope import ACCOUNTS, Scope
from dashboards.cockpit.tile import MONEY, SHARE, Number, Tile, share
from health.filters_scores import NONE

TOP = 10
MOST = Decimal("0.8")
"""What the accounts of the Pareto number make together."""
SMALLEST = Decimal("0.01")
"""What is less is no revenue."""
CHUNK = 1000
ZERO = Decimal(0)
CONTACT = (WITH_CADENCE, "covered", "overdue", "never", UNCOVERED)
BANDS = (*HealthBand.values, "")


@dataclass
class Portfolio:
    """Counts of the accounts of a scope, by what they are counted for; revenue by tier, and what it was before."""

    counts: dict[str, int] = field(default_factory=dict)
    tiers: dict[str, tuple[int, Decimal]] = field(default_factory=dict)
    before: Decimal = ZERO

    @property
    def accounts(self) -> int:
        return sum(count for count, _revenue in self.tiers.values())

    @property
    def revenue(self) -> Decimal:
        return sum((revenue for _count, revenue in self.tiers.values()), ZERO)


def portfolio_of(scope: Scope) -> Portfolio:
    """All of it in one statement, a row for each tier."""
    conditions = {f"contact_{state}": contact_conditions(scope.today)[state] for state in CONTACT}
    conditions |= {f"band_{band or NONE}": Q(summary__health_band=band) for band in BANDS}
    names = list(conditions)
    rows = (
        ACCOUNTS.of(scope)
        .values_list("tier")
        .annotate(
            accounts=Count("pk"),
            revenue=Sum("summary__revenue_12m_amount"),
            prior=Sum("summary__revenue_prior_12m_amount"),
            **{name: Count(Case(When(condition, then="pk"))) for name, condition in conditions.items()},
        )
    )
    found = Portfolio(dict.fromkeys(names, 0))
    for tier, accounts, revenue, prior, *counts in rows:
        found.tiers[tier] = accounts, revenue or ZERO
        found.before += prior or ZERO
        for name, count in zip(names, counts, strict=True):
            found.counts[name] += count
    return found


def revenue(scope: Scope, found: Portfolio) -> Tile:
    """Net revenue of twelve months, by tier."""
    tiers = [
        Number(f"revenue.{tier or NO_TIER}", _("Tier %(tier)s") % {"tier": tier} if tier else _("No tier"), ACCOUNTS,
               found.tiers[tier][0], {"tier": tier or NO_TIER}, MONEY, found.tiers[tier][1])
        for tier in (*Tier.values, "") if tier in found.tiers
    ]  # fmt: skip
    main = Number("revenue", _("Net revenue, 12 months"), ACCOUNTS, found.accounts, {}, MONEY, found.revenue)
    return Tile("revenue", "revenue", _("Revenue"), main, tiers, before=found.before, is_good_up=True)


def concentration(scope: Scope) -> Tile:
    """How much hangs on a few accounts: the share of the ten largest, and how many make 80%."""
    accounts = ACCOUNTS.of(scope).filter(summary__revenue_12m_amount__gt=0)
    total = accounts.aggregate(total=Sum("summary__revenue_12m_amount"))["total"] or ZERO
    top, most = _largest(accounts, total)
    why = "" if total else _("None of these accounts had revenue in the last 12 months.")
    return Tile(
        "concentration", "revenue", _("Concentration"),
        Number("concentration.top", _("Share of the ten largest accounts"), ACCOUNTS, top.count, top.query, SHARE,
               share(top.amount, total), why),
        [Number("concentration.pareto", _("Accounts that make four fifths of the revenue"), ACCOUNTS, most.count,
                most.query)]
        if total else [],
    )  # fmt: skip


@dataclass
class Largest:
    """The accounts with at least so much revenue (those with the same are all in it), and what they make together."""

    count: int = 0
    amount: Decimal = ZERO
    bound: Decimal | None = None

    @property
    def query(self) -> dict[str, str]:
        return {"revenue_from": f"{SMALLEST if self.bound is None else self.bound:f}"}

    def add(self, amount: Decimal) -> None:
        self.count, self.amount, self.bound = self.count + 1, self.amount + amount, amount


def _largest(accounts: QuerySet[Any], total: Decimal) -> tuple[Largest, Largest]:
    """The ten largest, and those that make most of the total; the amounts are read from the top until that is known."""
    ranked = accounts.order_by("-summary__revenue_12m_amount").values_list("summary__revenue_12m_amount", flat=True)
    top, most, at = Largest(), Largest(), 0
    while at == 0 or (at % CHUNK == 0 and not _is_complete(most, total)):
        amounts = list(ranked[at : at + (CHUNK if at == 0 else 9 * at)])
        for amount in amounts:
            if top.count < TOP or amount == top.bound:
                top.add(amount)
            if most.amount < total * MOST or amount == most.bound:
                most.add(amount)
        at += len(amounts)
        if not amounts:
            break
    return top, most


def _is_complete(most: Largest, total: Decimal) -> bool:
    return most.amount >= total * MOST


def coverage(scope: Scope, found: Portfolio) -> Tile:
    """Of the accounts with a cadence, those contacted within it."""
    counts = {state: found.counts[f"contact_{state}"] for state in CONTACT}
    why = "" if counts[WITH_CADENCE] else _("None of these accounts has a cadence: the contact policy says which do.")
    labels = {
        WITH_CADENCE: _("Accounts with a cadence"), "overdue": _("Contact overdue"), "never": _("Never contacted"),
    }  # fmt: skip
    main = Number(
        "coverage", _("Contacted within the cadence"), ACCOUNTS, counts["covered"], {"contact": "covered"}, SHARE,
        share(counts["covered"], counts[WITH_CADENCE]), why,
    )  # fmt: skip
    others = [
        Number(f"coverage.{state}", label, ACCOUNTS, counts[state], {"contact": state},
               tone="danger" if state == "overdue" and counts[state] else "")
        for state, label in labels.items()
    ]  # fmt: skip
    return Tile("coverage", "coverage", _("Coverage"), main, others, is_good_up=True)


def health(scope: Scope, found: Portfolio) -> Tile:
    """How many accounts are in which band."""
    numbers = [
        Number(f"health.{band or NONE}", HealthBand(band).label if band else _("No score"), ACCOUNTS,
               found.counts[f"band_{band or NONE}"], {"health": band or NONE})
        for band in (HealthBand.AT_RISK, HealthBand.WATCH, HealthBand.HEALTHY, "")
    ]  # fmt: skip
    numbers[0].tone = "danger" if numbers[0].count else ""
    return Tile("health", "health", _("Accounts at risk"), numbers[0], numbers[1:], is_good_up=False)


def gaps(scope: Scope) -> Tile:
    """What is missing in the responsibility for accounts; a statement for each, which joins where one for all would
    look at every account."""
    kinds = (Gap.NO_DEPUTY, Gap.NO_SPONSOR, Gap.NO_MANAGER, Gap.MANAGER_LEFT)
    counts = {gap.value: ACCOUNTS.of(scope, gap=gap.value).count() for gap in kinds}
    numbers = [
        Number(f"gaps.{gap}", gap.label, ACCOUNTS, counts[gap.value], {"gap": gap.value},
               tone="danger" if counts[gap.value] else "")
        for gap in kinds
    ]  # fmt: skip
    return Tile(
        "gaps", "work", _("Responsibility gaps"), numbers[0], numbers[1:], target=0, is_good_up=False,
        target_label=_("Every A and B account has a deputy."),
    )  # fmt: skip
