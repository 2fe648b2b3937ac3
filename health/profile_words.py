"""A profile in words: for whom it is, what each signal weighs in it and from where on it is bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.choices import Category, Stage, Status, Tier
from health.choices import SignalGroup
from health.signals import Signal, Unit, all_signals
from health.signals.words import bound_words, label

HUNDRED = 100
SEGMENTS = ("statuses", "tiers", "stages", "categories")


@dataclass(frozen=True)
class Weighed:
    """A signal in a profile: `share` is what it weighs of 1 where all signals have data; the bounds are in words."""

    key: str
    label: str
    weight: float
    share: float
    fine: str
    bound: str
    worst: str


@dataclass
class Group:
    """A group with its signals; `share` of 1 where all groups have data."""

    key: str
    label: str
    weight: float
    share: float
    signals: list[Weighed] = field(default_factory=list)


def weighed(profile: Any) -> list[Group]:
    """All groups and signals, those without weight too."""
    known = all_signals()
    weights = {key: float((profile.signals.get(key) or {}).get("weight") or 0) for key in known}
    sums = _sums(known, weights)
    counting = {key: float(weight) for key, weight in profile.groups.items() if weight > 0 and sums.get(key)}
    whole = sum(counting.values()) or 1.0
    groups = {}
    for code, name in SignalGroup.choices:
        groups[code] = Group(code, str(name), float(profile.groups.get(code) or 0), counting.get(code, 0.0) / whole)
    for key, signal in known.items():
        group = groups[str(signal.group)]
        share = group.share * weights[key] / (sums[signal.group] or 1.0)
        said = (profile.signals.get(key) or {}).get("bound")
        fine, bound, worst = (_in_words(key, value) for value in signal.scale(None if said is None else float(said)))
        group.signals.append(Weighed(key, str(signal.label), weights[key], share, fine, bound, worst))
    return list(groups.values())


def segment_words(profile: Any) -> str:
    """For which accounts it is."""
    tiers = [code or _("No tier") for code in profile.tiers if code in ("", *Tier.values)]
    parts = [
        _named(
            pgettext("of an account", "status"),
            [str(Status(code).label) for code in profile.statuses if code in Status.values],
        ),
        _named(_("tier"), tiers),
        _named(_("relationship stage"), [str(Stage(code).label) for code in profile.stages if code in Stage.values]),
        _named(_("category"), [_category(code) for code in profile.categories]),
    ]
    return " · ".join(part for part in parts if part) or _("All accounts")


def exception_words(profile: Any) -> list[str]:
    """The exceptions, one sentence each."""
    return [
        _("%(signal)s at a severity of %(at)s or more: no more than %(cap)s points")
        % {"signal": label(row["signal"]), "at": f"{float(row['at']) * HUNDRED:.0f}", "cap": row["cap"]}
        for row in profile.exceptions
    ]


def hidden_by(profiles: Sequence[Any], profile: Any) -> Any:
    """The profile before it that lets every account of it through, so that it is never reached; None where it is."""
    for other in profiles:
        if other.pk == profile.pk:
            return None
        if other.is_active and all(_covers(getattr(other, name), getattr(profile, name)) for name in SEGMENTS):
            return other
    return None


def unit_words(signal: Signal) -> str:
    """What a bound is typed in."""
    return {
        Unit.DAYS: _("days"),
        Unit.TIMES: _("times"),
        Unit.SHARE: "%",
        Unit.POINTS: pgettext("unit of a signal", "points"),
        Unit.RATING: pgettext("unit of a signal", "points"),
        Unit.COUNT: "",
    }[signal.unit]


def typed_bound(signal: Signal, bound: float) -> float:
    """As it is typed: a share in per cent."""
    return round(bound * HUNDRED, 4) if signal.unit == Unit.SHARE else bound


def _covers(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    return not theirs or (bool(ours) and set(ours) <= set(theirs))


def _category(code: str) -> str:
    return str(Category(code).label) if code in Category.values else _("No category")


def _named(name: str, values: Sequence[str]) -> str:
    if not values:
        return ""
    return _("%(name)s: %(values)s") % {"name": name, "values": pgettext("between names", ", ").join(values)}


def _in_words(key: str, value: float) -> str:
    return bound_words({"signal": key, "bound": value})


def _sums(known: dict[str, Signal], weights: dict[str, float]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for key, signal in known.items():
        sums[signal.group] = sums.get(signal.group, 0.0) + weights[key]
    return sums
