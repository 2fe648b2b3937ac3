"""The list of responses: also the answers behind every number of the results."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from core.forms import scope_form
from core.http import UserRequest, panel
from core.paging import Sort, bounded_count, keyset_page
from surveys.answer_words import in_words
from surveys.choices import QuestionKind
from surveys.definition import Definition, Question, read
from surveys.filters.responses import RESPONSE_SORTS, ResponseFilter
from surveys.models import Campaign, Response
from surveys.reports import RATED


@require_GET
def response_list(request: UserRequest) -> HttpResponse:
    """The complete responses of the accounts that the user sees, the newest first; those of anonymous campaigns are
    nobody's."""
    rows = Response.objects.visible_to(request.user).complete()
    found = ResponseFilter(request.GET, queryset=rows)
    language = get_language() or "en"
    campaign = _campaign(request)
    definition = read(campaign.definition) if campaign else None
    if definition is not None:
        found.name_questions(definition, language)
    scope_form(found.form, request.user)
    found.form.is_valid()
    default = "-date" if campaign else "-id"
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), RESPONSE_SORTS, default)
    related = ("account", "contact", "campaign", "manager")
    page = keyset_page(found.qs.select_related(*related), sort, request.GET.get("cursor"))
    asked, part = (found.form.cleaned_data.get(name) or "" for name in ("question", "part"))
    wanted = definition.by_key.get(asked) if definition else None
    for response in page.rows:
        describe(response, read(response.campaign.definition), asked, language, part)
    context = {
        "filter": found,
        "page": page,
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
        "campaign": campaign,
        "question": asked if wanted is None or wanted.kind not in RATED else "",
    }
    return render(request, panel(request, "surveys/response_list.html", "rows"), context)


def _campaign(request: UserRequest) -> Campaign | None:
    """The campaign that the list is narrowed to; None where there is none, or no such one."""
    text = request.GET.get("campaign", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return Campaign.objects.visible_to(request.user).filter(pk=int(text), anonymous=False).first()


def describe(response: Any, asked: Definition, question: str, language: str, part: str = "") -> None:
    """Set what a row says: the `scores` (kind, value, tone), the first words (`comment`), and the answer to the
    question that the list is about (`asked`)."""
    response.scores = [
        (one.kind, response.answers[one.key]) for one in asked.of_kind(*RATED) if one.key in response.answers
    ][:3]
    texts = (response.answers.get(one.key) for one in asked.of_kind(QuestionKind.TEXT))
    response.comment = next((text for text in texts if text), "")
    wanted = asked.by_key.get(question)
    response.asked = _words(wanted, response.answers.get(question), language, part) if wanted else ""


def _words(question: Question, value: Any, language: str, part: str) -> Any:
    if question.kind != QuestionKind.MATRIX or part:
        return in_words(question, value, language, part)
    rows = ((row.text.into(language), (value or {}).get(row.key)) for row in question.rows)
    return "; ".join(f"{text}: {given}" for text, given in rows if given is not None)
