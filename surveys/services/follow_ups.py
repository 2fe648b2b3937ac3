"""A follow-up worked on by people: the customer contacted, what was found out and done, closed, opened again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils import formats

from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.services import diff, record, snapshot
from contacts.models import Contact
from interactions.choices import Kind, Outcome
from interactions.errors import InteractionElsewhere, ReasonNeeded
from interactions.models import Interaction
from interactions.moments import zone_of
from interactions.services import log_interaction
from surveys.choices import FollowUpKind, FollowUpOutcome, FollowUpStatus
from surveys.errors import (
    ActionTooLong,
    AnotherFollowUp,
    ContactTooEarly,
    FollowUpClosed,
    FollowUpIncomplete,
    FollowUpNotClosed,
    NoContact,
    NotContacted,
    OutcomeUnfit,
)
from surveys.models import FollowUp
from surveys.services.closing import due_at
from users.models import User

MAX_ACTION = 5000
OUTCOMES = {
    FollowUpKind.RECOVERY: (
        FollowUpOutcome.SOLVED,
        FollowUpOutcome.IMPROVED,
        FollowUpOutcome.NOT_SOLVED,
        FollowUpOutcome.NO_ISSUE,
    ),
    FollowUpKind.REFERENCE: (FollowUpOutcome.REFERENCE_GIVEN, FollowUpOutcome.REFERENCE_REFUSED),
}
"""How each kind of follow-up may end."""


@dataclass(frozen=True)
class Findings:
    """What was found out and done: the cause (`Cause`), what was done, whether the customer was told, the outcome."""

    cause: str = ""
    action: str = ""
    customer_told: bool = False
    outcome: str = ""


@transaction.atomic
def log_contact(
    follow_up: FollowUp,
    interaction: Interaction,
    *,
    contacts: Iterable[Contact] = (),
    actor: User | None,
    now: dt.datetime,
) -> FollowUp:
    """The customer was contacted: log `interaction` (unsaved, with `contacts`), or link one that is logged already.

    The first contact counts for the time it took; a later one is linked in its place. Somebody who was not reached
    was not contacted: the try is linked, the follow-up stays open. Raises FollowUpClosed, AccountReadOnly, NoContact
    (a note), ContactTooEarly, InteractionElsewhere, and what `log_interaction` raises.
    """
    _lock_open(follow_up, actor)
    _check_contact(follow_up, interaction, actor)
    if interaction.pk is None:
        interaction = log_interaction(interaction, actor=actor, now=now, contacts=contacts)
    before = snapshot(follow_up)
    follow_up.interaction = interaction
    reached = interaction.outcome != Outcome.NOT_REACHED
    if reached:
        follow_up.status = FollowUpStatus.CONTACTED
        follow_up.contacted_at = follow_up.contacted_at or max(interaction.occurred_at, follow_up.opened_at)
    follow_up.save(update_fields=["interaction", "status", "contacted_at", "updated_at"])
    action = "follow_up.contacted" if reached else "follow_up.attempted"
    record(action, follow_up, actor=actor, changes=diff(before, follow_up))
    return follow_up


@transaction.atomic
def save_findings(follow_up: FollowUp, findings: Findings, *, actor: User | None) -> FollowUp:
    """Keep what is known so far; the follow-up stays open. Raises FollowUpClosed, AccountReadOnly, OutcomeUnfit,
    ActionTooLong."""
    _lock_open(follow_up, actor)
    before = snapshot(follow_up)
    _set(follow_up, findings)
    if changes := diff(before, follow_up):
        follow_up.save(update_fields=[*asdict(findings), "updated_at"])
        record("follow_up.updated", follow_up, actor=actor, changes=changes)
    return follow_up


@transaction.atomic
def close(follow_up: FollowUp, findings: Findings, *, actor: User | None, now: dt.datetime) -> FollowUp:
    """The loop is closed.

    Whom we win back was contacted, and it is known why they were unhappy, what was done, that they were told, and how
    it ended; of a reference only the outcome. Raises FollowUpClosed, AccountReadOnly, NotContacted,
    FollowUpIncomplete, OutcomeUnfit, ActionTooLong.
    """
    _lock_open(follow_up, actor)
    before = snapshot(follow_up) | {"status": follow_up.status}
    _set(follow_up, findings)
    _check_complete(follow_up)
    follow_up.status, follow_up.closed_at, follow_up.closed_by = FollowUpStatus.CLOSED, now, actor
    follow_up.save(update_fields=[*asdict(findings), "status", "closed_at", "closed_by", "updated_at"])
    record("follow_up.closed", follow_up, actor=actor, changes=diff(before, follow_up))
    return follow_up


@transaction.atomic
def reopen(follow_up: FollowUp, reason: str, *, actor: User | None, now: dt.datetime) -> FollowUp:
    """It was not settled after all: open again, with a new deadline from `now`; cause and action stay.

    Raises FollowUpNotClosed, AnotherFollowUp (a later answer has opened one), ReasonNeeded, AccountReadOnly.
    """
    _lock(follow_up, actor)
    if follow_up.status != FollowUpStatus.CLOSED:
        raise FollowUpNotClosed
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    before = snapshot(follow_up)
    follow_up.status = FollowUpStatus.CONTACTED if follow_up.contacted_at else FollowUpStatus.OPEN
    follow_up.closed_at = follow_up.closed_by = follow_up.escalated_at = None
    follow_up.customer_told, follow_up.outcome = False, ""
    follow_up.due_at = due_at(follow_up.account, follow_up.owner, now)
    try:
        with transaction.atomic():
            follow_up.save()
    except IntegrityError as error:
        raise AnotherFollowUp from error
    record("follow_up.reopened", follow_up, actor=actor, changes=diff(before, follow_up), reason=reason.strip()[:300])
    return follow_up


def _lock(follow_up: FollowUp, actor: User | None) -> None:
    """The same object, read anew, its row locked. Raises AccountReadOnly."""
    rows = FollowUp.objects.select_for_update(of=("self",))
    follow_up.refresh_from_db(from_queryset=rows.select_related("account", "campaign", "owner"))
    if actor is not None and not Account.objects.editable_by(actor).filter(pk=follow_up.account_id).exists():
        raise AccountReadOnly


def _lock_open(follow_up: FollowUp, actor: User | None) -> None:
    _lock(follow_up, actor)
    if follow_up.status == FollowUpStatus.CLOSED:
        raise FollowUpClosed


def _check_contact(follow_up: FollowUp, interaction: Interaction, actor: User | None) -> None:
    """What may stand for a contact after this answer. Minutes count, not seconds: people enter no more."""
    if interaction.account_id != follow_up.account_id:
        raise InteractionElsewhere(field="interaction")
    if interaction.kind == Kind.NOTE:
        raise NoContact(field="kind" if interaction.pk is None else "interaction")
    if interaction.occurred_at < follow_up.opened_at.replace(second=0, microsecond=0):
        local = follow_up.opened_at.astimezone(zone_of(actor))
        raise ContactTooEarly(field="occurred_at", moment=formats.date_format(local, "DATETIME_FORMAT"))


def _set(follow_up: FollowUp, findings: Findings) -> None:
    """What was typed, checked for what is possible at all."""
    for name, value in asdict(findings).items():
        setattr(follow_up, name, value.strip() if isinstance(value, str) else value)
    if len(follow_up.action) > MAX_ACTION:
        raise ActionTooLong(field="action", most=MAX_ACTION, count=len(follow_up.action))
    if follow_up.outcome and follow_up.outcome not in OUTCOMES[FollowUpKind(follow_up.kind)]:
        raise OutcomeUnfit(field="outcome")
    follow_up.clean_fields(exclude=["owner", "interaction", "closed_by", "account", "campaign"])


def _check_complete(follow_up: FollowUp) -> None:
    """Raises NotContacted, FollowUpIncomplete for the first thing that is missing."""
    needed: tuple[str, ...] = ("outcome",)
    if follow_up.kind == FollowUpKind.RECOVERY:
        if follow_up.contacted_at is None:
            raise NotContacted
        needed = ("cause", "action", "customer_told", "outcome")
    for name in needed:
        if not getattr(follow_up, name):
            raise FollowUpIncomplete(field=name)
