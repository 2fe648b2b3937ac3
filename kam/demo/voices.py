"""What the demo's customers write into surveys, what their managers found out, and what the campaigns are called."""

from __future__ import annotations

from typing import NamedTuple

from surveys.choices import Cause

TAGS = ("交期", "质量", "价格", "响应速度", "技术支持", "表扬")

# How a choice goes with the mood: the first key where all is well, the last where nothing is. Others by chance.
BY_MOOD = {
    "solved": ("yes", "partly", "no"),
    "trust": ("stronger", "same", "weaker"),
    "on_time": ("yes", "yes", "early", "late"),
    "impact": ("none", "some", "stopped"),
    "reference": ("yes", "maybe", "no"),
    "position": ("first", "several", "backup"),
    "volume": ("more", "same", "unknown", "less"),
    "frequency": ("right", "right", "more", "online", "fewer"),
}


class Remark(NamedTuple):
    """A sentence with its tag (by its place in TAGS, None for none)."""

    text: str
    tag: int | None = None


GOOD, MID, BAD = "good", "mid", "bad"
REMARKS: dict[str, dict[str, tuple[Remark, ...]]] = {
    "zh-hans": {
        GOOD: (
            Remark("交货一直准时，旺季也没有让我们停过线，继续保持。", 0),
            Remark("客户经理很专业，对我们产线的情况比新来的同事还熟。", 5),
            Remark("上次样品三天就送到了，帮我们赶上了客户的审核。", 3),
            Remark("质量稳定，今年来料不良率只有万分之三。", 1),
            Remark("技术团队愿意到现场一起试机，这一点别家做不到。", 4),
            Remark("合作多年，遇事好商量，账目也清楚。"),
            Remark("建议明年把联合库存也做起来，我们愿意先试一条线。"),
        ),
        MID: (
            Remark("总体满意，交期能再提前两三天更好。", 0),
            Remark("产品没问题，就是报价来得慢，希望两天之内能回复。", 3),
            Remark("换了客户经理以后需要重新磨合，希望交接得再细一些。"),
            Remark("质量可以，包装偶有破损，到货后要挑拣。", 1),
            Remark("价格比同行高一些，希望年度框架里能有返利。", 2),
            Remark("图纸变更的沟通最好有书面确认。", 4),
        ),
        BAD: (
            Remark("连续两个月晚到，产线等料停了一天半，领导很不满意。", 0),
            Remark("8D 报告拖了三周才给，原因分析还写得很笼统。", 1),
            Remark("涨价通知只提前一周，我们没办法向下游解释。", 2),
            Remark("打电话经常找不到人，问题在几个部门之间转来转去。", 3),
            Remark("现场调试来的工程师不熟悉这个型号，最后是我们自己查出来的。", 4),
            Remark("同样的外观划伤第三次出现了，请拿出根本措施。", 1),
        ),
    },
    "zh-hant": {
        GOOD: (
            Remark("交貨準時，旺季也沒有讓我們停線，請繼續保持。", 0),
            Remark("業務窗口很專業，回覆又快又清楚。", 5),
            Remark("品質穩定，今年進料不良率很低。", 1),
        ),
        MID: (
            Remark("整體滿意，交期若能再提前幾天更好。", 0),
            Remark("報價回覆稍慢，希望兩天內有答覆。", 3),
            Remark("價格比同業略高，期待年度合約有折讓。", 2),
        ),
        BAD: (
            Remark("連續兩批晚到，產線停工待料。", 0),
            Remark("8D 報告等了三週，原因寫得太籠統。", 1),
            Remark("常常找不到人，問題被轉來轉去。", 3),
        ),
    },
    "en": {
        GOOD: (
            Remark("On time through the whole peak season. Please keep it that way.", 0),
            Remark("Our account manager knows our line better than some of us do.", 5),
            Remark("Samples arrived in three days and saved our audit.", 3),
            Remark("Incoming rejects are the lowest of all our suppliers this year.", 1),
            Remark("Your engineers came on site and stayed until it ran.", 4),
        ),
        MID: (
            Remark("Good overall; lead times could be a few days shorter.", 0),
            Remark("Quotations take too long. Two days would be fine.", 3),
            Remark("Since the change of account manager we explain everything twice."),
            Remark("Prices are above the market; a volume rebate would help.", 2),
        ),
        BAD: (
            Remark("Two late deliveries in a row stopped our line for a day and a half.", 0),
            Remark("We waited three weeks for the 8D report, and it names no root cause.", 1),
            Remark("One week's notice of a price increase is not enough.", 2),
            Remark("Nobody picks up, and the question travels between departments.", 3),
        ),
    },
}
OTHER = {"zh-hans": "物流信息不透明", "zh-hant": "物流資訊不透明", "en": "Tracking of shipments"}

# What was found out and done, by language of the account: cause, what was done.
FINDINGS: dict[bool, tuple[tuple[str, str], ...]] = {
    True: (
        (Cause.DELIVERY, "与计划部核对滚动预测，为该客户设两周安全库存，改为每周二、周五两次配送。已当面说明。"),
        (Cause.QUALITY, "质量部完成 8D，模具已修复，连续三批全检合格；报告由质量经理到场讲解。"),
        (Cause.SERVICE, "指定专人跟单并公布备用联系人，承诺两小时内回复；首月每周电话回访。"),
        (Cause.PRICE, "说明原材料依据，涨价分两步执行，框架协议中写明回调条款。"),
        (Cause.COMMUNICATION, "建立变更书面确认单，双方技术接口人每两周例会。"),
        (Cause.PEOPLE, "更换现场服务工程师，补做型号培训，由技术总监带队回访。"),
        (Cause.MISUNDERSTANDING, "客户按旧交期统计；核对发货记录后确认准时，统计口径已统一。"),
    ),
    False: (
        (Cause.DELIVERY, "Two weeks of safety stock agreed; deliveries on Tuesdays and Fridays. Explained in a call."),
        (Cause.QUALITY, "8D finished, tool repaired, three lots inspected in full without a reject."),
        (Cause.SERVICE, "A named back-up and answers within two hours; weekly calls in the first month."),
        (Cause.PRICE, "Increase in two steps, with a clause to take it back when steel falls."),
    ),
}
REFERENCE = {
    True: "请客户在行业交流会上介绍合作案例，对方同意出具推荐信。",
    False: "Asked for a case study; they agreed to be named.",
}
BOUNCE = "550 5.1.1 User unknown"


class Asked(NamedTuple):
    """A campaign of the demo: its names, the shipped questionnaire, and how it asks."""

    key: str
    name: str
    template: str
    rate: float
    """Of those who are asked, how many answer."""
    anonymous: bool = False


CAMPAIGNS = (
    Asked("relationship", "关键客户关系调查（每半年）", "relationship", 0.46),
    Asked("visit", "拜访后回访", "visit", 0.38),
    Asked("yearly", "年度合作回顾", "yearly", 0.55),
    Asked("delivery", "交货体验匿名调查", "delivery", 0.42, anonymous=True),
    Asked("complaint", "投诉处理回访", "complaint", 0.6),
)
SENDER = "禾序工业客户关系部"
REPLY_TO = "care@hexu.example"
