"""The parameters of a policy version: one flat set of names for the form, the API and the errors.

Pareto: `cut_a`, `cut_b` (percent of cumulative revenue). Threshold: `measure`, `bound_a`, `bound_b` (the policy's
currency). Scorecard: `band_a`, `band_b` (score), `weight_<criterion>`, `points_<criterion>` (pairs of value and score).
All: `down_runs`, `up_runs`, `margin`, `combine` (hysteresis). Numbers are kept as text, so they stay exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tiers import hysteresis, pareto, scorecard, threshold
from tiers.choices import Combine, Criterion, Measure, Method

Errors = dict[str, Any]
HUNDRED = Decimal(100)
MAX_RUNS = 12
# Points of a criterion unless given: percent for growth, margin and wallet share, years for tenure, else 0 to 100.
DEFAULT_POINTS: dict[str, list[list[str]]] = {
    "revenue": [["0", "0"], ["1000000", "100"]],
    "growth": [["-50", "0"], ["0", "50"], ["50", "100"]],
    "margin": [["0", "0"], ["40", "100"]],
    "potential": [["0", "0"], ["100", "100"]],
    "wallet_share": [["0", "0"], ["50", "100"]],
    "payment_behaviour": [["0", "0"], ["100", "100"]],
    "tenure": [["0", "0"], ["10", "100"]],
    "strategic_fit": [["0", "0"], ["100", "100"]],
}
HYSTERESIS_DEFAULTS = {"down_runs": 1, "up_runs": 1, "margin": "0", "combine": Combine.ANY.value}
DEFAULTS: dict[str, dict[str, Any]] = {
    Method.PARETO: {"cut_a": "80", "cut_b": "95"},
    Method.THRESHOLD: {"measure": Measure.TOTAL.value, "bound_a": "1000000", "bound_b": "200000"},
    Method.SCORECARD: {
        "band_a": "70",
        "band_b": "40",
        **{f"weight_{name}": "0" for name in Criterion.values},
        **{f"points_{name}": points for name, points in DEFAULT_POINTS.items()},
        "weight_revenue": "40",
        "weight_growth": "20",
        "weight_potential": "20",
        "weight_strategic_fit": "20",
    },
}


def clean(method: str, raw: Any) -> dict[str, Any]:
    """The parameters in full and in one spelling. Raises ValidationError by parameter name."""
    if method not in DEFAULTS:
        raise ValidationError({"method": _("“%(method)s” is not a method.") % {"method": method}})
    if not isinstance(raw, Mapping):
        raise ValidationError({"parameters": _("Parameters are an object of names and values.")})
    errors = _unknown(method, raw)
    values = {**HYSTERESIS_DEFAULTS, **_defaults(method, raw), **{k: v for k, v in raw.items() if k not in errors}}
    cleaned = {name: _value(name, value, errors) for name, value in values.items()}
    if not errors:
        CHECKS[method](cleaned, errors)
        _check_hysteresis(cleaned, errors)
    if errors:
        raise ValidationError(errors)
    return cleaned


def cuts(parameters: Mapping[str, Any]) -> pareto.Cuts:
    return pareto.Cuts(Decimal(parameters["cut_a"]), Decimal(parameters["cut_b"]))


def bounds(parameters: Mapping[str, Any]) -> threshold.Bounds:
    return threshold.Bounds(Decimal(parameters["bound_a"]), Decimal(parameters["bound_b"]))


def bands(parameters: Mapping[str, Any]) -> scorecard.Bands:
    return scorecard.Bands(Decimal(parameters["band_a"]), Decimal(parameters["band_b"]))


def criteria(parameters: Mapping[str, Any]) -> dict[str, scorecard.Criterion]:
    """The criteria with a weight, in the order of the list."""
    found = {}
    for name in Criterion.values:
        if weight := Decimal(parameters.get(f"weight_{name}", "0")):
            points = parameters.get(f"points_{name}", DEFAULT_POINTS[name])
            found[name] = scorecard.Criterion(weight, [(Decimal(x), Decimal(y)) for x, y in points])
    return found


def hysteresis_rule(parameters: Mapping[str, Any]) -> hysteresis.Rule:
    return hysteresis.Rule(
        down_runs=parameters["down_runs"],
        up_runs=parameters["up_runs"],
        margin=Decimal(parameters["margin"]),
        need_both=parameters["combine"] == Combine.ALL,
    )


def parse_points(text: str) -> list[list[str]]:
    """`0:0, 100000:50` as pairs. Raises ValueError where a pair is not two parts."""
    pairs = [part.strip() for part in text.replace("，", ",").replace("：", ":").split(",") if part.strip()]
    return [[part.strip() for part in pair.split(":", 1)] if ":" in pair else _no_pair(pair) for pair in pairs]


def points_text(points: list[list[str]]) -> str:
    """The pairs as `parse_points` reads them."""
    return ", ".join(f"{x}:{y}" for x, y in points)


def _no_pair(pair: str) -> list[str]:
    raise ValueError(pair)


def _defaults(method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is taken where nothing is said. A scorecard that names any weight has only the weights that it names."""
    values = dict(DEFAULTS[method])
    if any(name.startswith("weight_") for name in raw):
        values.update({name: "0" for name in values if name.startswith("weight_")})
    return values


def _unknown(method: str, raw: Mapping[str, Any]) -> Errors:
    known = DEFAULTS[method].keys() | HYSTERESIS_DEFAULTS.keys()
    errors: Errors = {}
    for name in raw:
        if name in known:
            continue
        kind, _sep, criterion = str(name).partition("_")
        if method == Method.SCORECARD and kind in ("weight", "points"):
            errors[name] = _("There is no criterion “%(name)s”.") % {"name": criterion}
        else:
            errors[str(name)] = _("There is no parameter “%(name)s” in this method.") % {"name": name}
    return errors


def _value(name: str, value: Any, errors: Errors) -> Any:
    """One value in its own type; a wrong one leaves an error."""
    if name in ("measure", "combine"):
        allowed = Measure.values if name == "measure" else Combine.values
        if value not in allowed:
            errors[name] = _("“%(value)s” is not one of %(names)s.") % {"value": value, "names": ", ".join(allowed)}
        return str(value)
    if name in ("down_runs", "up_runs"):
        return _whole(name, value, errors)
    if name.startswith("points_"):
        return _points(name, value, errors)
    number = _number(value)
    if number is None:
        errors[name] = _("Enter a number.")
        return value
    return format(number, "f")


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15 or int(number.as_tuple().exponent) < -6:
        return None
    return number.normalize() + 0


def _whole(name: str, value: Any, errors: Errors) -> int:
    number = _number(value)
    if number is None or number != int(number) or not 1 <= number <= MAX_RUNS:
        errors[name] = _("Enter a whole number from 1 to %(most)s.") % {"most": MAX_RUNS}
        return 1
    return int(number)


def _points(name: str, value: Any, errors: Errors) -> list[list[str]]:
    given = [[_number(n) for n in pair] for pair in value if isinstance(pair, list | tuple)] if _is_list(value) else []
    pairs = [(x, y) for x, y in (pair for pair in given if len(pair) == 2) if x is not None and y is not None]
    if len(pairs) < 2 or len(pairs) != len(value):
        errors[name] = _("Give at least two points as value:score, such as 0:0, 1000:100.")
        return []
    if any(a[0] >= b[0] for a, b in pairwise(pairs)):
        errors[name] = _("The values of the points must rise.")
    elif any(not 0 <= score <= HUNDRED for _x, score in pairs):
        errors[name] = _("The scores of the points lie between 0 and 100.")
    return [[format(x, "f"), format(y, "f")] for x, y in pairs]


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _check_pareto(values: Mapping[str, Any], errors: Errors) -> None:
    a, b = cuts(values)
    for name, cut in (("cut_a", a), ("cut_b", b)):
        if not 0 < cut <= HUNDRED:
            errors[name] = _("A cut lies above 0 and not above 100.")
    if not errors and b <= a:
        errors["cut_b"] = _("B must end after A: enter more than %(a)s.") % {"a": values["cut_a"]}


def _check_threshold(values: Mapping[str, Any], errors: Errors) -> None:
    a, b = bounds(values)
    for name, bound in (("bound_a", a), ("bound_b", b)):
        if bound <= 0:
            errors[name] = _("A bound lies above 0.")
    if not errors and b >= a:
        errors["bound_b"] = _("The bands overlap: B must start below A (%(a)s).") % {"a": values["bound_a"]}


def _check_scorecard(values: Mapping[str, Any], errors: Errors) -> None:
    a, b = bands(values)
    for name, band in (("band_a", a), ("band_b", b)):
        if not 0 < band <= HUNDRED:
            errors[name] = _("A band starts above 0 and not above 100.")
    if not errors and b >= a:
        errors["band_b"] = _("The bands overlap: B must start below A (%(a)s).") % {"a": values["band_a"]}
    weights = {name: Decimal(values[f"weight_{name}"]) for name in Criterion.values}
    for name, weight in weights.items():
        if weight < 0:
            errors[f"weight_{name}"] = _("A weight cannot be negative.")
    if sum(weights.values()) <= 0:
        errors["weight_revenue"] = _("The weights sum to 0: give at least one criterion a weight.")


def _check_hysteresis(values: Mapping[str, Any], errors: Errors) -> None:
    if not 0 <= Decimal(values["margin"]) < HUNDRED:
        errors["margin"] = _("A margin lies between 0 and 100.")


CHECKS: dict[str, Callable[[Mapping[str, Any], Errors], None]] = {
    Method.PARETO: _check_pareto,
    Method.THRESHOLD: _check_threshold,
    Method.SCORECARD: _check_scorecard,
}
