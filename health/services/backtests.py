"""Backtests: what the warnings of the past would have been, and how good. The row is the queue."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

import numpy as np
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from accounts.models import Account, TierHistory
from audit.services import record
from core.errors import DomainError
from health.choices import JobStatus
from health.churn import backtesting
from health.churn.backtesting import Scorer, Snapshot
from health.churn.metrics import FLAGGED
from health.churn.scorers import Walk, plain_rule, trained, walk
from health.churn.training import Plan
from health.errors import BacktestForbidden, BacktestNothing, BacktestTooLong
from health.models import Backtest
from health.services.backtest_scores import SCORE, check_what_if, score_scorers
from health.services.purchases import LOOK_BACK_DAYS, gather_all, newest_order, ordering_accounts
from users.models import User

MODEL, RULE = "model", "rule"
MOST_SNAPSHOTS = 60
# A worker that has said nothing for so long is dead; another one starts anew.
STALE = dt.timedelta(minutes=20)
COLUMNS = ("account_code", "snapshot", "score", "probability", "tier")


@dataclass(frozen=True)
class Question:
    """What is asked. `what_if`: `{"profile": fields of a health profile that stands in for all, "rules": alert rules}`,
    either or both, to compare with the current ones."""

    first: dt.date
    last: dt.date
    horizon: int = 90
    every: str = "month"
    what_if: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The measures of each scorer, and the snapshots behind them."""

    results: dict[str, Any]
    snapshots: list[Snapshot]


def run_question(question: Question, *, progress: Callable[[int], None] | None = None, scores: bool = True) -> Answer:
    """Replay the past. Each snapshot is scored with what was known before it; `scores` also replays health scores.

    Raises BacktestTooLong, BacktestNothing.
    """
    days = backtesting.snapshot_days(question.first, question.last, question.every)
    if len(days) > MOST_SNAPSHOTS:
        raise BacktestTooLong(most=MOST_SNAPSHOTS)
    until = question.last + dt.timedelta(days=question.horizon)
    ids = ordering_accounts(until, question.first - dt.timedelta(days=LOOK_BACK_DAYS))
    purchases = gather_all(ids, until)
    path = walk(purchases, question.horizon)
    scorers = _scorers(path, question, scores=scores)
    snapshots = []
    for number, snapshot in enumerate(
        backtesting.replay(purchases, days, question.horizon, scorers, Plan().order_days, newest_order()), start=1
    ):
        snapshots.append(snapshot)
        if progress:
            progress(100 * number // len(days))
    if not any(len(each.ids) for each in snapshots):
        raise BacktestNothing
    results = {name: backtesting.measures(snapshots, purchases, question.horizon, name) for name in scorers}
    return Answer({"scorers": results, "flagged": FLAGGED, "not_over": _not_over(snapshots)}, snapshots)


def _not_over(snapshots: list[Snapshot]) -> list[str]:
    """Days of the snapshots whose horizon the orders do not reach."""
    return [dt.date.fromordinal(each.day).isoformat() for each in snapshots if not each.over]


def _scorers(path: Walk, question: Question, *, scores: bool) -> dict[str, Scorer]:
    scorers: dict[str, Scorer] = {MODEL: trained(path), RULE: plain_rule(path)}
    return scorers | score_scorers(path, question.what_if) if scores else scorers


def write_rows(answer: Answer, out: TextIO) -> int:
    """The rows as CSV, one per snapshot and account; returns how many."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows_of(answer):
        writer.writerow(row)
        count += 1
    return count


def rows_of(answer: Answer) -> Iterator[tuple[str, str, str, str, str]]:
    """Account code, snapshot, health score, probability and tier, as they would have been on the day."""
    ids = {account for snapshot in answer.snapshots for account in snapshot.ids.tolist()}
    codes = dict(Account.objects.filter(pk__in=ids).values_list("pk", "code")) if len(ids) < 500 else _codes()
    for snapshot in answer.snapshots:
        day = dt.date.fromordinal(snapshot.day)
        tiers = tiers_on(day)
        probability = snapshot.judged[MODEL].probability
        score = snapshot.judged.get(SCORE)
        for place, account in enumerate(snapshot.ids.tolist()):
            yield (
                codes[account],
                day.isoformat(),
                f"{100 - score.risk[place]:.0f}" if score else "",
                "" if probability is None or np.isnan(probability[place]) else f"{probability[place]:.6f}",
                tiers.get(account, ""),
            )


def _codes() -> dict[int, str]:
    return dict(Account.objects.order_by().values_list("pk", "code"))


def tiers_on(day: dt.date) -> dict[int, str]:
    """The tier that each account had at the beginning of `day`."""
    changes = TierHistory.objects.filter(since__lt=day).order_by("since", "pk")
    return dict(changes.values_list("account_id", "tier"))


@transaction.atomic
def ask_backtest(backtest: Backtest, *, actor: User) -> Backtest:
    """Put a backtest into the queue. Raises BacktestForbidden, BacktestTooLong, ValidationError."""
    if not actor.sees_everything:
        raise BacktestForbidden
    backtest.created_by = actor
    backtest.full_clean()
    check_what_if(backtest.what_if)
    if len(backtesting.snapshot_days(backtest.from_date, backtest.to_date, backtest.every)) > MOST_SNAPSHOTS:
        raise BacktestTooLong(field="to_date", most=MOST_SNAPSHOTS)
    backtest.save()
    record("backtest.asked", backtest, actor=actor)
    return backtest


def record_download(backtest: Backtest, *, actor: User) -> None:
    """Record that somebody took the rows out as a file."""
    record("backtest.exported", backtest, actor=actor)


def due_backtests(now: dt.datetime) -> list[int]:
    """Those that wait, or whose worker has died."""
    return list(_claimable(now).order_by("pk").values_list("pk", flat=True))


def _claimable(now: dt.datetime) -> Any:
    stale = Q(status=JobStatus.RUNNING, claimed_at__lt=now - STALE)
    return Backtest.objects.filter(Q(status=JobStatus.QUEUED) | stale)


def run_backtest(pk: int, clock: Callable[[], dt.datetime]) -> bool:
    """Claim a backtest and answer it; False where there is nothing to claim. After a kill it starts anew."""
    claimed = clock()
    if not _claimable(claimed).filter(pk=pk).update(status=JobStatus.RUNNING, claimed_at=claimed, progress=0):
        return False
    backtest = Backtest.objects.get(pk=pk)

    def tell(share: int) -> None:
        nonlocal claimed
        now = clock()
        if Backtest.objects.filter(pk=pk, claimed_at=claimed).update(progress=min(share, 99), claimed_at=now):
            claimed = now

    question = Question(backtest.from_date, backtest.to_date, backtest.horizon_days, backtest.every, backtest.what_if)
    try:
        answer = run_question(question, progress=tell)
    except DomainError as error:
        _finish(pk, claimed, clock(), JobStatus.FAILED, error=str(error)[:250])
        return True
    _finish(pk, claimed, clock(), JobStatus.DONE, answer=answer)
    return True


@transaction.atomic
def _finish(
    pk: int, claimed: dt.datetime, now: dt.datetime, status: str, *, answer: Answer | None = None, error: str = ""
) -> None:
    """Write what came of it, unless another worker has taken the backtest over."""
    backtest = Backtest.objects.select_for_update().filter(pk=pk, claimed_at=claimed).first()
    if backtest is None:
        return
    backtest.status, backtest.error, backtest.finished_at = status, error, now
    if answer is not None:
        text = io.StringIO(newline="")
        write_rows(answer, text)
        backtest.rows_file.save(f"backtest-{pk}.csv", ContentFile(text.getvalue().encode("utf-8-sig")), save=False)
        backtest.results, backtest.progress = answer.results, 100
    backtest.save()
    record("backtest.finished", backtest, actor=None, changes={"status": (JobStatus.RUNNING.value, status)})
