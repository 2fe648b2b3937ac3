"""The nightly job of health: scores all accounts, raises alerts, watches them and the playbooks.

The run of a date is a row: scoring goes on after the last account that is stored, in batches with a transaction each;
then come the alerts, which may be raised any number of times; what is done is not done again. So a run that is killed
anywhere and started again ends as one that was not. Nights of standstill are caught up by scoring the newest: nobody
needs the alerts of a day that is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

from django.db import transaction

from core.bulk import plan_for_batches
from health.choices import RunStage
from health.errors import HealthRunOlder
from health.models import HealthRun
from health.services.alert_watch import watch_alerts
from health.services.alerting import raise_alerts
from health.services.playbook_comparing import compare_playbooks
from health.services.playbook_watch import watch_playbooks
from health.services.policy import policy_now
from health.services.scoring import BATCH, Scorer, to_score
from health.services.storing import forget_scores, store_scores, thin_points

Tell = Callable[[int], None]


class Step(NamedTuple):
    """What one batch did: how many accounts it scored, and whether it was the last."""

    scored: int
    over: bool


@dataclass
class JobReport:
    """What a run did, or would do: how many of each."""

    scored: int = 0
    opened: int = 0
    updated: int = 0
    cleared: int = 0
    held: int = 0
    withheld: int = 0
    escalated: int = 0
    playbooks: int = 0
    judged: int = 0
    forgotten: int = 0

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(getattr(self, field.name) for field in fields(self))


def run_health(today: dt.date, now: dt.datetime, dry_run: bool = False) -> JobReport:  # noqa: FBT001, FBT002
    """Score and alert for `today`, unless that is done; then whatever falls due by `now`.

    `dry_run` does it all in a transaction that is rolled back, and reports the same numbers. Raises HealthRunOlder
    where a later day is scored already: a clock that was set back does nothing.
    """
    if not dry_run:
        return _run(today, now)
    with transaction.atomic():
        report = _run(today, now)
        transaction.set_rollback(True)
    return report


def is_unfinished(today: dt.date) -> bool:
    """Whether the night of `today` was begun and has not come to its end."""
    return HealthRun.objects.filter(as_of=today).exclude(stage=RunStage.DONE).exists()


def score_day(as_of: dt.date, tell: Tell | None = None) -> int:
    """Score all accounts as of a day, unless that is done; returns how many were scored by this call.

    Raises HealthRunOlder where a later day is scored already.
    """
    run = _run_of(as_of)
    if run.stage != RunStage.SCORING:
        return 0
    scorer = Scorer(as_of)
    HealthRun.objects.filter(pk=run.pk).update(
        gap_from=scorer.gap[0] if scorer.gap else None, gap_until=scorer.gap[1] if scorer.gap else None
    )
    scored, over = 0, False
    while not over:
        step = _score_batch(run.pk, scorer)
        scored, over = scored + step.scored, step.over
        if tell is not None:
            tell(scored)
    return scored


def _run(today: dt.date, now: dt.datetime) -> JobReport:
    report = JobReport(scored=score_day(today))
    run = HealthRun.objects.get(as_of=today)
    if run.stage == RunStage.ALERTING:
        counts = raise_alerts(run, now)
        report.opened, report.updated, report.cleared = counts.opened, counts.updated, counts.cleared
        report.held, report.withheld = counts.held, counts.withheld
        report.forgotten = thin_points(today, policy_now().keep_days)
        HealthRun.objects.filter(pk=run.pk, stage=RunStage.ALERTING).update(stage=RunStage.DONE, finished_at=now)
    report.escalated = sum(watch_alerts(now))
    report.playbooks = sum(watch_playbooks(today, now))
    report.judged = compare_playbooks(today)
    return report


@transaction.atomic
def _run_of(as_of: dt.date) -> HealthRun:
    """The run of the day. Earlier ones that never ended are given up: theirs would be the scores of a day that is over.

    Raises HealthRunOlder.
    """
    newest = HealthRun.objects.select_for_update().order_by("-as_of").first()
    if newest is not None and newest.as_of > as_of:
        raise HealthRunOlder(newest=f"{newest.as_of:%Y-%m-%d}", day=f"{as_of:%Y-%m-%d}")
    HealthRun.objects.filter(as_of__lt=as_of).exclude(stage=RunStage.DONE).delete()
    return HealthRun.objects.get_or_create(as_of=as_of)[0]


@transaction.atomic
def _score_batch(pk: int, scorer: Scorer) -> Step:
    """The next accounts. The run is locked: of two workers one waits, and goes on where the other is."""
    run = HealthRun.objects.select_for_update().filter(pk=pk).first()
    if run is None or run.stage != RunStage.SCORING:
        return Step(0, over=True)
    ids = list(to_score().filter(pk__gt=run.scored_through).values_list("pk", flat=True)[:BATCH])
    if not ids:
        forget_scores(run.as_of)
        run.stage = RunStage.ALERTING
        run.save(update_fields=["stage", "updated_at"])
        return Step(0, over=True)
    plan_for_batches()
    scored = scorer.score(ids)
    store_scores(ids, scored, run.as_of)
    run.scored_through = ids[-1]
    run.scored += len(scored)
    run.save(update_fields=["scored_through", "scored", "updated_at"])
    return Step(len(scored), over=False)
