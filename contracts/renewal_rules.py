"""When a renewal opens, escalates and becomes an alert, and whether a number of days is over. Pure.

Which rule says how early it opens is `contracts.terms.open_days`: that of the account's tier with the highest amount
that the net total reaches, else the one of no tier.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from contracts.terms import term_end

BACKLOG_DAYS = 90
"""A term that ended longer ago, when it is first seen, gives nobody a task: it is history, and counts in the rates."""


class Stage(StrEnum):
    """How urgent an open renewal is."""

    WAITING = "waiting"
    ACTED = "acted"
    ESCALATED = "escalated"
    ALERT = "alert"


@dataclass(frozen=True)
class Watch:
    """The days of the contract policy."""

    escalate_after: int = 14
    alert_before: int = 14


def escalation_date(opened_on: dt.date, watch: Watch) -> dt.date:
    """The first day on which a renewal that nobody acted on goes to the supervisor."""
    return opened_on + dt.timedelta(days=watch.escalate_after)


def alert_date(notice_date: dt.date, watch: Watch) -> dt.date:
    """The first day on which a renewal that nobody acted on is an alert."""
    return notice_date - dt.timedelta(days=watch.alert_before)


def stage_of(today: dt.date, *, opened_on: dt.date, notice_date: dt.date, acted: bool, watch: Watch) -> Stage:
    """How urgent an open renewal is on `today`. An alert goes before an escalation."""
    if acted:
        return Stage.ACTED
    if today >= alert_date(notice_date, watch):
        return Stage.ALERT
    return Stage.ESCALATED if today >= escalation_date(opened_on, watch) else Stage.WAITING


def is_backlog(term_end: dt.date, today: dt.date) -> bool:
    """The term ended too long ago for a task."""
    return term_end < today - dt.timedelta(days=BACKLOG_DAYS)


def due_date(notice_date: dt.date, today: dt.date) -> dt.date:
    """When the task is due: on the notice date, today where that is over."""
    return max(notice_date, today)


def passed_ends(cached_end: dt.date, first_end: dt.date, months: int, today: dt.date) -> tuple[list[dt.date], dt.date]:
    """Of a contract that renews itself: the ends of the terms that are over, from `cached_end` on, and that of the
    running one. `first_end` is the end that was signed; later ones are counted from it (`terms.term_end`).
    """
    if months <= 0 or cached_end >= today:
        return [], cached_end
    ends, number = [cached_end], 0
    while (end := term_end(first_end, months, number)) <= cached_end:
        number += 1
    while end < today:
        ends.append(end)
        number += 1
        end = term_end(first_end, months, number)
    return ends, end
