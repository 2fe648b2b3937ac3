"""What customers wrote: answers in words, and the words beside "other"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Upper
from django.db.models.lookups import GreaterThan

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


def with_words(answers: QuerySet[Answer], words: str) -> QuerySet[Answer]:
    """Those whose text has `words` anywhere, in capitals or not. On PostgreSQL by an index of pairs of characters
    (migration 0009); a single character is looked for in every text."""
    if connection.vendor != "postgresql" or len(words) < 2:
        return answers.filter(text__icontains=words)
    pairs, wanted = Func(F("text"), function="surveys_pairs"), Func(Value(words), function="surveys_pairs_of")
    by_pairs = Func(pairs, wanted, template="%(expressions)s", arg_joiner=" @> ", output_field=BooleanField())
    # Not LIKE, of which PostgreSQL believes that one row in a hundred has it, whatever the words.
    here = GreaterThan(StrIndex(Upper(F("text")), Upper(Value(words))), 0)
    return answers.filter(by_pairs, here)


def may_tag(answer: Any, user: User) -> bool:
    """Whether `user` may label what was written: who may change the account; of anonymous words who owns policies."""
    if answer.response.account_id is None:
        return user.owns_policies
    return Answer.objects.editable_by(user).filter(pk=answer.pk).exists()
