"""What customers wrote, with search and tags."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest, back_to, is_fragment, panel
from core.paging import Page, Sort, bounded_count, keyset_page
from surveys import definition as definitions
from surveys import verbatims as words
from surveys.choices import CampaignStatus
from surveys.filters.verbatims import VerbatimFilter
from surveys.models import Answer, Campaign, VerbatimTag
from surveys.reports import RATED
from surveys.services.verbatims import add_tag, remove_tag

SIZE = 25


@require_GET
def verbatims(request: UserRequest, pk: int) -> HttpResponse:
    """The texts of a campaign, the newest first; of an anonymous one in the order of the alphabet, without a day."""
    campaigns = Campaign.objects.visible_to(request.user).exclude(status=CampaignStatus.DRAFT)
    campaign = get_object_or_404(campaigns, pk=pk)
    language = get_language() or "en"
    questions = words.questions_with_words(campaign)
    rated = next(definitions.read(campaign.definition).of_kind(*RATED), None)
    found = VerbatimFilter(
        request.GET,
        words.of_campaign(campaign, request.user, questions),
        questions=[(key, question.text.into(language)) for key, question in questions.items()],
        rated=(rated.key, rated.kind) if rated else None,
        anonymous=campaign.anonymous,
    )
    scope_form(found.form, request.user)
    page = _page(request, campaign, found)
    editable = set(_editable(request, campaign, page.rows))
    for row in page.rows:
        describe(row, questions[row.question].text.into(language), rated, may_tag=row.pk in editable)
    context = {
        "campaign": campaign,
        "filter": found,
        "page": page,
        "count": bounded_count(found.qs),
        "questions": questions,
        "tags": VerbatimTag.objects.visible_to(request.user)[:200],
    }
    return render(request, panel(request, "surveys/verbatims.html", "rows"), context)


@require_POST
def verbatim_tag(request: UserRequest, pk: int) -> HttpResponse:
    """Add a tag to an answer, or take one away."""
    answer = _answer(request, pk)
    if not words.may_tag(answer, request.user):
        raise PermissionDenied
    error = ""
    try:
        if request.POST.get("remove"):
            tag = get_object_or_404(VerbatimTag.objects.visible_to(request.user), name=request.POST["remove"][:40])
            remove_tag(answer, tag, actor=request.user)
        else:
            add_tag(answer, request.POST.get("name", ""), actor=request.user)
    except DomainError as refusal:
        error = str(refusal)
    if is_fragment(request):
        answer.may_tag = True
        return render(request, "surveys/verbatim_tags.html", {"row": answer, "error": error})
    if error:
        messages.error(request, error)
    return back_to(request, "surveys:results_list")


def describe(row: Any, question: str, rated: Any, *, may_tag: bool) -> None:
    """Set what a row of the page says besides its text."""
    row.question_text, row.may_tag = question, may_tag
    value = row.response.answers.get(rated.key) if rated else None
    row.given = (rated.kind, value) if value is not None else None


def _page(request: UserRequest, campaign: Campaign, found: VerbatimFilter) -> Page:
    tags = Prefetch("tags", VerbatimTag.objects.visible_to(request.user).order_by("name"))
    rows = found.qs.select_related("response__account", "response__contact").prefetch_related(tags).order_by()
    if campaign.anonymous:
        return Page(list(rows.order_by("text", "pk")[: words.MOST_ANONYMOUS]))
    return keyset_page(rows, Sort("pk", descending=True), request.GET.get("cursor"), size=SIZE)


def _editable(request: UserRequest, campaign: Campaign, rows: list[Any]) -> list[int]:
    """Which of these answers the user may tag; one statement."""
    ids = [row.pk for row in rows]
    if campaign.anonymous:
        return ids if request.user.owns_policies else []
    return list(Answer.objects.editable_by(request.user).filter(pk__in=ids).values_list("pk", flat=True))


def _answer(request: UserRequest, pk: int) -> Any:
    """The answer, where its words may be read. Raises Http404."""
    related = ("response__campaign", "response__account")
    answer = Answer.objects.visible_to(request.user).select_related(*related).filter(pk=pk).first()
    if answer is not None:
        return answer
    for campaign in Campaign.objects.visible_to(request.user).filter(anonymous=True, responses__answer_rows__id=pk):
        shown = words.of_campaign(campaign, request.user, words.questions_with_words(campaign))
        if (answer := shown.select_related(*related).filter(pk=pk).first()) is not None:
            return answer
    raise Http404
