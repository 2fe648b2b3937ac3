"""Imports started on the page: kept as a row, claimed by a worker, resumed when a worker dies."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from audit.services import record
from core.errors import DomainError
from integrations.models import ImportJob, ImportStatus
from integrations.services import jobs
from orders.errors import BadRows, ImportForbidden, WrongEncoding
from orders.intake.columns import guess_columns
from orders.intake.profile import Profile, make_profile
from orders.intake.readers import sample
from orders.services.imports import ImportOptions, ImportReport, import_file, make_layout
from orders.services.profiles import load_profile, rules_as_json
from users.models import User

MAX_UPLOAD = 200 * 1024 * 1024  # bytes
BEAT = dt.timedelta(seconds=1)

Clock = jobs.Clock


@transaction.atomic
def upload_file(file: UploadedFile, *, profile: str, actor: User) -> ImportJob:
    """Keep a file, and how the profile reads it.

    Raises ImportForbidden, UploadTooLarge, UnreadableFile (and its kind), UnknownProfile. An encoding that is not
    recognised is no reason to refuse: it can be named afterwards.
    """
    if not actor.sees_everything:
        raise ImportForbidden
    base = load_profile(profile)
    job = ImportJob(created_by=actor, profile_name=profile, rules=rules_as_json(base))
    jobs.keep_upload(job, file, limit=MAX_UPLOAD)
    try:
        header, _rows = sample(Path(job.file.path), base.rules, 1)
    except WrongEncoding:
        header = []  # chosen on the mapping page
    except DomainError:
        job.file.delete(save=False)
        raise
    job.columns = base.columns or guess_columns(header)
    job.currency = base.rules.currency or settings.REPORTING_CURRENCY
    job.save()
    record("import.uploaded", job, actor=actor, changes={"file": (None, job.file_name)})
    return job


def profile_of(job: ImportJob) -> Profile:
    """How the job reads its file."""
    return make_profile(job.profile_name, job.columns, job.rules)


@transaction.atomic
def map_job(
    job: ImportJob,
    profile: Profile,
    *,
    currency: str,
    source: str,
    create_accounts: bool,
    good_only: bool,
    manager: User | None,
) -> ImportJob:
    """Change how a job that has not been started reads its file. Raises ImportNotOpen."""
    jobs.require_status(job, ImportStatus.DRAFT)
    job.columns, job.rules = dict(profile.columns), rules_as_json(profile)
    job.currency, job.source, job.manager = currency, source, manager
    job.create_accounts, job.good_only = create_accounts, good_only
    job.full_clean(exclude=["file"])
    job.save()
    return job


@transaction.atomic
def queue_job(job: ImportJob, *, actor: User, now: dt.datetime) -> ImportJob:
    """Let a worker take it. Ring `tasks.run_import` after the commit.

    Raises ImportForbidden, ImportNotOpen, and what is wrong with the file as a whole: UnreadableFile (and its kind),
    CurrencyNeeded, UnknownCurrency.
    """
    if not actor.sees_everything:
        raise ImportForbidden
    jobs.require_status(job, ImportStatus.DRAFT)
    make_layout(Path(job.file.path), profile_of(job), job.currency)
    changes = {"status": (job.status, ImportStatus.QUEUED), "good_only": (None, job.good_only)}
    job.status, job.queued_at, job.message = ImportStatus.QUEUED, now, ""
    job.save()
    record("import.started", job, actor=actor, changes=changes)
    return job


@transaction.atomic
def reopen_job(job: ImportJob, *, actor: User) -> ImportJob:
    """Take a refused, failed or cancelled job back to its mapping. Raises ImportForbidden, ImportNotOpen."""
    if not actor.sees_everything:
        raise ImportForbidden
    jobs.require_status(job, ImportStatus.REFUSED, ImportStatus.FAILED, ImportStatus.CANCELLED)
    before, job.status = job.status, ImportStatus.DRAFT
    job.phase, job.share, job.attempts, job.claim, job.finished_at = "", 0, 0, None, None
    job.save()
    record("import.reopened", job, actor=actor, changes={"status": (before, job.status)})
    return job


@transaction.atomic
def cancel_job(job: ImportJob, *, actor: User, now: dt.datetime) -> ImportJob:
    """Stop it; orders that are written already stay. Raises ImportForbidden, ImportNotOpen."""
    if not actor.sees_everything:
        raise ImportForbidden
    jobs.require_status(job, ImportStatus.DRAFT, ImportStatus.QUEUED, ImportStatus.RUNNING)
    jobs.cancel(job, "import.cancelled", actor=actor, now=now)
    return job


def run_job(pk: int, *, clock: Clock, today: dt.date) -> bool:
    """Claim the job and import its file; False if there is nothing to claim. May be called any number of times."""
    job = jobs.claim(ImportJob, pk, clock(), ("created_by", "manager"))
    return jobs.run(job, lambda job: _run(job, clock, today), _finish, clock=clock)


def _run(job: ImportJob, clock: Clock, today: dt.date) -> None:
    """Import the file; beat now and then; leave counts and the file of rejected rows on the job."""
    last: tuple[dt.datetime, str] = (clock(), "")

    def beat(phase: str, share: float) -> None:
        nonlocal last
        now = clock()
        if phase == last[1] and now - last[0] < BEAT:
            return
        last = (now, phase)
        mine = ImportJob.objects.filter(pk=job.pk, claim=job.claim, status=ImportStatus.RUNNING)
        if not mine.update(phase=phase, share=int(share * 100), heartbeat_at=now):
            raise jobs.LostClaim

    folder = Path(settings.MEDIA_ROOT)
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as scratch:
        rejects = Path(scratch) / "rejects.csv"
        options = ImportOptions(
            path=Path(job.file.path),
            profile=profile_of(job),
            label=job.file_name,
            currency=job.currency,
            source=job.source,
            create_accounts=job.create_accounts,
            manager=job.manager,
            good_only=job.good_only,
            rejects=rejects,
            folder=Path(scratch),
        )
        status, message = ImportStatus.DONE, ""
        try:
            report = import_file(options, actor=job.created_by, today=today, progress=beat)
        except BadRows as error:
            report = error.report  # type: ignore[attr-defined]
            status, message = ImportStatus.REFUSED, str(error)
        _finish(job, status, clock(), message, report, rejects)


@transaction.atomic
def _finish(
    job: ImportJob,
    status: str,
    now: dt.datetime,
    message: str = "",
    report: ImportReport | None = None,
    rejects: Path | None = None,
) -> None:
    """Write down the end, unless the job is no longer this worker's."""
    current = jobs.locked_mine(job)
    if current is None:
        return
    current.status, current.message, current.finished_at, current.heartbeat_at = status, message, now, now
    if report is not None:
        current.rows, current.reasons, current.orders = report.rows, report.reasons, report.orders
        current.accounts_created, current.share = report.accounts_created, 100
    if rejects is not None and rejects.exists() and current.left_rows:
        jobs.keep_rejects(current, rejects, ".csv")
    current.save()
    changes: dict[str, tuple[object, object]] = {"status": (ImportStatus.RUNNING, status)}
    changes |= {f"orders_{outcome}": (None, number) for outcome, number in current.orders.items()}
    record("import.finished", current, actor=job.created_by, changes=changes, reason=message)
