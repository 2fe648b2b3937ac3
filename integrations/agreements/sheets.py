"""The four sheets of a file of contracts: their fields, and how each cell is read."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.choices import ContractKind, ReceiptKind, ReceiptMethod
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, Receipt
from core.money import CURRENCY_CHOICES
from integrations.agreements.problems import FIELD_NAMES
from integrations.tables.cells import (
    SHOWN,
    Choices,
    choice_words,
    clean_text,
    fitting,
    read_choice,
    read_day,
    read_number,
    read_whole,
)
from integrations.tables.headings import Headings
from integrations.tables.problems import RowBad
from orders.intake.columns import normalise
from orders.intake.values import text_of

WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
CONTRACTS, LINES, INSTALMENTS, RECEIPTS = "contracts", "lines", "instalments", "receipts"
KEY = ("account", "external_number")
MOST = 32_000  # that columns of small numbers hold

Reader = Callable[[str, Any], Any]


@dataclass(frozen=True)
class Sheet:
    """A sheet: `fields` and how their cells are read, in the order of the template."""

    name: str
    label: str | Promise
    fields: Mapping[str, Reader]
    required: tuple[str, ...]
    is_needed: bool = True

    @property
    def choices(self) -> dict[str, Choices]:
        """Field -> its closed list."""
        return {name: CHOICES[self.name, name] for name in self.fields if (self.name, name) in CHOICES}


@dataclass
class SheetRow:
    """One row as values: what stands in the file, field by field; a field that is empty there is not in it."""

    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[RowBad] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What makes rows of several sheets one contract."""
        return self.values.get("account", ""), self.values.get("external_number", "")


CHOICES: dict[tuple[str, str], Choices] = {
    (CONTRACTS, "kind"): ContractKind,
    (RECEIPTS, "kind"): ReceiptKind,
    (RECEIPTS, "method"): ReceiptMethod,
}
_OTHER_WORDS: dict[Choices, str] = {ContractKind: "contract_kind", ReceiptKind: "receipt_kind", ReceiptMethod: "method"}


def _text(model: type[models.Model]) -> Reader:
    return lambda name, cell: fitting(name, clean_text(name, cell), model)


def _plain(name: str, cell: Any) -> str:
    return clean_text(name, cell)


def _login(name: str, cell: Any) -> str:
    return clean_text(name, cell).lower()


def _whole(most: int) -> Reader:
    return lambda name, cell: read_whole(name, cell, most)


def _from_one(name: str, cell: Any) -> int:
    return int(_above_zero(0)(name, read_whole(name, cell, MOST)))


def _not_negative(digits: int, whole: int = 14) -> Reader:
    def read(name: str, cell: Any) -> Decimal:
        number = read_number(name, cell, digits, whole)
        if number < 0:
            raise RowBad("negative_number", name, value=text_of(cell)[:SHOWN])
        return number

    return read


def _above_zero(digits: int) -> Reader:
    def read(name: str, cell: Any) -> Decimal:
        number = read_number(name, cell, digits, 14)
        if number <= 0:
            raise RowBad("not_above_zero", name, value=text_of(cell)[:SHOWN])
        return number

    return read


def _choice(choices: Choices) -> Reader:
    def read(name: str, cell: Any) -> Any:
        return read_choice(name, clean_text(name, cell), choices, _words_of(choices))

    return read


@cache
def _words_of(choices: Choices) -> dict[str, Any]:
    return choice_words(choices, WORDS["choices"][_OTHER_WORDS[choices]])


@cache
def _currencies() -> dict[str, str]:
    """What files may write for a currency -> its code."""
    found = {normalise(code): code for code, _name in CURRENCY_CHOICES} | {"rmb": "CNY"}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            for code, name in CURRENCY_CHOICES:
                found.setdefault(normalise(str(name)), code)
    return found


def _currency(name: str, cell: Any) -> str:
    text = clean_text(name, cell)
    found = _currencies().get(normalise(text))
    if found is None:
        raise RowBad("unknown_currency", name, currency=text[:SHOWN])
    return found


SHEETS = {
    CONTRACTS: Sheet(
        CONTRACTS,
        _("Contracts"),
        {
            "account": _plain,
            "external_number": _text(Contract),
            "title": _text(Contract),
            "kind": _choice(ContractKind),
            "currency": _currency,
            "signed_on": read_day,
            "start_date": read_day,
            "end_date": read_day,
            "net_amount": _not_negative(3),
            "product_line": _plain,
            "tax_rate": _not_negative(2, 2),
            "notice_days": _whole(MOST),
            "auto_renewal_months": _whole(120),
            "owner": _login,
            "our_party": _text(Contract),
            "customer_party": _text(Contract),
            "payment_terms": _text(ContractVersion),
        },
        (*KEY, "title", "currency", "signed_on", "start_date", "end_date"),
    ),
    LINES: Sheet(
        LINES,
        pgettext_lazy("of a contract", "Lines"),
        {
            "account": _plain,
            "external_number": _text(Contract),
            "product_line": _plain,
            "description": _text(ContractLine),
            "quantity": _not_negative(3, 13),
            "unit": _text(ContractLine),
            "unit_price": _not_negative(4),
            "discount": _not_negative(2, 3),
        },
        (*KEY, "product_line", "unit_price"),
        is_needed=False,
    ),
    INSTALMENTS: Sheet(
        INSTALMENTS,
        _("Instalments"),
        {
            "account": _plain,
            "external_number": _text(Contract),
            "number": _from_one,
            "title": _text(Instalment),
            "amount": _above_zero(3),
            "due_date": read_day,
            "event": _text(Instalment),
            "days_after": _whole(3650),
            "event_date": read_day,
            "invoice_number": _text(Instalment),
            "invoice_date": read_day,
        },
        (*KEY, "number", "amount"),
    ),
    RECEIPTS: Sheet(
        RECEIPTS,
        _("Receipts"),
        {
            "account": _plain,
            "external_number": _text(Contract),
            "reference": _text(Receipt),
            "date": read_day,
            "amount": _above_zero(3),
            "currency": _currency,
            "kind": _choice(ReceiptKind),
            "method": _choice(ReceiptMethod),
            "number": _from_one,
            "invoice_number": _text(Receipt),
            "note": _text(Receipt),
        },
        (*KEY, "reference", "date", "amount"),
    ),
}
HEADINGS = {
    name: Headings({part: FIELD_NAMES[part] for part in sheet.fields}, sheet.required, {**WORDS["key"], **WORDS[name]})
    for name, sheet in SHEETS.items()
}


@cache
def sheet_words() -> dict[str, str]:
    """How sheets are called in any language, as `normalise` leaves it -> the sheet."""
    words: dict[str, str] = {}
    for name, sheet in SHEETS.items():
        for word in (name, *WORDS["sheets"][name]):
            words.setdefault(normalise(word), name)
        for language, _label in settings.LANGUAGES:
            with translation.override(language):
                words.setdefault(normalise(str(sheet.label)), name)
    return words


def read_cells(sheet: str, row: int, cells: Sequence[Any], positions: Mapping[str, int], width: int) -> SheetRow:
    """The row as values; what cannot be read is in `problems`, and everything else is read all the same."""
    found = SheetRow(sheet, row)
    if any(text_of(cell) for cell in cells[width:]):
        found.problems.append(RowBad("too_many_cells"))
    raw = {name: cells[at] for name, at in positions.items() if at < len(cells) and text_of(cells[at])}
    for name in SHEETS[sheet].required:
        if name not in raw:
            found.problems.append(RowBad("missing_value", name))
    for name, cell in raw.items():
        try:
            found.values[name] = SHEETS[sheet].fields[name](name, cell)
        except RowBad as problem:
            found.problems.append(problem)
    return found
