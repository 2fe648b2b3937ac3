"""Alerts watched by day: snoozes end, managers change, nobody acts; in batches, each thing once, any time again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.choices import Status
from accounts.models import ManagerAssignment
from audit.services import entry, record_many
from health.choices import ACTIVE_ALERTS, AlertStatus
from health.models import Alert
from health.services.alert_deadlines import Deadlines
from health.services.alert_load import share_load
from health.services.alert_notes import note
from health.services.alert_owners import Responsible
from health.services.alert_summary import refresh_alert_summaries
from health.services.alert_withdrawing import withdraw_ended
from health.services.policy import policy_now
from notifications.services import notify_many
from users.leaders import Leaders
from users.models import User

BATCH = 500
TERMINATED = Q(account__status=Status.TERMINATED)
SUPERVISOR, DIRECTOR = 1, 2
"""Who was told that nobody acts."""


class Watched(NamedTuple):
    """How many alerts woke, were handed over, escalated, opened because there was room, withdrawn."""

    woken: int
    handed_over: int
    escalated: int
    opened: int
    withdrawn: int


def watch_alerts(now: dt.datetime) -> Watched:
    """Everything that jobs do to alerts between two nights. The same moment twice changes nothing."""
    withdrawn = withdraw_ended(now)
    handed_over = hand_over_alerts(now)
    woken = wake_snoozed(now)
    opened = share_load(now).opened
    return Watched(woken, handed_over, escalate_alerts(now), opened, withdrawn)


def wake_snoozed(now: dt.datetime) -> int:
    """Open again what rested until today, with a new deadline; returns how many."""
    waking, deadlines, done = Alert.objects.waking(timezone.localdate(now)), Deadlines(policy_now()), 0
    for keys in _batches(waking.exclude(TERMINATED)):
        with transaction.atomic():
            rows = _locked(waking.filter(pk__in=keys))
            for row in rows:
                row.status, row.escalation, row.escalated_at = AlertStatus.OPEN, 0, None
                row.due_at = deadlines.of(row.account, row.owner, now)
            _keep(rows, ("status", "escalation", "escalated_at", "due_at", "snoozed_until"), now, "alert.woken", {
                row.pk: {"snoozed_until": (row.snoozed_until, None)} for row in rows
            })  # fmt: skip
            notify_many(note(row, "alert_woken", [row.owner], now) for row in rows if row.owner)
            done += len(rows)
    return done


def hand_over_alerts(now: dt.datetime, owner: User | None = None) -> int:
    """Give unresolved alerts (of `owner`, where given) to who answers for the account now; returns how many.

    That is whoever became its manager after the alert got its owner: what was given to somebody by hand since stays
    with them. Without a manager it is the supervisor above the last one, else a director. The deadline stays, but what
    the one before took care of, the new one has to acknowledge anew.
    """
    stranded = Alert.objects.unresolved().filter(_stranded())
    if owner is not None:
        stranded = Alert.objects.unresolved().filter(owner=owner)
    leaders, deadlines, moved = Leaders(), Deadlines(policy_now()), 0
    for keys in _batches(stranded.exclude(TERMINATED)):
        with transaction.atomic():
            rows = _locked(stranded.filter(pk__in=keys))
            heirs = Responsible([row.account for row in rows], leaders)
            changed, changes = [], {}
            for row in rows:
                heir = heirs.of(row.account)
                if heir is not None and heir.pk != row.owner_id:
                    changes[row.pk] = {"owner": (row.owner and str(row.owner), str(heir))}
                    _inherit(row, heir, deadlines, now)
                    changed.append(row)
            fields = ("owner", "assigned_at", "status", "due_at", "escalation", "escalated_at")
            _keep(changed, fields, now, "alert.handed_over", changes)
            active = [(row, row.owner) for row in changed if row.status in ACTIVE_ALERTS]
            notify_many(note(row, "alert_inherited", [heir], now) for row, heir in active if heir is not None)
            moved += len(changed)
    return moved


def escalate_alerts(now: dt.datetime) -> int:
    """Tell the supervisor, once, of what nobody has acknowledged in time; later, once, a director. Returns how many."""
    leaders = Leaders()
    return _escalate_to_supervisor(leaders, now) + _escalate_to_director(leaders, now)


def _escalate_to_supervisor(leaders: Leaders, now: dt.datetime) -> int:
    late, done = _unheeded().filter(escalation=0, due_at__lt=now), 0
    for keys in _batches(late):
        with transaction.atomic():
            rows = _locked(late.filter(pk__in=keys))
            told = {row.pk: leaders.above(row.owner or row.account.manager) for row in rows}
            for row in rows:
                row.escalation = DIRECTOR if told[row.pk] == leaders.directors else SUPERVISOR
            _escalated(rows, told, "alert_escalated", now)
            done += len(rows)
    return done


def _escalate_to_director(leaders: Leaders, now: dt.datetime) -> int:
    """Working hours are at least hours by the clock: only what was escalated so long ago is looked at."""
    policy = policy_now()
    deadlines, since = Deadlines(policy), now - dt.timedelta(hours=policy.director_after_hours)
    late, done = _unheeded().filter(escalation=SUPERVISOR, escalated_at__lte=since), 0
    for keys in _batches(late):
        with transaction.atomic():
            rows = [
                row
                for row in _locked(late.filter(pk__in=keys))
                if deadlines.of_director(row.account, row.owner, row.escalated_at or now) <= now
            ]
            for row in rows:
                row.escalation = DIRECTOR
            told = {row.pk: leaders.directors for row in rows}
            _escalated(rows, told, "alert_escalated_further", now)
            done += len(rows)
    return done


def _unheeded() -> Any:
    """Open, and nobody takes care of it; whose reason is gone by itself is no emergency."""
    rows = Alert.objects.filter(status=AlertStatus.OPEN, cleared_on__isnull=True)
    return rows.exclude(TERMINATED)


def _escalated(rows: list[Alert], told: dict[int, list[User]], kind: str, now: dt.datetime) -> None:
    for row in rows:
        row.escalated_at = now
    changes = {row.pk: {"escalation": (None, ", ".join(map(str, told[row.pk])))} for row in rows}
    _keep(rows, ("escalation", "escalated_at"), now, "alert.escalated", changes)
    notify_many(note(row, kind, told[row.pk], row.due_at or now) for row in rows)


def _stranded() -> Q:
    """With nobody, with somebody who left, or from before the account got its manager or lost its last one."""
    since = Coalesce(OuterRef("assigned_at"), OuterRef("opened_at"))
    own = ManagerAssignment.objects.filter(account=OuterRef("account")).order_by()
    came = Exists(own.filter(until_date__isnull=True, created_at__gt=since))
    had = Exists(own.filter(manager=OuterRef("owner"), until_date__isnull=False))
    changed = Q(account__manager__isnull=False) & ~Q(owner=F("account__manager")) & Q(came)
    return Q(owner__isnull=True) | Q(owner__is_active=False) | changed | (Q(account__manager__isnull=True) & Q(had))


def _inherit(row: Alert, heir: User, deadlines: Deadlines, now: dt.datetime) -> None:
    row.owner, row.assigned_at = heir, now
    if row.status == AlertStatus.ACKNOWLEDGED:
        row.status, row.escalation, row.escalated_at = AlertStatus.OPEN, 0, None
        row.due_at = deadlines.of(row.account, heir, now)


def _keep(rows: list[Alert], fields: tuple[str, ...], now: dt.datetime, action: str, changes: Any) -> None:
    """Store them with an entry each, and what the accounts say of them."""
    if not rows:
        return
    if "snoozed_until" in fields:
        for row in rows:
            row.snoozed_until = None
    for row in rows:
        row.updated_at = now
    Alert.objects.bulk_update(rows, [*fields, "updated_at"])
    record_many(entry(action, row, actor=None, changes=changes[row.pk]) for row in rows)
    refresh_alert_summaries({row.account_id for row in rows})


def _batches(rows: Any) -> Iterator[list[int]]:
    """The keys of the rows as they are now, in keyset batches."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield keys
        last = keys[-1]


def _locked(rows: Any) -> list[Alert]:
    """Still so when their turn comes: locked, with what is told about them."""
    found = rows.select_related("account__manager__team", "owner__team").defer("evidence", "evidence_now")
    return list(found.order_by("pk").select_for_update(of=("self",)))
