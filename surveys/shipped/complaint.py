"""After a complaint: whether it is solved, and whether trust is back. A few days after the case was closed."""

from surveys.shipped.building import COMMENT, ask, form, options, page, t, when

FORM = form(
    t("您反映的问题解决了吗？", "您反映的問題解決了嗎？", "Is your complaint settled?"),
    t(
        "您最近向我们反映过一个问题。对我们来说，重要的是它是否真正解决了，由您来判断。",
        "您最近向我們反映過一個問題。對我們來說，重要的是它是否真正解決，由您來判斷。",
        "You told us about a problem recently. Whether it is really solved is for you to say.",
    ),
    t(
        "感谢您的回答。如果问题还没有解决，负责人会再次与您联系。",
        "感謝您的回答。如果問題尚未解決，負責人會再次與您聯繫。",
        "Thank you. If something is still open, the person in charge will contact you again.",
    ),
    page(
        "result",
        t("处理结果", "處理結果", "The result"),
        ask(
            "solved",
            "single",
            t("问题解决了吗？", "問題解決了嗎？", "Is the problem solved?"),
            required=True,
            choices=options(
                yes=t("完全解决", "完全解決", "Yes, completely"),
                partly=t("部分解决", "部分解決", "Partly"),
                no=t("没有解决", "沒有解決", "No"),
            ),
        ),
        ask(
            "open_points",
            "text",
            t("还有哪些没有解决？", "還有哪些沒有解決？", "What is still open?"),
            required=True,
            max_length=2000,
            show_if=when("solved", "in", ["partly", "no"]),
        ),
        ask(
            "satisfied",
            "csat",
            t(
                "您对整个处理过程满意吗？",
                "您對整個處理過程滿意嗎？",
                "How satisfied are you with the way it was handled?",
            ),
            required=True,
        ),
    ),
    page(
        "way",
        t("处理过程", "處理過程", "On the way there"),
        ask(
            "easy",
            "ces",
            t(
                "从反映问题到得到解决，对您来说容易吗？",
                "從反映問題到獲得解決，對您來說容易嗎？",
                "How easy was it for you to get this problem dealt with?",
            ),
        ),
        ask(
            "aspects",
            "matrix",
            t("具体来说：", "具體來說：", "In detail:"),
            rows=options(
                speed=t("第一次回应的速度", "第一次回應的速度", "How fast we first responded"),
                informed=t("过程中主动告知进展", "過程中主動告知進度", "How well we kept you informed"),
                expertise=t("处理人员的专业程度", "處理人員的專業程度", "How well our people knew the matter"),
                manner=t("处理人员的态度", "處理人員的態度", "How our people treated you"),
                cause=t("对原因的说明", "對原因的說明", "How well the cause was explained"),
            ),
        ),
    ),
    page(
        "trust",
        t("今后的合作", "今後的合作", "From here on"),
        ask(
            "trust",
            "single",
            t(
                "经过这次处理，您对与我们继续合作的信心：",
                "經過這次處理，您對與我們繼續合作的信心：",
                "After this, your confidence in working with us is",
            ),
            choices=options(
                stronger=t("增强了", "增強了", "stronger"),
                same=t("没有变化", "沒有變化", "the same"),
                weaker=t("减弱了", "減弱了", "weaker"),
            ),
        ),
        ask(
            "prevent",
            "text",
            t(
                "怎样才能避免同样的问题再次发生？",
                "怎樣才能避免同樣的問題再次發生？",
                "What would keep it from happening again?",
            ),
            max_length=1000,
            show_if={"any": [when("solved", "ne", "yes"), when("trust", "eq", "weaker"), when("satisfied", "le", 3)]},
        ),
        ask("comment", "text", COMMENT, max_length=1000),
    ),
)
