"""Imports that are checked as a whole first: queued to be checked, queued to be written, taken back, stopped."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import transaction

from audit.services import record
from integrations.errors import BadRowsLeft
from integrations.models import CheckedJob, CheckedStatus
from integrations.services import jobs
from users.models import User

Status = CheckedStatus
Job = TypeVar("Job", bound=CheckedJob)


@transaction.atomic
def queue(job: Job, *, dry_run: bool, good_only: bool = False, actor: User, now: dt.datetime) -> Job:
    """Let a worker check the file (`dry_run`), or import one that was checked; ring for it after the commit.

    Raises ImportNotOpen, and BadRowsLeft where rows are bad and not only the good ones are wanted.
    """
    jobs.require_status(job, *((Status.DRAFT, Status.CHECKED) if dry_run else (Status.CHECKED,)))
    if not dry_run and job.bad_rows and not good_only:
        raise BadRowsLeft(count=job.bad_rows)
    before, job.status, job.dry_run, job.good_only = job.status, Status.QUEUED, dry_run, good_only
    job.queued_at, job.finished_at, job.message, job.claim = now, None, "", None
    job.attempts, job.share, job.next_row, job.rows, job.counts = 0, 0, 0, 0, {}
    job.findings.delete()
    job.save()
    action = f"{job.audit_name}.{'check_started' if dry_run else 'started'}"
    record(action, job, actor=actor, changes={"status": (before, job.status), "good_only": (None, good_only)})
    return job


@transaction.atomic
def reopen(job: Job, *, actor: User) -> Job:
    """Take a job back to its beginning. Raises ImportNotOpen unless it was checked, failed or was cancelled."""
    jobs.require_status(job, Status.CHECKED, Status.FAILED, Status.CANCELLED)
    before, job.status, job.claim, job.finished_at = job.status, Status.DRAFT, None, None
    job.save()
    record(f"{job.audit_name}.reopened", job, actor=actor, changes={"status": (before, job.status)})
    return job


@transaction.atomic
def cancel(job: Job, *, actor: User, now: dt.datetime) -> Job:
    """Stop it; what is written already stays. Raises ImportNotOpen."""
    jobs.require_status(job, Status.DRAFT, Status.CHECKED, Status.QUEUED, Status.RUNNING)
    jobs.cancel(job, f"{job.audit_name}.cancelled", actor=actor, now=now)
    return job


def reached(job: CheckedJob, results: Iterable[str], *, next_row: int, progress: float, **more: Any) -> None:
    """Note a batch on the job, in the transaction that writes it: counts and the place reached."""
    found = Counter(results)
    done = {
        "counts": dict(Counter(job.counts) + found),
        "rows": job.rows + found.total(),
        "next_row": next_row,
        "share": int(progress * 100),
        **more,
    }
    type(job)._default_manager.filter(pk=job.pk).update(**done)
    for name, value in done.items():
        setattr(job, name, value)


def record_finished(job: CheckedJob) -> None:
    """The audit entry of the end."""
    changes: dict[str, tuple[object, object]] = {"status": (Status.RUNNING, job.status)}
    changes |= {f"{job.audit_counts}_{result}": (None, number) for result, number in job.counts.items()}
    action = f"{job.audit_name}.{'check_finished' if job.dry_run else 'finished'}"
    record(action, job, actor=job.created_by, changes=changes, reason=job.message)
