"""The conditions of alert rules in words, and the measures that they can be about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import numbers
from health.conditions import PLAIN, SIGNAL, VALUE, is_share
from health.models import AlertRule
from health.signals import Signal, Unit, all_signals, find
from health.signals.words import label, value_words

SIGNS = {"gte": "≥", "lte": "≤"}


def known_measures() -> list[tuple[str, Any]]:
    """Measures for a select, in groups: what is computed of an account, how bad its signals are, their own numbers."""
    signals = all_signals().values()
    return [
        (_("The account"), [(measure, _with_unit(*_plain(measure))) for measure in PLAIN]),
        (_("How severe a signal is"), [(f"{SIGNAL}{o.key}", _with_unit(_severity(o.key), "%")) for o in signals]),
        (_("The number of a signal"), [(f"{VALUE}{o.key}", _with_unit(label(o.key), _unit(o))) for o in signals]),
    ]


def condition_sentences(rule: AlertRule) -> list[str]:
    """Each condition in words: Churn probability ≥ 60%."""
    return [_sentence(condition) for condition in rule.conditions]


def in_per_cent(measure: str) -> bool:
    """It is typed and read in per cent, and kept as a share."""
    signal = find(measure.removeprefix(VALUE)) if measure.startswith(VALUE) else None
    return is_share(measure) or (signal is not None and signal.unit == Unit.SHARE)


def _sentence(condition: Mapping[str, Any]) -> str:
    measure, sign = condition["measure"], SIGNS.get(condition["op"], condition["op"])
    value = _value(measure, condition["value"])
    if measure.startswith(SIGNAL):
        name = _severity(measure.removeprefix(SIGNAL))
    else:
        name = label(measure.removeprefix(VALUE)) if measure.startswith(VALUE) else _plain(measure)[0]
    return f"{name} {sign} {value}"


def _severity(key: str) -> str:
    return _("%(signal)s: severity") % {"signal": label(key)}


def _value(measure: str, value: float) -> str:
    if measure.startswith(VALUE):
        return value_words({"signal": measure.removeprefix(VALUE), "value": value})
    if is_share(measure):
        return numbers.percent(value, 0 if round(value * 100, 6).is_integer() else 1)
    if measure == "value_at_risk":
        return numbers.full_money(Decimal(str(value)), settings.REPORTING_CURRENCY)
    return numbers.plain(Decimal(str(value)))


def _plain(measure: str) -> tuple[str, str]:
    """The words and the unit of what is computed of an account."""
    return {
        "score": (_("Health score"), "0–100"),
        "probability": (_("Churn probability"), "%"),
        "drop_probability": (_("Probability that spending halves"), "%"),
        "value_at_risk": (_("Value at risk"), settings.REPORTING_CURRENCY),
    }.get(measure, (measure, ""))


def _unit(signal: Signal) -> str:
    return {
        Unit.DAYS: pgettext("unit", "days"),
        Unit.TIMES: pgettext("unit", "times"),
        Unit.SHARE: "%",
        Unit.POINTS: pgettext("unit", "points"),
        Unit.RATING: pgettext("unit", "points"),
        Unit.COUNT: pgettext("unit", "number"),
    }[signal.unit]


def _with_unit(words: str, unit: str) -> str:
    return _("%(measure)s, %(unit)s") % {"measure": words, "unit": unit} if unit else words
