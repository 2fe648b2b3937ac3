"""A playbook at work at an account: started, stopped, ended. What its tasks go through is in `playbook_tasks`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db import IntegrityError, transaction

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.services import entry, record, record_many
from core.workdays import country_code, work_calendars
from health.choices import PlaybookRunStatus, StepStatus
from health.models import AccountHealth, Alert, Playbook, PlaybookRun, PlaybookTask
from health.playbook_errors import (
    AlertElsewhere,
    PlaybookEmpty,
    PlaybookInactive,
    PlaybookRunning,
    RunEnded,
    StopReasonNeeded,
)
from health.playbook_owners import Owners
from health.playbook_steps import Step, due_date, horizon
from health.services.playbooks import steps_of
from health.texts import in_language
from notifications.services import Note, notify_many
from users.models import User


@transaction.atomic
def start_playbook(
    playbook: Playbook, account: Account, *, alert: Alert | None = None, actor: User | None, today: dt.date
) -> PlaybookRun:
    """Put a playbook to work at an account: each step becomes a task of somebody's, with a due working day.

    Raises AccountReadOnly, PlaybookInactive, PlaybookEmpty, AlertElsewhere, PlaybookRunning.
    """
    _check_account(account, actor)
    if alert is not None and alert.account_id != account.pk:
        raise AlertElsewhere(field="alert")
    if not playbook.is_active:
        raise PlaybookInactive(field="playbook")
    steps = steps_of(playbook)
    if not steps:
        raise PlaybookEmpty(field="playbook")
    rows = Account.objects.filter(pk=account.pk).select_related("manager__team")
    try:
        with transaction.atomic():
            run = _put_to_work(playbook, steps, list(rows), alert=alert, actor=actor, today=today)[0]
    except IntegrityError as error:
        raise PlaybookRunning(field="playbook") from error
    return run


@transaction.atomic
def start_for_stage(playbook: Playbook, accounts: Collection[int], *, today: dt.date) -> int:
    """Put a playbook to work at accounts that have entered a stage, in sets; where it runs already it stays as it is.
    Returns how many."""
    steps = steps_of(playbook)
    busy = PlaybookRun.objects.running().filter(playbook=playbook, account__in=accounts).order_by().values("account")
    rows = Account.objects.filter(pk__in=accounts).exclude(pk__in=busy).exclude(status=Status.TERMINATED)
    found = list(rows.select_related("manager__team").order_by("pk").select_for_update(of=("self",)))
    return len(_put_to_work(playbook, steps, found, alert=None, actor=None, today=today)) if found and steps else 0


@transaction.atomic
def stop_playbook(run: PlaybookRun, reason: str, *, actor: User | None, now: dt.datetime) -> PlaybookRun:
    """It is not gone on with; what is open of it stays as it is. Raises RunEnded, StopReasonNeeded, AccountReadOnly."""
    lock_run(run)
    _check_account(run.account, actor)
    if run.status != PlaybookRunStatus.RUNNING:
        raise RunEnded
    if not reason.strip():
        raise StopReasonNeeded(field="reason")
    return _end(run, PlaybookRunStatus.STOPPED, actor, now, reason.strip()[:300])


def finish_if_done(run: PlaybookRun, *, actor: User | None, now: dt.datetime) -> bool:
    """It ends with its last open task; the run is locked. Says whether it has ended."""
    if PlaybookTask.objects.filter(run=run, status=StepStatus.OPEN).exists():
        return False
    _end(run, PlaybookRunStatus.DONE, actor, now, "")
    return True


def lock_run(run: PlaybookRun) -> None:
    """The same object, read anew, its row locked."""
    rows = PlaybookRun.objects.select_for_update(of=("self",)).select_related("account__manager__team", "playbook")
    run.refresh_from_db(from_queryset=rows)


def _check_account(account: Account, actor: User | None) -> None:
    """Raises AccountReadOnly: not for this user, or the relationship has ended."""
    if actor is None:
        if account.status == Status.TERMINATED:
            raise AccountReadOnly
    elif not Account.objects.editable_by(actor).filter(pk=account.pk).exists():
        raise AccountReadOnly


def _end(run: PlaybookRun, status: PlaybookRunStatus, actor: User | None, now: dt.datetime, reason: str) -> PlaybookRun:
    before, run.status, run.ended_at = run.status, status, now
    run.save(update_fields=["status", "ended_at", "updated_at"])
    action = "playbook_run.stopped" if status == PlaybookRunStatus.STOPPED else "playbook_run.finished"
    record(action, run, actor=actor, changes={"status": (before, str(status))}, reason=reason)
    return run


def _put_to_work(
    playbook: Playbook,
    steps: Sequence[Step],
    accounts: Sequence[Account],
    *,
    alert: Alert | None,
    actor: User | None,
    today: dt.date,
) -> list[PlaybookRun]:
    """The runs with their tasks, recorded and told, in a number of statements that does not grow with the accounts."""
    scores = dict(AccountHealth.objects.filter(account__in=accounts).order_by().values_list("account_id", "score"))
    runs = PlaybookRun.objects.bulk_create(
        [
            PlaybookRun(
                playbook=playbook,
                account=account,
                alert=alert,
                started_on=today,
                started_by=actor,
                score_at_start=scores.get(account.pk),
            )
            for account in accounts
        ]
    )
    tasks = PlaybookTask.objects.bulk_create(_tasks(runs, steps, today), batch_size=500)
    record_many(
        entry("playbook_run.started", run, actor=actor, changes={"playbook": (None, str(playbook))}) for run in runs
    )
    notify_many(_told(tasks, actor))
    return runs


def _tasks(runs: Sequence[PlaybookRun], steps: Sequence[Step], today: dt.date) -> list[PlaybookTask]:
    accounts = [run.account for run in runs]
    owners = Owners(accounts, today)
    calendars = work_calendars({country_code(account.country) for account in accounts}, *horizon(today))
    return [
        PlaybookTask(
            run=run,
            position=number,
            titles=step.titles,
            role=step.role,
            owner=owners.of(run.account, step.role),
            due_date=due_date(calendars[country_code(run.account.country)], today, step.due_days),
            checklist=[{"text": dict(text), "done": False} for text in step.checklist],
            template=step.template,
        )
        for run in runs
        for number, step in enumerate(steps, start=1)
    ]


def _told(tasks: Iterable[PlaybookTask], actor: User | None) -> list[Note]:
    """Who did not start it themselves hears of it once, whatever the number of their tasks."""
    first: dict[tuple[int, int], PlaybookTask] = {}
    for task in tasks:
        if task.owner is not None and task.owner != actor:
            first.setdefault((task.run_id, task.owner.pk), task)
    return [note_of(task, "playbook_started", "started") for task in first.values()]


def note_of(task: PlaybookTask, kind: str, key: str) -> Note:
    """What the owner of a task is told about it."""
    run, owner = task.run, task.owner
    language = owner.language if owner is not None else None
    params = {
        "account": run.account.name,
        "playbook": in_language(run.playbook.names, language),
        "task": in_language(task.titles, language),
        "due_date": task.due_date,
    }
    return Note([owner] if owner else [], kind, params, run.get_absolute_url(), f"playbook_run:{run.pk}:{key}")
