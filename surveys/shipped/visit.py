"""After a visit: whether it was worth the customer's time. Two or three days later."""

from surveys.shipped.building import COMMENT, OTHER, ask, form, options, page, t, when

FORM = form(
    t("这次拜访对您有帮助吗？", "這次拜訪對您有幫助嗎？", "Was our visit worth your time?"),
    t(
        "我们最近拜访了贵公司。请用一分钟告诉我们，这段时间对您是否有价值。",
        "我們最近拜訪了貴公司。請用一分鐘告訴我們，這段時間對您是否有價值。",
        "We visited you recently. Tell us in a minute whether it was worth your time.",
    ),
    t(
        "感谢您的反馈，我们会据此准备下一次拜访。",
        "感謝您的回饋，我們會據此準備下一次拜訪。",
        "Thank you. We will prepare our next visit accordingly.",
    ),
    page(
        "visit",
        t("这次拜访", "這次拜訪", "The visit"),
        ask(
            "satisfied",
            "csat",
            t(
                "您对这次拜访总体上满意吗？",
                "整體而言，您對這次拜訪滿意嗎？",
                "Overall, how satisfied were you with our visit?",
            ),
            required=True,
        ),
        ask(
            "aspects",
            "matrix",
            t("具体来说：", "具體來說：", "In detail:"),
            rows=options(
                prepared=t(
                    "来访人员事先了解我们的业务",
                    "來訪人員事先了解我們的業務",
                    "Our people knew your business beforehand",
                ),
                useful=t("交流的内容有用", "交流的內容有幫助", "What was discussed was useful"),
                answers=t("我们的问题得到了答复", "我們的問題得到了答覆", "Your questions were answered"),
                next=t("后续事项和负责人明确", "後續事項與負責人明確", "Next steps and who takes them are clear"),
            ),
        ),
    ),
    page(
        "next",
        t("下一次", "下一次", "Next time"),
        ask(
            "missing",
            "text",
            t("这次拜访缺了什么？", "這次拜訪少了什麼？", "What was missing?"),
            max_length=1000,
            show_if=when("satisfied", "le", 3),
        ),
        ask(
            "frequency",
            "single",
            t("我们的拜访次数：", "我們的拜訪次數：", "We visit you"),
            choices=options(
                more=t("可以再多一些", "可以再多一些", "too seldom"),
                right=t("正合适", "剛剛好", "about as often as you like"),
                fewer=t("可以少一些", "可以少一些", "more often than needed"),
                online=t("改为线上会议更方便", "改成線上會議更方便", "online would be more convenient"),
            ),
        ),
        ask(
            "topics",
            "multiple",
            t("下一次您希望谈哪些内容？", "下一次您希望談哪些內容？", "What would you like to talk about next time?"),
            choices=options(
                products=t("新产品和技术", "新產品與技術", "New products and technology"),
                supply=t("供货和库存", "供貨與庫存", "Supply and stock"),
                quality=t("质量问题", "品質問題", "Quality"),
                cost=t("降低成本", "降低成本", "Saving costs"),
                contract=t("合同和商务条件", "合約與交易條件", "Contract and terms"),
                other=OTHER,
            ),
        ),
        ask("comment", "text", COMMENT, max_length=1000),
    ),
)
