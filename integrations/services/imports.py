"""Imports started on the page: kept as a row, claimed by a worker, resumed when a worker dies."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from audit.services import audit_context, record
from core.errors import DomainError
from integrations.errors import ImportNotOpen, UploadTooLarge
from integrations.models import ImportJob, ImportStatus
from orders.errors import BadRows, ImportForbidden, WrongEncoding
from orders.intake.columns import guess_columns
from orders.intake.profile import Profile, make_profile
from orders.intake.readers import sample
from orders.services.imports import ImportOptions, ImportReport, import_file, make_layout
from orders.services.profiles import load_profile, rules_as_json
from users.models import User

log = logging.getLogger(__name__)

MAX_UPLOAD = 200 * 1024 * 1024  # bytes
LEASE = dt.timedelta(minutes=3)
BEAT = dt.timedelta(seconds=1)
MAX_ATTEMPTS = 5

Clock = Callable[[], dt.datetime]


class LostClaim(Exception):
    """This worker no longer owns the job."""


@transaction.atomic
def upload_file(file: UploadedFile, *, profile: str, actor: User) -> ImportJob:
    """Keep a file, and how the profile reads it.

    Raises ImportForbidden, UploadTooLarge, UnreadableFile (and its kind), UnknownProfile. An encoding that is not
    recognised is no reason to refuse: it can be named afterwards.
    """
    if not actor.sees_everything:
        raise ImportForbidden
    if file.size is not None and file.size > MAX_UPLOAD:
        raise UploadTooLarge(field="file", limit=filesizeformat(MAX_UPLOAD))
    base = load_profile(profile)
    name = Path(file.name or "file").name[:200]
    job = ImportJob(file_name=name, created_by=actor, profile_name=profile, rules=rules_as_json(base))
    job.file.save(uuid.uuid4().hex, file, save=False)
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
    record("import.uploaded", job, actor=actor, changes={"file": (None, name)})
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
    _require(job, ImportStatus.DRAFT)
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
    _require(job, ImportStatus.DRAFT)
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
    _require(job, ImportStatus.REFUSED, ImportStatus.FAILED, ImportStatus.CANCELLED)
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
    _require(job, ImportStatus.DRAFT, ImportStatus.QUEUED, ImportStatus.RUNNING)
    before, job.status = job.status, ImportStatus.CANCELLED
    job.claim, job.finished_at = None, now
    job.save()
    record("import.cancelled", job, actor=actor, changes={"status": (before, job.status)})
    return job


def due_jobs(now: dt.datetime) -> list[int]:
    """The ids of jobs that wait for a worker, or whose worker died."""
    return list(ImportJob.objects.due(now, LEASE).order_by("pk").values_list("pk", flat=True))


def run_job(pk: int, *, clock: Clock, today: dt.date) -> bool:
    """Claim the job and import its file; False if there is nothing to claim. May be called any number of times."""
    job = _claim(pk, clock())
    if job is None:
        return False
    with audit_context("job"), translation.override(job.created_by.language):
        if job.attempts > MAX_ATTEMPTS:
            _finish(job, ImportStatus.FAILED, clock(), _("Its worker died %(times)s times.") % {"times": MAX_ATTEMPTS})
            return True
        try:
            _run(job, clock, today)
        except LostClaim:
            log.info("import %s: claimed by another worker or cancelled", pk)
        except DomainError as error:
            _finish(job, ImportStatus.FAILED, clock(), str(error))
        except Exception:  # whatever it is, the person who waits must hear of it; it is logged and raised again
            _finish(job, ImportStatus.FAILED, clock(), _("An unexpected error stopped the import; it has been logged."))
            raise
    return True


def _claim(pk: int, now: dt.datetime) -> ImportJob | None:
    """The job, if this worker is the one that gets it: one conditional UPDATE decides."""
    claim = uuid.uuid4()
    mine = ImportJob.objects.due(now, LEASE).filter(pk=pk)
    taken = mine.update(
        status=ImportStatus.RUNNING, claim=claim, heartbeat_at=now, attempts=F("attempts") + 1, updated_at=now
    )
    return ImportJob.objects.select_related("created_by", "manager").get(pk=pk) if taken else None


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
            raise LostClaim

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
    current = ImportJob.objects.select_for_update().filter(pk=job.pk, claim=job.claim).first()
    if current is None:
        return
    current.status, current.message, current.finished_at, current.heartbeat_at = status, message, now, now
    if report is not None:
        current.rows, current.reasons, current.orders = report.rows, report.reasons, report.orders
        current.accounts_created, current.share = report.accounts_created, 100
    if rejects is not None and rejects.exists() and current.left_rows:
        _keep_rejects(current, rejects)
    current.save()
    changes: dict[str, tuple[object, object]] = {"status": (ImportStatus.RUNNING, status)}
    changes |= {f"orders_{outcome}": (None, number) for outcome, number in current.orders.items()}
    record("import.finished", current, actor=job.created_by, changes=changes, reason=message)


def _keep_rejects(job: ImportJob, path: Path) -> None:
    if job.rejects:
        job.rejects.delete(save=False)
    with path.open("rb") as stream:
        job.rejects.save(f"{uuid.uuid4().hex}.csv", File(stream), save=False)


def _require(job: ImportJob, *states: str) -> None:
    """Lock the job; raises ImportNotOpen unless it is in one of these states."""
    current = ImportJob.objects.select_for_update().get(pk=job.pk)
    if current.status not in states:
        raise ImportNotOpen
    job.status = current.status
