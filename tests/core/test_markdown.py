"""Markdown as HTML that can do nothing, in bounded time."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.template import Context, Template
from hypothesis import example, given
from hypothesis import strategies as st

from core.markdown import TAGS, plain, render

PIECES = [
    *("<script>", "</script>", "javascript:", "[a](", ")", "<img src=x onerror=alert(1)>", "![", "**", "`", "\n", "> "),
    *("- ", "|", "<", ">", '"', "&", "data:text/html,", "&#106;avascript:", "a", "字", "<svg/onload=", "#", " "),
]
WORST = ["[", "](", "*a ", "**a", "*_", "`", "> ", "- a\n", "|a", "<", "[a](<", "_a__", "a***", "\n", "[a][b]", "!["]


class TestWhatIsWritten:
    def test_lists_tables_and_emphasis(self):
        html = render("# 结论\n\n- **交期** 10 天\n- ~~旧~~\n\n| 型号 | 价 |\n|---|---|\n| A | 12 |\n")
        for part in ("<h3>结论</h3>", "<li><strong>交期</strong> 10 天</li>", "<s>旧</s>", "<td>12</td>"):
            assert part in html

    def test_a_line_stays_a_line(self):
        assert render("甲\n乙") == "<p>甲<br>\n乙</p>\n"

    def test_links_open_without_telling_where_they_come_from(self):
        html = render("[报价](https://example.com/a)")
        assert html == '<p><a href="https://example.com/a" rel="nofollow noopener noreferrer">报价</a></p>\n'

    def test_is_a_filter_of_every_template(self):
        assert Template("{{ text|markdown }}").render(Context({"text": "**x**"})) == "<p><strong>x</strong></p>\n"

    def test_nothing_that_was_typed_vanishes(self):
        assert "http://x.cn" in render("[1]: http://x.cn\n")
        nested = "".join(f"{' ' * (2 * n)}- Punkt {n}\n" for n in range(120))
        assert "Punkt 119" in render(nested)
        assert "ende" in render("> " * 300 + "ende")


class TestWhatCannotBe:
    def test_the_tags_do_nothing(self):
        assert not TAGS & {
            "script",
            "style",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "math",
            "base",
        }

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](&#106;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "<img src=x onerror=alert(1)>",
            "![pixel](https://evil.example/track.gif)",
            "<iframe src=//evil.example></iframe>",
            '[x](https://a.cn "\\" onmouseover=\\"alert(1)")',
            "<style>*{display:none}</style>",
            "<form action=//evil.example><input></form>",
            "<svg/onload=alert(1)>",
            "<a href='https://a.cn' style='position:fixed'>x</a>",
            "```html\n<script>alert(1)</script>\n```",
        ],
    )
    def test_scripts_pictures_forms_and_styles(self, text):
        assert_harmless(render(text))

    @given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
    @example("[a](![javascript:)")
    def test_whatever_is_typed(self, text):
        assert_harmless(render(text))


def scheme_of(address):
    """As browsers read it: control characters and blanks do not count, and what is no scheme by RFC 3986 (3.1) is the
    beginning of a relative address."""
    found = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", address), re.IGNORECASE)
    return found[1].lower() if found else ""


def assert_harmless(html):
    """Only what was allowed is a tag; attributes are those of links, with schemes that do nothing."""

    class Check(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag in TAGS, html
            for name, value in attrs:
                assert name in {"href", "title", "rel", "start"}, html
                if name == "href":
                    assert scheme_of(value) in {"", "http", "https", "mailto", "tel"}, html

    Check().feed(html)


@pytest.mark.embedded
class TestTime:
    @pytest.mark.parametrize("piece", WORST)
    def test_50_000_characters_of_the_worst_kind(self, piece):
        text = (piece * 50_000)[:50_000]
        started = time.process_time()
        render(text)
        plain(text)
        assert time.process_time() - started < 5


class TestPlain:
    def test_leaves_the_words(self):
        text = "## 结论\n\n- **交期** [报价](http://a.cn)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n> 好"
        assert plain(text) == "结论 交期 报价 好"
