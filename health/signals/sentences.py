"""The sentence of each of our own signals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.choices import InterruptionReason
from contacts.choices import DecisionRole
from core import numbers

LINES_NAMED = 3


class Said(NamedTuple):
    """A part with its value and its bound in words."""

    part: Mapping[str, Any]
    value: str
    bound: str

    @property
    def facts(self) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = self.part["facts"]
        return facts

    @property
    def words(self) -> dict[str, Any]:
        """What most sentences need."""
        return {**self.facts, "value": self.value, "bound": self.bound, "date": _day(self.part["date"])}


def _day(iso: str | None) -> str:
    """A date as the language writes it; what is none stays as it was stored."""
    try:
        return formats.date_format(dt.date.fromisoformat(iso), "DATE_FORMAT") if iso else "–"
    except ValueError:
        return str(iso)


def days(count: float) -> str:
    """A number of days."""
    whole = round(count)
    return ngettext("%(count)s day", "%(count)s days", abs(whole)) % {"count": numbers.plain(whole)}


def _money(amount: float | None) -> str:
    if amount is None:
        return "–"
    return numbers.full_money(Decimal(str(amount)), settings.REPORTING_CURRENCY)


def _probability(said: Said) -> str:
    return _("Probability of no order in the next 90 days: %(value)s (limit %(bound)s)") % said.words


def _order_gap(said: Said) -> str:
    words = said.words | {"silent": days(said.facts["days"]), "interval": days(said.facts["interval"])}
    return (
        _("No order for %(silent)s, its own interval is %(interval)s: %(value)s (limit %(bound)s); last order %(date)s")
        % words
    )


def _revenue_trend(said: Said) -> str:
    words = said.words | {"net": _money(said.facts["net"]), "expected": _money(said.facts["expected"])}
    return (
        _(
            "Revenue of the last 90 days is %(value)s of what its own season makes expect (limit %(bound)s): "
            "%(net)s instead of %(expected)s"
        )
        % words
    )


def _lines_dropped(said: Said) -> str:
    lines = said.facts["lines"]
    if not lines:
        return _("No product line that it bought regularly is dropped")
    names = [_local(line) for line in lines[:LINES_NAMED]]
    if len(lines) > LINES_NAMED:
        names.append("…")
    words = said.words | {"count": len(lines), "names": pgettext("between names", ", ").join(names)}
    return ngettext(
        "%(count)s product line that made %(value)s of its revenue is dropped (limit %(bound)s): %(names)s; "
        "last bought %(date)s",
        "%(count)s product lines that made %(value)s of its revenue are dropped (limit %(bound)s): %(names)s; "
        "last bought %(date)s",
        len(lines),
    ) % words  # fmt: skip


def _order_size(said: Said) -> str:
    words = said.words | {"now": _money(said.facts["now"]), "usual": _money(said.facts["usual"])}
    return (
        _("Its last three orders are %(value)s of the usual size (limit %(bound)s): %(now)s instead of %(usual)s")
        % words
    )


def _order_breadth(said: Said) -> str:
    words = said.words | {"now": f"{said.facts['now']:g}", "usual": f"{said.facts['usual']:g}"}
    return (
        _(
            "Its last three orders have %(value)s of the usual number of lines (limit %(bound)s): "
            "%(now)s instead of %(usual)s"
        )
        % words
    )


def _returns(said: Said) -> str:
    words = said.words | {"sold": _money(said.facts["sold"]), "returned": _money(said.facts["returned"])}
    if not said.facts["returned"]:
        return _("Nothing was returned in the last 180 days")
    return _("%(value)s of the last 180 days' sales came back (limit %(bound)s): %(returned)s of %(sold)s") % words


def _contact_gap(said: Said) -> str:
    words = said.words | {"silent": days(said.facts["days"]), "cadence": days(said.facts["cadence"])}
    if not said.facts["ever"]:
        return (
            _("No contact yet, known for %(silent)s; the cadence is %(cadence)s: %(value)s (limit %(bound)s)") % words
        )
    return _("Last contact %(date)s, %(silent)s ago; the cadence is %(cadence)s: %(value)s (limit %(bound)s)") % words


def _nps(said: Said) -> str:
    return (
        ngettext(
            "NPS of 12 months: %(value)s (limit %(bound)s); %(people)s person answered, the last on %(date)s",
            "NPS of 12 months: %(value)s (limit %(bound)s); %(people)s people answered, the last on %(date)s",
            said.facts["people"],
        )
        % said.words
    )


def _nps_fallen(said: Said) -> str:
    if said.part["value"] <= 0:
        return _("Who answered before recommends us no less than then; last answer %(date)s") % said.words
    return (
        _("Who answered before now gives %(value)s of 10 points less (limit %(bound)s); last answer %(date)s")
        % said.words
    )


def _csat(said: Said) -> str:
    return _("Satisfaction: %(value)s of 5 (limit %(bound)s); last answer %(date)s") % said.words


def _unanswered(said: Said) -> str:
    if not said.part["value"]:
        return _("The last survey was answered; asked on %(date)s") % said.words
    return (
        ngettext(
            "%(value)s survey in a row was not answered (limit %(bound)s); last asked %(date)s",
            "%(value)s surveys in a row were not answered (limit %(bound)s); last asked %(date)s",
            round(said.part["value"]),
        )
        % said.words
    )


def _renewal(said: Said) -> str:
    if not said.facts["idle"]:
        return _("The next notice date, %(date)s, is not near, or somebody is at it") % said.words
    if said.part["value"] < 0:
        words = said.words | {"past": days(-said.part["value"])}
        return _("The notice date %(date)s passed %(past)s ago and nobody did anything") % words
    return _("The notice date %(date)s is in %(value)s and nobody has done anything (limit %(bound)s)") % said.words


def _payment(said: Said) -> str:
    if not said.part["value"]:
        return _("All instalments that were due are paid")
    words = said.words | {"amount": _money(said.facts["amount"])}
    return (
        ngettext(
            "%(count)s instalment is overdue since %(date)s: %(value)s (limit %(bound)s); open: %(amount)s",
            "%(count)s instalments are overdue, the oldest since %(date)s: %(value)s (limit %(bound)s); "
            "open: %(amount)s",
            said.facts["count"],
        )
        % words
    )


def _contact_left(said: Said) -> str:
    if not said.part["value"]:
        return _("Nobody with a say in decisions has left within 120 days")
    words = said.words | {"roles": _labels(DecisionRole, said.facts["roles"])}
    return (
        ngettext(
            "%(value)s person with a say in decisions has left within 120 days (limit %(bound)s): %(roles)s; "
            "on %(date)s",
            "%(value)s people with a say in decisions have left within 120 days (limit %(bound)s): %(roles)s; "
            "the last on %(date)s",
            round(said.part["value"]),
        )
        % words
    )


def _single_threaded(said: Said) -> str:
    if not said.part["value"]:
        return (
            _(
                "None of the %(known)s known people was in contact with us within 180 days (limit %(bound)s); "
                "last contact %(date)s"
            )
            % said.words
        )
    return (
        _(
            "%(value)s of %(known)s known people had contact with us within 180 days (limit %(bound)s); "
            "last contact %(date)s"
        )
        % said.words
    )


def _manager_changed(said: Said) -> str:
    if not said.part["value"]:
        return _("The account manager has not changed within a year")
    return (
        ngettext(
            "The account manager changed %(value)s time within a year (limit %(bound)s), last on %(date)s",
            "The account manager changed %(value)s times within a year (limit %(bound)s), last on %(date)s",
            round(said.part["value"]),
        )
        % said.words
    )


def _stage(said: Said) -> str:
    if not said.part["value"]:
        return _("The relationship is not interrupted")
    reason = _labels(InterruptionReason, [said.facts.get("reason") or ""])
    words = said.words | {"reason": reason or "–"}
    if said.part["date"] is None:
        return _("The relationship is interrupted: %(reason)s") % words
    return _("The relationship is interrupted since %(date)s: %(reason)s") % words


def _labels(choices: Any, values: list[str]) -> str:
    labels: dict[str, str | Promise] = dict(choices.choices)
    return pgettext("between names", ", ").join(str(labels[value]) for value in values if value in labels)


def _local(line: Mapping[str, Any]) -> str:
    """The name of a product line in the reader's language."""
    english = (translation.get_language() or "").startswith("en")
    return str(line["name_en"] if english and line["name_en"] else line["name"])


SENTENCES: dict[str, Callable[[Said], str]] = {
    "churn_probability": _probability,
    "order_gap": _order_gap,
    "revenue_trend": _revenue_trend,
    "lines_dropped": _lines_dropped,
    "order_size": _order_size,
    "order_breadth": _order_breadth,
    "returns": _returns,
    "contact_gap": _contact_gap,
    "nps_low": _nps,
    "nps_fallen": _nps_fallen,
    "csat_low": _csat,
    "survey_unanswered": _unanswered,
    "renewal_near": _renewal,
    "payment_overdue": _payment,
    "key_contact_left": _contact_left,
    "single_threaded": _single_threaded,
    "manager_changed": _manager_changed,
    "stage_interrupted": _stage,
}
