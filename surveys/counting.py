"""Counting answers one by one: what is in no sum, or in sums that say too much or too little.

Every function returns rows in the order of `results.AnswerSum`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from surveys import definition as definitions
from surveys.choices import Cut, QuestionKind, ResponseStatus
from surveys.models import Answer, Campaign, Response
from surveys.models.answers import NO_VALUE
from users.models import User

FIELDS = {
    Cut.TIER: "tier",
    Cut.TEAM: "team",
    Cut.MANAGER: "manager",
    Cut.REGION: "region",
    Cut.PRODUCT_LINE: "product_line",
}
"""The field of a response that a cut goes by."""
IN_PARTS = (QuestionKind.MATRIX, QuestionKind.MULTIPLE, QuestionKind.RANKING)

Where = Callable[[str], Q]
"""Which responses: the condition on those that a path leads to ("" for the responses themselves)."""


class Rows(NamedTuple):
    """The responses to count and their answers: asked for the same condition from both sides, which spares the
    database to look every response up twice."""

    responses: QuerySet[Response]
    answers: QuerySet[Answer]

    def narrowed(self, where: Where) -> Rows:
        return Rows(self.responses.filter(where("")), self.answers.filter(where("response__")))


class How(NamedTuple):
    """What is counted: answers to one question or to all ("", with the responses), by a cut or not, by month or not."""

    campaigns: Iterable[Campaign]
    question: str
    by: str
    monthly: bool


def all_rows() -> Rows:
    """Those of everybody."""
    return Rows(Response.objects.order_by(), Answer.objects.order_by())


def rows_of(user: User) -> Rows:
    """Those that a user sees."""
    return Rows(Response.objects.order_by().visible_to(user), Answer.objects.order_by().visible_to(user))


def complete(campaigns: Iterable[int]) -> Where:
    """The complete ones of campaigns."""
    ids = list(campaigns)
    return lambda path: Q(**{f"{path}campaign__in": ids, f"{path}status": ResponseStatus.COMPLETE})


def in_slice(cut: str, key: str) -> Where:
    """Those of one key of a cut."""
    if cut == Cut.ALL:
        return lambda path: Q()
    name = FIELDS[Cut(cut)]
    if name in ("tier", "region"):
        return lambda path: Q(**{f"{path}{name}": key})
    return lambda path: Q(**({f"{path}{name}_id": key} if key else {f"{path}{name}__isnull": True}))


def count(rows: Rows, how: How) -> list[tuple[Any, ...]]:
    """How many of the answers gave what."""
    answers = rows.answers.filter(question=how.question) if how.question else rows.answers
    found = _answer_sums(answers, how)
    if _has_parts(how):
        found += _part_sums(answers, how)
    if not how.question:
        found += _response_sums(rows.responses, how)
    return found


def _answer_sums(answers: QuerySet[Answer], how: How) -> list[tuple[Any, ...]]:
    group = _group("response__", how)
    number = Case(When(question__in=_numbers(how.campaigns), then=None), default=F("value"))
    rows = answers.annotate(given=number, **group)
    given = rows.values(*group, "question", "part", "given", "choice").annotate(answers=Count("pk"))
    return [
        _row(row, row["part"], NO_VALUE if row["given"] is None else int(row["given"]), row["choice"]) for row in given
    ]


def _part_sums(answers: QuerySet[Answer], how: How) -> list[tuple[Any, ...]]:
    """How many answered each question that is answered in parts."""
    group = _group("response__", how)
    rows = answers.annotate(**group).exclude(part="").values(*group, "question")
    return [_row(row) for row in rows.annotate(answers=Count("response", distinct=True))]


def _response_sums(responses: QuerySet[Response], how: How) -> list[tuple[Any, ...]]:
    group = _group("", how)
    return [_row(row) for row in responses.annotate(**group).values(*group).annotate(answers=Count("pk"))]


def _row(row: Any, part: str = "", value: int = NO_VALUE, choice: str = "") -> tuple[Any, ...]:
    key = row["cut_value"]
    return (
        row["campaign_key"], "" if key is None else str(key), row["month_first"], row.get("question", ""), part, value,
        choice, row["answers"],
    )  # fmt: skip


def _group(prefix: str, how: How) -> dict[str, Any]:
    """What is counted by: campaign, cut, month."""
    field_name = FIELDS[Cut(how.by)] if how.by else ""
    if field_name and field_name not in ("tier", "region"):
        field_name += "_id"
    date = Response._meta.get_field("date")
    return {
        "campaign_key": F(f"{prefix}campaign_id"),
        "cut_value": F(f"{prefix}{field_name}") if field_name else Value(""),
        "month_first": TruncMonth(f"{prefix}date") if how.monthly else Value(None, output_field=date),
    }


def _has_parts(how: How) -> bool:
    """Whether any question (or the one) is answered in parts."""
    asked = [definitions.read(campaign.definition) for campaign in how.campaigns]
    return any(one.key == how.question or not how.question for each in asked for one in each.of_kind(*IN_PARTS))


def _numbers(campaigns: Iterable[Campaign]) -> list[str]:
    """The keys of questions whose values are no part of a scale: they count as answered only."""
    asked = [definitions.read(campaign.definition) for campaign in campaigns]
    return sorted({question.key for each in asked for question in each.of_kind(QuestionKind.NUMBER)})
