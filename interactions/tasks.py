"""Doors for the schedule and for work that pages leave behind."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from interactions import services
from interactions.services.coverage import record_coverage as write_coverage

NIGHT_IS_OVER = 4  # o'clock, in the company's time zone


@shared_task
def refresh_all_rhythms() -> int:
    """The dates of all accounts after another contact policy came into force; returns how many changed."""
    with audit_context("job"):
        return services.refresh_rhythms(None, today=timezone.localdate())


@shared_task
def plan_visits() -> None:
    """Every night: plan the next six weeks. A second call on the same day changes nothing.

    A new company gets the standard contact policy with its first night.
    """
    now = timezone.now()
    with audit_context("job"):
        services.ensure_default_contact_policy(now=now)
        services.plan_visits(timezone.localdate(now), now=now)


@shared_task
def plan_visits_of(user_ids: list[int]) -> None:
    """Plan for some people between two nights."""
    now = timezone.now()
    with audit_context("job"):
        services.plan_visits(timezone.localdate(now), now=now, user_ids=user_ids)


@shared_task
def carry_out_planning(pk: int) -> None:
    """Plan what somebody asked for, unless it is done. Any number of messages for one run do no harm."""
    with audit_context("job"):
        services.carry_out_planning(pk, now=timezone.now())


@shared_task
def sweep_planning() -> int:
    """Every quarter of an hour: go on with runs whose worker died, make up for a night without planning, and hand the
    visits of former managers over to their successors; returns how many runs it started."""
    now = timezone.localtime()
    dead = services.dead_runs(now)
    for pk in dead:
        carry_out_planning.delay(pk)
    if dead or now.hour < NIGHT_IS_OVER:
        return len(dead)
    if not services.is_planned(now.date()):
        plan_visits.delay()
        return 1
    successors = services.heirs(now.date())
    if successors:
        plan_visits_of.delay(successors)
    return min(len(successors), 1)


@shared_task
def record_coverage() -> int:
    """The month's row of coverage of every account, as it is today; returns how many."""
    return write_coverage(today=timezone.localdate())


@shared_task
def propose_greetings() -> int:
    """Several times a day, so that a night without a worker costs no birthday; returns how many are new."""
    with audit_context("job"):
        return services.propose_greetings(timezone.localdate())
