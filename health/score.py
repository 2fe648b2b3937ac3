"""The health score: 100 less what each signal costs. Pure; a profile in, readings in, a score with its reasons out.

The weight of a signal is its share within its group times the share of the group. What is missing counts nothing: its
weight goes to the other signals of the group, that of a group without data to the other groups. So an account loses
points only for what is known to be bad.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from health.choices import Band
from health.signals.base import Reading, Signal, severity_on

FULL = 100
# Of the profile's weight, so much has to have data: an account of which next to nothing is known is not healthy, it is
# unknown.
LEAST_KNOWN = 0.08


class ProfileLike(Protocol):
    """What a score needs of a profile, saved or not."""

    groups: Any
    signals: Any
    exceptions: Any
    healthy_from: int
    watch_from: int


@dataclass(frozen=True, slots=True)
class Rated:
    """A signal as a profile weighs it."""

    signal: Signal
    weight: float
    bound: float
    scale: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Result:
    """`score` is None where next to nothing that counts is known. `parts` are as AccountHealth keeps them, the heaviest
    loss first; `missing` are the signals that count and have no data; `capped_by` is the exception that took the score
    down."""

    score: int | None
    band: str
    capped_by: str
    parts: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class Scale:
    """A profile prepared for many accounts: `known` are the signals that there are. Those that the profile does not
    weigh are shown and cost nothing."""

    def __init__(self, profile: ProfileLike, known: Mapping[str, Signal]) -> None:
        self.profile = profile
        self.groups = {group: weight for group, weight in profile.groups.items() if weight > 0}
        self.rated = [_rated(signal, profile) for signal in known.values()]
        self.exceptions = [
            (row["signal"], float(row["at"]), int(row["cap"])) for row in profile.exceptions if row["signal"] in known
        ]

        self.full_shares = self._shares({one.signal.key: one for one in self.rated})

    @property
    def weighs_something(self) -> bool:
        """False where the weights sum to 0: no score can come of it."""
        return any(self._counts(one) for one in self.rated)

    def score(self, readings: Mapping[str, Reading]) -> Result:
        """What these readings make of a full score."""
        shares = self._shares(readings)
        parts, lost = [], 0.0
        for one in self.rated:
            reading = readings.get(one.signal.key)
            if reading is not None:
                part = _part(one, reading, shares.get(one.signal.key, 0.0))
                parts.append(part)
                lost += part["lost"]
        missing = [one.signal.key for one in self.rated if self._counts(one) and one.signal.key not in readings]
        parts.sort(key=lambda part: (-part["lost"], -part["severity"]))
        score, capped_by = self._capped(max(0, min(FULL, round(FULL - lost))), parts)
        if not shares or (self._known(readings) < LEAST_KNOWN and not capped_by):
            return Result(None, "", "", parts, missing)
        return Result(score, self.band(score), capped_by, parts, missing)

    def band(self, score: int) -> str:
        """The band of a score by the profile's bounds."""
        if score >= self.profile.healthy_from:
            return Band.HEALTHY.value
        return Band.WATCH.value if score >= self.profile.watch_from else Band.AT_RISK.value

    def _counts(self, one: Rated) -> bool:
        return one.weight > 0 and one.signal.group in self.groups

    def _known(self, readings: Mapping[str, Reading]) -> float:
        """The share of all weight that the signals with data have."""
        return sum(share for key, share in self.full_shares.items() if key in readings)

    def _shares(self, readings: Mapping[str, Any]) -> dict[str, float]:
        """Signal -> its share of 1, of the signals that count and have data."""
        present = [one for one in self.rated if self._counts(one) and one.signal.key in readings]
        sums: dict[str, float] = {}
        for one in present:
            sums[one.signal.group] = sums.get(one.signal.group, 0.0) + one.weight
        whole = sum(self.groups[group] for group in sums)
        return {
            one.signal.key: self.groups[one.signal.group] / whole * one.weight / sums[one.signal.group]
            for one in present
        }

    def _capped(self, score: int, parts: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
        """The score after the exceptions, and which of them took it down (the lowest cap)."""
        severities = {part["signal"]: part["severity"] for part in parts}
        caps = [(cap, key) for key, at, cap in self.exceptions if severities.get(key, -1.0) >= at]
        cap, key = min(caps, default=(FULL, ""))
        return (cap, key) if cap < score else (score, "")


def readings_of(parts: Iterable[Mapping[str, Any]]) -> dict[str, Reading]:
    """The readings that a stored score was made from: a what-if scores them anew without looking at facts again."""
    return {
        part["signal"]: Reading(
            part["value"], dt.date.fromisoformat(part["date"]) if part["date"] else None, part["facts"]
        )
        for part in parts
    }


def _rated(signal: Signal, profile: ProfileLike) -> Rated:
    said = profile.signals.get(signal.key) or {}
    bound = said.get("bound")
    own = signal.bound if bound is None else float(bound)
    return Rated(signal, float(said.get("weight", 0) or 0), own, signal.scale(own))


def _part(one: Rated, reading: Reading, share: float) -> dict[str, Any]:
    severity = severity_on(one.scale, reading.value)
    return {
        "signal": one.signal.key,
        "group": str(one.signal.group),
        "value": round(float(reading.value), 4),
        "bound": one.bound,
        "severity": round(severity, 4),
        "weight": round(share, 4),
        "lost": round(FULL * share * severity, 2),
        "date": reading.date.isoformat() if reading.date else None,
        "facts": dict(reading.facts),
    }
