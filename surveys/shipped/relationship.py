"""Relationship NPS: how loyal a customer is, and why. One minute; twice a year for A, once for B."""

from surveys.shipped.building import COMMENT, OTHER, ask, form, options, page, t, when

ASPECTS = {
    "quality": t("产品质量", "產品品質", "Product quality"),
    "delivery": t("交货准时", "準時交貨", "Delivery on time"),
    "support": t("技术支持与售后", "技術支援與售後服務", "Technical support and service"),
    "terms": t("价格与商务条件", "價格與交易條件", "Prices and terms"),
    "response": t("响应速度", "回應速度", "How fast we respond"),
    "manager": t("客户经理", "客戶經理", "Your account manager"),
    "ideas": t("为我们业务提出的建议", "對我們業務的建議", "Ideas for your business"),
    "other": OTHER,
}

FORM = form(
    t("您愿意推荐我们吗？", "您願意推薦我們嗎？", "Would you recommend us?"),
    t(
        "只有几个问题，大约一分钟。您的回答由我们逐份阅读，用来改进与贵公司的合作。",
        "只有幾個問題，大約一分鐘。您的每一份回答我們都會閱讀，並用來改善與貴公司的合作。",
        "A few questions, about a minute. We read every answer and use it to improve how we work with your company.",
    ),
    t(
        "感谢您的回答。如果您提到了需要改进的地方，我们会尽快与您联系。",
        "感謝您的回答。如果您提到需要改善的地方，我們會盡快與您聯繫。",
        "Thank you. If you told us about something that needs to be better, we will get in touch soon.",
    ),
    page(
        "recommend",
        t("总体印象", "整體印象", "Overall"),
        ask(
            "recommend",
            "nps",
            t(
                "您有多大可能向同行或业务伙伴推荐我们？",
                "您有多大可能向同業或商業夥伴推薦我們？",
                "How likely are you to recommend us to a colleague or business partner?",
            ),
            required=True,
        ),
    ),
    page(
        "reasons",
        t("原因", "原因", "Why"),
        ask(
            "improve",
            "multiple",
            t("我们最需要改进哪些方面？", "我們最需要改善哪些方面？", "What should we improve first?"),
            help=t("最多选三项", "最多選三項", "Up to three"),
            choices=options(**ASPECTS),
            randomise=True,
            maximum=3,
            show_if=when("recommend", "le", 8),
        ),
        ask(
            "strengths",
            "multiple",
            t("我们哪些方面做得最好？", "我們哪些方面做得最好？", "What do we do best?"),
            help=t("最多选三项", "最多選三項", "Up to three"),
            choices=options(**ASPECTS),
            randomise=True,
            maximum=3,
            show_if=when("recommend", "ge", 9),
        ),
        ask(
            "happened",
            "text",
            t(
                "能否具体说说，是什么让您打了这个分数？",
                "能否具體說明，是什麼讓您給了這個分數？",
                "What happened that made you choose this score?",
            ),
            help=t(
                "例如哪一张订单、哪一次服务、希望怎样解决",
                "例如哪一張訂單、哪一次服務、希望如何解決",
                "Which order or service was it, and what would make it right?",
            ),
            max_length=2000,
            show_if=when("recommend", "le", 6),
        ),
        ask(
            "call_me",
            "single",
            t("您希望我们怎样跟进？", "您希望我們如何跟進？", "How may we follow up?"),
            choices=options(
                call=t("请给我打电话", "請打電話給我", "Please call me"),
                visit=t("请上门沟通", "請到訪面談", "Please come and see us"),
                write=t("书面答复即可", "書面答覆即可", "A written reply will do"),
                none=t("暂时不需要", "暫時不需要", "No need for now"),
            ),
            show_if=when("recommend", "le", 6),
        ),
        ask(
            "reference",
            "single",
            t(
                "是否愿意在我们与其他企业交流时，作为参考客户分享您的体会？",
                "是否願意作為我們的參考客戶，與其他企業分享您的經驗？",
                "Would you share your experience as a reference when other companies ask?",
            ),
            choices=options(
                yes=t("愿意", "願意", "Yes"),
                maybe=t("可以先谈谈", "可以先談談", "Let us talk about it first"),
                no=t("不方便", "不方便", "Rather not"),
            ),
            show_if=when("recommend", "ge", 9),
        ),
        ask("comment", "text", COMMENT, max_length=2000),
    ),
)
