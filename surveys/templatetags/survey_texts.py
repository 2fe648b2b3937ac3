"""Texts of questionnaires in the reader's language."""

from __future__ import annotations

from django import template
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from surveys.choices import QuestionKind
from surveys.definition import Question, Texts

register = template.Library()

MOST = 160
"""Characters of a list of choices."""


@register.simple_tag
def texts_in(texts: Texts) -> str:
    """The text in the language that is active, else in the first that has one."""
    return texts.into(translation.get_language() or "en") or "…"


@register.simple_tag
def kind_label(kind: str) -> str:
    """A kind of question in words."""
    return str(QuestionKind(kind).label)


@register.simple_tag
def choice_list(question: Question) -> str:
    """The choices or rows, one after the other."""
    language = translation.get_language() or "en"
    names = [row.text.into(language) or row.key for row in (*question.choices, *question.rows)]
    return Truncator(_(" · ").join(names)).chars(MOST)
