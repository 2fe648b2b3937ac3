"""A clean answer in words, as files and lists write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.choices import QuestionKind
from surveys.definition import Question


def in_words(question: Question, value: Any, language: str, part: str = "") -> Any:
    """The answer as a number or a text in that language; "" where there is none. `part`: the row of a matrix."""
    if value in (None, "", [], {}):
        return ""
    if question.kind == QuestionKind.MATRIX:
        return value.get(part, "") if isinstance(value, Mapping) else ""
    if question.kind == QuestionKind.SINGLE:
        return _with_text(_choice(question, value.get("choice", ""), language), value)
    if question.kind == QuestionKind.MULTIPLE:
        return _with_text("; ".join(_choice(question, key, language) for key in value.get("choices", [])), value)
    if question.kind == QuestionKind.RANKING:
        items = (_choice(question, key, language) for key in value.get("choices", []))
        return "; ".join(f"{place}. {text}" for place, text in enumerate(items, start=1))
    return value


def _choice(question: Question, key: str, language: str) -> str:
    choice = question.choice(key)
    return choice.text.into(language) if choice else key


def _with_text(words: str, value: Mapping[str, Any]) -> str:
    return f"{words}: {value['text']}" if value.get("text") else words
