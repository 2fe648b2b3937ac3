"""Imports of signed contracts: checked as a whole first, then entered in sets; resumed where a worker died."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat

from audit.services import record
from contracts.services.catching_up import catch_up
from contracts.services.entering import enter_contracts
from core.bulk import copy_rows
from core.errors import DomainError
from integrations.agreements.deeds import batches, put_together
from integrations.agreements.known import accounts_of, look_up
from integrations.agreements.plan import DeedPlan, plan_batch
from integrations.agreements.problems import is_odd
from integrations.agreements.reading import look, read_rows
from integrations.errors import ImportsForLeaders, UploadTooLarge
from integrations.models import CheckedStatus, ContractImportJob, ContractImportRow
from integrations.services import checked_jobs, jobs
from integrations.services.contract_rejects import keep_rejects
from users.models import User

MAX_UPLOAD = 20 * 1024 * 1024  # bytes
COLUMNS = ("job", "sheet", "row", "contract", "result", "is_odd", "problems")

Status = CheckedStatus


@transaction.atomic
def upload_contracts(files: Sequence[UploadedFile], *, actor: User) -> ContractImportJob:
    """Keep a workbook, an archive, or several CSV files, and see which sheet is what.

    Raises ImportsForLeaders, UploadTooLarge, and what is wrong with the file as a whole: UnreadableFile (and its kind),
    SheetMissing, SheetTwice, SheetUnreadable.
    """
    if not actor.leads:
        raise ImportsForLeaders
    job = ContractImportJob(created_by=actor)
    if sum(file.size or 0 for file in files) > MAX_UPLOAD:
        raise UploadTooLarge(field="upload", limit=filesizeformat(MAX_UPLOAD))
    jobs.keep_upload(job, files[0] if len(files) == 1 else _together(files), limit=MAX_UPLOAD)
    try:
        sheets, unread = look(Path(job.file.path))
    except DomainError:
        job.file.delete(save=False)
        raise
    found = [{"sheet": one.sheet, "title": one.title, "unread": one.unread} for one in sheets]
    job.layout = {"sheets": found, "unread": unread}
    job.save()
    record("contract_import.uploaded", job, actor=actor, changes={"file": (None, job.file_name)})
    return job


def queue_contracts(
    job: ContractImportJob, *, dry_run: bool, good_only: bool = False, actor: User, now: dt.datetime
) -> ContractImportJob:
    """Let a worker check the file (`dry_run`), or import one that was checked; then ring `tasks.run_contract_import`.

    Raises ImportsForLeaders, ImportNotOpen, BadRowsLeft where rows are bad and not only the good ones are wanted.
    """
    if not actor.leads:
        raise ImportsForLeaders
    return checked_jobs.queue(job, dry_run=dry_run, good_only=good_only, actor=actor, now=now)


def run_contract_job(pk: int, *, clock: jobs.Clock, today: dt.date) -> bool:
    """Claim the job and go through its file; False if there is nothing to claim. May be called any number of times."""
    job = jobs.claim(ContractImportJob, pk, clock())
    return jobs.run(job, partial(_run, clock=clock, today=today), _finish, clock=clock)


def _run(job: ContractImportJob, *, clock: jobs.Clock, today: dt.date) -> None:
    """Batch by batch. The contracts before `next_row` were done by a worker that died."""
    deeds = put_together(read_rows(Path(job.file.path)))
    if not job.next_row:
        job.by_sheet = {}
    for place, batch in batches(deeds, job.next_row):
        with transaction.atomic():
            jobs.require_mine(job)
            accounts = accounts_of(batch, job.created_by, lock=not job.dry_run)
            known = look_up(batch, accounts, actor=job.created_by, lock=not job.dry_run)
            plans = plan_batch(batch, known, today=today)
            now = clock()
            if not job.dry_run:
                _write(plans, job.created_by, today=today, now=now)
            _note(job, plans, place, place / len(deeds), now)
    _finish(job, Status.CHECKED if job.dry_run else Status.DONE, clock())


def _write(plans: Sequence[DeedPlan], actor: User, *, today: dt.date, now: dt.datetime) -> None:
    """What the plans say; those of bad rows say nothing."""
    entries = [plan.entry for plan in plans if plan.entry is not None]
    if entries:
        enter_contracts(entries, actor=actor, today=today)
    catch_up([plan.news for plan in plans if plan.news is not None], actor=actor, now=now)


def _note(job: ContractImportJob, plans: Sequence[DeedPlan], place: int, progress: float, now: dt.datetime) -> None:
    """Counts, the place reached and what became of each row, in the transaction that writes it."""
    results, by_sheet = [], {sheet: Counter(counts) for sheet, counts in job.by_sheet.items()}
    rows = []
    for plan in plans:
        label = " ".join(plan.deed.key).strip()[:120]
        for row in plan.deed.rows:
            result = plan.result(row)
            odd = any(is_odd(problem.code) for problem in row.problems)
            problems = [{"code": one.code, "field": one.field, "params": one.params} for one in row.problems]
            rows.append((job.pk, row.sheet, row.row, label, result, odd, problems))
            results.append(result)
            by_sheet.setdefault(row.sheet, Counter()).update([result, *(["odd"] if odd else [])])
    copy_rows(ContractImportRow, COLUMNS, rows)
    counted = {sheet: dict(counts) for sheet, counts in by_sheet.items()}
    checked_jobs.reached(job, results, next_row=place, progress=progress, heartbeat_at=now, by_sheet=counted)


@transaction.atomic
def _finish(job: ContractImportJob, status: str, now: dt.datetime, message: str = "") -> None:
    """Write down the end, unless the job is no longer this worker's."""
    current = jobs.locked_mine(job)
    if current is None:
        return
    current.status, current.message, current.finished_at, current.heartbeat_at = status, message, now, now
    if status in (Status.CHECKED, Status.DONE):
        current.share = 100
        keep_rejects(current)
    current.save()
    checked_jobs.record_finished(current)


def _together(files: Sequence[UploadedFile]) -> UploadedFile:
    """Several files as one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, file in enumerate(files):
            archive.writestr(f"{number}/{Path(file.name or '').name}", file.read())
    name = ", ".join(Path(file.name or "").name for file in files)
    return SimpleUploadedFile(name[:200], packed.getvalue())
