"""What a scorecard shows: its lines with their arithmetic in words, and the trend."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core import numbers
from dashboards.choices import AMOUNTS, SHARES, Measure
from dashboards.models import Scorecard

PAST = 12


@dataclass(frozen=True)
class Shown:
    """A line of a card; `kind` says how its numbers are written: share, amount or points."""

    measure: str
    label: str
    kind: str
    target: Decimal
    actual: Decimal | None
    achievement: Decimal | None
    weight: int
    counted: Decimal
    points: Decimal | None
    words: str


def shown_lines(card: Scorecard) -> list[Shown]:
    """The lines of the last computation."""
    return [_shown(line) for line in card.lines]


def _shown(line: dict[str, Any]) -> Shown:
    measure = line["measure"]
    kind = "share" if measure in SHARES else "amount" if measure in AMOUNTS else "points"
    return Shown(
        measure=measure,
        label=str(dict(Measure.choices).get(measure, measure)),
        kind=kind,
        target=Decimal(line["target"]),
        actual=_number(line["actual"]),
        achievement=_number(line["achievement"]),
        weight=line["weight"],
        counted=Decimal(line["counted"]),
        points=_number(line["points"]),
        words=_facts(measure, line["facts"]),
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _facts(measure: str, facts: dict[str, Any]) -> str:
    """What the actual number was made of."""
    if measure == Measure.COVERAGE and facts.get("all"):
        return _("%(covered)s of %(all)s account-months within the cadence") % facts
    if measure == Measure.RETENTION and facts.get("accounts"):
        money = {
            name: numbers.full_money(Decimal(facts[name]), settings.REPORTING_CURRENCY) for name in ("kept", "before")
        }
        return _("%(kept)s of %(before)s a year before, accounts: %(accounts)s") % (facts | money)
    if measure == Measure.REVENUE and facts.get("accounts"):
        return _("Accounts: %(accounts)s, by days of responsibility") % facts
    if measure == Measure.NPS and facts.get("answers"):
        return _("Answers: %(answers)s, promoters: %(promoters)s, detractors: %(detractors)s") % facts
    if measure == Measure.COLLECTIONS and "receipts" in facts:
        words = _("Receipts and refunds: %(receipts)s") % facts
        return f"{words}; {_('without an exchange rate: %(unpriced)s') % facts}" if facts["unpriced"] else words
    return _("Nothing to count: its weight went to the others")


def trend(cards: list[Scorecard]) -> dict[str, Any] | None:
    """The scores of the same person or team over the last periods, the oldest first; from two on."""
    known = [card for card in cards if card.score is not None]
    if len(known) < 2:
        return None
    return {
        "kam": {"number": "count", "head": _("Period")},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [card.period.name for card in known]},
        "yAxis": {"type": "value", "min": 0},
        "series": [
            {"name": _("Score"), "type": "line", "showSymbol": True, "data": [float(card.score or 0) for card in known]}
        ],
    }
