"""The dates of contracts in a month: what begins, ends, is to be decided or to be paid on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

ONE_DAY = dt.timedelta(days=1)


class DateKind(StrEnum):
    NOTICE = "notice"
    RENEWAL = "renewal"
    START = "start"
    END = "end"
    DUE = "due"


LABELS = {
    DateKind.START: _("Starts"),
    DateKind.END: _("Ends"),
    DateKind.NOTICE: _("Notice by"),
    DateKind.RENEWAL: _("Renewal opens"),
    DateKind.DUE: _("Instalment due"),
}
COLUMNS = {
    DateKind.START: "start_date",
    DateKind.END: "end_date",
    DateKind.NOTICE: "notice_date",
    DateKind.RENEWAL: "renewal_date",
}
"""Which column of a contract has the date."""


@dataclass(frozen=True)
class Entry:
    """Something on a day; `amount` only of an instalment, what is open of it."""

    day: dt.date
    kind: DateKind
    contract: Any
    amount: Decimal | None = None
    is_late: bool = False

    @property
    def label(self) -> Any:
        return LABELS[self.kind]


@dataclass
class Day:
    """One day of the month's weeks."""

    date: dt.date
    in_month: bool
    entries: list[Entry] = field(default_factory=list)

    most = 3

    @property
    def first(self) -> list[Entry]:
        return self.entries if len(self.entries) <= self.most else self.entries[: self.most - 1]

    @property
    def more(self) -> list[Entry]:
        return self.entries[len(self.first) :]


@dataclass(frozen=True)
class Month:
    """The whole weeks that a month touches, Monday first, and its neighbours."""

    first: dt.date
    weeks: list[list[Day]]

    @property
    def start(self) -> dt.date:
        return self.weeks[0][0].date

    @property
    def end(self) -> dt.date:
        return self.weeks[-1][-1].date

    @property
    def previous(self) -> dt.date:
        return (self.first - ONE_DAY).replace(day=1)

    @property
    def following(self) -> dt.date:
        return (self.first + 31 * ONE_DAY).replace(day=1)

    @property
    def days(self) -> list[Day]:
        """Those of the month itself with something on them."""
        return [day for week in self.weeks for day in week if day.in_month and day.entries]


def month_of(day: dt.date) -> Month:
    """The month of `day` without entries."""
    first = day.replace(day=1)
    following = (first + 31 * ONE_DAY).replace(day=1)
    at = first - first.weekday() * ONE_DAY
    weeks = []
    while at < following:
        weeks.append([Day(at + n * ONE_DAY, (at + n * ONE_DAY).month == first.month) for n in range(7)])
        at += 7 * ONE_DAY
    return Month(first, weeks)


def entries_of(contract: Any, kinds: Iterable[DateKind], first: dt.date, last: dt.date) -> list[Entry]:
    """The dates of a contract between two days."""
    found = []
    for kind in kinds:
        day = getattr(contract, COLUMNS[kind]) if kind in COLUMNS else None
        if day is not None and first <= day <= last:
            found.append(Entry(day, kind, contract))
    return found


def fill(month: Month, entries: Iterable[Entry]) -> None:
    """Put each entry on its day: what is to be done first, then by number."""
    order = list(DateKind)
    days = {day.date: day for week in month.weeks for day in week}
    for entry in sorted(entries, key=lambda entry: (entry.day, order.index(entry.kind), entry.contract.pk)):
        if entry.day in days:
            days[entry.day].entries.append(entry)
