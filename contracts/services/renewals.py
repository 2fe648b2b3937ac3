"""Renewals decided by people: a successor drafted, lost with a reason, notice given, opened again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit.services import record
from contracts.choices import RenewalOutcome
from contracts.errors import NoticeNeeded, RenewalDecided, RenewalOpen, RenewedAlready
from contracts.models import Contract, Renewal
from contracts.services.amendments import renew_contract
from contracts.services.endings import give_notice
from contracts.services.guards import given_reason, require_decider
from contracts.services.renewal_signing import act, finish_step
from interactions.choices import StepStatus
from interactions.services import reopen_step
from users.models import User

OPEN = RenewalOutcome.OPEN


@transaction.atomic
def renew(renewal: Renewal, *, actor: User | None, today: dt.date, now: dt.datetime) -> Contract:
    """Draft the successor of the contract; the renewal stays open until it is signed, and no longer escalates.

    Raises RenewalDecided, and what `renew_contract` raises.
    """
    contract = _locked(renewal).contract
    successor = renew_contract(contract, actor=actor, today=today)
    act(renewal, now)
    changes = {"successor": (None, successor.number)}
    record("renewal.successor_drafted", renewal, actor=actor, changes=changes)
    finish_step(renewal, str(successor), actor=actor, now=now)
    return successor


@transaction.atomic
def lose(renewal: Renewal, *, reason: str, actor: User | None, today: dt.date, now: dt.datetime) -> Renewal:
    """The customer does not renew, and why.

    Raises RenewalDecided, ReasonMissing, NoticeNeeded (it would renew itself), RenewedAlready (a successor is at work),
    AccountReadOnly, NotTheContracts.
    """
    contract = _locked(renewal).contract
    require_decider(contract, actor)
    text = given_reason(reason)
    if contract.renews_itself and contract.notice_given_on is None:
        raise NoticeNeeded
    if following := Contract.objects.filter(predecessor=contract).exclude(phase="discarded").first():
        raise RenewedAlready(number=following.number)
    act(renewal, now)
    renewal.outcome, renewal.outcome_note = RenewalOutcome.LOST, text
    renewal.decided_by, renewal.decided_on = actor, today
    renewal.save(update_fields=["outcome", "outcome_note", "decided_by", "decided_on", "updated_at"])
    record("renewal.lost", renewal, actor=actor, changes={"outcome": (OPEN, renewal.outcome)}, reason=text)
    finish_step(renewal, text, actor=actor, now=now)
    return renewal


@transaction.atomic
def give_notice_of(
    renewal: Renewal, *, on: dt.date, reason: str, actor: User | None, today: dt.date, now: dt.datetime
) -> Renewal:
    """Note that notice was given; what becomes of the contract is still to be decided.

    Raises RenewalDecided, and what `give_notice` raises.
    """
    contract = _locked(renewal).contract
    give_notice(contract, on=on, reason=reason, actor=actor, today=today)
    act(renewal, now)
    record("renewal.notice_noted", renewal, actor=actor, changes={"notice_given_on": (None, on)}, reason=reason.strip())
    return renewal


@transaction.atomic
def reopen_renewal(renewal: Renewal, *, actor: User | None, now: dt.datetime) -> Renewal:
    """It was not lost after all. Raises RenewalOpen, AccountReadOnly, NotTheContracts."""
    stored = _lock(renewal)
    if stored.outcome != RenewalOutcome.LOST:
        raise RenewalOpen
    require_decider(stored.contract, actor)
    renewal.outcome, renewal.outcome_note, renewal.decided_by, renewal.decided_on = OPEN, "", None, None
    renewal.save(update_fields=["outcome", "outcome_note", "decided_by", "decided_on", "updated_at"])
    record("renewal.reopened", renewal, actor=actor, changes={"outcome": (RenewalOutcome.LOST, OPEN)})
    if renewal.step is not None and renewal.step.status != StepStatus.OPEN:
        reopen_step(renewal.step, actor=actor, now=now)
    return renewal


def _lock(renewal: Renewal) -> Renewal:
    """The same object, read anew, its row locked. The contract first, as the job does, so that nobody waits in a
    circle."""
    list(Contract.objects.select_for_update(of=("self",)).filter(pk=renewal.contract_id).values_list("pk"))
    rows = Renewal.objects.select_for_update(of=("self",)).select_related("contract__account", "step__owner")
    renewal.refresh_from_db(from_queryset=rows)
    return renewal


def _locked(renewal: Renewal) -> Renewal:
    """As `_lock`, of one that is open. Raises RenewalDecided."""
    _lock(renewal)
    if renewal.outcome != OPEN:
        raise RenewalDecided(outcome=renewal.get_outcome_display())
    return renewal
