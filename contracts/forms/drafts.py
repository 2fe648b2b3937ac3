"""The page of a draft as one form: contract, version, and rows of three kinds that are added and taken out at will."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contracts import totals
from contracts.choices import Side
from contracts.forms.contracts import (
    FIELDS,
    INSTALMENTS,
    LINES,
    MOST_ROWS,
    SETS,
    SIGNATORIES,
    Choices,
    ContractForm,
    Rows,
    VersionForm,
)
from contracts.models import Contract, ContractLine, ContractPolicy, ContractVersion, Instalment
from contracts.services import Parts, parts_of
from core.errors import DomainError
from core.forms import scope_form
from core.money import CURRENCIES, minor_digits
from users.models import User

FIRST_ROWS: dict[str, list[dict[str, Any]]] = {
    LINES: [{}],
    SIGNATORIES: [{"side": Side.OURS}, {"side": Side.CUSTOMER}],
    INSTALMENTS: [{}],
}
SHOWN_OF_MANY = 50
HUNDRED = Decimal(100)
KEPT = ("event_date", "invoice_number", "invoice_date")
"""What an instalment has that the form does not ask for."""


class DraftForms:
    """What was typed, or the draft as it is stored; `data` with `add` or `remove` only changes the number of rows.

    Rows of which there are more than the page can hold are not in the form and stay as they are (`locked`).
    """

    def __init__(
        self, contract: Contract, version: ContractVersion, viewer: User, data: Mapping[str, Any] | None = None
    ) -> None:
        self.version = version
        self.stored = parts_of(version) if version.pk else Parts()
        self.locked = {name: len(getattr(self.stored, name)) > MOST_ROWS for name in (LINES, INSTALMENTS)}
        self.is_reshaped = data is not None and bool({"add", "remove"} & set(data))
        bound = None if self.is_reshaped else data
        typed = data if self.is_reshaped else None
        self.contract_form = ContractForm(bound, instance=copy(contract), initial=_typed(typed, ContractForm))
        self.version_form = VersionForm(bound, instance=copy(version), initial=_typed(typed, VersionForm))
        scope_form(self.contract_form, viewer)
        scope_form(self.version_form, viewer)
        self.choices = Choices(contract.account, viewer, data, self.stored.signatories)
        self.rows = {name: self._rows(name, bound, typed) for name in SETS if not self.locked.get(name)}

    @property
    def lines(self) -> Rows | None:
        return self.rows.get(LINES)

    @property
    def signatories(self) -> Rows:
        return self.rows[SIGNATORIES]

    @property
    def instalments(self) -> Rows | None:
        return self.rows.get(INSTALMENTS)

    @property
    def shown_lines(self) -> list[Any]:
        """The first of the lines that are too many for the form."""
        return list(self.version.lines.select_related("product_line")[:SHOWN_OF_MANY]) if self.locked[LINES] else []

    @property
    def shown_instalments(self) -> list[Any]:
        return self.stored.instalments[:SHOWN_OF_MANY] if self.locked[INSTALMENTS] else []

    def is_valid(self) -> bool:
        """Looks at everything, so that all errors are told at once."""
        valid = [form.is_valid() for form in (self.contract_form, self.version_form, *self.rows.values())]
        return all(valid)

    def contract(self) -> Contract:
        return self.contract_form.save(commit=False)

    def draft(self) -> ContractVersion:
        return self.version_form.save(commit=False)

    def parts(self) -> Parts:
        """The rows, those that are too many for the page as they are stored."""
        found = {name: rows.rows() for name, rows in self.rows.items()}
        parts = Parts(**{name: found.get(name, getattr(self.stored, name)) for name in SETS})
        stored = {row.position: row for row in self.stored.instalments}
        for row in parts.instalments:
            _keep(row, stored.get(row.position))
        return parts

    def add_error(self, error: DomainError | ValidationError) -> None:
        """Show a refusal beside the field or the row that it names."""
        if isinstance(error, ValidationError):
            self._add_validation_error(error)
            return
        part, _dot, rest = (error.field or "").partition(".")
        if part in SETS:
            self._add_row_error(part, rest, str(error))
            return
        form = next((f for f in (self.contract_form, self.version_form) if part in f.fields), self.contract_form)
        form.add_error(part if part in form.fields else None, str(error))

    def problems(self) -> Iterator[tuple[str, str]]:
        """(id of the field, what is wrong with it), each row named."""
        for form in (self.contract_form, self.version_form):
            yield from _of_form(form)
        for name, rows in self.rows.items():
            if not rows.is_bound:
                continue
            yield from (("", str(text)) for text in rows.non_form_errors())
            shown = [form for form in rows.forms if not rows.is_out(form)]
            for number, form in enumerate(shown, 1):
                yield from _of_form(form, f"{row_name(name, number)}{_(': ')}")

    @property
    def has_problems(self) -> bool:
        return next(self.problems(), None) is not None

    @property
    def currency(self) -> str:
        code = str(self.contract_form["currency"].value() or "")
        return code if code in CURRENCIES else "CNY"

    @property
    def digits(self) -> dict[str, int]:
        """Decimals of each currency, for the sums in the browser."""
        return {code: minor_digits(code) for code in CURRENCIES}

    def totals(self) -> totals.Totals:
        """The sums of what can be read of the lines; each line's form gets its `amount`."""
        rate = _read(self.version_form, "tax_rate") or Decimal(0)
        if self.lines is None:
            return totals.totals(self.stored.lines, rate, self.currency)
        found = []
        for form in self.lines.forms:
            line = _line(form)
            form.amount = None if line is None else totals.line_amount(line, self.currency)
            found += [line] if line is not None and not self.lines.is_out(form) else []
        return totals.totals(found, rate, self.currency)

    def planned(self) -> Decimal:
        """The sum of the instalments that can be read."""
        if self.instalments is None:
            return sum((row.amount for row in self.stored.instalments), Decimal(0))
        forms_in = [form for form in self.instalments.forms if not self.instalments.is_out(form)]
        return sum((_read(form, "amount") or Decimal(0) for form in forms_in), Decimal(0))

    def _rows(self, name: str, bound: Mapping[str, Any] | None, typed: Mapping[str, Any] | None) -> Rows:
        common: dict[str, Any] = {"prefix": name, "form_kwargs": {"choices": self.choices}}
        if bound is not None:
            return SETS[name](bound, **common)
        if typed is not None:
            return SETS[name](initial=_changed_rows(typed, name), **common)
        stored = [{field: _value(row, field) for field in FIELDS[name]} for row in getattr(self.stored, name)]
        first = [] if self.version.pk else FIRST_ROWS[name]
        return SETS[name](initial=stored or first, **common)

    def _add_row_error(self, part: str, rest: str, text: str) -> None:
        """At the field of the row, where the page has it: the numbers are those of the rows that count."""
        number, _dot, field = rest.partition(".")
        kept = self.rows[part].kept if part in self.rows else []
        if not number.isdigit() or int(number) >= len(kept):
            self.contract_form.add_error(None, text)
            return
        form = kept[int(number)]
        form.add_error(field if field in form.fields else None, text)

    def _add_validation_error(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.contract_form.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            form = next((f for f in (self.contract_form, self.version_form) if name in f.fields), None)
            (form or self.contract_form).add_error(name if form else None, errors)


def our_party() -> str:
    """Our company as it signs, by the contract policy."""
    return ContractPolicy.objects.values_list("our_party", flat=True).first() or ""


def row_name(name: str, number: int) -> str:
    """What a row is called on the page."""
    texts = {
        LINES: _("Line %(number)d"),
        SIGNATORIES: _("Signatory %(number)d"),
        INSTALMENTS: _("Instalment %(number)d"),
    }
    return texts[name] % {"number": number}


def _line(form: forms.BaseForm) -> ContractLine | None:
    """The numbers of a line as they stand in its form; None where one is missing or makes no amount of a contract."""
    quantity, price = _read(form, "quantity"), _read(form, "unit_price")
    discount = _read(form, "discount") or Decimal(0)
    if quantity is None or price is None or min(quantity, price, discount) < 0 or discount > HUNDRED:
        return None
    if max(quantity, price) >= totals.LIMIT or quantity * price >= totals.LIMIT:
        return None
    return ContractLine(quantity=quantity, unit_price=price, discount=discount)


def _read(form: forms.BaseForm, name: str) -> Decimal | None:
    """A number as it stands in the form; None where it is none."""
    value = form[name].value()
    try:
        found = form.fields[name].to_python(value)
    except ValidationError:
        return None
    return found if found is None or found.is_finite() else None


def _value(row: Any, name: str) -> Any:
    """A row's value as its form begins with it."""
    value = getattr(row, f"{name}_id") if hasattr(row, f"{name}_id") else getattr(row, name)
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def _keep(row: Instalment, stored: Instalment | None) -> None:
    for name in KEPT if stored is not None else ():
        setattr(row, name, getattr(stored, name))


def _typed(data: Mapping[str, Any] | None, form: type[forms.ModelForm]) -> dict[str, Any]:
    return {name: data[name] for name in form.base_fields if name in data} if data is not None else {}


def _changed_rows(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows as they were typed, with one more where `add` names them, without the one that `remove` names."""
    total = str(data.get(f"{name}-TOTAL_FORMS", "0"))
    number = min(int(total), MOST_ROWS) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = []
    for index in range(number):
        row = f"{name}-{index}"
        if data.get(f"{row}-DELETE") or data.get("remove") == row:
            continue
        rows.append({field: data.get(f"{row}-{field}", "") for field in FIELDS[name]})
    if data.get("add") == name and len(rows) < MOST_ROWS:
        rows.append({})
    return rows


def _of_form(form: forms.BaseForm, before: str = "") -> Iterator[tuple[str, str]]:
    """What is wrong with a form; a text that names the row itself is not given its name twice."""
    for name, errors in form.errors.items():
        bound = form[name] if name in form.fields else None
        for text in map(str, errors):
            said = "" if before and text.startswith(before) else before
            label = f"{capfirst(str(bound.label))}{_(': ')}" if bound is not None and (said or not before) else ""
            yield (bound.auto_id if bound is not None else ""), f"{said}{label}{text}"
