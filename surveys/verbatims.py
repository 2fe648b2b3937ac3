"""What customers wrote: answers in words, and the words beside "other"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from surveys import definition as definitions
from surveys.choices import QuestionKind, ResponseStatus
from surveys.definition import Question
from surveys.models import Answer, Campaign, Response
from surveys.privacy import in_fives, may_show
from users.models import User

MOST_ANONYMOUS = 500


def questions_with_words(campaign: Campaign) -> dict[str, Question]:
    """The questions of a campaign to which words are written, by key."""
    asked = definitions.read(campaign.definition)
    return {
        question.key: question
        for question in asked.questions
        if question.kind == QuestionKind.TEXT or any(choice.other for choice in question.choices)
    }


def of_campaign(campaign: Campaign, user: User, questions: Mapping[str, Question]) -> QuerySet[Answer]:
    """The words that `user` may read: of a named campaign those of the accounts that they see. Of an anonymous one
    everybody reads the same, without day or group: of questions with five answers in words or more, in fives."""
    rows = Answer.objects if campaign.anonymous else Answer.objects.visible_to(user)
    found = rows.filter(response__campaign=campaign, response__status=ResponseStatus.COMPLETE, question__in=questions)
    found = found.exclude(text="")
    return found.filter(_shown(campaign, found)) if campaign.anonymous else found


def _shown(campaign: Campaign, found: QuerySet[Answer]) -> Q:
    """The answers of an anonymous campaign whose words are shown."""
    waiting = Response.objects.complete().filter(campaign=campaign, counted=False).order_by("pk")
    shown = list(waiting.values_list("pk", flat=True)[: in_fives(waiting.count())])
    is_shown = Q(response__counted=True) | Q(response__in=shown)
    numbers: dict[str, int] = {}
    for question in found.filter(is_shown).order_by().values_list("question", flat=True):
        numbers[question] = numbers.get(question, 0) + 1
    return is_shown & Q(question__in=[key for key, number in numbers.items() if may_show(number)])


def may_tag(answer: Any, user: User) -> bool:
    """Whether `user` may label what was written: who may change the account; of anonymous words who owns policies."""
    if answer.response.account_id is None:
        return user.owns_policies
    return Answer.objects.editable_by(user).filter(pk=answer.pk).exists()
