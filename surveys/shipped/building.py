"""How the templates that come with the product are written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def t(hans: str, hant: str, english: str) -> Json:
    """One text in every language."""
    return {"zh-hans": hans, "zh-hant": hant, "en": english}


def ask(key: str, kind: str, text: Json, **fields: Any) -> Json:
    """A question."""
    return {"key": key, "kind": kind, "text": text, **fields}


def options(**texts: Json) -> list[Json]:
    """Choices or rows by their key; `other` takes words."""
    return [{"key": key, "text": text, **({"other": True} if key == "other" else {})} for key, text in texts.items()]


def page(key: str, title: Json, *questions: Json, **fields: Any) -> Json:
    """A page."""
    return {"key": key, "title": title, "questions": list(questions), **fields}


def when(question: str, op: str, value: Any = None, **fields: Any) -> Json:
    """A condition: one comparison."""
    return {"question": question, "op": op, **({} if value is None else {"value": value}), **fields}


def form(title: Json, intro: Json, thanks: Json, *pages: Json) -> Mapping[str, Any]:
    """The whole questionnaire."""
    return {"title": title, "intro": intro, "thanks": thanks, "pages": list(pages)}


OTHER = t("其他", "其他", "Something else")
COMMENT = t("还有什么想告诉我们的？", "還有什麼想告訴我們的嗎？", "Is there anything else you would like to tell us?")
