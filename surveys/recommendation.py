"""Who recommends us: the NPS answer of a response, whatever campaign it belongs to. Where a questionnaire asks it
twice, its first question counts, as in the score of an account."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Case, Count, DecimalField, OuterRef, Q, Subquery, When

from surveys import definition as definitions
from surveys.choices import QuestionKind
from surveys.metrics import DETRACTORS, PASSIVES, PROMOTERS
from surveys.models import Answer, Campaign

ANY, PROMOTER, PASSIVE, DETRACTOR = "any", "promoter", "passive", "detractor"
RANGES = {PROMOTER: PROMOTERS, PASSIVE: PASSIVES, DETRACTOR: DETRACTORS, ANY: range(11)}


def recommendation_is(kind: str) -> Q:
    """Of responses with `recommendation`: the promoters, passives, detractors, or all that answered."""
    return Q(recommendation__gte=RANGES[kind].start, recommendation__lt=RANGES[kind].stop)


def with_recommendation(responses: Any, kind: str = ANY) -> Any:
    """The responses that answered the question so, with `recommendation`, the value from 0 to 10."""
    asked = _questions()
    if not asked:
        return responses.none()
    answers = Answer.objects.order_by().filter(_wanted(asked), response=OuterRef("pk"), part="")
    value = Subquery(answers.values("value")[:1], output_field=DecimalField())
    rows = responses.filter(campaign__in=[pk for pks in asked.values() for pk in pks])
    return rows.annotate(recommendation=value).filter(recommendation_is(kind))


def counted(responses: Any, since: dt.date) -> dict[tuple[int, bool], int]:
    """(value, whether from that day on) -> how many of these responses say so, of those that answered the question; two
    statements."""
    asked = _questions()
    if not asked:
        return {}
    answers = Answer.objects.filter(_wanted(asked), response__in=responses, part="").order_by()
    found = answers.filter(value__gte=RANGES[ANY].start, value__lt=RANGES[ANY].stop)
    is_later = Case(When(response__date__gte=since, then=True), default=False)
    rows = found.annotate(later=is_later).values_list("value", "later").annotate(Count("pk"))
    return {(int(value), bool(later)): count for value, later, count in rows}


def _wanted(asked: dict[str, list[int]]) -> Q:
    """The answers to these questions of these campaigns."""
    wanted = Q(pk__in=[])
    for question, campaigns in asked.items():
        wanted |= Q(question=question, response__campaign__in=campaigns)
    return wanted


def _questions() -> dict[str, list[int]]:
    """Key of the NPS question -> the campaigns, not anonymous, whose first NPS question it is; one statement."""
    found: dict[str, list[int]] = defaultdict(list)
    rows = Campaign.objects.filter(anonymous=False).order_by().values_list("pk", "definition")
    for pk, data in rows:
        question = next(definitions.read(data).of_kind(QuestionKind.NPS), None)
        if question is not None:
            found[question.key].append(pk)
    return dict(found)
