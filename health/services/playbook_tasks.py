"""The tasks of playbooks at accounts: ticked, done, skipped, opened again, given to somebody else, moved."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.services import record
from core.workdays import country_code, work_calendars
from health.choices import PlaybookRunStatus, StepStatus
from health.models import PlaybookTask
from health.playbook_errors import (
    NoSuchItem,
    OwnerSeesNothing,
    RunEnded,
    SkipReasonNeeded,
    TaskDueInPast,
    TaskDueTooFar,
    TaskNotOpen,
    TaskOpen,
)
from health.services.playbook_runs import finish_if_done, lock_run, note_of
from notifications.services import notify_many
from users.models import User

FURTHEST = dt.timedelta(days=730)


@transaction.atomic
def complete_task(task: PlaybookTask, note: str = "", *, actor: User | None, now: dt.datetime) -> PlaybookTask:
    """It is done; with the last open one the playbook ends. Raises TaskNotOpen, RunEnded, AccountReadOnly."""
    return _settle(task, StepStatus.DONE, note, actor, now)


@transaction.atomic
def skip_task(task: PlaybookTask, reason: str, *, actor: User | None, now: dt.datetime) -> PlaybookTask:
    """It does not fit this customer; `reason` says why. Raises TaskNotOpen, RunEnded, SkipReasonNeeded,
    AccountReadOnly."""
    if not reason.strip():
        raise SkipReasonNeeded(field="note")
    return _settle(task, StepStatus.SKIPPED, reason, actor, now)


@transaction.atomic
def reopen_task(task: PlaybookTask, *, actor: User | None) -> PlaybookTask:
    """It is to be done after all, while the playbook runs. Raises TaskOpen, RunEnded, AccountReadOnly."""
    _lock(task, actor)
    if task.status == StepStatus.OPEN:
        raise TaskOpen
    before, task.status, task.done_at, task.done_by = task.status, StepStatus.OPEN, None, None
    task.save(update_fields=["status", "done_at", "done_by", "updated_at"])
    _record("playbook_task.reopened", task, actor, status=(before, str(task.status)))
    return task


@transaction.atomic
def tick_item(task: PlaybookTask, number: int, *, done: bool, actor: User | None) -> PlaybookTask:
    """Tick an item of the checklist (from 0), or take the tick away. Raises NoSuchItem, TaskNotOpen, RunEnded,
    AccountReadOnly."""
    _lock(task, actor)
    _require_open(task)
    if not 0 <= number < len(task.checklist):
        raise NoSuchItem(field="item")
    if task.checklist[number]["done"] != done:
        task.checklist = [row | {"done": done} if at == number else row for at, row in enumerate(task.checklist)]
        task.save(update_fields=["checklist", "updated_at"])
        _record("playbook_task.ticked", task, actor, item=(None, number + 1), done=(not done, done))
    return task


@transaction.atomic
def reassign_task(task: PlaybookTask, owner: User, *, actor: User | None, today: dt.date) -> PlaybookTask:
    """Give it to somebody who sees the account. Raises OwnerSeesNothing, TaskNotOpen, RunEnded, AccountReadOnly."""
    _lock(task, actor, editors_only=True)
    _require_open(task)
    if not Account.objects.visible_to(owner, today).filter(pk=task.run.account_id).exists():
        raise OwnerSeesNothing(field="owner", name=owner.name)
    if task.owner_id != owner.pk:
        before, task.owner = task.owner, owner
        task.save(update_fields=["owner", "updated_at"])
        _record("playbook_task.reassigned", task, actor, owner=(before and str(before), str(owner)))
        if owner != actor:
            notify_many([note_of(task, "playbook_task_given", f"{task.pk}:{task.updated_at:%Y%m%d%H%M%S}")])
    return task


@transaction.atomic
def move_task(task: PlaybookTask, day: dt.date, *, actor: User | None, today: dt.date) -> PlaybookTask:
    """Due on another day, or on the first working day of the account's country after it. Raises TaskDueInPast,
    TaskDueTooFar, TaskNotOpen, RunEnded, AccountReadOnly."""
    _lock(task, actor, editors_only=True)
    _require_open(task)
    if day < today:
        raise TaskDueInPast(field="due_date")
    if day > today + FURTHEST:
        raise TaskDueTooFar(field="due_date")
    country = country_code(task.run.account.country)
    day = work_calendars([country], day, day + dt.timedelta(days=60))[country].next_working(day)
    if task.due_date != day:
        before, task.due_date = task.due_date, day
        task.save(update_fields=["due_date", "updated_at"])
        _record("playbook_task.moved", task, actor, due_date=(before, day))
    return task


@transaction.atomic
def change_task(
    task: PlaybookTask, *, owner: User | None, due_date: dt.date, actor: User | None, today: dt.date
) -> PlaybookTask:
    """Give it to `owner` (None: it stays whose it is) and move it to a day, each where it differs. Raises what
    `reassign_task` and `move_task` raise."""
    if owner is not None and owner.pk != task.owner_id:
        reassign_task(task, owner, actor=actor, today=today)
    if due_date != task.due_date:
        move_task(task, due_date, actor=actor, today=today)
    return task


def may_work(task: PlaybookTask, user: User, *, edits: bool) -> bool:
    """Who may tick and settle a task: who changes the account (`edits`), and whose task it is."""
    return edits or task.owner_id == user.pk


def _settle(task: PlaybookTask, status: StepStatus, note: str, actor: User | None, now: dt.datetime) -> PlaybookTask:
    _lock(task, actor)
    _require_open(task)
    task.status, task.note, task.done_at, task.done_by = status, note.strip()[:5000], now, actor
    task.save(update_fields=["status", "note", "done_at", "done_by", "updated_at"])
    action = "playbook_task.done" if status == StepStatus.DONE else "playbook_task.skipped"
    _record(action, task, actor, status=(StepStatus.OPEN.value, str(status)), reason=task.note[:300])
    finish_if_done(task.run, actor=actor, now=now)
    return task


def _lock(task: PlaybookTask, actor: User | None, *, editors_only: bool = False) -> None:
    """The task and its run, read anew and locked: run first, as everywhere. Raises AccountReadOnly, RunEnded."""
    run = task.run
    lock_run(run)
    task.refresh_from_db(from_queryset=PlaybookTask.objects.select_for_update(of=("self",)).select_related("owner"))
    task.run = run
    if actor is not None:
        own = Account.objects.filter(pk=run.account_id).exclude(status=Status.TERMINATED)
        edits = own.editable_by(actor).exists()
        sees = edits or own.visible_to(actor).exists()
        if not (sees and may_work(task, actor, edits=edits)) or (editors_only and not edits):
            raise AccountReadOnly
    if run.status != PlaybookRunStatus.RUNNING:
        raise RunEnded


def _require_open(task: PlaybookTask) -> None:
    if task.status != StepStatus.OPEN:
        raise TaskNotOpen


def _record(
    action: str, task: PlaybookTask, actor: User | None, *, reason: str = "", **changes: tuple[object, object]
) -> None:
    record(action, task, actor=actor, account_id=task.run.account_id, changes=changes, reason=reason)
