"""What a shipped report is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

CONTACT, SALES, PORTFOLIO, CONTRACTS, SATISFACTION, RISK = (
    "contact",
    "sales",
    "portfolio",
    "contracts",
    "satisfaction",
    "risk",
)
THEMES: dict[str, str | Promise] = {
    CONTACT: _("Visits and contact"),
    SALES: _("Revenue"),
    PORTFOLIO: _("Portfolio and people"),
    CONTRACTS: _("Contracts and receivables"),
    SATISFACTION: pgettext_lazy("theme of reports", "Satisfaction"),
    RISK: _("Alerts and health"),
}


@dataclass(frozen=True)
class Shipped:
    """A report that comes with the product: `code` is its address, `about` says in a sentence what it answers."""

    code: str
    theme: str
    name: str | Promise
    about: str | Promise
    definition: dict[str, Any]


def count() -> dict[str, str]:
    return {"function": "count"}


def total(column: str) -> dict[str, str]:
    return {"function": "sum", "column": column}


def measure(function: str, column: str) -> dict[str, str]:
    return {"function": function, "column": column}


def period(column: str, code: str) -> dict[str, Any]:
    return {"column": column, "op": "period", "value": code}


def one_of(column: str, *values: str) -> dict[str, Any]:
    return {"column": column, "op": "in", "value": list(values)}


def yes(column: str) -> dict[str, Any]:
    return {"column": column, "op": "is", "value": True}


def no(column: str) -> dict[str, Any]:
    return {"column": column, "op": "is", "value": False}


def by(*columns: str) -> list[dict[str, str]]:
    """Groups; a date with its grain as `date/month`."""
    return [_group(column) for column in columns]


def across(column: str) -> dict[str, str]:
    return _group(column)


def _group(text: str) -> dict[str, str]:
    column, _sep, grain = text.partition("/")
    return {"column": column, **({"grain": grain} if grain else {})}
