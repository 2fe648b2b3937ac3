"""Playbooks watched by the nightly job: started where accounts have entered a stage, handed on with the accounts,
stopped where the relationship has ended; in batches, any time again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.choices import Status
from accounts.models import Account, AccountMember, ManagerAssignment
from audit.models import AuditEntry
from audit.services import entry, record_many
from health.choices import PlaybookRunStatus, StepRole
from health.models import Playbook, PlaybookRun, PlaybookTask
from health.playbook_owners import Owners
from health.services.playbook_runs import note_of, start_for_stage
from health.services.shipped_playbooks import ensure_playbooks
from notifications.services import notify_many
from users.models import Role, User

BATCH = 500
LOOKS_BACK = dt.timedelta(days=30)
"""How far back a stage that was entered still starts its playbook, should the job have stood still."""


class Watched(NamedTuple):
    """What a night did."""

    started: int
    handed_over: int
    stopped: int


def watch_playbooks(today: dt.date, now: dt.datetime) -> Watched:
    """Everything that jobs do to playbooks. The same night twice changes nothing."""
    ensure_playbooks()
    stopped = stop_at_ended_relationships(now)
    return Watched(start_at_stages(today, now), hand_over_tasks(today), stopped)


def start_at_stages(today: dt.date, now: dt.datetime) -> int:
    """Start the playbooks that belong to a stage where an account has entered it (as the audit dates it) and still is
    in it: once for each time. Returns how many.

    Accounts that are made in a stage, as by an import, have not entered it.
    """
    playbooks = [row for row in Playbook.objects.active().filter(starts_at_stage=True) if row.stages]
    if not playbooks:
        return 0
    entered = _entered(now - LOOKS_BACK)
    started = 0
    for playbook in playbooks:
        wanted = {
            pk: at for pk, (stage, at) in entered.items() if stage in playbook.stages and at >= playbook.created_at
        }
        keys = sorted(wanted)
        for at in range(0, len(keys), BATCH):
            started += start_for_stage(playbook, _due(playbook, keys[at : at + BATCH], wanted), today=today)
    return started


def hand_over_tasks(today: dt.date, owner: User | None = None) -> int:
    """Give open tasks of those who are not there any more for the account (or all of `owner`) to who has the role now;
    returns how many. The day stays: the customer's matter has not become younger."""
    rows = PlaybookTask.objects.open()
    rows = rows.filter(owner=owner) if owner is not None else rows.filter(_stranded())
    moved = 0
    for keys in _batches(rows):
        with transaction.atomic():
            moved += _hand_over(rows.filter(pk__in=keys), today)
    return moved


def stop_at_ended_relationships(now: dt.datetime) -> int:
    """Stop what runs at accounts whose relationship has ended; returns how many."""
    rows = PlaybookRun.objects.running().filter(account__status=Status.TERMINATED)
    stopped = 0
    for keys in _batches(rows):
        with transaction.atomic():
            found = list(rows.filter(pk__in=keys).select_related("account", "playbook").select_for_update(of=("self",)))
            PlaybookRun.objects.filter(pk__in=[run.pk for run in found]).update(
                status=PlaybookRunStatus.STOPPED, ended_at=now, updated_at=now
            )
            changes = {"status": (PlaybookRunStatus.RUNNING.value, PlaybookRunStatus.STOPPED.value)}
            record_many(entry("playbook_run.stopped", run, actor=None, changes=changes) for run in found)
            stopped += len(found)
    return stopped


def _entered(since: dt.datetime) -> dict[int, tuple[str, dt.datetime]]:
    """The stage that each account has entered last, and when, as far as that was since then."""
    entries = AuditEntry.objects.filter(
        action="account.updated", object_type=Account._meta.label_lower, at__gte=since, changes__has_key="stage"
    )
    found = {}
    for account, changes, at in entries.order_by("at", "pk").values_list("object_id", "changes", "at").iterator():
        found[account] = (changes["stage"][1], at)
    return found


def _due(playbook: Playbook, keys: list[int], wanted: dict[int, dt.datetime]) -> list[int]:
    """Of these accounts, those that are in the stage still, and had no run since they entered it."""
    runs = PlaybookRun.objects.filter(playbook=playbook, account__in=keys).order_by("created_at")
    last = dict(runs.values_list("account_id", "created_at"))
    still = Account.objects.filter(pk__in=keys, stage__in=playbook.stages).order_by("pk").values_list("pk", flat=True)
    return [pk for pk in still if pk not in last or last[pk] < wanted[pk]]


def _stranded() -> Q:
    """Tasks without an owner, or of somebody who has left; of somebody who managed the account since the playbook
    began, or stood in for a manager, and does not any more."""
    account = OuterRef("run__account")
    former = ManagerAssignment.objects.filter(
        account=account, manager=OuterRef("owner"), until_date__gte=OuterRef("run__started_on")
    )
    newer = ManagerAssignment.objects.filter(
        account=account, until_date__isnull=True, created_at__gt=OuterRef("updated_at")
    )
    member = AccountMember.objects.filter(account=account, user=OuterRef("owner"))
    stands_in = Q(role=StepRole.MANAGER, owner__role__in=[Role.SUPERVISOR, Role.DIRECTOR]) & Exists(newer)
    not_theirs = Q(run__account__manager__isnull=True) | ~Q(owner=F("run__account__manager"))
    elsewhere = (Exists(former) | stands_in) & ~Exists(member) & not_theirs
    return Q(owner=None) | Q(owner__is_active=False) | elsewhere


def _hand_over(rows: Any, today: dt.date) -> int:
    found = list(
        rows.select_related("run__account__manager__team", "run__playbook", "owner")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    owners = Owners({task.run.account_id: task.run.account for task in found}.values(), today)
    changed = []
    for task in found:
        heir, old = owners.of(task.run.account, task.role), task.owner
        if heir is not None and heir != old:
            task.owner = heir
            changed.append((task, old))
    PlaybookTask.objects.bulk_update([task for task, _old in changed], ["owner"])
    record_many(
        entry(
            "playbook_task.handed_over",
            task,
            actor=None,
            account_id=task.run.account_id,
            changes={"owner": (old and str(old), str(task.owner))},
        )
        for task, old in changed
    )
    notify_many(note_of(task, "playbook_inherited", f"inherited:{today:%Y%m%d}") for task, _old in changed)
    return len(changed)


def _batches(rows: Any) -> Iterator[list[int]]:
    """The keys of the rows as they are now, in keyset batches."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield keys
        last = keys[-1]
