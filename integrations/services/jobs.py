"""The life of every import: kept as a row, claimed by one worker, resumed when that worker dies."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from audit.services import audit_context, record
from core.errors import DomainError
from integrations.errors import ImportNotOpen, UploadTooLarge
from integrations.models import FileJob
from users.models import User

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=3)
MAX_ATTEMPTS = 5
RUNNING, FAILED, CANCELLED = "running", "failed", "cancelled"

Clock = Callable[[], dt.datetime]
Job = TypeVar("Job", bound=FileJob)


class LostClaim(Exception):
    """This worker no longer owns the job."""


class Finish(Protocol):
    """Writes down the end of a job."""

    def __call__(self, job: Any, status: str, now: dt.datetime, message: str = "") -> None: ...


def keep_upload(job: FileJob, file: UploadedFile, *, limit: int) -> None:
    """Put the uploaded file beside the job, which is not saved. Raises UploadTooLarge."""
    if file.size is not None and file.size > limit:
        raise UploadTooLarge(field="file", limit=filesizeformat(limit))
    job.file_name = Path(file.name or "file").name[:200]
    job.file.save(uuid.uuid4().hex, file, save=False)


def keep_rejects(job: FileJob, path: Path | None, suffix: str) -> None:
    """Put the file of rows given back beside the job, which is not saved; takes away an older one."""
    if job.rejects:
        job.rejects.delete(save=False)
    if path is not None:
        with path.open("rb") as stream:
            job.rejects.save(f"{uuid.uuid4().hex}{suffix}", File(stream), save=False)


def due_ids(model: type[FileJob], now: dt.datetime) -> list[int]:
    """The ids of jobs that wait for a worker, or whose worker died."""
    return list(_jobs(model).due(now, LEASE).order_by("pk").values_list("pk", flat=True))


def claim(model: type[Job], pk: int, now: dt.datetime, related: tuple[str, ...] = ("created_by",)) -> Job | None:
    """The job, if this worker is the one that gets it: one conditional UPDATE decides."""
    mine = _jobs(model).due(now, LEASE).filter(pk=pk)
    taken = mine.update(
        status=RUNNING, claim=uuid.uuid4(), heartbeat_at=now, attempts=F("attempts") + 1, updated_at=now
    )
    return _jobs(model).select_related(*related).get(pk=pk) if taken else None


def run(job: Job | None, work: Callable[[Job], None], finish: Finish, *, clock: Clock) -> bool:
    """Do the work of a claimed job in the language of who made it; False if there is none.

    However it goes wrong, the job says so: what the domain refuses in its words, anything else is raised again.
    """
    if job is None:
        return False
    with audit_context("job"), translation.override(job.created_by.language):
        if job.attempts > MAX_ATTEMPTS:
            finish(job, FAILED, clock(), _("Its worker died %(times)s times.") % {"times": MAX_ATTEMPTS})
            return True
        try:
            work(job)
        except LostClaim:
            log.info("%s %s: claimed by another worker or cancelled", job._meta.label_lower, job.pk)
        except DomainError as error:
            finish(job, FAILED, clock(), str(error))
        except Exception:  # whatever it is, the person who waits must hear of it; it is logged and raised again
            finish(job, FAILED, clock(), _("An unexpected error stopped the import; it has been logged."))
            raise
    return True


def require_mine(job: FileJob) -> None:
    """Lock the running job; raises LostClaim where it was cancelled or another worker took it over."""
    mine = _jobs(type(job)).select_for_update().filter(pk=job.pk, claim=job.claim, status=RUNNING)
    if not mine.exists():
        raise LostClaim


def locked_mine(job: Job) -> Job | None:
    """The job as it is stored, locked; None if it is no longer this worker's."""
    return _jobs(type(job)).select_for_update().filter(pk=job.pk, claim=job.claim).first()


def require_status(job: FileJob, *states: str) -> None:
    """Lock the job; raises ImportNotOpen unless it is in one of these states."""
    current = _jobs(type(job)).select_for_update().get(pk=job.pk)
    if current.status not in states:
        raise ImportNotOpen
    job.status = current.status


def cancel(job: FileJob, action: str, *, actor: User, now: dt.datetime) -> None:
    """Stop a job whose state has been looked at."""
    before, job.status = job.status, CANCELLED
    job.claim, job.finished_at = None, now
    job.save()
    record(action, job, actor=actor, changes={"status": (before, job.status)})


def _jobs(model: type[Any]) -> Any:
    return model.objects.all()
