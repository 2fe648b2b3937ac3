"""Doors for the schedule, and for what is to be done right after a click."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from dashboards.services import company, exports, report_runs, schedules, scorecards


@shared_task
def run_report(pk: int) -> None:
    """Compute a report in the background, if that is still to do. Any number of messages for one do no harm."""
    with audit_context("job"):
        report_runs.do_run(pk, timezone.now)


@shared_task
def sweep_reports() -> None:
    """Every minute: ring again for reports that wait, or whose worker died; throw old files away."""
    now = timezone.now()
    for pk in report_runs.due_runs(now):
        run_report.delay(pk)
    with audit_context("job"):
        report_runs.throw_away(now)


@shared_task
def send_reports() -> None:
    """Every five minutes: the mails of schedules that have become due. A second call at once sends nothing twice."""
    with audit_context("job"):
        schedules.make_mails(timezone.now())
        schedules.send_due(timezone.now)


@shared_task
def run_export(pk: int) -> bool:
    """Write an export, if it is still waiting. Any number of messages for one job do no harm."""
    return exports.run_export(pk, clock=timezone.now)


@shared_task
def sweep_exports() -> int:
    """Every minute: ring again for exports that wait, or whose worker died, and take away files that are kept no
    longer; returns how many were rung for."""
    now = timezone.now()
    exports.take_away_outdated(now)
    due = exports.due_ids(now)
    for pk in due:
        run_export.delay(pk)
    return len(due)


@shared_task
def count_company() -> None:
    """Every night, after coverage and scores: the sums of the company's pages and the cockpit's months; every hour
    after that, where the night's count was killed. Running it again changes nothing."""
    now = timezone.now()
    company.count_night(today=timezone.localdate(now), now=now)


@shared_task
def compute_scorecards() -> None:
    """Every night: the scorecards that nobody has signed yet. Running it again changes nothing but the time."""
    now = timezone.now()
    with audit_context("job"):
        scorecards.compute_open(today=timezone.localdate(now), now=now)
