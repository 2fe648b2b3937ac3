"""Imports of contacts: checked as a whole first, then written; kept as a row, claimed by a worker, resumed."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from audit.services import audit_context, record
from contacts.services.employments import lock_people_of
from core.errors import DomainError
from integrations.errors import BadRowsLeft, ImportNotOpen, TooManyRows, UploadTooLarge
from integrations.models import ContactImportJob, ContactImportProblem, ContactImportStatus
from integrations.people.columns import guess_columns, locate
from integrations.people.plan import Plan, SeenRows, account_ids, plan_batch
from integrations.people.problems import RowBad
from integrations.people.values import Draft, read_row
from integrations.services.contact_rejects import keep_rejects
from integrations.services.contact_rows import write_plans
from orders.intake.profile import Rules
from orders.intake.readers import Row, open_table, sample
from orders.intake.stage import batches
from users.models import User

log = logging.getLogger(__name__)

MAX_UPLOAD = 20 * 1024 * 1024  # bytes
MAX_ROWS = 200_000
BATCH = 500
LEASE = dt.timedelta(minutes=3)
MAX_ATTEMPTS = 5
PREVIEW = 200
RULES = Rules()

Clock = Callable[[], dt.datetime]
Status = ContactImportStatus


class LostClaim(Exception):
    """This worker no longer owns the job."""


@dataclass
class Batch:
    """Rows of a file as drafts, those that stand in it twice, and how much of the file has been read."""

    drafts: list[Draft]
    repeated: dict[int, RowBad]
    progress: float = 0.0


@transaction.atomic
def upload_contacts(file: UploadedFile, *, on_known: str, actor: User) -> ContactImportJob:
    """Keep a file and guess its columns. Raises UploadTooLarge, UnreadableFile (and its kind)."""
    if file.size is not None and file.size > MAX_UPLOAD:
        raise UploadTooLarge(field="file", limit=filesizeformat(MAX_UPLOAD))
    job = ContactImportJob(file_name=Path(file.name or "file").name[:200], created_by=actor, on_known=on_known)
    job.file.save(uuid.uuid4().hex, file, save=False)
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
    _require(job, Status.DRAFT, Status.CHECKED)
    job.columns, job.on_known, job.status = columns, on_known, Status.DRAFT
    job.full_clean(exclude=["file"])
    job.save()
    return job


@transaction.atomic
def queue_contacts(
    job: ContactImportJob, *, dry_run: bool, good_only: bool = False, actor: User, now: dt.datetime
) -> ContactImportJob:
    """Let a worker check the file (`dry_run`), or import one that was checked; then ring `tasks.run_contact_import`.

    Raises ImportNotOpen, BadRowsLeft where rows are bad and not only the good ones are wanted, and what is wrong with
    the file as a whole: UnreadableFile (and its kind).
    """
    _require(job, *((Status.DRAFT, Status.CHECKED) if dry_run else (Status.CHECKED,)))
    if not dry_run and job.bad_rows and not good_only:
        raise BadRowsLeft(count=job.bad_rows)
    header, _rows = sample(Path(job.file.path), RULES, 1)
    locate(job.columns, header)
    before, job.status, job.dry_run, job.good_only = job.status, Status.QUEUED, dry_run, good_only
    job.queued_at, job.finished_at, job.message, job.claim = now, None, "", None
    job.attempts, job.share, job.next_row, job.rows, job.counts = 0, 0, 0, 0, {}
    job.problems.all().delete()
    job.save()
    action = "contact_import.check_started" if dry_run else "contact_import.started"
    record(action, job, actor=actor, changes={"status": (before, job.status), "good_only": (None, good_only)})
    return job


@transaction.atomic
def reopen_contacts(job: ContactImportJob, *, actor: User) -> ContactImportJob:
    """Take a job back to its columns. Raises ImportNotOpen unless it was checked, failed or was cancelled."""
    _require(job, Status.CHECKED, Status.FAILED, Status.CANCELLED)
    before, job.status, job.claim, job.finished_at = job.status, Status.DRAFT, None, None
    job.save()
    record("contact_import.reopened", job, actor=actor, changes={"status": (before, job.status)})
    return job


@transaction.atomic
def cancel_contacts(job: ContactImportJob, *, actor: User, now: dt.datetime) -> ContactImportJob:
    """Stop it; people who are written already stay. Raises ImportNotOpen."""
    _require(job, Status.DRAFT, Status.CHECKED, Status.QUEUED, Status.RUNNING)
    before, job.status = job.status, Status.CANCELLED
    job.claim, job.finished_at = None, now
    job.save()
    record("contact_import.cancelled", job, actor=actor, changes={"status": (before, job.status)})
    return job


def due_contact_jobs(now: dt.datetime) -> list[int]:
    """The ids of jobs that wait for a worker, or whose worker died."""
    return list(ContactImportJob.objects.due(now, LEASE).order_by("pk").values_list("pk", flat=True))


def preview_contacts(job: ContactImportJob, *, today: dt.date) -> tuple[list[str], list[Row], list[Plan]]:
    """Headings and first rows of the file, and what would become of each. Raises UnreadableFile (and its kind)."""
    header, rows = sample(Path(job.file.path), RULES, PREVIEW)
    batch = _read(rows, locate(job.columns, header), len(header), SeenRows())
    plans = plan_batch(batch.drafts, batch.repeated, actor=job.created_by, today=today, on_known=job.on_known)
    return header, rows, plans


def run_contact_job(pk: int, *, clock: Clock, today: dt.date) -> bool:
    """Claim the job and go through its file; False if there is nothing to claim. May be called any number of times."""
    job = _claim(pk, clock())
    if job is None:
        return False
    with audit_context("job"), translation.override(job.created_by.language):
        if job.attempts > MAX_ATTEMPTS:
            _finish(job, Status.FAILED, clock(), _("Its worker died %(times)s times.") % {"times": MAX_ATTEMPTS})
            return True
        try:
            _run(job, clock, today)
        except LostClaim:
            log.info("import of contacts %s: claimed by another worker or cancelled", pk)
        except DomainError as error:
            _finish(job, Status.FAILED, clock(), str(error))
        except Exception:  # whatever it is, the person who waits must hear of it; it is logged and raised again
            _finish(job, Status.FAILED, clock(), _("An unexpected error stopped the import; it has been logged."))
            raise
    return True


def _claim(pk: int, now: dt.datetime) -> ContactImportJob | None:
    """The job, if this worker is the one that gets it: one conditional UPDATE decides."""
    claim = uuid.uuid4()
    mine = ContactImportJob.objects.due(now, LEASE).filter(pk=pk)
    taken = mine.update(
        status=Status.RUNNING, claim=claim, heartbeat_at=now, attempts=F("attempts") + 1, updated_at=now
    )
    return ContactImportJob.objects.select_related("created_by").get(pk=pk) if taken else None


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
    mine = ContactImportJob.objects.select_for_update().filter(pk=job.pk, claim=job.claim, status=Status.RUNNING)
    if not mine.exists():
        raise LostClaim
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
    counts = dict(job.counts)
    for plan in plans:
        counts[plan.result] = counts.get(plan.result, 0) + 1
    done = {
        "counts": counts,
        "rows": job.rows + len(plans),
        "next_row": plans[-1].draft.row + 1,
        "share": int(batch.progress * 100),
        "heartbeat_at": now,
    }
    ContactImportJob.objects.filter(pk=job.pk).update(**done)
    for name, value in done.items():
        setattr(job, name, value)


@transaction.atomic
def _finish(job: ContactImportJob, status: str, now: dt.datetime, message: str = "") -> None:
    """Write down the end, unless the job is no longer this worker's."""
    current = ContactImportJob.objects.select_for_update().filter(pk=job.pk, claim=job.claim).first()
    if current is None:
        return
    current.status, current.message, current.finished_at, current.heartbeat_at = status, message, now, now
    if status in (Status.CHECKED, Status.DONE):
        current.share = 100
        keep_rejects(current, RULES)
    current.save()
    changes: dict[str, tuple[object, object]] = {"status": (Status.RUNNING, status)}
    changes |= {f"rows_{result}": (None, number) for result, number in current.counts.items()}
    action = "contact_import.check_finished" if current.dry_run else "contact_import.finished"
    record(action, current, actor=job.created_by, changes=changes, reason=message)


def _require(job: ContactImportJob, *states: str) -> None:
    """Lock the job; raises ImportNotOpen unless it is in one of these states."""
    current = ContactImportJob.objects.select_for_update().get(pk=job.pk)
    if current.status not in states:
        raise ImportNotOpen
    job.status = current.status
