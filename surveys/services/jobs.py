"""The nightly job of surveys: asks, reminds, closes what is over, adds up answers, escalates.

Each stage works in sets or in batches with a transaction each; what is done is not done again, so a run that is killed
half-way and run again ends as one that was not, and nights of standstill are caught up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from django.db import transaction

from surveys.services.campaigns import end_overdue
from surveys.services.escalation import escalate, hand_over
from surveys.services.folding import fold
from surveys.services.holders import move_sums
from surveys.services.reminders import queue_reminders
from surveys.services.satisfaction import refresh_satisfaction, score_answers
from surveys.services.waves import ask_due
from surveys.services.withdrawing import expire, withdraw


@dataclass
class JobReport:
    """What a run did, or would do: how many of each."""

    ended: int = 0
    withdrawn: int = 0
    expired: int = 0
    asked: int = 0
    reminded: int = 0
    counted: int = 0
    scored: int = 0
    handed_over: int = 0
    escalated: int = 0

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(getattr(self, field.name) for field in fields(self))


def run_surveys(*, today: dt.date, now: dt.datetime | None = None, dry_run: bool = False) -> JobReport:
    """Do what is due on `today`. `now` is the moment where a day is not enough; without it the noon (UTC) of `today`.
    `dry_run` does it all in a transaction that is rolled back, and reports the same numbers. Mails are put into the
    outbox; `outbox.send_due` sends them."""
    now = now or dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC)
    if not dry_run:
        return _run(today, now)
    with transaction.atomic():
        report = _run(today, now)
        transaction.set_rollback(True)
    return report


def _run(today: dt.date, now: dt.datetime) -> JobReport:
    report = JobReport()
    report.ended = end_overdue(today=today, now=now)
    report.withdrawn = withdraw(today=today)
    report.expired = expire(today=today)
    report.asked = ask_due(today=today, now=now)
    report.reminded = queue_reminders(today=today, now=now)
    report.counted = fold(now)
    move_sums()
    report.scored = score_answers(today=today) + refresh_satisfaction(today=today)
    report.handed_over = hand_over(now=now)
    report.escalated = escalate(now=now)
    return report
