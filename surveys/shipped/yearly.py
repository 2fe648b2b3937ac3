"""Yearly review: the whole cooperation, for the talk about next year. Five minutes; decision makers and influencers."""

from surveys.shipped.building import OTHER, ask, form, options, page, t, when

FORM = form(
    t("年度合作回顾", "年度合作回顧", "Our year together"),
    t(
        "又一年的合作即将过去。请用大约五分钟评价这一年，您的意见将直接用于我们与贵公司明年的合作计划。",
        "又一年的合作即將過去。請用大約五分鐘評價這一年，您的意見將直接用於我們與貴公司明年的合作計畫。",
        "Another year of working together. Take about five minutes to look back: your view goes straight into our plan "
        "for next year with your company.",
    ),
    t(
        "感谢您抽出时间。您的客户经理会带着这些意见与您讨论明年的计划。",
        "感謝您撥冗填答。您的客戶經理會帶著這些意見與您討論明年的計畫。",
        "Thank you for your time. Your account manager will bring these points to our talk about next year.",
    ),
    page(
        "overall",
        t("总体评价", "整體評價", "Overall"),
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
        ask(
            "satisfied",
            "csat",
            t(
                "您对这一年的合作总体上满意吗？",
                "整體而言，您對這一年的合作滿意嗎？",
                "Overall, how satisfied are you with this year?",
            ),
            required=True,
        ),
        ask(
            "easy",
            "ces",
            t("与我们做生意容易吗？", "與我們做生意容易嗎？", "How easy is it to do business with us?"),
        ),
    ),
    page(
        "aspects",
        t("各方面的表现", "各方面的表現", "In detail"),
        ask(
            "aspects",
            "matrix",
            t("您对以下各方面满意吗？", "您對以下各方面滿意嗎？", "How satisfied are you with"),
            rows=options(
                quality=t("产品质量与稳定性", "產品品質與穩定性", "product quality and consistency"),
                delivery=t("交货准时与供货保障", "準時交貨與供貨保障", "delivery and security of supply"),
                support=t("技术支持与售后", "技術支援與售後服務", "technical support and service"),
                terms=t("价格与商务条件", "價格與交易條件", "prices and terms"),
                manager=t("客户经理", "客戶經理", "your account manager"),
                management=t("双方高层的沟通", "雙方高層的溝通", "contact between our managements"),
                innovation=t("创新与改进建议", "創新與改善建議", "new ideas and improvements"),
            ),
        ),
        ask(
            "priorities",
            "ranking",
            t(
                "明年哪些方面对您最重要？请排序。",
                "明年哪些方面對您最重要？請排序。",
                "What matters most to you next year? Put these into order.",
            ),
            choices=options(
                quality=t("质量", "品質", "Quality"),
                supply=t("供货保障", "供貨保障", "Security of supply"),
                cost=t("总成本", "總成本", "Total cost"),
                service=t("服务与响应", "服務與回應", "Service and response"),
                innovation=t("共同开发", "共同開發", "Developing together"),
            ),
            randomise=True,
        ),
        ask(
            "weak",
            "text",
            t("最不满意的一点是什么？", "最不滿意的一點是什麼？", "What satisfied you least?"),
            help=t("我们会逐条答复", "我們會逐項答覆", "We answer every point"),
            max_length=2000,
            show_if={"any": [when("satisfied", "le", 3), when("recommend", "le", 6)]},
        ),
    ),
    page(
        "ahead",
        t("明年的合作", "明年的合作", "Next year"),
        ask(
            "position",
            "single",
            t(
                "在同类供应商中，我们对贵公司来说是：",
                "在同類供應商中，我們對貴公司來說是：",
                "Among your suppliers of this kind, we are",
            ),
            choices=options(
                first=t("首选或主要供应商", "首選或主要供應商", "the first choice"),
                several=t("几家主要供应商之一", "幾家主要供應商之一", "one of several main ones"),
                backup=t("补充或备选", "補充或備選", "a second source"),
            ),
        ),
        ask(
            "volume",
            "single",
            t("明年向我们的采购量预计：", "預計明年向我們的採購量：", "Next year you expect to buy from us"),
            choices=options(
                more=t("增加", "增加", "more"),
                same=t("基本不变", "大致不變", "about the same"),
                less=t("减少", "減少", "less"),
                unknown=t("还不清楚", "還不清楚", "cannot say yet"),
            ),
        ),
        ask(
            "less_because",
            "multiple",
            t("减少的主要原因是？", "減少的主要原因是？", "Why less?"),
            choices=options(
                demand=t("自身需求下降", "自身需求下降", "We need less"),
                price=t("价格", "價格", "Price"),
                quality=t("质量或交货", "品質或交貨", "Quality or delivery"),
                service=t("服务", "服務", "Service"),
                competitor=t("转向其他供应商", "轉向其他供應商", "Another supplier"),
                policy=t("内部采购政策调整", "內部採購政策調整", "A change of purchasing policy"),
                other=OTHER,
            ),
            randomise=True,
            show_if=when("volume", "eq", "less"),
        ),
        ask(
            "together",
            "multiple",
            t(
                "明年您希望与我们一起做哪些事？",
                "明年您希望與我們一起做哪些事？",
                "What would you like to do with us next year?",
            ),
            choices=options(
                project=t("共同开发或试用新产品", "共同開發或試用新產品", "Develop or try new products"),
                cost=t("降本项目", "降低成本專案", "A cost project"),
                stock=t("寄售或安全库存", "寄售或安全庫存", "Consignment or safety stock"),
                training=t("技术培训", "技術培訓", "Training"),
                review=t("定期高层会议", "定期高層會議", "Regular management meetings"),
                other=OTHER,
            ),
        ),
        ask(
            "wish",
            "text",
            t(
                "如果只能改变一件事，您希望我们改变什么？",
                "如果只能改變一件事，您希望我們改變什麼？",
                "If we could change one thing, what should it be?",
            ),
            max_length=2000,
        ),
    ),
)
