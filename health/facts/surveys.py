"""What the people of an account answered, and what they left unanswered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from surveys import definition as definitions
from surveys.choices import InvitationStatus, QuestionKind
from surveys.models import Answer, Campaign, Invitation, Response

LOOK_BACK = dt.timedelta(days=730)
YEAR = dt.timedelta(days=365)


class Answered(NamedTuple):
    """One answer."""

    date: dt.date
    value: float


@dataclass(slots=True)
class SurveyFacts:
    """Answers of two years by person, the oldest first (without a person: each for itself, by a number below zero).

    `asked` is the last day on which somebody was asked within a year and the time to answer is over; `unanswered`
    counts such invitations in a row since the last answer.
    """

    nps: dict[int, list[Answered]] = field(default_factory=dict)
    csat: dict[int, list[Answered]] = field(default_factory=dict)
    asked: dt.date | None = None
    unanswered: int = 0


def gather(ids: Sequence[int], as_of: dt.date) -> dict[int, SurveyFacts]:
    """Four statements. Anonymous answers belong to no account."""
    found: dict[int, SurveyFacts] = {}
    responses = Response.objects.complete().filter(account__in=ids, date__lt=as_of, date__gte=as_of - LOOK_BACK)
    questions = _questions(responses)
    if questions:
        _add_answers(found, responses, questions)
    _add_invitations(found, ids, as_of)
    return found


def _questions(responses: Any) -> dict[tuple[int, str], str]:
    """(campaign, question) -> kind, of the first question of each kind in the campaigns that were answered."""
    campaigns = Campaign.objects.filter(anonymous=False, pk__in=responses.order_by().values("campaign"))
    found = {}
    for pk, definition in campaigns.values_list("pk", "definition"):
        read = definitions.read(definition)
        for kind in (QuestionKind.NPS, QuestionKind.CSAT):
            question = next(read.of_kind(kind), None)
            if question is not None:
                found[pk, question.key] = str(kind)
    return found


def _add_answers(found: dict[int, SurveyFacts], responses: Any, questions: dict[tuple[int, str], str]) -> None:
    rows = Answer.objects.filter(
        response__in=responses, part="", value__isnull=False, question__in={key for _campaign, key in questions}
    ).order_by("response__date", "response__completed_at", "response")
    columns = ("response__account", "response__contact", "response", "response__campaign", "question")
    for account, contact, response, campaign, question, day, value in rows.values_list(
        *columns, "response__date", "value"
    ).iterator(chunk_size=10_000):
        kind = questions.get((campaign, question))
        if kind is not None:
            facts = found.setdefault(account, SurveyFacts())
            answers = facts.nps if kind == QuestionKind.NPS else facts.csat
            answers.setdefault(contact or -response, []).append(Answered(day, float(value)))


def _add_invitations(found: dict[int, SurveyFacts], ids: Sequence[int], as_of: dt.date) -> None:
    """Invitations whose time was over, newest first, until the first that was answered."""
    rows = Invitation.objects.filter(account__in=ids, asked_on__gte=as_of - YEAR, expires_on__lt=as_of)
    # Who never got the mail, or was not to be asked any more, has not kept silent.
    rows = rows.exclude(status__in=(InvitationStatus.BOUNCED, InvitationStatus.WITHDRAWN))
    rows = rows.order_by("account", "-asked_on", "-pk")
    answered = set()
    for account, asked, answered_on in rows.values_list("account", "asked_on", "answered_on"):
        facts = found.setdefault(account, SurveyFacts())
        facts.asked = facts.asked or asked
        if answered_on is not None and answered_on < as_of:
            answered.add(account)
        elif account not in answered:
            facts.unanswered += 1
