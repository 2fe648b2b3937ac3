"""What stands in the demo's contracts: titles, plans, reasons, in Chinese and for customers abroad in English."""

from __future__ import annotations

from typing import Any, NamedTuple

from contracts.choices import ContractKind

OUR_PARTY = "禾序工业股份有限公司"
OUR_PARTY_ABROAD = "Hexu Industries Co., Ltd."


class Share(NamedTuple):
    """An instalment: its title, its part of the price in per cent, and what it waits for (empty: a date)."""

    title: str
    part: int
    event: str = ""
    days_after: int = 0


class Wording(NamedTuple):
    """One language's texts."""

    titles: dict[str, str]
    supply: tuple[Share, ...]
    milestones: tuple[Share, ...]
    period: str
    addition: str
    payment: str
    terms: str
    unit: str
    amended: str
    amending: str
    terminated: str
    lost: tuple[str, ...]
    duplicate: str
    refund: str
    director: str
    representative: str


CHINESE = Wording(
    titles={
        ContractKind.FRAMEWORK: "{year} 年度{line}框架协议",
        ContractKind.SUPPLY: "{line}供货合同",
        ContractKind.SERVICE: "{line}运维服务合同",
    },
    supply=(Share("预付款", 30), Share("到货款", 60, "到货", 30), Share("质保金", 10, "验收", 180)),
    milestones=(Share("预付款", 20), Share("发货款", 40), Share("验收款", 30, "验收", 15), Share("质保金", 10)),
    period="第 {number} 期",
    addition="增补款",
    payment="货到并收到增值税专用发票后 30 天内付款",
    terms="## 交付\n\n卖方按双方确认的滚动预测备货，交期 **15 个工作日**。\n\n"
    "## 质量\n\n质保期 12 个月，自验收之日起算。\n\n## 保密\n\n双方对图纸与价格保密，期限为合同终止后三年。",
    unit="套",
    amended="客户新增产线，用量增加",
    amending="调整付款节点，客户内部评审中",
    terminated="客户停产，双方协商提前终止",
    lost=("项目结束，客户不再采购", "价格未谈拢，转向其他供应商", "客户改为内部自制"),
    duplicate="客户重复付款",
    refund="退回重复付款",
    director="总监",
    representative="授权代表",
)
ENGLISH = Wording(
    titles={
        ContractKind.FRAMEWORK: "Frame agreement {year}: {line}",
        ContractKind.SUPPLY: "Supply of {line}",
        ContractKind.SERVICE: "Maintenance of {line}",
    },
    supply=(
        Share("Down payment", 30), Share("On delivery", 60, "Delivery", 30), Share("Retention", 10, "Acceptance", 180),
    ),
    milestones=(
        Share("Down payment", 20), Share("On shipment", 40), Share("On acceptance", 30, "Acceptance", 15),
        Share("Retention", 10),
    ),
    period="Instalment {number}",
    addition="Addition",
    payment="30 days net after delivery and receipt of the invoice",
    terms="## Delivery\n\nStock is kept by the agreed rolling forecast; lead time **15 working days**.\n\n"
    "## Warranty\n\n12 months from acceptance.\n\n"
    "## Confidentiality\n\nDrawings and prices, for three years after the end.",
    unit="set",
    amended="A new line was added: more is needed",
    amending="Other dates of payment; under review by the customer",
    terminated="The plant closes; ended early by agreement",
    lost=("The project has ended", "No agreement on the price", "They make it themselves now"),
    duplicate="Paid twice by the customer",
    refund="What was paid twice goes back",
    director="Director",
    representative="Authorised representative",
)  # fmt: skip
# For the contracts that wait for somebody: title, kind, list value in CNY, discount in per cent.
WAITING = (
    ("精密轴承年度供货合同", ContractKind.SUPPLY, 300_000, 22),
    ("伺服系统升级供货合同", ContractKind.SUPPLY, 420_000, 5),
    ("2027 年度自动化框架协议", ContractKind.FRAMEWORK, 1_300_000, 8),
)
WAITING_NOTE = "客户希望下周签署，请审批。"
TERMINATION = "客户迁厂，双方协商终止"
RULES: tuple[tuple[str, str, str, dict[str, Any], tuple[str, ...]], ...] = (
    ("大额合同", "Large contracts", "contract", {"min_amount": 1_000_000}, ("superior", "director")),
    ("高折扣合同", "High discounts", "contract", {"min_discount": 20}, ("director",)),
    ("中额合同", "Contracts of medium size", "contract", {"min_amount": 200_000}, ("superior",)),
    ("大额变更", "Large amendments", "amendment", {"min_amount": 1_000_000}, ("superior", "director")),
    ("高折扣变更", "Amendments with high discounts", "amendment", {"min_discount": 20}, ("director",)),
    ("中额变更", "Amendments of medium size", "amendment", {"min_amount": 200_000}, ("superior",)),
    ("A 级客户合同终止", "Terminations of A accounts", "termination", {"tiers": ["A"]}, ("director",)),
)
