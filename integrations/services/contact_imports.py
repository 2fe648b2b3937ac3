"""Imports of contacts: checked as a whole first, then written; kept as a row, claimed by a worker, resumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from audit.services import record
from contacts.services.employments import lock_people_of
from core.errors import DomainError
from integrations.errors import TooManyRows
from integrations.models import CheckedStatus, ContactImportJob, ContactImportProblem
from integrations.people.columns import guess_columns, locate
from integrations.people.plan import Plan, SeenRows, account_ids, plan_batch
from integrations.people.values import Draft, read_row
from integrations.services import checked_jobs, jobs
from integrations.services.contact_rejects import keep_rejects
from integrations.services.contact_rows import write_plans
from integrations.tables.problems import RowBad
from orders.intake.profile import Rules
from orders.intake.readers import Row, open_table, sample
from orders.intake.stage import batches
from users.models import User

MAX_UPLOAD = 20 * 1024 * 1024  # bytes
MAX_ROWS = 200_000
BATCH = 500
PREVIEW = 200
RULES = Rules()

Status = CheckedStatus
Clock = jobs.Clock


@dataclass
class Batch:
    """Rows of a file as drafts, those that stand in it twice, and how much of the file has been read."""

    drafts: list[Draft]
    repeated: dict[int, RowBad]
    progress: float = 0.0


@transaction.atomic
def upload_contacts(file: UploadedFile, *, on_known: str, actor: User) -> ContactImportJob:
    """Keep a file and guess its columns. Raises UploadTooLarge, UnreadableFile (and its kind)."""
    job = ContactImportJob(created_by=actor, on_known=on_known)
    jobs.keep_upload(job, file, limit=MAX_UPLOAD)
    try:
        header, _rows = sample(Path(job.file.path), RULES, 1)
    except DomainError:
        job.file.delete(save=False)
        raise
    job.columns = guess_columns(header)
    job.save()
    record("contact_import.uploaded", job, actor=actor, changes={"file": (None, job.file_name)})
    return job


@transaction.atomic
def map_contacts(job: ContactImportJob, columns: dict[str, str], *, on_known: str) -> ContactImportJob:
    """Change how a job that has not been imported reads its file. Raises ImportNotOpen."""
    jobs.require_status(job, Status.DRAFT, Status.CHECKED)
    job.columns, job.on_known, job.status = columns, on_known, Status.DRAFT
    job.full_clean(exclude=["file"])
    job.save()
    return job


def queue_contacts(
    job: ContactImportJob, *, dry_run: bool, good_only: bool = False, actor: User, now: dt.datetime
) -> ContactImportJob:
    """Let a worker check the file (`dry_run`), or import one that was checked; then ring `tasks.run_contact_import`.

    Raises ImportNotOpen, BadRowsLeft where rows are bad and not only the good ones are wanted, and what is wrong with
    the file as a whole: UnreadableFile (and its kind).
    """
    header, _rows = sample(Path(job.file.path), RULES, 1)
    locate(job.columns, header)
    return checked_jobs.queue(job, dry_run=dry_run, good_only=good_only, actor=actor, now=now)


def preview_contacts(job: ContactImportJob, *, today: dt.date) -> tuple[list[str], list[Row], list[Plan]]:
    """Headings and first rows of the file, and what would become of each. Raises UnreadableFile (and its kind)."""
    header, rows = sample(Path(job.file.path), RULES, PREVIEW)
    batch = _read(rows, locate(job.columns, header), len(header), SeenRows())
    plans = plan_batch(batch.drafts, batch.repeated, actor=job.created_by, today=today, on_known=job.on_known)
    return header, rows, plans


def run_contact_job(pk: int, *, clock: Clock, today: dt.date) -> bool:
    """Claim the job and go through its file; False if there is nothing to claim. May be called any number of times."""
    job = jobs.claim(ContactImportJob, pk, clock())
    return jobs.run(job, lambda job: _run(job, clock, today), _finish, clock=clock)


def _run(job: ContactImportJob, clock: Clock, today: dt.date) -> None:
    """Batch by batch. Rows before `next_row` were done by a worker that died: they are only remembered."""
    seen = SeenRows()
    with open_table(Path(job.file.path), RULES) as table:
        positions, width = locate(job.columns, table.header), len(table.header)
        for rows in batches(table.rows(), BATCH):
            batch = _read(rows, positions, width, seen)
            batch.drafts = [draft for draft in batch.drafts if draft.row >= job.next_row]
            batch.progress = table.progress
            if batch.drafts:
                _do_batch(job, batch, clock(), today)
            if job.rows > MAX_ROWS:
                raise TooManyRows(limit=MAX_ROWS)
    _finish(job, Status.CHECKED if job.dry_run else Status.DONE, clock())


def _read(rows: Iterable[Row], positions: dict[str, int], width: int, seen: SeenRows) -> Batch:
    drafts = [read_row(number, cells, positions, width) for number, cells in rows]
    return Batch(drafts, {draft.row: problem for draft in drafts if (problem := seen.add(draft))})


@transaction.atomic
def _do_batch(job: ContactImportJob, batch: Batch, now: dt.datetime, today: dt.date) -> None:
    """Plan and write a batch, its problems, the counts and the place reached, all or nothing. Raises LostClaim."""
    jobs.require_mine(job)
    actor = job.created_by
    if not job.dry_run:
        lock_people_of(*account_ids(batch.drafts, actor))
    plans = plan_batch(batch.drafts, batch.repeated, actor=actor, today=today, on_known=job.on_known)
    if not job.dry_run:
        write_plans(plans, actor=actor, now=now)
    ContactImportProblem.objects.bulk_create(
        [
            ContactImportProblem(job=job, row=plan.draft.row, code=bad.code, field=bad.field, params=bad.params)
            for plan in plans
            for bad in plan.problems
        ]
    )
    checked_jobs.reached(
        job,
        [plan.result for plan in plans],
        next_row=plans[-1].draft.row + 1,
        progress=batch.progress,
        heartbeat_at=now,
    )


@transaction.atomic
def _finish(job: ContactImportJob, status: str, now: dt.datetime, message: str = "") -> None:
    """Write down the end, unless the job is no longer this worker's."""
    current = jobs.locked_mine(job)
    if current is None:
        return
    current.status, current.message, current.finished_at, current.heartbeat_at = status, message, now, now
    if status in (Status.CHECKED, Status.DONE):
        current.share = 100
        keep_rejects(current, RULES)
    current.save()
    checked_jobs.record_finished(current)
