"""The contributions of the churn model in words: what it saw, what is usual, which way it pushes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import numbers

TOPICS: dict[str, str | Promise] = {
    "silence": pgettext_lazy("churn model", "Silence"),
    "frequency": pgettext_lazy("churn model", "Frequency"),
    "regularity": pgettext_lazy("churn model", "Regularity"),
    "trend": pgettext_lazy("churn model", "Trend"),
    "spending": pgettext_lazy("churn model", "Spending"),
    "returns": pgettext_lazy("churn model", "Returns"),
    "breadth": pgettext_lazy("churn model", "Breadth"),
    "staples": pgettext_lazy("churn model", "Products bought again"),
    "still_sold": pgettext_lazy("churn model", "Products still sold"),
    "tenure": pgettext_lazy("churn model", "Time as a customer"),
    "last_year": pgettext_lazy("churn model", "A year ago"),
    "buying": pgettext_lazy("churn model", "Buying rhythm as a whole"),
    "few_orders": pgettext_lazy("churn model", "Few orders"),
    "rule": pgettext_lazy("churn model", "Plain rule"),
    "plain_rule": pgettext_lazy("churn model", "Plain rule"),
    "rest": pgettext_lazy("churn model", "Everything else"),
}

_SENTENCES: dict[str, str | Promise] = {
    "silence": gettext_lazy("last order %(value)s days ago; half of its own intervals are up to %(typical)s days"),
    "frequency": gettext_lazy("%(value)s order days in the last 12 months; the median account has %(typical)s"),
    "regularity": gettext_lazy(
        "its intervals spread by %(value)s of their mean; those of the median account by %(typical)s"
    ),
    "trend": gettext_lazy("in the last 90 days %(value)s of its usual pace; the median account has %(typical)s"),
    "spending": gettext_lazy("sales of %(value)s in the last 12 months; the median account has %(typical)s"),
    "returns": gettext_lazy("%(value)s of its sales came back; of the median account %(typical)s"),
    "breadth": gettext_lazy("%(value)s product lines in the last 180 days; the median account buys %(typical)s"),
    "staples": gettext_lazy(
        "%(value)s products bought on more than one day in the last 12 months; the median account has %(typical)s"
    ),
    "still_sold": gettext_lazy(
        "%(value)s of what it bought in the last 12 months is still being sold to others; of the median account "
        "%(typical)s"
    ),
    "tenure": gettext_lazy("first order %(value)s days ago; of the median account %(typical)s"),
    "last_year": gettext_lazy(
        "%(value)s order days a year ago in the days that come now; the median account had %(typical)s"
    ),
    "buying": gettext_lazy(
        "from number and dates of its orders alone (BG/NBD) %(value)s that none follows; the median account has "
        "%(typical)s"
    ),
    "few_orders": gettext_lazy(
        "fewer than three order days in 12 months: from number and dates of its orders alone (BG/NBD) %(value)s that "
        "none follows; regular accounts have %(typical)s on average"
    ),
    "rule": gettext_lazy("silent for %(value)s times its own interval"),  # of scores that an earlier version kept
    "plain_rule": gettext_lazy("from number and dates of its orders alone (BG/NBD) %(value)s that none follows"),
}
_SHARES = {"regularity", "trend", "returns", "still_sold", "buying", "few_orders", "plain_rule"}
_FINE = {"rule"}


def topic(reason: Mapping[str, Any]) -> str:
    """The name of what a contribution is about; an unknown one shows as it is."""
    feature = str(reason.get("feature", ""))
    return str(TOPICS.get(feature, feature))


def sentence(reason: Mapping[str, Any]) -> str:
    """The number, and what it is compared with; empty where there is none (everything else together)."""
    feature = str(reason.get("feature", ""))
    if feature not in _SENTENCES or reason.get("value") is None:
        return ""
    values = {name: _number(feature, reason.get(name)) for name in ("value", "typical")}
    return str(_SENTENCES[feature]) % values


def reason_words(reason: Mapping[str, Any]) -> str:
    """Topic and sentence in one."""
    said = sentence(reason)
    return _("%(topic)s: %(sentence)s") % {"topic": topic(reason), "sentence": said} if said else topic(reason)


def raises_risk(reason: Mapping[str, Any]) -> bool:
    """Whether the contribution makes it likelier that the account falls silent."""
    return float(reason.get("contribution") or 0) > 0


def _number(feature: str, value: float | None) -> str:
    if value is None:
        return "–"
    if feature in _SHARES:
        return f"{numbers.plain(100 * value, 0)}%"
    return numbers.plain(value, 1 if feature in _FINE else 0)
