"""What a day holds for a person: every app adds its own in `<app>/agenda.py`, found at start; My day reads them all.

A source answers, for a viewer and a day, lists of rows: each with its exact number and the first rows; and any one of
its lists page by page. So the number in a header is that of the rows. One statement numbers the rows of all sources,
then one statement for each source fetches those that are shown.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from core.paging import Page, Sort, keyset_page


class Part(IntEnum):
    """The parts of a day, in their order on the page."""

    TIMETABLE = 1
    OVERDUE = 2
    DUE = 3
    SOON = 4
    GREETINGS = 5
    APPROVALS = 6
    GAPS = 7


@dataclass(frozen=True)
class Question:
    """Whose day: what `viewer` may see of `people` (None: of everybody) on `day`. Overdue is judged at `today`."""

    viewer: Any
    people: Collection[int] | None
    day: dt.date
    today: dt.date

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def is_own(self) -> bool:
        """About the viewer alone, not about a team."""
        return self.people is not None and list(self.people) == [self.viewer.pk]

    def whose(self, path: str) -> Q:
        """The condition that the person at `path` is among those asked about."""
        if self.people is None:
            return Q()
        people = list(self.people)
        return Q(**{path: people[0]}) if len(people) == 1 else Q(**{f"{path}__in": people})


@dataclass(frozen=True)
class Chip:
    """One reason in a few words; the level is a colour beside the words: info, warning, danger, muted."""

    text: str
    level: str = "muted"


@dataclass(frozen=True)
class Action:
    """Something to do right there: a link, or a button that sends a form with `data`. `name` says what it is for."""

    name: str
    label: str
    url: str
    method: str = "get"
    data: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class AgendaItem:
    """One row of a list. `person` is whose it is, `brief_url` what the drawer shows of it."""

    kind: str
    title: str
    url: str
    detail: str = ""
    due: dt.date | None = None
    time: dt.time | None = None
    overdue: bool = False
    account_id: int | None = None
    account_name: str = ""
    tier: str = ""
    person: str = ""
    state: str = ""
    state_label: str = ""
    chips: Sequence[Chip] = ()
    actions: Sequence[Action] = ()
    brief_url: str = ""


@dataclass(frozen=True)
class Kind:
    """One list of a source: its words and its place on the page."""

    code: str
    label: str | Promise
    part: Part
    icon: str


@dataclass
class Listing:
    """A list as it was read: the exact number of rows, and the first of them."""

    kind: Kind
    count: int = 0
    items: list[AgendaItem] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many rows are not among the items."""
        return self.count - len(self.items)


class Source(ABC):
    """What an app adds: the lists (`kinds`) that its rows fall into, and the order of the rows in all of them.

    `sort` is that order again as a list is paged by it: one key, then the primary key.
    """

    kinds: ClassVar[tuple[Kind, ...]]
    order: ClassVar[tuple[Any, ...]] = ("pk",)

    def sort(self, kind: str) -> Sort:
        return Sort("pk")

    @abstractmethod
    def rows(self, question: Question) -> QuerySet[Any]:
        """The rows that `question.viewer` may see, with all that `item` reads; without an order."""

    @abstractmethod
    def conditions(self, question: Question) -> dict[str, Q]:
        """For each kind that the question has: which rows are in it. No row is in two."""

    @abstractmethod
    def item(self, row: Any, kind: str, question: Question) -> AgendaItem:
        """The row as the page shows it. Asks the database nothing."""

    def read(self, question: Question, numbered: Sequence[tuple[str, int, int]]) -> list[Listing]:
        """The lists of a question with the rows that `first_rows` found: kind, number of all rows of it, key."""
        conditions = self.conditions(question)
        lists = {kind.code: Listing(kind) for kind in self.kinds if kind.code in conditions}
        kind_of = {pk: code for code, _count, pk in numbered if code in lists}
        for code, count, _pk in numbered:
            if code in lists:
                lists[code].count = count
        if kind_of:
            for row in self.rows(question).filter(pk__in=list(kind_of)).order_by(*self.order):
                code = kind_of[row.pk]
                lists[code].items.append(self.item(row, code, question))
        return list(lists.values())

    def page(self, question: Question, kind: str, cursor: str | None) -> tuple[list[AgendaItem], Page]:
        """One page of all rows of a kind. Raises InvalidCursor; an empty page where the question has no such kind."""
        condition = self.conditions(question).get(kind)
        rows = self.rows(question).filter(condition) if condition is not None else self.rows(question).none()
        page = keyset_page(rows, self.sort(kind), cursor)
        return [self.item(row, kind, question) for row in page], page

    def count(self, question: Question, kind: str) -> int:
        """The exact number of rows of a kind."""
        condition = self.conditions(question).get(kind)
        return self.rows(question).filter(condition).order_by().count() if condition is not None else 0

    def first_rows(self, question: Question, limit: int) -> QuerySet[Any] | None:
        """At most `limit` rows of each kind: the kind, the number of all rows of it, the key. None: no kind is asked.

        Of a company's rows no more is read than what orders them; what a page shows of a row is fetched for a few.
        """
        conditions = self.conditions(question)
        if not conditions:
            return None
        cases = [When(condition, then=Value(code)) for code, condition in conditions.items() if condition]
        kind = Case(*cases, output_field=CharField()) if cases else Value(next(iter(conditions)), CharField())
        rows = self.rows(question).filter(reduce(or_, conditions.values())).order_by().annotate(agenda_kind=kind)
        rows = rows.annotate(
            agenda_count=Window(Count("pk"), partition_by=[F("agenda_kind")]),
            agenda_place=Window(RowNumber(), partition_by=[F("agenda_kind")], order_by=list(self.order)),
        )
        return rows.filter(agenda_place__lte=limit).values_list("agenda_kind", "agenda_count", "pk")


_sources: list[Source] = []


def register(source: Source) -> None:
    """Make a source known; called once, when the app's `agenda` module is loaded."""
    _sources.append(source)


def kinds() -> list[Kind]:
    """Every kind of list there is, in the order of the page."""
    return sorted((kind for source in _sources for kind in source.kinds), key=lambda kind: kind.part)


def read(question: Question, limit: int, *, cap: dict[Part, int] | None = None) -> list[Listing]:
    """Every list of the question in the order of the page, empty ones too; `cap` is another limit for some parts."""
    cap = cap or {}
    most = [max(cap.get(kind.part, limit) for kind in source.kinds) for source in _sources]
    asked = [source.first_rows(question, number) for source, number in zip(_sources, most, strict=True)]
    parts = [rows for rows in asked if rows is not None]
    numbered = list(parts[0].union(*parts[1:], all=True)) if parts else []
    lists = [found for source in _sources for found in source.read(question, numbered)]
    for found in lists:
        found.items = found.items[: cap.get(found.kind.part, limit)]
    return sorted(lists, key=lambda found: found.kind.part)


def source_of(code: str, default: Kind) -> tuple[Source, Kind]:
    """The source of a kind of list, and the kind; those of `default` for a word that is no kind."""
    found = [(source, kind) for source in _sources for kind in source.kinds if kind.code in (code, default.code)]
    return max(found, key=lambda pair: pair[1].code == code)


def link(name: str, *args: Any, **query: Any) -> str:
    """The address of that name with a query; empty while no app answers to the name."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{path}?{urlencode(query)}" if query else path


def actions(*offered: Action) -> tuple[Action, ...]:
    """Those that have an address."""
    return tuple(action for action in offered if action.url)
