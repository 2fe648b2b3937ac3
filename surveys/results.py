"""Reading results: how many answers gave what, exact at any time.

Who sees everything reads the sums (`ResultCell`) and counts only what is not in them yet. Others read the sums of the
managers whom they lead, and correct them by what they see besides or do not see; slices and cuts they count. Of an
anonymous campaign everybody reads the same: sums and uncounted answers, in fives.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth

from accounts.models import Account
from surveys import definition as definitions
from surveys.choices import Cut, QuestionKind
from surveys.definition import Definition
from surveys.models import Answer, Campaign, Response, ResultCell, ResultHolder
from surveys.models.answers import HOLDER, NO_VALUE
from surveys.privacy import in_fives
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


class AnswerSum(NamedTuple):
    """So many answers to (part of) a question gave this in a month; `key` where a cut was asked for, else ""."""

    campaign: int
    key: str
    month: dt.date | None
    question: str
    part: str
    value: int
    choice: str
    answers: int


@dataclass(frozen=True)
class Months:
    """From the month that begins with `first` to the one that begins with `last`, both included; None is open."""

    first: dt.date | None = None
    last: dt.date | None = None

    def __contains__(self, month: dt.date) -> bool:
        return (self.first is None or month >= self.first) and (self.last is None or month <= self.last)

    @property
    def first_day(self) -> dt.date | None:
        return self.first

    @property
    def last_day(self) -> dt.date | None:
        return None if self.last is None else add_months(self.last, 1) - dt.timedelta(days=1)

    @property
    def is_open(self) -> bool:
        return self.first is None and self.last is None


ALL_TIME = Months()


@dataclass(frozen=True)
class Scope:
    """Whose answers are read: of which campaigns (of one that is anonymous: of it alone), in which slice."""

    user: User
    campaigns: Sequence[Campaign]
    cut: str = Cut.ALL
    key: str = ""

    @property
    def anonymous(self) -> bool:
        return any(campaign.anonymous for campaign in self.campaigns)

    @property
    def ids(self) -> list[int]:
        return [campaign.pk for campaign in self.campaigns]


@dataclass
class Tally:
    """Sums put together: of a question (and its part) how often which value and choice."""

    responses: int = 0
    counts: dict[tuple[str, str], Counter[tuple[int, str]]] = field(default_factory=lambda: defaultdict(Counter))

    def values(self, question: str, part: str = "") -> dict[int, int]:
        """How many gave which number."""
        found = self.counts.get((question, part), Counter())
        return {value: count for (value, _choice), count in sorted(found.items()) if value != NO_VALUE}

    def choices(self, question: str) -> dict[str, int]:
        """How many chose what, of a single or a multiple choice."""
        single = {choice: count for (_v, choice), count in self.counts.get((question, ""), {}).items() if choice}
        parts = {part: sum(found.values()) for (key, part), found in self.counts.items() if key == question and part}
        return single or parts

    def answered(self, question: str) -> int:
        """How many answered the question."""
        found: Mapping[tuple[int, str], int] = self.counts.get((question, ""), {})
        return sum(found.values())


def add_months(first: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later (or earlier)."""
    number = first.year * 12 + first.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def read(
    scope: Scope,
    *,
    months: Months = ALL_TIME,
    question: str = "",
    by: str = "",
    monthly: bool = True,
) -> list[AnswerSum]:
    """The sums of a scope: of all questions or of one, cut `by` something where asked for, by month unless not.

    A few statements, whatever there is to count.
    """
    asked = _Asked(scope, months, question, by, monthly)
    if _reads_cells(scope):
        return _from_cells(asked, by or scope.cut, None if by else [scope.key]) + _live(asked, _uncounted(scope))
    if by or scope.cut != Cut.ALL:
        return _live(asked, responses_of(scope))
    return _held(asked)


def together(sums: Iterable[AnswerSum]) -> Tally:
    """Put sums together."""
    tally = Tally()
    for row in sums:
        if not row.question:
            tally.responses += row.answers
        else:
            tally.counts[row.question, row.part][row.value, row.choice] += row.answers
    return tally


def by_keys(sums: Iterable[AnswerSum]) -> dict[str, Tally]:
    """Put the sums of each key of a cut together."""
    rows: dict[str, list[AnswerSum]] = defaultdict(list)
    for row in sums:
        rows[row.key].append(row)
    return {key: together(found) for key, found in rows.items()}


def definitions_of(campaigns: Iterable[Campaign]) -> dict[int, Definition]:
    """The questions of each campaign."""
    return {campaign.pk: definitions.read(campaign.definition) for campaign in campaigns}


def comparable(sums: Iterable[AnswerSum], asked: Mapping[int, Definition], kinds: Mapping[str, str]) -> list[AnswerSum]:
    """The sums without those of questions that were of another kind in their campaign: they share only a key."""
    odd = {
        (campaign, question.key)
        for campaign, definition in asked.items()
        for question in definition.questions
        if kinds.get(question.key) != question.kind
    }
    return [row for row in sums if (row.campaign, row.question) not in odd]


def responses_of(scope: Scope) -> QuerySet[Response]:
    """The complete responses that the results of a scope count; of an anonymous campaign rows that nobody may see."""
    rows = Response.objects.all() if scope.anonymous else Response.objects.visible_to(scope.user)
    return _sliced(rows.complete().filter(campaign__in=scope.ids), scope)


def _reads_cells(scope: Scope) -> bool:
    return scope.anonymous or (scope.user.is_active and scope.user.sees_everything)


def _sliced(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    if scope.cut == Cut.ALL:
        return rows
    name = FIELDS[Cut(scope.cut)]
    if name in ("tier", "region"):
        return rows.filter(**{name: scope.key})
    return rows.filter(**({f"{name}_id": scope.key} if scope.key else {f"{name}__isnull": True}))


class _Asked(NamedTuple):
    """What is read."""

    scope: Scope
    months: Months
    question: str
    by: str
    monthly: bool


def _from_cells(asked: _Asked, cut: str, keys: Sequence[str] | None) -> list[AnswerSum]:
    """The sums of a cut: of some of its keys, or key by key. Those of a holder are told apart by nobody."""
    rows = ResultCell.objects.order_by().filter(campaign__in=asked.scope.ids, cut=cut)
    if keys is not None and cut != Cut.ALL:
        rows = rows.filter(cut_key__in=keys)
    if asked.question:
        rows = rows.filter(question=asked.question)
    if asked.months.first:
        rows = rows.filter(month__gte=asked.months.first)
    if asked.months.last:
        rows = rows.filter(month__lte=asked.months.last)
    names = ["campaign_id", "cut_key", "month", "question", "part", "value", "choice"]
    if asked.monthly and cut != HOLDER:
        return [AnswerSum(*row) for row in rows.values_list(*names, "count")]
    names = [name for name in names if not (name == "cut_key" and cut == HOLDER)]
    names = [name for name in names if not (name == "month" and not asked.monthly)]
    found = rows.values(*names).annotate(answers=Sum("count"))
    return [
        AnswerSum(
            row["campaign_id"], row.get("cut_key", ""), row.get("month"), row["question"], row["part"], row["value"],
            row["choice"], row["answers"],
        )
        for row in found
    ]  # fmt: skip


def _held(asked: _Asked) -> list[AnswerSum]:
    """What somebody sees who sees a part of the company: the sums of the managers whom they lead (themselves at least),
    corrected by the accounts whose sums stand with somebody else, or with one of them though they are not seen; and
    what is in no sum yet. Exact whoever the managers are: they only choose what is added up and what is counted."""
    scope, user = asked.scope, asked.scope.user
    if not user.is_active:
        return []
    led = {user.pk, *(User.objects.led_by(user).values_list("pk", flat=True) if user.leads else ())}
    seen = Account.objects.order_by().visible_to(user)
    held = ResultHolder.objects.order_by()
    missing = held.filter(account__in=seen.values("pk")).exclude(manager__isnull=False, manager__in=led)
    foreign = held.filter(manager__in=led).exclude(account__in=seen.values("pk"))
    missing_ids, foreign_ids = (list(rows.values_list("pk", flat=True)) for rows in (missing, foreign))
    rows = responses_of(scope).order_by()
    found: Counter[tuple[Any, ...]] = Counter()
    added = _from_cells(asked, HOLDER, [str(pk) for pk in led])
    added += _live(asked, rows.filter(Q(counted=False) | Q(account__in=missing_ids)))
    taken = []
    if foreign_ids:
        counted = Response.objects.complete().filter(campaign__in=scope.ids, counted=True, account__in=foreign_ids)
        taken = _live(asked, counted.order_by())
    for sign, sums in ((1, added), (-1, taken)):
        for row in sums:
            found[row[:-1]] += sign * row.answers
    return [AnswerSum._make((*key, answers)) for key, answers in found.items() if answers]


def _live(asked: _Asked, responses: QuerySet[Response]) -> list[AnswerSum]:
    """Counted from responses."""
    _scope, months, question, by, monthly = asked
    if months.first_day:
        responses = responses.filter(date__gte=months.first_day)
    if months.last_day:
        responses = responses.filter(date__lte=months.last_day)
    answers = Answer.objects.order_by().filter(response__in=responses.order_by().values("pk"))
    if question:
        answers = answers.filter(question=question)
    found = _answer_sums(answers, asked.scope, by, monthly=monthly)
    if _has_parts(asked.scope.campaigns, question):
        found += _part_sums(answers, by, monthly=monthly)
    if not question:
        found += _response_sums(responses.order_by(), by, monthly=monthly)
    return found


def _uncounted(scope: Scope) -> QuerySet[Response]:
    """The responses that are in no cell; of an anonymous campaign in fives."""
    responses = responses_of(scope).order_by().filter(counted=False)
    if not scope.anonymous:
        return responses
    waiting = Response.objects.complete().filter(campaign__in=scope.ids, counted=False).order_by("pk")
    shown = in_fives(waiting.count())
    return responses.filter(pk__in=list(waiting.values_list("pk", flat=True)[:shown]))


def _answer_sums(answers: QuerySet[Answer], scope: Scope, by: str, *, monthly: bool) -> list[AnswerSum]:
    group = _group("response__", by, monthly=monthly)
    number = Case(When(question__in=_numbers(scope.campaigns), then=None), default=F("value"))
    rows = answers.annotate(given=number, **group)
    keys = [*group, "question"]
    given = rows.values(*keys, "part", "given", "choice").annotate(answers=Count("pk"))
    return [
        AnswerSum(
            row["campaign_key"], _text(row["cut_value"]), row["month_first"], row["question"], row["part"],
            NO_VALUE if row["given"] is None else int(row["given"]), row["choice"], row["answers"],
        )
        for row in given
    ]  # fmt: skip


def _part_sums(answers: QuerySet[Answer], by: str, *, monthly: bool) -> list[AnswerSum]:
    """How many answered each question that is answered in parts."""
    group = _group("response__", by, monthly=monthly)
    rows = answers.annotate(**group).exclude(part="").values(*group, "question")
    return [
        AnswerSum(
            row["campaign_key"], _text(row["cut_value"]), row["month_first"], row["question"], "", NO_VALUE, "",
            row["answers"],
        )
        for row in rows.annotate(answers=Count("response", distinct=True))
    ]  # fmt: skip


def _response_sums(responses: QuerySet[Response], by: str, *, monthly: bool) -> list[AnswerSum]:
    group = _group("", by, monthly=monthly)
    rows = responses.annotate(**group).values(*group).annotate(answers=Count("pk"))
    return [
        AnswerSum(
            row["campaign_key"], _text(row["cut_value"]), row["month_first"], "", "", NO_VALUE, "", row["answers"]
        )
        for row in rows
    ]


def _group(prefix: str, by: str, *, monthly: bool) -> dict[str, Any]:
    """What is counted by: campaign, cut, month."""
    field_name = FIELDS[Cut(by)] if by else ""
    if field_name and field_name not in ("tier", "region"):
        field_name += "_id"
    return {
        "campaign_key": F(f"{prefix}campaign_id"),
        "cut_value": F(f"{prefix}{field_name}") if field_name else Value(""),
        "month_first": TruncMonth(f"{prefix}date") if monthly else Value(None, output_field=_date()),
    }


def _date() -> Any:
    return Response._meta.get_field("date")


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _has_parts(campaigns: Iterable[Campaign], question: str) -> bool:
    """Whether any question (or the one) is answered in parts."""
    asked = definitions_of(campaigns).values()
    return any(one.key == question or not question for each in asked for one in each.of_kind(*IN_PARTS))


def _numbers(campaigns: Iterable[Campaign]) -> list[str]:
    """The keys of questions whose values are no part of a scale: they count as answered only."""
    asked = definitions_of(campaigns).values()
    return sorted({question.key for each in asked for question in each.of_kind(QuestionKind.NUMBER)})
