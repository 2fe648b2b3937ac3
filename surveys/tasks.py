"""Doors for the schedule, and for what is to be done right after a click."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from surveys.services import earlier, escalation, jobs, outbox, satisfaction, waves


@shared_task
def run_survey_jobs() -> None:
    """Every night: asks, reminds, closes, adds up, escalates. A second call on the same day changes nothing; nights
    that were missed are caught up."""
    now = timezone.now()
    with audit_context("job"):
        jobs.run_surveys(today=timezone.localdate(now), now=now)


@shared_task
def ask_due() -> None:
    """Ask whom running campaigns ask by now: an asking that was killed goes on, an event of the day is not waited for
    until the night."""
    now = timezone.now()
    with audit_context("job"):
        waves.ask_due(today=timezone.localdate(now), now=now)


@shared_task
def ask_campaign(campaign_id: int) -> None:
    """Rung when a campaign starts or goes on; where the bell is not heard, `ask_due` comes by."""
    now = timezone.now()
    with audit_context("job"):
        waves.ask(campaign_id, today=timezone.localdate(now), now=now)


@shared_task
def send_mails() -> None:
    """Send what is due in the outbox, at the rate of the policy. Any number may run at once, and be killed."""
    with audit_context("job"):
        outbox.send_due(timezone.now)


@shared_task
def score_answers() -> None:
    """Bring the scores of accounts up to the answers of the last minute; those of a standstill are not forgotten."""
    with audit_context("job"):
        satisfaction.score_answers(today=timezone.localdate(timezone.now()))


@shared_task
def watch_follow_ups() -> None:
    """Give follow-ups to new account managers, tell supervisors of those that are late: deadlines are hours, so this
    does not wait for the night."""
    with audit_context("job"):
        escalation.watch_follow_ups(now=timezone.now())


@shared_task
def run_earlier_import(pk: int) -> None:
    """Rung when a large file of earlier results is to be written; the row is the queue."""
    now = timezone.now()
    with audit_context("job"):
        earlier.run_earlier(pk, now=now, today=timezone.localdate(now))


@shared_task
def sweep_earlier_imports() -> None:
    """Ring again for the files that wait, and for those whose worker died."""
    for pk in earlier.waiting_earlier(timezone.now()):
        run_earlier_import.delay(pk)
