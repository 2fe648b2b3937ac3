"""The words for the reasons of alerts, for those who lie below the app that raises them: in a notification, beside a
visit. A test compares them with the reasons that there are."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

REASONS: dict[str, str | Promise] = {
    "churn_risk": pgettext_lazy("alert", "Likely to leave"),
    "order_gap": pgettext_lazy("alert", "Orders stopped"),
    "revenue_decline": pgettext_lazy("alert", "Revenue falls"),
    "business_churn": pgettext_lazy("alert", "Product lines dropped"),
    "unhappy": pgettext_lazy("alert", "Unhappy"),
    "neglected": pgettext_lazy("alert", "No contact within the cadence"),
    "contact_left": pgettext_lazy("alert", "Key contact left"),
    "renewal_at_risk": pgettext_lazy("alert", "Renewal at risk"),
    "overdue_payment": pgettext_lazy("alert", "Payment overdue"),
    "stage_interrupted": pgettext_lazy("alert", "Relationship interrupted"),
    "other": pgettext_lazy("alert", "Other reason"),
}


def reason_words(code: str) -> str:
    """In the reader's language; the code itself where there are no words for it."""
    return str(REASONS.get(code, code))
