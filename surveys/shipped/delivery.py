"""After a delivery: whether what was ordered came as agreed. Within a week."""

from surveys.shipped.building import COMMENT, OTHER, ask, form, options, page, t, when

FORM = form(
    t("这批货收得顺利吗？", "這批貨收得順利嗎？", "Did the delivery go well?"),
    t(
        "我们最近向贵公司交付了一批货物。请告诉我们是否符合约定，大约一分钟。",
        "我們最近向貴公司交付了一批貨物。請告訴我們是否符合約定，大約一分鐘。",
        "We delivered to you recently. Tell us in about a minute whether it went as agreed.",
    ),
    t(
        "感谢您的反馈。有问题的地方，我们会马上处理。",
        "感謝您的回饋。有問題的地方，我們會立即處理。",
        "Thank you. Where something went wrong, we will see to it at once.",
    ),
    page(
        "delivery",
        t("这次交货", "這次交貨", "The delivery"),
        ask(
            "satisfied",
            "csat",
            t(
                "您对这次交货总体上满意吗？",
                "整體而言，您對這次交貨滿意嗎？",
                "Overall, how satisfied are you with this delivery?",
            ),
            required=True,
        ),
        ask(
            "on_time",
            "single",
            t("货物是否按约定时间到达？", "貨物是否按約定時間送達？", "Did it arrive when agreed?"),
            required=True,
            choices=options(
                yes=t("按时", "準時", "On time"),
                early=t("提前", "提早", "Early"),
                late=t("晚了", "延遲", "Late"),
            ),
        ),
        ask(
            "days_late",
            "number",
            t("晚了几天？", "延遲了幾天？", "How many days late?"),
            minimum=1,
            maximum=365,
            show_if=when("on_time", "eq", "late"),
        ),
        ask(
            "impact",
            "single",
            t(
                "延误对你们的生产或销售有影响吗？",
                "延遲是否影響了貴公司的生產或銷售？",
                "Did the delay affect your production or sales?",
            ),
            choices=options(
                none=t("没有影响", "沒有影響", "No"),
                some=t("有一些影响", "有一些影響", "A little"),
                stopped=t("造成停工或断货", "造成停工或缺貨", "It stopped us"),
            ),
            show_if=when("on_time", "eq", "late"),
        ),
    ),
    page(
        "details",
        t("具体情况", "具體情況", "In detail"),
        ask(
            "aspects",
            "matrix",
            t("您对以下各项满意吗？", "您對以下各項滿意嗎？", "How satisfied are you with"),
            rows=options(
                complete=t("数量和型号正确", "數量與型號正確", "quantity and models"),
                condition=t("包装和外观完好", "包裝與外觀完好", "packaging and condition"),
                papers=t("单据和证书齐全", "單據與證書齊全", "papers and certificates"),
                notice=t("发货和到货的提前通知", "出貨與到貨的事先通知", "being told when it would arrive"),
                people=t("送货或安装人员", "送貨或安裝人員", "the people who delivered or installed it"),
            ),
        ),
        ask(
            "wrong",
            "multiple",
            t("哪里出了问题？", "哪裡出了問題？", "What went wrong?"),
            choices=options(
                missing=t("缺货或少件", "缺貨或少件", "Something was missing"),
                damaged=t("有破损", "有破損", "Something was damaged"),
                mixed=t("型号或规格不对", "型號或規格不對", "Wrong model or specification"),
                quality=t("质量不合格", "品質不合格", "Poor quality"),
                papers=t("单据有误", "單據有誤", "Papers were wrong"),
                late=t("到货太晚", "到貨太晚", "It came too late"),
                other=OTHER,
            ),
            show_if={
                "any": [
                    when("satisfied", "le", 3),
                    when("aspects", "le", 2, part="complete"),
                    when("aspects", "le", 2, part="condition"),
                ]
            },
        ),
        ask("comment", "text", COMMENT, max_length=1000),
    ),
)
