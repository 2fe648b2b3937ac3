"""Playbooks judged by the nightly job: each start once for each window, as soon as its days are over. What was found
never changes: the scores that it was read from lie in the past. So a night judges what is new, and any time again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Exists, OuterRef

from health.effectiveness import WINDOWS
from health.models import HealthRun, PlaybookCase, PlaybookRun
from health.playbook_comparing import Company, Judged, Start, judge_day

Runs = dict[int, dict[Start, list[int]]]
"""Of a day: by window, the runs of each start (one that was stopped and begun again on that day is one start)."""


def compare_playbooks(as_of: dt.date) -> int:
    """Judge all starts whose 30, 60 or 90 days are over by `as_of`, a transaction for each day of starts; returns how
    many judgements there are more."""
    due = _due(as_of)
    company = Company({start.playbook for windows in due.values() for starts in windows.values() for start in starts})
    judged = sum(_judge(day, runs, company) for day, runs in sorted(due.items()))
    HealthRun.objects.filter(as_of=as_of, compared=False).update(compared=True)
    return judged


def _due(as_of: dt.date) -> dict[dt.date, Runs]:
    """The starts that wait for a judgement, by their day."""
    found: dict[dt.date, Runs] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for days in WINDOWS:
        judged = PlaybookCase.objects.filter(run=OuterRef("pk"), days=days)
        runs = PlaybookRun.objects.filter(~Exists(judged), started_on__lte=as_of - dt.timedelta(days=days)).order_by()
        for run, playbook, account, day in runs.values_list("pk", "playbook_id", "account_id", "started_on"):
            found[day][days][Start(playbook, account)].append(run)
    return found


@transaction.atomic
def _judge(day: dt.date, runs: Runs, company: Company) -> int:
    starts = sorted(set().union(*runs.values()))
    rows = [
        _case(run, judged)
        for judged in judge_day(day, starts, sorted(runs), company)
        for run in runs[judged.days].get(judged.start, ())
    ]
    PlaybookCase.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _case(run: int, judged: Judged) -> PlaybookCase:
    better = sorted(account for account, recovered in judged.similar.items() if recovered)
    others = sorted(account for account, recovered in judged.similar.items() if not recovered)
    return PlaybookCase(
        run_id=run, days=judged.days, recovered=judged.recovered, recovered_similar=better, other_similar=others
    )
