"""How a contract ends before its time, or not at all: notice, termination."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from approvals import services as approvals
from approvals.choices import Subject
from audit.services import record
from contracts.choices import Phase
from contracts.errors import NoticeGiven, NoticeOutside, TerminationAsked, TerminationOutside
from contracts.models import Contract
from contracts.services.guards import given_reason, lock_contract, require_decider, require_none_at_work, require_signed
from contracts.services.lifecycle import facts_of, is_termination_asked, open_amount_warning
from contracts.services.next_renewals import refresh_next_renewals
from contracts.services.parts import set_columns
from interactions.moments import local_date
from users.models import User


@transaction.atomic
def give_notice(contract: Contract, *, on: dt.date, reason: str, actor: User | None, today: dt.date) -> Contract:
    """Note that one side gave notice: the contract no longer renews itself and ends with the first term whose notice
    date was not over on that day.

    Raises WrongPhase, NoticeGiven, NoticeOutside, ReasonMissing, AccountReadOnly, NotTheContracts.
    """
    signed = require_signed(lock_contract(contract))
    require_decider(contract, actor)
    text = given_reason(reason)
    if contract.notice_given_on is not None:
        raise NoticeGiven(date=f"{contract.notice_given_on:%Y-%m-%d}")
    if not signed.signed_on <= on <= today:
        raise NoticeOutside(field="on")
    contract.notice_given_on = on
    set_columns(contract, signed.version, today=today)
    contract.save(update_fields=["notice_given_on", "end_date", "notice_date", "renewal_date", "updated_at"])
    refresh_next_renewals([contract.account_id], today=today)
    changes: dict[str, Any] = {"notice_given_on": (None, on)}
    if signed.end != contract.end_date:
        changes["end_date"] = (signed.end, contract.end_date)
    record("contract.notice_given", contract, actor=actor, changes=changes, reason=text)
    return contract


@transaction.atomic
def terminate_contract(contract: Contract, *, as_of: dt.date, reason: str, actor: User, now: dt.datetime) -> Contract:
    """End a contract before its time, `as_of` its last day; where a rule wants it, others have to agree first.

    Until they did, `terminated_on` says what is asked for and the phase stays. `warnings` tell what is still open.
    Raises WrongPhase, TerminationAsked, VersionAtWork, TerminationOutside, ReasonMissing, AccountReadOnly,
    NotTheContracts.
    """
    signed = require_signed(lock_contract(contract))
    require_decider(contract, actor)
    text = given_reason(reason)
    if is_termination_asked(contract):
        raise TerminationAsked
    require_none_at_work(contract)
    last = signed.end if not _goes_on(contract) else dt.date.max
    if not signed.signed_on <= as_of <= last:
        raise TerminationOutside(field="as_of", first=f"{signed.signed_on:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
    contract.terminated_on, contract.termination_reason = as_of, text
    contract.save(update_fields=["terminated_on", "termination_reason", "updated_at"])
    changes = {"terminated_on": (None, as_of)}
    record("contract.termination_asked", contract, actor=actor, changes=changes, reason=text)
    asked = approvals.request_approval(
        Subject.TERMINATION, contract.pk, title=str(contract)[:200], url=contract.get_absolute_url(),
        facts=facts_of(signed.version, local_date(now, actor)), actor=actor, now=now, note=text,
    )  # fmt: skip
    if asked is None:
        _end(contract, actor=actor, now=now)
    else:
        lock_contract(contract)
    contract.warnings = open_amount_warning(contract)
    return contract


@transaction.atomic
def carry_out_termination(contract: Contract, *, actor: User | None, now: dt.datetime) -> Contract:
    """Everybody agreed to the termination that was asked for; called by approvals. Raises WrongPhase."""
    require_signed(lock_contract(contract))
    return _end(contract, actor=actor, now=now)


@transaction.atomic
def drop_termination(contract: Contract, *, actor: User | None, reason: str = "") -> Contract:
    """It goes on: the termination was sent back or withdrawn; called by approvals. Raises WrongPhase."""
    require_signed(lock_contract(contract))
    changes = {"terminated_on": (contract.terminated_on, None)}
    contract.terminated_on, contract.termination_reason = None, ""
    contract.save(update_fields=["terminated_on", "termination_reason", "updated_at"])
    record("contract.termination_dropped", contract, actor=actor, changes=changes, reason=reason.strip()[:300])
    return contract


def _end(contract: Contract, *, actor: User | None, now: dt.datetime) -> Contract:
    contract.to_terminated()
    contract.save(update_fields=["phase", "updated_at"])
    refresh_next_renewals([contract.account_id], today=local_date(now, actor))
    changes = {"phase": (Phase.SIGNED, Phase.TERMINATED), "terminated_on": (None, contract.terminated_on)}
    record("contract.terminated", contract, actor=actor, changes=changes, reason=contract.termination_reason)
    return contract


def _goes_on(contract: Contract) -> bool:
    return contract.renews_itself and contract.notice_given_on is None
