"""Closing the loop as arithmetic: until when somebody has to act, and which answers are reasons to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core.workdays import DAY, WorkCalendar
from surveys.choices import FollowUpKind, QuestionKind

RATINGS = (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES, QuestionKind.MATRIX)
"""What a rule can be about; of a matrix any row."""
FURTHEST = dt.timedelta(days=366)
"""No deadline lies further off, whatever the policy's hours."""


@dataclass(frozen=True)
class Hours:
    """When work is done: from `start` until `end` by the clocks in `zone`, on the working days of `calendar`."""

    start: dt.time
    end: dt.time
    zone: ZoneInfo
    calendar: WorkCalendar

    def of(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """The first and the last moment (UTC) of work on that day."""
        first, last = (dt.datetime.combine(day, time, tzinfo=self.zone) for time in (self.start, self.end))
        return first.astimezone(dt.UTC), last.astimezone(dt.UTC)


def deadline(opened_at: dt.datetime, hours: int, work: Hours) -> dt.datetime:
    """The moment (UTC) by which `hours` of work have passed since `opened_at`, at most a year later.

    The end of a working day belongs to it: nine hours from nine o'clock are over at six in the evening. No hours at
    all: the next moment of work.
    """
    left, opened_at = dt.timedelta(hours=hours), opened_at.astimezone(dt.UTC)
    latest = opened_at + FURTHEST
    day = work.calendar.next_working(opened_at.astimezone(work.zone).date())
    while True:
        first, last = work.of(day)
        begin = max(first, opened_at)
        if begin < last and left <= last - begin:
            return min(begin + left, latest)
        left -= max(last - begin, dt.timedelta())
        if first > latest:
            return latest
        day = work.calendar.next_working(day + DAY)


def horizon(opened_at: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first and the last day that `deadline` can ask the calendar for."""
    day = opened_at.astimezone(dt.UTC).date()
    return day - DAY, day + FURTHEST + 30 * DAY


class Rule(NamedTuple):
    """An answer from `low` to `high` to `question` is a reason for a follow-up of that kind."""

    question: str
    low: int
    high: int
    kind: str

    def holds(self, value: int) -> bool:
        return self.low <= value <= self.high


def default_rules(questions: Iterable[Any]) -> list[Rule]:
    """The rules of a new campaign: detractors, low satisfaction and great effort are followed up, promoters are asked
    for a reference."""
    ranges = {
        QuestionKind.NPS: [(0, 6, FollowUpKind.RECOVERY), (9, 10, FollowUpKind.REFERENCE)],
        QuestionKind.CSAT: [(1, 2, FollowUpKind.RECOVERY)],
        QuestionKind.CES: [(1, 3, FollowUpKind.RECOVERY)],
    }
    return [
        Rule(question.key, low, high, kind.value)
        for question in questions
        for low, high, kind in ranges.get(question.kind, [])
    ]


def ratings_of(answer: Any) -> list[int]:
    """The numbers in a cleaned answer: one, or those of the rows of a matrix; none where nothing is rated."""
    values = answer.values() if isinstance(answer, Mapping) else [answer]
    return [value for value in values if isinstance(value, int) and not isinstance(value, bool)]


def reasons(rules: Iterable[Rule], answers: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Kind -> question -> the value that is a reason; of a matrix that of the worst row (for a reference, the best).

    Nobody who is unhappy about something is asked for a reference in the same breath: where there is a reason to win
    somebody back, there is none for a reference.
    """
    found: dict[str, dict[str, int]] = {}
    for rule in rules:
        values = [value for value in ratings_of(answers.get(rule.question)) if rule.holds(value)]
        known = found.setdefault(rule.kind, {})
        if values:
            pick = min if rule.kind == FollowUpKind.RECOVERY else max
            known[rule.question] = pick([*values, known.get(rule.question, values[0])])
    if found.get(FollowUpKind.RECOVERY):
        found.pop(FollowUpKind.REFERENCE, None)
    return {kind: questions for kind, questions in found.items() if questions}
