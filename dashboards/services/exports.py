"""Exports: asked for, written by one worker, taken over where it dies, downloaded, and taken away in time."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import QueryDict
from django.utils import timezone, translation

from audit.services import audit_context, record
from core import exports
from core.errors import DomainError
from core.exports import Asked, ListExport
from core.sheets import writing
from dashboards.choices import ExportStatus
from dashboards.errors import (
    ExportBroken,
    ExportNotAllowed,
    ExportNotReady,
    ExportOver,
    ExportWorkerDied,
    ListNotNarrowed,
    NothingToExport,
    TooManyExportRows,
    TooManyExports,
    UnknownList,
)
from dashboards.models import ExportJob
from notifications.services import notify
from users.models import User
from users.zones import users_zone

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=3)
MAX_ATTEMPTS = 5
MAX_OPEN = 5
"""Exports of one person that wait or run at a time."""
FOLDER, FILE = "exports", "file"
PAGING = ("cursor", "page", "list", "form", "file_format", "csrfmiddlewaretoken")

Clock = Callable[[], dt.datetime]


class LostClaim(Exception):
    """This worker no longer owns the job: it was cancelled, or another one has taken it over."""


def list_of(name: str, query: QueryDict, *, actor: User, now: dt.datetime) -> tuple[ListExport, Asked]:
    """The list of that name (or the one that its page shows instead), and what is asked of it.

    Raises ExportNotAllowed, UnknownList, ListNotNarrowed.
    """
    if not (actor.is_active and actor.may_export):
        raise ExportNotAllowed
    export, asked = exports.get(name), Asked(actor, _plain(query), now, timezone.localdate(now))
    if export is not None and export.instead is not None and export.instead[1](asked):
        export = exports.get(export.instead[0])
    if export is None or not export.may(actor):
        raise UnknownList(field="list")
    missing = [name for name in export.needed if not asked.query.get(name)]
    if missing:
        raise ListNotNarrowed(field="filters", names=", ".join(missing))
    return export, asked


def count_rows(export: ListExport, asked: Asked) -> int:
    """How many rows the file would have. Raises TooManyExportRows, NothingToExport."""
    count = export.find(asked).rows.count()
    _require_bounded(count)
    return count


@transaction.atomic
def ask_for_export(
    name: str, query: QueryDict, *, form: str, language: str, actor: User, now: dt.datetime
) -> ExportJob:
    """Let a worker write the list to a file; then ring `tasks.run_export`.

    Raises ExportNotAllowed, UnknownList, ListNotNarrowed, TooManyExportRows, NothingToExport, TooManyExports.
    """
    export, asked = list_of(name, query, actor=actor, now=now)
    User.objects.select_for_update().get(pk=actor.pk)  # two clicks at once are counted one after the other
    waiting = ExportJob.objects.visible_to(actor).open().count()
    if waiting >= MAX_OPEN:
        raise TooManyExports(count=waiting)
    job = ExportJob(
        user=actor, list_name=export.name, query=asked.query.urlencode(), file_format=form, language=language,
        rows_expected=count_rows(export, asked),
    )  # fmt: skip
    job.full_clean(exclude=["user"])
    job.save()
    changes: dict[str, tuple[object, object]] = {
        "list": (None, export.name), "query": (None, job.query), "format": (None, form),
        "rows": (None, job.rows_expected),
    }  # fmt: skip
    record("export.requested", job, actor=actor, changes=changes)
    return job


@transaction.atomic
def cancel_export(job: ExportJob, *, actor: User, now: dt.datetime) -> ExportJob:
    """Stop it. Raises ExportOver."""
    stored = ExportJob.objects.select_for_update().get(pk=job.pk)
    if not stored.is_open:
        raise ExportOver
    before, stored.status = stored.status, ExportStatus.CANCELLED
    stored.claim, stored.finished_at = None, now
    stored.save()
    record("export.cancelled", stored, actor=actor, changes={"status": (before, stored.status)})
    return stored


@transaction.atomic
def open_export(job: ExportJob, *, actor: User, now: dt.datetime) -> Path:
    """Where the file is that its owner downloads now, which is recorded. Raises ExportNotAllowed, ExportNotReady."""
    if not (actor.is_active and actor.may_export and job.user_id == actor.pk):
        raise ExportNotAllowed
    stored = ExportJob.objects.select_for_update().get(pk=job.pk)
    path = _place(stored)
    if not stored.is_ready or stored.expires_at is None or stored.expires_at <= now or not path.exists():
        raise ExportNotReady
    if stored.downloaded_at is None:
        stored.downloaded_at = now
        stored.save(update_fields=["downloaded_at", "updated_at"])
    record("export.downloaded", stored, actor=actor, changes={"rows": (None, stored.rows_done)})
    return path


def due_ids(now: dt.datetime) -> list[int]:
    """The ids of exports that wait for a worker, or whose worker died."""
    return list(ExportJob.objects.due(now, LEASE).order_by("pk").values_list("pk", flat=True))


def take_away_outdated(now: dt.datetime) -> int:
    """Delete the files that are kept no longer; returns how many."""
    gone = 0
    for job in ExportJob.objects.outdated(now).order_by("pk")[:500]:
        with transaction.atomic():
            mine = ExportJob.objects.outdated(now).filter(pk=job.pk)
            if mine.update(status=ExportStatus.EXPIRED, file="", updated_at=now):
                _place(job).unlink(missing_ok=True)
                record("export.expired", job, actor=None, changes={"status": (job.status, ExportStatus.EXPIRED.value)})
                gone += 1
    return gone


def run_export(pk: int, *, clock: Clock) -> bool:
    """Claim the job and write its file; False if there is nothing to claim. May be called any number of times."""
    job = _claim(pk, clock())
    if job is None:
        return False
    zone = users_zone(job.user)
    with audit_context("job"), translation.override(job.language), timezone.override(zone):
        try:
            if job.attempts > MAX_ATTEMPTS:
                raise ExportWorkerDied(times=MAX_ATTEMPTS)
            _write(job, clock)
        except LostClaim:
            log.info("export %s: claimed by another worker or cancelled", job.pk)
        except DomainError as error:
            _finish(job, clock(), error=error)
        except Exception:  # whatever it is, the person who waits must hear of it; it is logged and raised again
            _finish(job, clock(), error=ExportBroken())
            raise
        finally:
            shutil.rmtree(_scratch(job), ignore_errors=True)
    return True


def _claim(pk: int, now: dt.datetime) -> ExportJob | None:
    """The job, if this worker is the one that gets it: one conditional UPDATE decides."""
    mine = ExportJob.objects.due(now, LEASE).filter(pk=pk)
    taken = mine.update(
        status=ExportStatus.RUNNING, claim=uuid.uuid4(), heartbeat_at=now, attempts=F("attempts") + 1, rows_done=0,
        updated_at=now,
    )  # fmt: skip
    return ExportJob.objects.select_related("user").get(pk=pk) if taken else None


def _write(job: ExportJob, clock: Clock) -> None:
    """Choose the rows once, then write them batch by batch; the right is asked for again now."""
    now = clock()
    export, asked = list_of(job.list_name, job.parameters, actor=job.user, now=now)
    keys = export.keys(asked)
    _require_bounded(len(keys))
    job.rows_expected = len(keys)
    _take_over(job)
    with writing(_scratch(job) / FILE, job.file_format, job.title, export.columns(asked)) as table:
        for batch in exports.batches(keys):
            for row in export.rows(batch, asked):
                table.row(row)
                job.rows_done += 1
            _reached(job, clock())
    _reached(job, clock())
    _finish(job, clock())


def _reached(job: ExportJob, now: dt.datetime) -> None:
    """A sign of life with the rows written. Raises LostClaim."""
    mine = ExportJob.objects.filter(pk=job.pk, claim=job.claim, status=ExportStatus.RUNNING)
    if not mine.update(rows_done=job.rows_done, rows_expected=job.rows_expected, heartbeat_at=now, updated_at=now):
        raise LostClaim


@transaction.atomic
def _finish(job: ExportJob, now: dt.datetime, *, error: DomainError | None = None) -> None:
    """Put the file in its place, or say why there is none; tell its owner. Not if the job is another worker's."""
    mine = ExportJob.objects.select_for_update().filter(pk=job.pk, claim=job.claim, status=ExportStatus.RUNNING)
    stored = mine.first()
    if stored is None:
        return
    stored.status, stored.finished_at = ExportStatus.FAILED if error else ExportStatus.DONE, now
    stored.rows_done, stored.rows_expected = job.rows_done, job.rows_expected
    if error is not None:
        stored.error_code, stored.error_params = error.code, error.params
        _tell(stored, "export_failed", error=str(error))
    else:
        place = _place(stored)
        stored.size = (_scratch(job) / FILE).stat().st_size
        (_scratch(job) / FILE).replace(place)
        stored.file = str(place.relative_to(settings.MEDIA_ROOT))
        stored.expires_at = now + dt.timedelta(days=settings.EXPORT_DAYS)
        _tell(stored, "export_ready", rows=stored.rows_done)
    stored.save()
    changes = {"status": (ExportStatus.RUNNING.value, stored.status), "rows": (None, stored.rows_done)}
    record("export.finished", stored, actor=job.user, changes=changes, reason=stored.message)


def _tell(job: ExportJob, kind: str, **params: object) -> None:
    params["list"] = job.title
    notify([job.user], kind, params=params, url=job.get_absolute_url(), key=f"export:{job.pk}")


def _require_bounded(rows: int) -> None:
    if rows > settings.EXPORT_MAX_ROWS:
        raise TooManyExportRows(rows=rows, limit=settings.EXPORT_MAX_ROWS)
    if not rows:
        raise NothingToExport


def _place(job: ExportJob) -> Path:
    """Where its file is kept: one place, whoever writes it; no page serves it but the download."""
    return Path(settings.MEDIA_ROOT) / FOLDER / f"{job.file_key}.{job.file_format}"


def _scratch(job: ExportJob) -> Path:
    """The folder in which this worker writes; the next one tidies up what a dead one left."""
    return Path(settings.MEDIA_ROOT) / FOLDER / f"{job.file_key}.{job.claim}.part"


def _take_over(job: ExportJob) -> None:
    for left in _scratch(job).parent.glob(f"{job.file_key}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    _scratch(job).mkdir(parents=True)


def _plain(query: QueryDict) -> QueryDict:
    """The filters and the order alone."""
    kept = query.copy()
    for name in PAGING:
        kept.pop(name, None)
    for name in [name for name, values in kept.lists() if not any(values)]:
        kept.pop(name)
    return kept
