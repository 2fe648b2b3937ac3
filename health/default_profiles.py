"""The profiles that an installation begins with. The names are the company's texts, in the product's
languages."""

from __future__ import annotations

from typing import Any

from accounts.choices import Stage, Status, Tier
from health.choices import SignalGroup
from health.signals import all_signals

GROUPS = {
    SignalGroup.BUYING.value: 50,
    SignalGroup.CONTACT.value: 10,
    SignalGroup.SATISFACTION.value: 15,
    SignalGroup.CONTRACTS.value: 10,
    SignalGroup.RELATIONSHIP.value: 15,
}
# A broken relationship is not healthy, whatever is still bought; nor is who will most probably not come back.
EXCEPTIONS = [
    {"signal": "stage_interrupted", "at": 0.5, "cap": 39},
    {"signal": "churn_probability", "at": 1.0, "cap": 39},
]
# Who matters most is noticed sooner.
STRICT = {
    "churn_probability": 0.4,
    "order_gap": 1.5,
    "revenue_trend": 0.5,
    "lines_dropped": 0.1,
    "nps_low": 0,
    "csat_low": 3.5,
    "contact_gap": 1.2,
    "renewal_near": 45,
    "payment_overdue": 20,
}


def default_profiles() -> list[dict[str, Any]]:
    """The fields of each profile, in their order."""
    return [
        {
            "name": "战略合作伙伴", "name_hant": "戰略合作夥伴", "name_en": "Strategic partners", "position": 10,
            "stages": [Stage.STRATEGIC_PARTNER.value], "signals": _signals(STRICT | {"single_threaded": 2}),
            "groups": GROUPS | {SignalGroup.BUYING.value: 40, SignalGroup.RELATIONSHIP.value: 20,
                                SignalGroup.CONTACT.value: 15},
            "exceptions": EXCEPTIONS, "healthy_from": 75, "watch_from": 45,
        },
        {
            "name": "A级客户", "name_hant": "A級客戶", "name_en": "Tier A", "position": 20, "tiers": [Tier.A.value],
            "signals": _signals(STRICT), "groups": GROUPS, "exceptions": EXCEPTIONS, "healthy_from": 75,
            "watch_from": 45,
        },
        {
            # Where there are orders all the same, they count: the status may not have been kept up.
            "name": "潜在客户", "name_hant": "潛在客戶", "name_en": "Prospects", "position": 5,
            "statuses": [Status.PROSPECT.value], "signals": _signals({}),
            "groups": GROUPS | {SignalGroup.CONTACT.value: 25}, "exceptions": EXCEPTIONS,
        },
        {
            "name": "通用", "name_hant": "通用", "name_en": "General", "position": 100, "signals": _signals({}),
            "groups": GROUPS, "exceptions": EXCEPTIONS,
        },
    ]  # fmt: skip


def _signals(bounds: dict[str, float]) -> dict[str, dict[str, float]]:
    return {
        key: {"weight": signal.weight, "bound": bounds.get(key, signal.bound)} for key, signal in all_signals().items()
    }
