"""A score point by point: what each signal cost and why, what was fine, what is not known and therefore not counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from health.choices import SignalGroup
from health.evidence_words import said
from health.score import FULL
from health.signals import AT_BOUND
from health.signals.words import bound_words, label, value_words


@dataclass(frozen=True)
class Part:
    """One signal of an account. `weight` is its share of 1 after what is missing went to the rest; `lost` are
    points."""

    key: str
    label: str
    group: str
    group_label: str
    words: str
    value: str
    bound: str
    date: str
    severity: float
    weight: float
    lost: float

    @property
    def is_bad(self) -> bool:
        """At its bound or beyond."""
        return self.severity >= AT_BOUND


@dataclass(frozen=True)
class Missing:
    """A signal that counts in the profile and has no data here."""

    key: str
    label: str


@dataclass(frozen=True)
class Explanation:
    """`lost` are the parts that cost points, the heaviest first; `watched` those that are bad and weigh nothing in the
    profile; `fine` the rest."""

    lost: list[Part] = field(default_factory=list)
    watched: list[Part] = field(default_factory=list)
    fine: list[Part] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    capped_by: str = ""

    @property
    def total(self) -> float:
        """All points that were lost to signals."""
        return sum(part.lost for part in self.lost)

    @property
    def before_cap(self) -> int:
        """The score as it would be without an exception."""
        return max(0, min(FULL, round(FULL - self.total)))


def explain(health: Any) -> Explanation:
    """The score of an account (an AccountHealth) in parts."""
    found = Explanation(
        missing=[Missing(key, label(key)) for key in health.missing],
        capped_by=label(health.capped_by) if health.capped_by else "",
    )
    for row in health.parts:
        part = part_of(row)
        if part.lost:
            found.lost.append(part)
        elif part.is_bad:
            found.watched.append(part)
        else:
            found.fine.append(part)
    return found


def part_of(row: Mapping[str, Any]) -> Part:
    """A stored part in words; a signal or a group that nobody knows any more shows by its key."""
    group = str(row.get("group", ""))
    return Part(
        key=row["signal"],
        label=label(row["signal"]),
        group=group,
        group_label=str(SignalGroup(group).label) if group in SignalGroup.values else group,
        words=said(row) or _("%(value)s (limit %(bound)s)") % {"value": value_words(row), "bound": bound_words(row)},
        value=value_words(row),
        bound=bound_words(row),
        date=row.get("date") or "",
        severity=float(row["severity"]),
        weight=float(row["weight"]),
        lost=float(row["lost"]),
    )
