"""Why a row of a file of contracts is not imported, or what is odd about it: every reason, its code and its sentence.

What the contracts themselves refuse comes with their code and their sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts import errors
from core.errors import DomainError
from integrations.tables.problems import RowBad, sentence

ODD = {
    "plan_differs": _("%(said)s Imported all the same, as the contract policy allows it."),
}

BAD = {
    "missing_value": _("%(name)s is missing."),
    "too_many_cells": _("The row has more cells than there are headings."),
    "too_long": _("%(name)s is longer than %(limit)s characters."),
    "bad_text": _("%(name)s contains characters that cannot be stored."),
    "bad_number": _("“%(value)s” is not a number (%(name)s)."),
    "number_too_large": _("“%(value)s” is too large (%(name)s)."),
    "number_outside": _("“%(value)s” is not a whole number from 0 to %(most)s (%(name)s)."),
    "too_precise": _("“%(value)s” has more than %(limit)s decimals (%(name)s)."),
    "negative_number": _("“%(value)s” is negative (%(name)s)."),
    "not_above_zero": _("“%(value)s” is not above zero (%(name)s)."),
    "bad_date": _("“%(value)s” is not a date (%(name)s)."),
    "unknown_choice": _("“%(value)s” is not one of the values of this field (%(name)s): %(known)s."),
    "unknown_currency": _("“%(currency)s” is not a currency that KAM knows (ISO 4217, three letters)."),
    "unknown_account": _("There is no account with the code “%(value)s” that you may change."),
    "unknown_owner": _("There is no active user with the login or e-mail “%(value)s” (%(name)s)."),
    "unknown_product_line": _("There is no product line “%(value)s”."),
    "unknown_contract": _("The contract “%(value)s” stands neither in the sheet of contracts nor in KAM."),
    "repeated_in_file": _("The same stands in row %(value)s already (%(name)s)."),
    "several_contracts": _("The account has several contracts with the number “%(value)s”: change one of them first."),
    "contract_unsigned": _("%(value)s with this number is in KAM already and not signed: sign or discard it first."),
    "due_missing": _("Give a due date or an event."),
    "due_twice": _("Give a due date or an event, not both."),
    "event_missing": _("“%(name)s” needs an event."),
    "lines_differ": _("The lines sum to %(value)s, the contract says %(given)s (%(name)s)."),
    "signed_differs": _("Signed was “%(value)s” (%(name)s); signed versions never change. Make an amendment."),
    "not_signed_so": _("This is not part of what was signed, which never changes. Make an amendment."),
    "receipt_differs": _("A receipt with this reference is posted already, differently: %(value)s. Void it first."),
    "contract_incomplete": _("Another row of the same contract is bad; a contract comes in as a whole."),
}

MESSAGES = ODD | BAD

FIELD_NAMES = {
    "account": _("account code"),
    "external_number": _("number elsewhere"),
    "title": _("title"),
    "kind": _("kind"),
    "currency": _("currency"),
    "signed_on": _("signed on"),
    "start_date": _("start"),
    "end_date": _("end"),
    "notice_days": _("notice period in days"),
    "auto_renewal_months": _("renews itself for months"),
    "net_amount": _("net total"),
    "product_line": _("product line"),
    "tax_rate": _("tax rate in per cent"),
    "owner": _("owner"),
    "our_party": _("our party"),
    "customer_party": _("the customer's party"),
    "payment_terms": _("terms of payment"),
    "description": _("description"),
    "quantity": _("quantity"),
    "unit": _("unit"),
    "unit_price": _("unit price"),
    "discount": _("discount in per cent"),
    "number": _("number of the instalment"),
    "amount": _("amount"),
    "due_date": _("due date"),
    "event": _("event"),
    "days_after": _("days after the event"),
    "event_date": _("event happened on"),
    "invoice_number": _("invoice number"),
    "invoice_date": _("invoice date"),
    "reference": _("reference"),
    "date": _("date"),
    "method": _("way of paying"),
    "note": _("note"),
    "lines": pgettext_lazy("of a contract", "Lines"),
    "instalments": _("Instalments"),
}


def said_by(error: DomainError, field: str = "", code: str = "") -> RowBad:
    """What a service refuses, as a problem of a row: its code, and what its sentence is made from."""
    params = {name: value if isinstance(value, int) else str(value) for name, value in error.params.items()}
    return RowBad(code or error.code, field, kind=type(error).__name__, said=str(error), **params)


def message_of(code: str, field: str, params: Mapping[str, Any]) -> str:
    """The problem as a sentence in the active language."""
    said = _said(field, params)
    if code not in MESSAGES:
        return said or code
    return sentence(MESSAGES, FIELD_NAMES, code, field, {**params, "said": said})


def _said(field: str, params: Mapping[str, Any]) -> str:
    """What the service said; of a row, that it is about `field`. Without its class as it was said then."""
    kind = getattr(errors, str(params.get("kind")), None)
    if kind is None or kind is errors.RowInvalid:
        return str(params.get("said", ""))
    text = str(kind.message) % {**params, "row": FIELD_NAMES.get(field, params.get("row", ""))}
    return text[:1].upper() + text[1:]


def is_odd(code: str) -> bool:
    """Worth a look, and no reason to refuse the row."""
    return code in ODD
