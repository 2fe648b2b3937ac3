"""Markdown as people write it in minutes, as HTML that can do nothing: no scripts, no styles, no pictures, no forms."""

from __future__ import annotations

import re

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_DEEPEST = 40
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True, "maxNesting": _DEEPEST})
_parser.enable(["table", "strikethrough"]).disable(["image", "reference"])
_MARKS = re.compile(r"(?m)^[ \t]{0,12}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+|```.*$|[|:\- \t]{3,}$)")
_ROWS = re.compile(r"(?m)^[ \t]{0,12}\|.*\|[ \t]*$")
_LINK = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)")
_HEADINGS = re.compile(r"(?m)^[ \t]{0,3}#{1,6}[ \t]+")
_PAIRS = re.compile(r"(\*\*|__|~~|`)")


def render(text: str) -> SafeString:
    """The HTML of `text`; headings begin at level 3, below those of the page."""
    tokens = _parser.parse(text)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        # The parser leaves out what lies deeper. Nobody means such a text as Markdown: it is shown as it is.
        return format_html("<pre>{}</pre>", text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 2, 6)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308  cleaned on the line before


def plain(text: str) -> str:
    """`text` without the marks of Markdown and without its tables, on one line: for excerpts."""
    bare = _PAIRS.sub("", _LINK.sub(r"\1", _MARKS.sub("", _ROWS.sub("", text))))
    return " ".join(bare.split())


def unmarked(text: str) -> str:
    """`text` line by line without the marks of headings, emphasis and links, numbers and dashes kept: for print."""
    return _PAIRS.sub("", _LINK.sub(r"\1", _HEADINGS.sub("", text)))
