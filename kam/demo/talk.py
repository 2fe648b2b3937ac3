"""What the demo's people are and talk about."""

from __future__ import annotations

from typing import NamedTuple

from contacts.choices import Attitude, Channel, DecisionRole, Influence, Seniority
from interactions.choices import Kind


class Post(NamedTuple):
    """A post at a customer; the one above it in this list is its superior where both are filled."""

    chinese: str
    english: str
    department: str
    department_en: str
    seniority: Seniority
    roles: tuple[str, ...]
    influence: Influence


POSTS = (
    Post("总经理", "Managing director", "总经办", "Board", Seniority.EXECUTIVE,
         (DecisionRole.ECONOMIC_BUYER, DecisionRole.DECISION_MAKER), Influence.HIGH),
    Post("采购总监", "Purchasing director", "采购部", "Purchasing", Seniority.DIRECTOR,
         (DecisionRole.DECISION_MAKER, DecisionRole.INFLUENCER), Influence.HIGH),
    Post("采购经理", "Purchasing manager", "采购部", "Purchasing", Seniority.MANAGER,
         (DecisionRole.INFLUENCER, DecisionRole.CHAMPION, DecisionRole.GATEKEEPER), Influence.MEDIUM),
    Post("技术总监", "Technical director", "技术部", "Engineering", Seniority.DIRECTOR,
         (DecisionRole.INFLUENCER, DecisionRole.CHAMPION), Influence.HIGH),
    Post("质量经理", "Quality manager", "质量部", "Quality", Seniority.MANAGER,
         (DecisionRole.INFLUENCER, DecisionRole.BLOCKER), Influence.MEDIUM),
    Post("生产主管", "Production supervisor", "生产部", "Production", Seniority.STAFF, (DecisionRole.USER,),
         Influence.LOW),
    Post("财务经理", "Finance manager", "财务部", "Finance", Seniority.MANAGER, (DecisionRole.GATEKEEPER,),
         Influence.MEDIUM),
)  # fmt: skip
# Superior of each post, by its place in POSTS.
SUPERIOR = (None, 0, 1, 0, 3, 4, 0)
ATTITUDES = (Attitude.MENTOR, Attitude.SUPPORTER, Attitude.NEUTRAL, Attitude.CRITIC, Attitude.OPPONENT, "")
ATTITUDE_WEIGHTS = (8, 32, 34, 10, 3, 13)
CHANNELS = (Channel.PHONE, Channel.WECHAT, Channel.EMAIL, Channel.VISIT, "")

KINDS = (Kind.VISIT, Kind.CALL, Kind.WECHAT, Kind.EMAIL, Kind.MEETING, Kind.TRAINING, Kind.LIAISON_MEETING, Kind.GIFT)
KIND_WEIGHTS = (26, 30, 20, 12, 7, 2, 2, 1)


class Talk(NamedTuple):
    """A subject with its minutes, topic and what was promised."""

    subject: str
    minutes: str
    topic: str
    step: str


CHINESE = (
    Talk("交期与备货", "客户反映旺季交期偏长，希望我们**提前两周**备货。\n\n- 下季度用量约增加 15%\n- 双方确认滚动预测每月 25 日更新",
         "交期", "发送下季度备货方案"),
    Talk("年度框架续签", "沟通明年框架协议：客户希望账期由 45 天延长到 60 天，价格维持不变。我方需内部评估后答复。", "框架协议",
         "答复账期方案"),
    Talk("质量问题回访", "上月批次的外观问题已经整改，现场抽检合格。质量部要求提供 **8D 报告** 终稿。", "质量", "提交 8D 报告终稿"),
    Talk("新项目需求", "技术部介绍了新产线规划，预计明年二季度投产。竞争对手已提交初步方案。\n\n1. 需要样品 20 套\n2. 需要耐久测试数据",
         "新项目", "寄送样品并附测试数据"),
    Talk("价格沟通", "原材料上涨，客户理解调价原因，但要求分两步执行，并在合同中写明回调机制。", "价格", "准备分步调价说明"),
    Talk("高层会晤", "双方总经理会晤，确认明年合作方向：联合开发、联合库存。客户对服务响应速度表示满意。", "高层", "起草联合开发备忘录"),
    Talk("对账与回款", "财务确认本月对账无误，尾款预计下周支付。", "回款", "跟进尾款到账"),
    Talk("日常联络", "例行沟通，近期生产平稳，无新的问题。", "日常", "下月安排现场拜访"),
)  # fmt: skip
ENGLISH = (
    Talk("Lead times", "They find lead times too long in the high season and ask for stock **two weeks ahead**.\n\n"
         "- Demand next quarter about +15%\n- Rolling forecast by the 25th of each month", "Lead time",
         "Send the stock plan for next quarter"),
    Talk("Renewal of the frame agreement", "They want 60 days of payment instead of 45 at the same price. "
         "We answer after checking with finance.", "Frame agreement", "Answer on the terms of payment"),
    Talk("Quality follow-up", "Last month's surface defects are solved; the samples on site passed. "
         "Quality asks for the final **8D report**.", "Quality", "Hand in the final 8D report"),
    Talk("New project", "Engineering showed the new line, start in Q2. A competitor has handed in a first concept.\n\n"
         "1. 20 samples\n2. Endurance data", "New project", "Send samples with test data"),
    Talk("Routine call", "Production is stable, nothing new.", "Routine", "Arrange a visit next month"),
)  # fmt: skip
