"""Why a row is not imported: every reason, its code and its sentence.

A *skipped* row is left out by a rule of the profile and nobody has to act. A *bad* row is wrong, and somebody should
correct it.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SKIPPED = {
    "no_customer": _("No customer: the row names no account."),
    "adjustment": _("An adjustment, not an order."),
    "not_goods": _("Not goods: the product code does not look like one of goods."),
    "zero_price": _("Zero price: the unit price is not above zero."),
    "negative_quantity": _("A negative quantity outside a credit note: a stock correction."),
    "zero_quantity": _("The quantity is zero."),
    "duplicate": _("A duplicate: the same row occurs above."),
    "void_pair": _("A void pair: the line was cancelled by a credit within hours, or is that credit."),
}

BAD = {
    "missing_value": _("%(name)s is missing."),
    "too_many_cells": _("The row has more cells than there are headings."),
    "too_long": _("%(name)s is longer than %(limit)s characters."),
    "bad_text": _("%(name)s contains characters that cannot be stored."),
    "bad_number": _("“%(value)s” is not a number (%(name)s)."),
    "ambiguous_number": _("“%(value)s” can be read in two ways (%(name)s): choose the decimal sign in the profile."),
    "number_too_large": _("“%(value)s” is too large (%(name)s)."),
    "too_precise": _("“%(value)s” has more than %(limit)s decimals (%(name)s)."),
    "negative_price": _("The unit price is negative."),
    "amount_mismatch": _("The amount %(amount)s is not quantity × unit price (%(expected)s)."),
    "bad_date": _("“%(value)s” is not a date."),
    "ambiguous_date": _("“%(value)s” can be day/month or month/day: choose the order of dates in the profile."),
    "no_such_day": _("“%(value)s” is not a day of the calendar."),
    "unknown_currency": _("“%(currency)s” is not a currency that KAM knows (ISO 4217, three letters)."),
    "unknown_account": _("There is no account with the code “%(account)s”."),
    "account_read_only": _("The account “%(account)s” cannot be changed: it is terminated, or not yours to change."),
    "bad_account_code": _("“%(account)s” cannot be an account code: up to 40 letters, digits and . - _ / only."),
    "order_accounts_differ": _("The rows of this order name different accounts."),
    "order_currencies_differ": _("The rows of this order are in different currencies."),
    "order_incomplete": _("Another row of the same order is bad; an order comes in as a whole."),
    "order_taken": _("This order number belongs to an order that you may not change."),
    "repeated_in_batch": _("The order number occurs twice in this call."),
    "no_lines": _("The order has no lines."),
    "too_many_lines": _("The order has more than %(limit)s lines."),
    "kind_mismatch": _("The total's sign does not fit the kind: sales are positive, returns negative."),
    "unknown_kind": _("“%(value)s” is not a kind of order."),
}

MESSAGES = SKIPPED | BAD

ACCEPTED = {
    "accepted": _("Accepted: lines of sales."),
    "cancellation": _("Cancellations: credit lines, booked as returns."),
}

FIELD_NAMES = {
    "external_id": _("order number"),
    "account": _("account code"),
    "order_date": _("order date"),
    "product": _("product code"),
    "quantity": _("quantity"),
    "unit_price": _("unit price"),
    "amount": _("amount"),
    "currency": _("currency"),
    "cost_amount": _("cost"),
    "product_name": _("product name"),
    "product_line": _("product line"),
    "account_name": _("account name"),
    "country": _("country"),
    "delivered_on": _("delivered on"),
}

ROW = pgettext_lazy("of a file", "row")


def reason_name(code: str) -> str:
    """The sentence of a reason without its parameters, for counts: the part before a colon or a bracket."""
    return str(_SHORT.get(code) or ACCEPTED.get(code) or MESSAGES[code])


_SHORT = {
    "accepted": _("accepted"),
    "cancellation": _("cancellation (booked as a return)"),
    "no_customer": _("no customer"),
    "adjustment": _("adjustment"),
    "not_goods": _("not goods"),
    "zero_price": _("zero price"),
    "negative_quantity": _("negative quantity"),
    "zero_quantity": _("zero quantity"),
    "duplicate": _("duplicate"),
    "void_pair": _("void pair"),
    "missing_value": _("a value is missing"),
    "too_many_cells": _("more cells than headings"),
    "too_long": _("text too long"),
    "bad_text": _("characters that cannot be stored"),
    "bad_number": _("not a number"),
    "ambiguous_number": _("ambiguous number"),
    "number_too_large": _("number too large"),
    "too_precise": _("too many decimals"),
    "negative_price": _("negative unit price"),
    "amount_mismatch": _("amount is not quantity × unit price"),
    "bad_date": _("not a date"),
    "ambiguous_date": _("ambiguous date"),
    "no_such_day": _("a day that does not exist"),
    "unknown_currency": _("unknown currency"),
    "unknown_account": _("unknown account"),
    "account_read_only": _("account cannot be changed"),
    "bad_account_code": _("not an account code"),
    "order_accounts_differ": _("several accounts in one order"),
    "order_currencies_differ": _("several currencies in one order"),
    "order_incomplete": _("another row of the order is bad"),
    "order_taken": _("order number taken"),
}


class Bad(Exception):
    """A value that cannot be taken: a key of BAD and what its sentence needs."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(code)
