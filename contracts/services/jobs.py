"""The nightly job of contracts: side effects of dates, each once, caught up after days of standstill.

Nothing depends on its having run: states are computed from dates. Each stage works in batches, each batch a transaction
of its own with a constant number of statements; what is done is not done again, so one that is killed half-way and run
again ends as one that was not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from django.db import transaction

from contracts.renewal_rules import Watch
from contracts.services.audience import Audience
from contracts.services.dunning import remind
from contracts.services.next_renewals import refresh_next_renewals
from contracts.services.policy import ensure_contract_policy
from contracts.services.renewal_opening import open_renewals
from contracts.services.renewal_terms import redate, roll, stop_followed
from contracts.services.renewal_watch import alert, escalate, follow_amendments, note_acts, settle


@dataclass
class JobReport:
    """What a run did, or would do: how many of each."""

    redated: int = 0
    rolled: int = 0
    settled: int = 0
    opened: int = 0
    alerted: int = 0
    escalated: int = 0
    reminded: int = 0
    accounts: int = 0

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(getattr(self, field.name) for field in fields(self))


def run_contract_jobs(*, today: dt.date, now: dt.datetime | None = None, dry_run: bool = False) -> JobReport:
    """Open, escalate and raise renewals, move terms that renewed themselves, remind of overdue instalments.

    `now` is the moment to write where a day is not enough; without it the noon (UTC) of `today`. `dry_run` does it all
    in a transaction that is rolled back, and reports the same numbers.
    """
    now = now or dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC)
    if not dry_run:
        return _run(today, now)
    with transaction.atomic():
        report = _run(today, now)
        transaction.set_rollback(True)
    return report


def _run(today: dt.date, now: dt.datetime) -> JobReport:
    policy, audience = ensure_contract_policy(), Audience()
    watch, report = Watch(policy.escalate_after, policy.alert_before), JobReport()
    report.redated = redate(today, now=now)
    stop_followed(now=now)
    report.rolled = roll(today, audience, now=now)
    follow_amendments(now=now)
    report.opened = open_renewals(today, audience, now=now)
    report.settled = settle(today, now=now)
    note_acts(now=now)
    report.alerted = alert(today, watch, audience, now=now)
    report.escalated = escalate(today, watch, audience, now=now)
    report.reminded = remind(today, audience, now=now)
    report.accounts = refresh_next_renewals(today=today)
    return report
