"""Reports in the background: asked for, claimed, computed, and thrown away after a week. The row is the queue."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from audit.services import record
from core.errors import DomainError
from dashboards.choices import Format, RunStatus
from dashboards.models import ReportRun
from dashboards.reports import charting, exporting, showing
from dashboards.reports.errors import InvalidReport, ReportBusy, ReportWithoutExport
from dashboards.reports.opening import Opened, asked_by, opened
from dashboards.reports.pdf import PdfPage
from dashboards.reports.running import BACKGROUND, PAGED, Listing, run
from notifications.services import notify
from users.models import User

Clock = Callable[[], dt.datetime]
STALE = dt.timedelta(minutes=15)
"""After which a worker that has said nothing is dead."""
MOST_OPEN, MOST_ATTEMPTS = 3, 3
KEPT = dt.timedelta(days=7)


@transaction.atomic
def ask_run(asked: ReportRun, *, actor: User) -> ReportRun:
    """Put a report into the queue. Raises ReportWithoutExport, ReportBusy, InvalidReport."""
    if asked.format != Format.PAGE and not actor.may_export:
        raise ReportWithoutExport
    found = opened(asked.definition)
    if found.problems or not found.can_run:
        raise InvalidReport(problems=" ".join(problem.text for problem in found.problems))
    User.objects.select_for_update().get(pk=actor.pk)  # of two clicks at once the second one counts the first
    if ReportRun.objects.filter(viewer=actor, status__in=(RunStatus.QUEUED, RunStatus.RUNNING)).count() >= MOST_OPEN:
        raise ReportBusy(count=MOST_OPEN)
    asked.viewer, asked.title = actor, asked.title[:200]
    asked.full_clean()
    asked.save()
    record("report_run.asked", asked, actor=actor, changes={"format": (None, asked.format)})
    return asked


def due_runs(now: dt.datetime) -> list[int]:
    """Those that wait, or whose worker has died."""
    return list(_claimable(now).order_by("pk").values_list("pk", flat=True))


def _claimable(now: dt.datetime) -> Any:
    stale = Q(status=RunStatus.RUNNING, claimed_at__lt=now - STALE)
    return ReportRun.objects.filter(Q(status=RunStatus.QUEUED) | stale)


def do_run(pk: int, clock: Clock) -> bool:
    """Claim a report and compute it; False where there is nothing to claim. After a kill it starts anew."""
    claimed = clock()
    taken = {"status": RunStatus.RUNNING, "claimed_at": claimed, "progress": 0, "attempts": F("attempts") + 1}
    if not _claimable(claimed).filter(pk=pk).update(**taken):
        return False
    work = _Work(ReportRun.objects.select_related("viewer__team").get(pk=pk), claimed, clock)
    zone, language = ZoneInfo(work.row.viewer.time_zone), work.row.viewer.language
    with timezone.override(zone), translation.override(language):
        try:
            work.compute()
        except DomainError as error:
            work.fail(str(error))
    return True


class _Work:
    """One claimed report."""

    def __init__(self, row: ReportRun, claimed: dt.datetime, clock: Clock) -> None:
        self.row, self.claimed, self.clock = row, claimed, clock

    def compute(self) -> None:
        row = self.row
        if row.attempts > MOST_ATTEMPTS:
            self.fail(_("The report was broken off several times."))
            return
        if not row.viewer.is_active or (row.format != Format.PAGE and not row.viewer.may_export):
            raise ReportWithoutExport
        found = opened(row.definition)
        definition, one = found.ready()
        self.tell(5)
        bounds = PAGED if row.format == Format.PAGE else BACKGROUND
        cell = {int(number): value for number, value in row.cell.items()} if row.cell else None
        result = run(definition, one, asked_by(row.viewer, self.claimed), bounds, cell=cell)
        self.tell(50)
        if row.format == Format.PAGE:
            self.finish(result=as_page(result, found), rows=_count(result))
        else:
            self._write(result, found)

    def _write(self, result: Any, found: Opened) -> None:
        row = self.row
        total = max(_count(result), 1)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"report.{row.format}"
            page = pdf_page(row.title, row.viewer, self.claimed)
            definition, one = found.ready()
            rows = exporting.write(
                path, row.format, page, result, definition, one,
                lambda count: self.tell(50 + 49 * count // total),
            )  # fmt: skip
            with path.open("rb") as content:
                self.finish(file=File(content, name=f"report-{row.pk}.{row.format}"), rows=rows)

    def tell(self, share: int) -> None:
        """How far it is; keeps the claim alive."""
        now = self.clock()
        mine = ReportRun.objects.filter(pk=self.row.pk, claimed_at=self.claimed)
        if mine.update(progress=min(share, 99), claimed_at=now):
            self.claimed = now

    def fail(self, error: str) -> None:
        self._end(RunStatus.FAILED, error=error[:300])

    def finish(self, *, rows: int, file: File[bytes] | None = None, result: dict[str, Any] | None = None) -> None:
        self._end(RunStatus.DONE, rows=rows, file=file, result=result)

    @transaction.atomic
    def _end(
        self, status: RunStatus, *, rows: int | None = None, error: str = "", file: Any = None, result: Any = None
    ) -> None:
        """Write what came of it, unless another worker has taken the report over."""
        row = ReportRun.objects.select_for_update().filter(pk=self.row.pk, claimed_at=self.claimed).first()
        if row is None:
            return
        row.status, row.error, row.rows, row.finished_at = status, error, rows, self.clock()
        row.progress = 100 if status == RunStatus.DONE else row.progress
        row.result = result or {}
        if file is not None:
            row.file.save(file.name, file, save=False)
        row.save()
        record("report_run.finished", row, actor=None, changes={"status": (RunStatus.RUNNING.value, status.value)})
        kind = "report_ready" if status == RunStatus.DONE else "report_failed"
        params = {"report": row.title, "rows": rows, "error": error}
        notify([self.row.viewer], kind, params=params, url=row.get_absolute_url(), key=f"report_run:{row.pk}")


def _count(result: Any) -> int:
    return result.count if isinstance(result, Listing) else len(result.rows)


def pdf_page(title: str, viewer: User, now: dt.datetime) -> PdfPage:
    """What stands around a file, in the active language and zone."""
    day = formats.date_format(timezone.localtime(now), "DATETIME_FORMAT")
    printed = _("KAM · for %(reader)s · as of %(date)s") % {"reader": viewer, "date": day}
    return PdfPage(title, "", printed, translation.get_language() or "en")


def as_page(result: Any, found: Opened) -> dict[str, Any]:
    """What the page of a report needs, as JSON: words only."""
    definition, one = found.ready()
    if isinstance(result, Listing):
        heads = [[showing.label_of(one, column.key), showing.is_number(column)] for column in result.columns]
        lines = [
            [pk, [asdict(showing.cell(column, value)) for column, value in zip(result.columns, values, strict=True)]]
            for pk, values in result.rows
        ]
        return {"heads": heads, "lines": lines, "count": result.count, "unpriced": result.unpriced}
    grid = asdict(showing.grid(result, definition, one))
    grid["across"] = len(grid["heads"]) // len(grid["spans"]) if grid["spans"] else 1
    about = {"more_groups": result.more_groups, "groups_shown": result.groups_shown, "unpriced": result.unpriced}
    return {"grid": grid, "table": about, "chart": charting.option(result, definition, one)}


def record_download(row: ReportRun, *, actor: User) -> None:
    """Record that somebody took the file out."""
    record("report_run.exported", row, actor=actor, changes={"rows": (None, row.rows), "format": (None, row.format)})


def throw_away(now: dt.datetime) -> int:
    """Delete what is older than a week, with its file. Returns how many."""
    old = list(ReportRun.objects.filter(created_at__lt=now - KEPT)[:200])
    for row in old:
        row.file.delete(save=False)
    ReportRun.objects.filter(pk__in=[row.pk for row in old]).delete()
    return len(old)
