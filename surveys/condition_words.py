"""Conditions in words, for those who build questionnaires and those who read them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from surveys.definition import Condition, Definition, Question

MAX_QUESTION = 40
"""Characters of a question's text inside a condition."""

_WORDS: dict[str, str | Promise] = {
    "eq": pgettext_lazy("condition", "%(question)s is %(value)s"),
    "ne": pgettext_lazy("condition", "%(question)s is not %(value)s"),
    "lt": pgettext_lazy("condition", "%(question)s is less than %(value)s"),
    "le": pgettext_lazy("condition", "%(question)s is at most %(value)s"),
    "gt": pgettext_lazy("condition", "%(question)s is more than %(value)s"),
    "ge": pgettext_lazy("condition", "%(question)s is at least %(value)s"),
    "in": pgettext_lazy("condition", "%(question)s is one of %(value)s"),
    "contains": pgettext_lazy("condition", "%(question)s includes %(value)s"),
    "answered": pgettext_lazy("condition", "%(question)s was answered"),
    "not_answered": pgettext_lazy("condition", "%(question)s was not answered"),
}
OPERATORS: dict[str, str | Promise] = {
    "eq": pgettext_lazy("operator", "is"),
    "ne": pgettext_lazy("operator", "is not"),
    "lt": pgettext_lazy("operator", "is less than"),
    "le": pgettext_lazy("operator", "is at most"),
    "gt": pgettext_lazy("operator", "is more than"),
    "ge": pgettext_lazy("operator", "is at least"),
    "in": pgettext_lazy("operator", "is one of"),
    "contains": pgettext_lazy("operator", "includes"),
    "answered": pgettext_lazy("operator", "was answered"),
    "not_answered": pgettext_lazy("operator", "was not answered"),
}
"""Each operator by itself, as it is chosen."""
_AND, _OR = gettext_lazy(" and "), gettext_lazy(" or ")


def in_words(condition: Condition | None, definition: Definition, language: str) -> str:
    """A condition as part of a sentence, in the language that is active; the questions' texts in `language`. Takes
    conditions of drafts as well, whatever they ask."""
    return _part(condition, definition, language, inside=False)


def _part(condition: Condition | None, definition: Definition, language: str, *, inside: bool) -> str:
    if not condition:
        return ""
    for name, word in (("all", _AND), ("any", _OR)):
        if name in condition:
            parts = [_part(inner, definition, language, inside=True) for inner in condition[name]]
            text = str(word).join(filter(None, parts))
            return _("(%(condition)s)") % {"condition": text} if inside and len(parts) > 1 else text
    return _comparison(condition, definition, language)


def _comparison(comparison: Condition, definition: Definition, language: str) -> str:
    question = definition.by_key.get(comparison["question"])
    name = question.text.into(language) if question else comparison["question"]
    if question and (row := question.choice(comparison.get("part") or "")):
        name = row.text.into(language)
    values = comparison.get("value")
    shown = [_value(question, value, language) for value in (values if isinstance(values, list) else [values])]
    name = Truncator(name).chars(MAX_QUESTION)
    quoted = _("“%(text)s”") % {"text": name or "…"}
    return str(_WORDS[comparison["op"]]) % {"question": quoted, "value": _(", ").join(shown)}


def _value(question: Question | None, value: Any, language: str) -> str:
    choice = question.choice(value) if question and isinstance(value, str) else None
    return _("“%(text)s”") % {"text": choice.text.into(language) or choice.key} if choice else str(value or 0)
