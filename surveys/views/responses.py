"""One answer, question by question, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_GET

from core.http import UserRequest
from surveys.answer_words import in_words
from surveys.choices import QuestionKind
from surveys.conditions import shown_pages
from surveys.definition import Definition, read
from surveys.models import FollowUp, Response

RELATED = ("campaign", "account", "contact", "manager", "team", "product_line", "entered_by")


class Line(NamedTuple):
    """A question with its answer: `rows` of a matrix (row, value), `words` of everything else ("" without answer);
    `top` is the end of the scale, `is_text` what somebody wrote."""

    text: str
    words: Any
    rows: list[tuple[str, Any]]
    top: int | None
    kind: str
    is_text: bool


@require_GET
def response_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Who answered what, when and how; what it has set going."""
    rows = Response.objects.visible_to(request.user).select_related(*RELATED)
    response = get_object_or_404(rows, pk=pk)
    language = translation.get_language() or ""
    definition = read(response.campaign.definition)
    follow_ups = FollowUp.objects.visible_to(request.user).filter(responses=response)
    context = {
        "response": response,
        "pages": [(title, list(lines)) for title, lines in _pages(definition, response.answers, language)],
        "follow_ups": follow_ups.select_related("account", "campaign", "owner").order_by("pk"),
    }
    return render(request, "surveys/response_detail.html", context)


def _pages(definition: Definition, answers: Any, language: str) -> Iterator[tuple[str, Iterator[Line]]]:
    for page, questions in shown_pages(definition, answers):
        yield (
            page.title.into(language),
            (_line(question, answers.get(question.key), language) for question in questions),
        )


def _line(question: Any, value: Any, language: str) -> Line:
    matrix = question.kind == QuestionKind.MATRIX
    return Line(
        question.text.into(language),
        "" if matrix else in_words(question, value, language),
        [(row.text.into(language), in_words(question, value, language, row.key)) for row in question.rows],
        question.scale[1] if question.scale else None,
        question.kind,
        question.kind == QuestionKind.TEXT,
    )
