"""One evaluation of all accounts by a policy version: read, apply the pure functions, sum up. Nothing is saved here."""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from tiers import hysteresis, pareto, periods, scorecard, threshold
from tiers import parameters as rules
from tiers.choices import TIERS, Hold, Measure, Method
from tiers.errors import NothingToRank
from tiers.models import TierOverride, TierPolicy, TierPolicyVersion, TierProposal, TierRun
from tiers.services import figures

# A Pareto order is made for every method, for the rank and the share before; these cuts are then not looked at.
NO_CUTS = pareto.Cuts(Decimal(50), Decimal(100))
EARLIEST = dt.date(1900, 1, 1)
NO_EVIDENCE: dict[str, Any] = {}
NO_HISTORY: list[str | None] = []
Verdict = tuple[str, str, Decimal | None, dict[str, Any]]


@dataclass(slots=True)
class Line:
    """What a TierProposal has, before there is one. Fields as there."""

    account_id: int
    code: str
    tier_before: str
    revenue_amount: Decimal
    rank: int | None
    cum_before: Decimal
    raw_tier: str
    proposed_tier: str
    hold: str
    score: Decimal | None
    evidence: dict[str, Any]

    COLUMNS: ClassVar = (
        "account_id", "tier_before", "raw_tier", "proposed_tier", "hold", "revenue_amount", "cum_before", "rank",
        "score", "evidence", "state",
    )  # fmt: skip

    def row(self) -> tuple[Any, ...]:
        """The values of COLUMNS."""
        return (
            self.account_id,
            self.tier_before,
            self.raw_tier,
            self.proposed_tier,
            self.hold,
            self.revenue_amount,
            self.cum_before,
            self.rank,
            self.score,
            self.evidence,
            "no_change" if self.proposed_tier == self.tier_before else "pending",
        )


@dataclass
class Evaluation:
    """All accounts, highest revenue first, and what the page shows of them together."""

    version: TierPolicyVersion
    as_of: dt.date
    period: periods.Period
    currency: str
    lines: list[Line]
    totals: dict[str, Any]

    def moves(self) -> list[Line]:
        """The accounts whose tier would change."""
        return [line for line in self.lines if line.proposed_tier != line.tier_before]


def preview(version: TierPolicyVersion, as_of: dt.date, *, policy: TierPolicy | None = None) -> Evaluation:
    """What-if: who would move under an unsaved version as of a date. `policy` gives the earlier runs, if any."""
    return evaluate(version, as_of, earlier=earlier_runs(policy, as_of, version) if policy else [])


def earlier_runs(policy: TierPolicy, as_of: dt.date, version: TierPolicyVersion) -> list[TierRun]:
    """The policy's runs before `as_of`, newest first, one a date: as many as the hysteresis looks back, or one."""
    count = max(rules.hysteresis_rule(version.parameters).looks_back, 1)
    runs: dict[dt.date, TierRun] = {}
    before = TierRun.objects.filter(version__policy=policy, as_of__lt=as_of).order_by("-as_of", "-pk")
    for run in before.defer("totals")[: 5 * count]:
        runs.setdefault(run.as_of, run)
    return list(runs.values())[:count]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Hundreds of thousands of small rows without cycles: looking for cycles among them costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_collector_paused()
def evaluate(version: TierPolicyVersion, as_of: dt.date, *, earlier: Sequence[TierRun]) -> Evaluation:
    """Sort all accounts by `version` as of `as_of`, with hysteresis against the `earlier` runs and overrides.

    Raises NothingToRank.
    """
    currency, subjects = _load(version, as_of)
    rule = rules.hysteresis_rule(version.parameters)
    margin = rule.margin if version.method == Method.PARETO else Decimal(0)
    cuts = rules.cuts(version.parameters) if version.method == Method.PARETO else NO_CUTS
    places = pareto.places(((s.account_id, s.code, s.figures.revenue) for s in subjects), cuts, margin)
    before = _earlier_verdicts(earlier[: rule.looks_back])
    overridden = set(TierOverride.objects.live(as_of).order_by().values_list("account_id", flat=True))
    judge, lines = _judge(version, currency, as_of), []
    by_id = {subject.account_id: subject for subject in subjects}
    for place in places:
        subject = by_id[place.account_id]
        raw, relaxed, score, evidence = judge(subject, place)
        if subject.figures.incomplete:
            evidence = {**evidence, "incomplete": True}
        if place.account_id in overridden:
            proposed, hold = subject.tier, Hold.OVERRIDE.value
        else:
            history = [verdicts.get(place.account_id) for verdicts in before] if before else NO_HISTORY
            proposed, hold = hysteresis.settle(subject.tier, raw, relaxed, history, rule)
        lines.append(
            Line(
                place.account_id,
                subject.code,
                subject.tier,
                place.revenue,
                place.rank,
                place.cum_before,
                raw,
                proposed,
                hold,
                score,
                evidence,
            )
        )
    return Evaluation(version, as_of, periods.trailing(as_of, version.months), currency, lines, totals(lines))


def _load(version: TierPolicyVersion, as_of: dt.date) -> tuple[str, list[figures.Subject]]:
    """The currency and the accounts to sort.

    Raises NothingToRank: a wrong day would otherwise make everybody who has a tier C.
    """
    if as_of < EARLIEST:
        raise NothingToRank(field="as_of", as_of=as_of)
    currency, subjects = figures.load(version, as_of)
    if subjects and version.method != Method.SCORECARD and not any(_has_revenue(subject) for subject in subjects):
        raise NothingToRank(field="as_of", as_of=as_of)
    return currency, subjects


def _has_revenue(subject: figures.Subject) -> bool:
    """Some, even if no exchange rate says how much."""
    return subject.figures.revenue != 0 or subject.figures.incomplete


def _earlier_verdicts(runs: Sequence[TierRun]) -> list[dict[int, str]]:
    """Account -> tier by the numbers, per run."""
    verdicts: dict[int, dict[int, str]] = {run.pk: {} for run in runs}
    if runs:
        rows = TierProposal.objects.order_by().filter(run__in=verdicts).values_list("run_id", "account_id", "raw_tier")
        for run_id, account_id, raw in rows.iterator(chunk_size=20_000):
            verdicts[run_id][account_id] = raw
    return list(verdicts.values())


def _judge(version: TierPolicyVersion, currency: str, as_of: dt.date) -> Any:
    """The function (subject, place) -> verdict of the version's method."""
    parameters = version.parameters
    margin = rules.hysteresis_rule(parameters).margin

    def by_pareto(_subject: figures.Subject, place: pareto.Place) -> Verdict:
        return place.tier, place.relaxed, None, NO_EVIDENCE

    def by_threshold(subject: figures.Subject, place: pareto.Place) -> Verdict:
        measured = place.revenue
        if parameters["measure"] == Measure.EVERY_MONTH:
            measured = threshold.lowest_month(subject.figures.by_month or {}, version.months)
        found = threshold.classify(measured, rules.bounds(parameters), margin)
        return found.tier, found.relaxed, None, {"measured": str(measured)}

    def by_scorecard(subject: figures.Subject, _place: pareto.Place) -> Verdict:
        values = figures.scorecard_values(subject, version, currency, as_of)
        card = scorecard.score(values, criteria, bands, margin)
        parts = {
            name: [None if number is None else str(round(number, 4)) for number in part]
            for name, part in card.parts.items()
        }
        return card.tier, card.relaxed, card.score, {"parts": parts}

    if version.method == Method.SCORECARD:
        criteria, bands = rules.criteria(parameters), rules.bands(parameters)
        return by_scorecard
    return by_threshold if version.method == Method.THRESHOLD else by_pareto


def totals(lines: Iterable[Line]) -> dict[str, Any]:
    """Accounts and revenue per proposed tier, the flow between tiers, what was held back, the Pareto curve."""
    lines = list(lines)
    accounts: Counter[str] = Counter(line.proposed_tier for line in lines)
    revenue: dict[str, Decimal] = dict.fromkeys((*TIERS, ""), Decimal(0))
    for line in lines:
        if line.revenue_amount > 0:
            revenue[line.proposed_tier] += line.revenue_amount
    flow = Counter((line.tier_before, line.proposed_tier) for line in lines)
    return {
        "accounts": len(lines),
        "ranked": sum(line.rank is not None for line in lines),
        "incomplete": sum("incomplete" in line.evidence for line in lines),
        "revenue": str(sum(revenue.values(), Decimal(0))),
        "tiers": {tier: {"accounts": accounts[tier], "revenue": str(amount)} for tier, amount in revenue.items()},
        "flow": [[before, after, number] for (before, after), number in sorted(flow.items())],
        "held": dict(Counter(line.hold for line in lines if line.hold)),
        "curve": pareto.curve(line.revenue_amount for line in lines if line.revenue_amount > 0),
    }
