"""An alert worked on by people: acknowledged, snoozed, commented on, given to somebody else, resolved, opened again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import formats

from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.services import diff, record, snapshot
from health.choices import AlertOutcome, AlertStatus, LostCause
from health.errors import (
    AlertAcknowledged,
    AlertNotResolved,
    AlertNotSnoozed,
    AlertOwnerUnfit,
    AlertResolved,
    AlertSnoozed,
    AlertTextEmpty,
    AlertTextTooLong,
    AnotherAlert,
    LostCauseNeeded,
    OutcomeUnknown,
    SnoozeDateWrong,
)
from health.models import AccountHealth, Alert, AlertComment
from health.services.alert_deadlines import Deadlines
from health.services.alert_notes import note
from health.services.alert_summary import refresh_alert_summaries
from health.services.policy import policy_now
from interactions.moments import local_date
from notifications.services import notify_many
from users.models import User

OUTCOMES = (AlertOutcome.SAVED, AlertOutcome.LOST, AlertOutcome.FALSE_ALARM)
"""How people can end an alert; withdrawing is the system's."""
MAX_TEXT = 5000
LONGEST_SNOOZE = dt.timedelta(days=366)


@transaction.atomic
def acknowledge_alert(alert: Alert, *, actor: User | None, now: dt.datetime) -> Alert:
    """Somebody takes care of it: it escalates no more. Also of one that is held back.

    Raises AlertResolved, AlertAcknowledged, AlertSnoozed, AccountReadOnly.
    """
    before = _lock_unresolved(alert, actor)
    if alert.status == AlertStatus.ACKNOWLEDGED:
        raise AlertAcknowledged(name=alert.acknowledged_by or "–")
    if alert.status == AlertStatus.SNOOZED and alert.snoozed_until is not None:
        raise AlertSnoozed(date=formats.date_format(alert.snoozed_until, "DATE_FORMAT"))
    if alert.due_at is None:
        _open(alert, now)
    alert.status, alert.acknowledged_at, alert.acknowledged_by = AlertStatus.ACKNOWLEDGED, now, actor
    return _keep("alert.acknowledged", alert, before, actor)


@transaction.atomic
def snooze_alert(alert: Alert, until: dt.date, *, actor: User | None, now: dt.datetime) -> Alert:
    """Let it rest until the day `until`, whatever fires meanwhile; one that rests already rests until then.

    Raises AlertResolved, SnoozeDateWrong (field `until`), AccountReadOnly.
    """
    before = _lock_unresolved(alert, actor)
    today = local_date(now, actor)
    if not today < until <= today + LONGEST_SNOOZE:
        raise SnoozeDateWrong(field="until")
    alert.status, alert.snoozed_until = AlertStatus.SNOOZED, until
    return _keep("alert.snoozed", alert, before, actor)


@transaction.atomic
def wake_alert(alert: Alert, *, actor: User | None, now: dt.datetime) -> Alert:
    """It rests no longer, with a new deadline. Raises AlertResolved, AlertNotSnoozed, AccountReadOnly."""
    before = _lock_unresolved(alert, actor)
    if alert.status != AlertStatus.SNOOZED:
        raise AlertNotSnoozed
    alert.status, alert.snoozed_until = AlertStatus.OPEN, None
    _renew_deadline(alert, now)
    return _keep("alert.woken", alert, before, actor)


@transaction.atomic
def comment_on_alert(alert: Alert, text: str, *, actor: User, now: dt.datetime) -> AlertComment:
    """Note something beside it, whatever its state; the owner is told of what others wrote.

    Raises AlertTextEmpty, AlertTextTooLong (field `text`), AccountReadOnly.
    """
    _lock(alert, actor)
    text = _text(text, "text")
    if not text:
        raise AlertTextEmpty(field="text")
    comment = AlertComment.objects.create(alert=alert, author=actor, text=text, created_at=now)
    record("alert.commented", alert, actor=actor, changes={"comment": (None, text[:300])})
    if alert.owner is not None and alert.owner != actor:
        notify_many([note(alert, "alert_commented", [alert.owner], now, actor=actor)])
    return comment


@transaction.atomic
def resolve_alert(
    alert: Alert,
    outcome: str,
    *,
    actor: User | None,
    now: dt.datetime,
    lost_cause: str = "",
    resolution: str = "",
) -> Alert:
    """It is over: saved, lost (with the cause) or a false alarm. The cause of anything else is dropped.

    Raises AlertResolved, OutcomeUnknown (field `outcome`), LostCauseNeeded (field `lost_cause`), AlertTextTooLong
    (field `resolution`), AccountReadOnly.
    """
    before = _lock_unresolved(alert, actor)
    if outcome not in OUTCOMES:
        raise OutcomeUnknown(field="outcome")
    if outcome == AlertOutcome.LOST and lost_cause not in LostCause.values:
        raise LostCauseNeeded(field="lost_cause")
    alert.resolution = _text(resolution, "resolution")
    alert.status, alert.outcome, alert.snoozed_until = AlertStatus.RESOLVED, outcome, None
    alert.lost_cause = lost_cause if outcome == AlertOutcome.LOST else ""
    alert.resolved_at, alert.resolved_by = now, actor
    return _keep("alert.resolved", alert, before, actor)


@transaction.atomic
def reopen_alert(alert: Alert, *, actor: User | None, now: dt.datetime) -> Alert:
    """It is not over after all: open, with a new deadline; outcome and cause go, what happened stays to be read.

    Raises AlertNotResolved, AnotherAlert (one was raised since), AccountReadOnly.
    """
    # The night's job locks the account's score while it looks for alerts of the account: one after the other.
    list(AccountHealth.objects.select_for_update().filter(pk=alert.account_id).values_list("pk"))
    before = _lock(alert, actor)
    if alert.status != AlertStatus.RESOLVED:
        raise AlertNotResolved
    if Alert.objects.unresolved().filter(account=alert.account_id, reason=alert.reason).exists():
        raise AnotherAlert
    alert.status, alert.outcome, alert.lost_cause = AlertStatus.OPEN, "", ""
    alert.resolved_at, alert.resolved_by = None, None
    _renew_deadline(alert, now)
    return _keep("alert.reopened", alert, before, actor)


@transaction.atomic
def reassign_alert(alert: Alert, owner: User, *, actor: User | None, now: dt.datetime) -> Alert:
    """Somebody else is to act, and is told; the deadline stays. To the same owner nothing changes.

    Raises AlertResolved, AlertOwnerUnfit (field `owner`), AccountReadOnly.
    """
    before = _lock_unresolved(alert, actor)
    if not Account.objects.editable_by(owner).filter(pk=alert.account_id).exists():
        raise AlertOwnerUnfit(field="owner", name=owner)
    if alert.owner == owner:
        return alert
    alert.owner, alert.assigned_at = owner, now
    if owner != actor:
        notify_many([note(alert, "alert_assigned", [owner], now, actor=actor)])
    return _keep("alert.reassigned", alert, before, actor)


def _lock(alert: Alert, actor: User | None) -> dict[str, object]:
    """The same object, read anew, its row locked; returns its snapshot. Raises AccountReadOnly."""
    rows = Alert.objects.select_for_update(of=("self",))
    related = ("account", "owner", "acknowledged_by", "rule")
    alert.refresh_from_db(from_queryset=rows.select_related(*related))
    if actor is not None and not Account.objects.editable_by(actor).filter(pk=alert.account_id).exists():
        raise AccountReadOnly
    return snapshot(alert)


def _lock_unresolved(alert: Alert, actor: User | None) -> dict[str, object]:
    before = _lock(alert, actor)
    if alert.status == AlertStatus.RESOLVED:
        raise AlertResolved
    return before


def _open(alert: Alert, now: dt.datetime) -> None:
    """Its owner has it from now on."""
    alert.opened_at = now
    alert.due_at = Deadlines(policy_now()).of(alert.account, alert.owner, now)


def _renew_deadline(alert: Alert, now: dt.datetime) -> None:
    """It begins anew for its owner, whoever was told before."""
    alert.due_at = Deadlines(policy_now()).of(alert.account, alert.owner, now)
    alert.escalation, alert.escalated_at = 0, None


def _keep(action: str, alert: Alert, before: dict[str, object], actor: User | None) -> Alert:
    changes = diff(before, alert)
    alert.save(update_fields=[*changes, "updated_at"])
    record(action, alert, actor=actor, changes=changes)
    refresh_alert_summaries([alert.account_id])
    return alert


def _text(text: str, field: str) -> str:
    """Tidied. Raises AlertTextTooLong."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise AlertTextTooLong(field=field, most=MAX_TEXT, count=len(text))
    return text
