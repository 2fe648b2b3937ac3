"""The alert rules that an installation begins with: what no key-account manager wants to hear of too late.

A signal stands at 0.5 when it has reached its bound. The names are the company's texts, in the product's languages.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from health.choices import Reason

AT_BOUND = 0.5


class DefaultRule(NamedTuple):
    """A rule, and the code of the playbook that answers it (empty: none)."""

    reason: str
    name: str
    name_hant: str
    name_en: str
    conditions: list[dict[str, Any]]
    tiers: list[str]
    playbook: str = ""
    any_of: bool = False


def _at(measure: str, value: float = AT_BOUND) -> dict[str, Any]:
    return {"measure": measure, "op": "gte", "value": value}


DEFAULT_RULES = [
    DefaultRule(
        Reason.CHURN_RISK, "A级客户：流失可能性四成以上", "A級客戶：流失可能性四成以上",
        "A accounts: 40% likely to leave", [_at("probability", 0.4)], ["A"], "order-gap",
    ),
    DefaultRule(
        Reason.CHURN_RISK, "B级客户：流失可能性五成以上", "B級客戶：流失可能性五成以上",
        "B accounts: 50% likely to leave", [_at("probability", 0.5)], ["B"], "order-gap",
    ),
    DefaultRule(
        Reason.CHURN_RISK, "其他客户：流失可能性七成以上", "其他客戶：流失可能性七成以上",
        "Other accounts: 70% likely to leave", [_at("probability", 0.7)], ["C", ""], "order-gap",
    ),
    DefaultRule(
        Reason.ORDER_GAP, "停止下单：明显超过自身的下单周期", "停止下單：明顯超過自身的下單週期",
        "Orders stopped: well beyond their own interval",
        [_at("signal:order_gap"), _at("probability", 0.3)], [], "order-gap",
    ),
    DefaultRule(
        Reason.REVENUE_DECLINE, "采购额下滑：低于自身的季节水平", "採購額下滑：低於自身的季節水準",
        "Revenue falls below its own season",
        [_at("signal:revenue_trend"), _at("drop_probability")], ["A", "B"], "order-gap",
    ),
    DefaultRule(
        Reason.BUSINESS_CHURN, "业务流失：停购了产品线", "業務流失：停購了產品線",
        "Business churn: product lines dropped", [_at("signal:lines_dropped")], ["A", "B"], "business-churn",
    ),
    DefaultRule(
        Reason.UNHAPPY, "不满意：评分低或明显下降", "不滿意：評分低或明顯下降",
        "Unhappy: scores low or fallen",
        [_at("signal:nps_low"), _at("signal:nps_fallen"), _at("signal:csat_low")], [], "unhappy", any_of=True,
    ),
    DefaultRule(
        Reason.NEGLECTED, "A、B级客户：超过联系周期仍未联系", "A、B級客戶：超過聯繫週期仍未聯繫",
        "A and B accounts: no contact within the cadence", [_at("signal:contact_gap", 0.75)], ["A", "B"],
    ),
    DefaultRule(
        Reason.CONTACT_LEFT, "关键联系人离职", "關鍵聯絡人離職",
        "Key contact left", [_at("signal:key_contact_left")], [], "contact-left",
    ),
    DefaultRule(
        Reason.RENEWAL_AT_RISK, "续约临近而无进展", "續約臨近而無進展",
        "Renewal near with nothing done", [_at("signal:renewal_near")], [], "renewal-at-risk",
    ),
    DefaultRule(
        Reason.OVERDUE_PAYMENT, "回款逾期", "回款逾期",
        "Payment overdue", [_at("signal:payment_overdue")], [], "overdue-payment",
    ),
    DefaultRule(
        Reason.STAGE_INTERRUPTED, "关系间断", "關係間斷",
        "Relationship interrupted", [_at("signal:stage_interrupted")], [], "stage-interrupted",
    ),
]  # fmt: skip
