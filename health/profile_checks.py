"""What can be wrong with a profile, field by field."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Category, Stage, Status, Tier
from health.choices import SignalGroup
from health.score import ProfileLike, Scale
from health.signals import Signal, Unit

MOST = 100
Problems = dict[str, list[str]]


def problems(profile: Any, known: Mapping[str, Signal]) -> Problems:
    """Field -> what is wrong with it, in sentences; empty where all is well."""
    found: Problems = {}
    _check(found, "tiers", _codes(profile.tiers, ["", *Tier.values]))
    _check(found, "stages", _codes(profile.stages, Stage.values))
    _check(found, "statuses", _codes(profile.statuses, Status.values))
    _check(found, "categories", _codes(profile.categories, ["", *Category.values]))
    _check(found, "groups", _groups(profile.groups))
    _check(found, "signals", _signals(profile.signals, known))
    _check(found, "exceptions", _exceptions(profile.exceptions, known))
    if not found:
        _check(found, "groups", _sums(profile, known))
    return found


def _check(found: Problems, field: str, sentences: Iterable[str]) -> None:
    told = list(sentences)
    if told:
        found[field] = told


def _codes(value: Any, allowed: Iterable[str]) -> Iterable[str]:
    if not isinstance(value, list):
        yield _("This is not a list.")
        return
    for unknown in [item for item in value if item not in list(allowed)]:
        yield _("%(value)s is not among the choices.") % {"value": unknown}


def _groups(value: Any) -> Iterable[str]:
    if not isinstance(value, dict):
        yield _("This is not an object.")
        return
    for group, weight in value.items():
        if group not in SignalGroup.values:
            yield _("%(value)s is not among the choices.") % {"value": group}
        elif not _number(weight, 0, MOST):
            yield _("%(name)s: a weight is a number from 0 to 100.") % {"name": SignalGroup(group).label}


def _signals(value: Any, known: Mapping[str, Signal]) -> Iterable[str]:
    if not isinstance(value, dict):
        yield _("This is not an object.")
        return
    for key, said in value.items():
        signal = known.get(key)
        if signal is None or not isinstance(said, dict):
            yield _("There is no signal %(key)s.") % {"key": key}
            continue
        if not _number(said.get("weight", 0), 0, MOST):
            yield _("%(name)s: a weight is a number from 0 to 100.") % {"name": signal.label}
        if said.get("bound") is not None and not _bound_fits(signal, said["bound"]):
            yield _("%(name)s: %(bound)s is no bound.") % {"name": signal.label, "bound": said["bound"]}


def _bound_fits(signal: Signal, bound: Any) -> bool:
    """A share lies within 0 and 2, a number of days or times above 0, points within those that can be given."""
    if signal.unit in (Unit.DAYS, Unit.TIMES):
        return _number(bound, 0, 1000) and bound > 0
    if signal.unit == Unit.SHARE:
        return _number(bound, 0, 2)
    return _number(bound, -100, 100) if signal.unit == Unit.POINTS else _number(bound, 0, 100)


def _exceptions(value: Any, known: Mapping[str, Signal]) -> Iterable[str]:
    if not isinstance(value, list):
        yield _("This is not a list.")
        return
    for row in value:
        if not isinstance(row, dict) or row.get("signal") not in known:
            yield _("There is no signal %(key)s.") % {"key": row.get("signal") if isinstance(row, dict) else row}
        elif not _number(row.get("at"), 0, 1) or not row["at"]:
            yield _("An exception holds from a severity above 0 up to 1.")
        elif not _number(row.get("cap"), 0, MOST):
            yield _("The score of an exception is a number from 0 to 100.")


def _sums(profile: ProfileLike, known: Mapping[str, Signal]) -> Iterable[str]:
    if not Scale(profile, known).weighs_something:
        yield _("The weights sum to 0: no account would have a score.")


def _number(value: Any, low: float, high: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and low <= value <= high
