"""Reading results: how many answers gave what, exact at any time.

Who sees everything reads the sums (`ResultCell`) and counts only what is not in them yet. Who leads teams reads the
sums of these teams (`TeamCell`), everybody else the sums of their own accounts (slices and cuts they count), and
corrects them by what they see besides or do not see. Of an anonymous campaign everybody reads the same: sums and
uncounted answers, in fives.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum

from accounts.models import Account
from surveys import definition as definitions
from surveys.choices import Cut
from surveys.counting import How, Rows, Where, all_rows, complete, count, in_slice, rows_of
from surveys.definition import Definition
from surveys.models import Campaign, Response, ResultCell, ResultHolder, TeamCell
from surveys.models.answers import HOLDER, NO_VALUE
from surveys.privacy import in_fives
from users.models import Team, User


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


class Standing(NamedTuple):
    """With which sums a reader begins: those of `teams`, or (None) their own. Accounts that are `missing` are seen and
    have their sums elsewhere; `foreign` ones have them there and are not seen."""

    teams: list[int] | None
    missing: list[int]
    foreign: list[int]


@dataclass(frozen=True)
class Scope:
    """Whose answers are read: of which campaigns (of one that is anonymous: of it alone), in which slice. `standing`:
    the reader's, where it was found already."""

    user: User
    campaigns: Sequence[Campaign]
    cut: str = Cut.ALL
    key: str = ""
    standing: Standing | None = field(default=None, compare=False)

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


@contextmanager
def one_moment() -> Iterator[None]:
    """Let the statements inside see the same rows: between two of them answers may be added to the sums, which would
    be counted twice or not at all. Within a transaction it is the caller's affair; SQLite would make writers wait."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


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
    if not scope.campaigns or not scope.user.is_active:
        return []
    with one_moment():
        if _reads_cells(scope):
            return _from_cells(asked, ResultCell.objects.order_by()) + _live(asked, *_uncounted(scope))
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
    rows = all_rows() if scope.anonymous else rows_of(scope.user)
    return rows.responses.filter(_sliced(scope)(""))


def _reads_cells(scope: Scope) -> bool:
    return scope.anonymous or scope.user.sees_everything


class _Asked(NamedTuple):
    """What is read."""

    scope: Scope
    months: Months
    question: str
    by: str
    monthly: bool

    @property
    def cut(self) -> str:
        return self.by or self.scope.cut


def _from_cells(asked: _Asked, cells: QuerySet[Any], *, holder: int | None = None) -> list[AnswerSum]:
    """The sums of a cut: of its slice, or key by key. `holder`: those of one manager instead, without a cut.

    All that the index of the cells begins with is named, so that only what is wanted is read.
    """
    scope, cut = asked.scope, asked.cut if holder is None else HOLDER
    questions = [asked.question] if asked.question else _questions(scope.campaigns)
    rows = cells.filter(campaign__in=scope.ids, cut=cut, question__in=questions)
    if holder is not None or (not asked.by and cut != Cut.ALL):
        rows = rows.filter(cut_key=scope.key if holder is None else str(holder))
    if asked.months.first:
        rows = rows.filter(month__gte=asked.months.first)
    if asked.months.last:
        rows = rows.filter(month__lte=asked.months.last)
    names = ["campaign_id", "cut_key", "month", "question", "part", "value", "choice"]
    names = [name for name in names if name != "month" or asked.monthly]
    found = rows.values(*names).annotate(answers=Sum("count"))
    return [
        AnswerSum(
            row["campaign_id"], row["cut_key"] if asked.by else "", row.get("month"), row["question"], row["part"],
            row["value"], row["choice"], row["answers"],
        )
        for row in found
    ]  # fmt: skip


def _questions(campaigns: Iterable[Campaign]) -> list[str]:
    """The keys of all questions, with that of the responses themselves."""
    asked = definitions_of(campaigns).values()
    return ["", *sorted({question.key for each in asked for question in each.questions})]


def with_standing(scope: Scope) -> Scope:
    """The same, with the standing of a reader who needs it, for several readings within `one_moment`."""
    needed = scope.user.is_active and not _reads_cells(scope) and (scope.cut == Cut.ALL or _leads_teams(scope.user))
    return replace(scope, standing=_standing(scope.user)) if needed else scope


def _held(asked: _Asked) -> list[AnswerSum]:
    """What somebody sees who sees a part of the company: the sums of the teams that they lead, or their own, corrected
    by the accounts that stand elsewhere or are not seen; and what is in no sum yet. Exact whatever the sums are: they
    only choose what is added up and what is counted."""
    scope, sliced = asked.scope, _sliced(asked.scope)
    if asked.cut != Cut.ALL and not _leads_teams(scope.user):  # of one person there are no sums by anything
        return _live(asked, rows_of(scope.user), sliced)
    standing = scope.standing or _standing(scope.user)
    if standing.teams is None:
        added = _from_cells(asked, ResultCell.objects.order_by(), holder=scope.user.pk)
    else:
        added = _from_cells(asked, TeamCell.objects.order_by().filter(team__in=standing.teams))
    added += _live(
        asked,
        rows_of(scope.user),
        lambda path: sliced(path) & (Q(**{f"{path}counted": False}) | Q(**{f"{path}account__in": standing.missing})),
    )
    taken = []
    if standing.foreign:
        taken = _live(
            asked,
            all_rows(),
            lambda path: sliced(path) & Q(**{f"{path}counted": True, f"{path}account__in": standing.foreign}),
        )
    found: Counter[tuple[Any, ...]] = Counter()
    for sign, sums in ((1, added), (-1, taken)):
        for row in sums:
            found[row[:-1]] += sign * row.answers
    return [AnswerSum._make((*key, answers)) for key, answers in found.items() if answers]


def _leads_teams(user: User) -> bool:
    return user.leads and user.team_id is not None


def _standing(user: User) -> Standing:
    teams, begins = None, Q(manager=user)
    team = user.team if _leads_teams(user) else None
    if team is not None:
        led = Team.objects.order_by().filter(path__startswith=team.path)
        teams = list(led.values_list("pk", flat=True))
        begins = Q(team__in=teams)
    seen = Account.objects.order_by().visible_to(user).values("pk")
    holders = ResultHolder.objects.order_by()
    return Standing(
        teams,
        missing=list(holders.filter(account__in=seen).exclude(begins).values_list("pk", flat=True)),
        foreign=list(holders.filter(begins).exclude(account__in=seen).values_list("pk", flat=True)),
    )


def _sliced(scope: Scope) -> Where:
    """The complete responses of a scope, whoever sees them."""
    whole, part = complete(scope.ids), in_slice(scope.cut, scope.key)
    return lambda path: whole(path) & part(path)


def _live(asked: _Asked, rows: Rows, where: Where) -> list[AnswerSum]:
    """Counted from responses."""
    scope, months, question, by, monthly = asked

    def within(path: str) -> Q:
        found = where(path)
        found &= Q(**{f"{path}date__gte": months.first_day}) if months.first_day else Q()
        return found & (Q(**{f"{path}date__lte": months.last_day}) if months.last_day else Q())

    found = count(rows.narrowed(within), How(scope.campaigns, question, by, monthly))
    return [AnswerSum._make(row) for row in found]


def _uncounted(scope: Scope) -> tuple[Rows, Where]:
    """The responses that are in no cell; of an anonymous campaign in fives."""
    sliced = _sliced(scope)
    if not scope.anonymous:
        return rows_of(scope.user), lambda path: sliced(path) & Q(**{f"{path}counted": False})
    waiting = Response.objects.complete().filter(campaign__in=scope.ids, counted=False).order_by("pk")
    shown = list(waiting.values_list("pk", flat=True)[: in_fives(waiting.count())])
    return all_rows(), lambda path: sliced(path) & Q(**{f"{path}counted": False, f"{path}pk__in": shown})
