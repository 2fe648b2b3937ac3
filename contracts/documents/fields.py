"""The fields that a template may have, with their meaning, and their values for a version of a contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.choices import DueBy, Side
from contracts.due_words import event_words
from contracts.models import ContractLine, ContractVersion, Instalment, Signatory
from core import numbers
from core.markdown import unmarked
from core.money import minor_digits

Values = dict[str, str]


@dataclass(frozen=True)
class Data:
    """A version with all that a document says of it, read once."""

    version: ContractVersion
    today: dt.date
    lines: Sequence[ContractLine] = ()
    instalments: Sequence[Instalment] = ()
    signatories: Sequence[Signatory] = ()


@dataclass(frozen=True)
class Field:
    """One field: what it means and how its text is made of a subject."""

    label: str | Promise
    text: Callable[[Any], str]


@dataclass(frozen=True)
class Filling:
    """The values of a document: those that hold everywhere, and one set for each row of a repeated table row."""

    values: Values
    rows: Mapping[str, Sequence[Values]] = field(default_factory=dict)


def _day(date: dt.date | None) -> str:
    return formats.date_format(date, "DATE_FORMAT") if date else ""


def _decimal(value: Decimal) -> str:
    """The number with as many decimals as it needs."""
    exponent = value.normalize().as_tuple().exponent
    return numbers.plain(value, max(-exponent, 0) if isinstance(exponent, int) else 0)


def _amount(value: Decimal, version: ContractVersion) -> str:
    return numbers.plain(value, minor_digits(version.contract.currency))


def _price(line: ContractLine) -> str:
    """The unit price, with the minor unit's digits at least."""
    least = minor_digits(line.version.contract.currency)
    exponent = line.unit_price.normalize().as_tuple().exponent
    return numbers.plain(line.unit_price, max(least, -exponent if isinstance(exponent, int) else 0))


def _people(data: Data, side: Side) -> str:
    people = [person for person in data.signatories if person.side == side]
    return "\n".join(f"{person.name} {person.position}".strip() for person in people)


def _due(row: Instalment) -> str:
    """The date, or the event and how many days later."""
    if row.due_by == DueBy.DATE or row.due_date:
        return _day(row.due_date)
    return event_words(row.event, row.days_after)


FIELDS: dict[str, Field] = {
    "contract.number": Field(_("contract number"), lambda d: d.version.contract.number),
    "contract.external_number": Field(_("number elsewhere"), lambda d: d.version.contract.external_number),
    "contract.kind": Field(_("kind"), lambda d: d.version.contract.get_kind_display()),
    "contract.title": Field(_("title"), lambda d: d.version.contract.title),
    "contract.currency": Field(_("currency"), lambda d: d.version.contract.currency),
    "contract.our_party": Field(_("our party"), lambda d: d.version.contract.our_party),
    "contract.customer_party": Field(_("the customer's party"), lambda d: d.version.contract.customer_party),
    "contract.owner": Field(_("owner"), lambda d: d.version.contract.owner.name),
    "account.name": Field(_("name of the account"), lambda d: d.version.contract.account.name),
    "account.name_en": Field(_("English name of the account"), lambda d: d.version.contract.account.name_en),
    "account.code": Field(_("code of the account"), lambda d: d.version.contract.account.code),
    "version.number": Field(_("version"), lambda d: str(d.version.number)),
    "version.reason": Field(_("reason of the amendment"), lambda d: d.version.reason),
    "version.effective_date": Field(_("effective from"), lambda d: _day(d.version.effective_date)),
    "version.start_date": Field(_("start"), lambda d: _day(d.version.start_date)),
    "version.end_date": Field(_("end"), lambda d: _day(d.version.end_date)),
    "version.notice_days": Field(_("notice period in days"), lambda d: str(d.version.notice_days)),
    "version.auto_renewal_months": Field(
        _("renews itself for months"), lambda d: str(d.version.auto_renewal_months or "")
    ),
    "version.tax_rate": Field(_("tax rate in per cent"), lambda d: _decimal(d.version.tax_rate)),
    "version.payment_terms": Field(_("terms of payment"), lambda d: d.version.payment_terms),
    "version.terms": Field(_("terms"), lambda d: unmarked(d.version.terms)),
    "version.net_amount": Field(_("net total"), lambda d: _amount(d.version.net_amount, d.version)),
    "version.tax_amount": Field(_("tax"), lambda d: _amount(d.version.tax_amount, d.version)),
    "version.gross_amount": Field(_("total"), lambda d: _amount(d.version.gross_amount, d.version)),
    "version.signed_on": Field(_("signed on"), lambda d: _day(d.version.signed_on)),
    "signatories.ours": Field(_("who signs for us"), lambda d: _people(d, Side.OURS)),
    "signatories.customer": Field(_("who signs for the customer"), lambda d: _people(d, Side.CUSTOMER)),
    "document.date": Field(_("day on which the document is made"), lambda d: _day(d.today)),
}
ROW_FIELDS: dict[str, dict[str, Field]] = {
    "line": {
        "line.position": Field(pgettext_lazy("in an order", "position"), lambda row: str(row.position)),
        "line.product_line": Field(_("product line"), lambda row: str(row.product_line)),
        "line.description": Field(_("description"), lambda row: row.description),
        "line.quantity": Field(_("quantity"), lambda row: _decimal(row.quantity)),
        "line.unit": Field(_("unit"), lambda row: row.unit),
        "line.unit_price": Field(_("unit price"), _price),
        "line.discount": Field(_("discount in per cent"), lambda row: _decimal(row.discount)),
        "line.amount": Field(_("amount"), lambda row: _amount(row.amount, row.version)),
    },
    "instalment": {
        "instalment.position": Field(pgettext_lazy("in an order", "position"), lambda row: str(row.position)),
        "instalment.title": Field(_("title"), lambda row: row.title),
        "instalment.amount": Field(_("amount"), lambda row: _amount(row.amount, row.version)),
        "instalment.due": Field(_("due date"), _due),
    },
}


def kind_of(name: str) -> str:
    """The kind of row that a field is of, "" for one that holds everywhere."""
    return next((kind for kind, fields in ROW_FIELDS.items() if name in fields), "")


def is_known(name: str) -> bool:
    return name in FIELDS or bool(kind_of(name))


def described() -> list[tuple[str, list[tuple[str, str | Promise]]]]:
    """The fields for people: ("" or the kind of row, [(name, meaning)])."""
    groups: Iterable[tuple[str, dict[str, Field]]] = [("", FIELDS), *ROW_FIELDS.items()]
    return [(kind, [(name, found.label) for name, found in fields.items()]) for kind, fields in groups]


def filling(data: Data) -> Filling:
    """All values in the language that is active."""
    rows: dict[str, Sequence[Any]] = {"line": data.lines, "instalment": data.instalments}
    for row in chain(*rows.values()):
        row.version = data.version
    return Filling(
        {name: found.text(data) for name, found in FIELDS.items()},
        {kind: [_texts(ROW_FIELDS[kind], row) for row in found] for kind, found in rows.items()},
    )


def _texts(fields: Mapping[str, Field], row: Any) -> Values:
    return {name: found.text(row) for name, found in fields.items()}
