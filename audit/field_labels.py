"""The words for names and codes in the changes of an entry that are no fields of a model."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Names in `changes` that are no field of the row's model.
FIELDS: dict[str, str | Promise] = {
    "merged": _("merged contact"),
    "merged_employments": _("merged employments"),
    "merged_into": _("merged into"),
    "rows_moved": _("rows taken over"),
    "contacts": _("contacts"),
    "format": _("format"),
    "list": _("list"),
    "manager": _("account manager"),
    "tags": _("tags"),
    "tier": _("tier"),
    "user": _("user"),
    "rule": _("rule"),
    "step": _("step"),
    "steps": _("steps"),
    "approver": _("approver"),
    "stand_in_for": _("in place of"),
    "file": _("file"),
    "resource": _("resource"),
    "filters": _("filters"),
    "rows": _("rows"),
    "complete": _("complete"),
    "version": _("version"),
    "method": _("method"),
    "months": _("months"),
    "currency": _("currency"),
    "parameters": _("parameters"),
    "cut_a": _("A ends at"),
    "cut_b": _("B ends at"),
    "measure": _("Compared with the bounds"),
    "bound_a": _("A from"),
    "bound_b": _("B from"),
    "band_a": _("A from a score of"),
    "band_b": _("B from a score of"),
    "down_runs": _("Runs in a row before a downgrade"),
    "up_runs": _("Runs in a row before an upgrade"),
    "margin": pgettext_lazy("of hysteresis", "Margin"),
    "combine": _("With both runs and margin"),
    "accounts": _("accounts"),
    "moves": _("tier changes"),
    "superseded": _("proposals replaced"),
    "days": _("days"),
    "rules": _("rules"),
    "lines": _("lines"),
    "instalments": _("instalments"),
    "signatories": _("signatories"),
    "status": pgettext_lazy("of a contract version", "status"),
    "reason": _("reason of the amendment"),
    "effective_date": _("effective from"),
    "notice_days": _("notice period in days"),
    "auto_renewal_months": _("renews itself for months"),
    "tax_rate": _("tax rate in per cent"),
    "payment_terms": _("terms of payment"),
    "terms": _("terms"),
    "list_amount": _("list total"),
    "tax_amount": _("tax"),
    "orders_created": _("Orders created"),
    "places": _("People moved by hand"),
    "renewal_rules": _("renewal rules"),
    "dunning_rules": _("dunning rules"),
    "successor": _("successor"),
    "rows_bad": _("Bad rows"),
    "rows_created": _("People added"),
    "rows_known": _("Known, left as they are"),
    "rows_unchanged": _("Nothing new"),
    "rows_updated": _("Known people changed"),
    "contract_rows_bad": _("Bad rows"),
    "contract_rows_created": pgettext_lazy("of a row in a file", "New"),
    "contract_rows_unchanged": _("Nothing new"),
    "contract_rows_updated": pgettext_lazy("of a row in a file", "Changes something"),
    "orders_updated": _("Orders changed"),
    "orders_unchanged": _("Orders unchanged"),
    "orders_rejected": _("Orders rejected"),
}

# Values that are codes, of what is no field of a model.
CODES: dict[str, dict[str, str | Promise]] = {
    "measure": {"total": _("Revenue of all months together"), "every_month": _("Revenue of every single month")},
    "combine": {"any": _("Either is enough"), "all": _("Both are needed")},
    "status": {
        "draft": pgettext_lazy("of a contract version", "Draft"),
        "in_approval": pgettext_lazy("of a contract version", "In approval"),
        "approved": pgettext_lazy("of a contract version", "Approved, to be signed"),
        "signed": pgettext_lazy("of a contract version", "Signed"),
        "discarded": pgettext_lazy("of a contract version", "Discarded"),
    },
}

# The criteria of a scorecard, each with a weight and points.
CRITERIA: dict[str, str | Promise] = {
    "revenue": _("Revenue"),
    "growth": _("Growth"),
    "margin": _("Margin"),
    "potential": _("Potential"),
    "wallet_share": _("Wallet share"),
    "payment_behaviour": _("Payment behaviour"),
    "tenure": _("Tenure"),
    "strategic_fit": _("Strategic fit"),
}


def field_label(name: str) -> str:
    """What is no field of a model in words, or its name where there are none."""
    kind, _under, criterion = name.partition("_")
    if criterion in CRITERIA and kind in ("weight", "points"):
        text = _("%(criterion)s: weight") if kind == "weight" else _("%(criterion)s: points")
        return str(text % {"criterion": CRITERIA[criterion]})
    return str(FIELDS.get(name) or name.replace("_", " "))


def value_label(name: str, value: Any) -> Any:
    """A code in words; every other value as it is."""
    return CODES.get(name, {}).get(value, value) if isinstance(value, str) else value
