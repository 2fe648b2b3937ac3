"""A signed version copied: as an amendment of the contract, or as the contract that follows on it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max

from audit.services import record
from contracts import terms
from contracts.choices import DueBy
from contracts.difference import Difference, Side, difference
from contracts.errors import RenewedAlready, TerminationAsked
from contracts.models import Contract, ContractVersion
from contracts.services.drafts import CONTRACT_FIELDS, check_effective, draft_contract
from contracts.services.guards import (
    given_reason,
    lock_contract,
    require_editable,
    require_none_at_work,
    require_signed,
)
from contracts.services.lifecycle import is_termination_asked
from contracts.services.parts import Parts, parts_of, write_parts
from users.models import User

COPIED = (
    "start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate", "payment_terms", "terms", "list_amount",
    "net_amount", "tax_amount", "gross_amount",
)  # fmt: skip


@transaction.atomic
def amend_contract(contract: Contract, *, reason: str, effective_date: dt.date, actor: User | None) -> ContractVersion:
    """A draft with all that the signed version says, to be changed, approved and signed in its turn.

    Raises WrongPhase, VersionAtWork, TerminationAsked, EffectiveOutside, ReasonMissing, AccountReadOnly.
    """
    signed = require_signed(lock_contract(contract)).version
    require_editable(contract, actor)
    text = given_reason(reason)
    require_none_at_work(contract)
    if is_termination_asked(contract):
        raise TerminationAsked
    check_effective(effective_date, contract)
    last_number = contract.versions.aggregate(last=Max("number"))["last"]
    values = {name: getattr(signed, name) for name in COPIED}
    draft = ContractVersion(
        contract=contract, number=last_number + 1, reason=text, effective_date=effective_date, author=actor, **values
    )
    draft.save()
    write_parts(draft, parts_of(signed))
    changes = {"version": (str(signed.number), str(draft.number)), "effective_date": (None, effective_date)}
    record("contract.amended", contract, actor=actor, changes=changes, reason=text)
    return draft


@transaction.atomic
def renew_contract(contract: Contract, *, actor: User | None, today: dt.date) -> Contract:
    """The draft of a contract that follows on this one: as long, with the same lines, the dates of the plan shifted.

    Raises WrongPhase, RenewedAlready, AccountReadOnly, OwnerInactive.
    """
    current = require_signed(lock_contract(contract))
    require_editable(contract, actor)
    if following := Contract.objects.filter(predecessor=contract).first():
        raise RenewedAlready(number=following.number)
    signed, end = current.version, current.end
    if contract.renews_itself and contract.notice_given_on is None:
        end = terms.running_term_end(signed.end_date, signed.auto_renewal_months, max(today, end))
    start, until = terms.following_term(signed.start_date, signed.end_date, end)
    values = {name: getattr(signed, name) for name in COPIED} | {"start_date": start, "end_date": until}
    successor = Contract(**{name: getattr(contract, name) for name in CONTRACT_FIELDS}, predecessor=contract)
    successor.external_number = ""
    if not successor.owner.is_active:
        successor.owner = actor or contract.account.manager or contract.owner
    parts = _next_parts(parts_of(signed), signed.start_date, start)
    draft_contract(successor, ContractVersion(**values), parts, actor=actor, today=today)
    changes = {"predecessor": (None, contract.number)}
    record("contract.renewal_drafted", successor, actor=actor, changes=changes)
    return successor


def compare_versions(old: ContractVersion, new: ContractVersion) -> Difference:
    """What differs between two versions of one contract."""
    return difference(_side(old), _side(new))


def _side(version: ContractVersion) -> Side:
    lines = version.lines.select_related("product_line")
    return Side(version, list(lines), list(version.instalments.all()), list(version.signatories.all()))


def _next_parts(parts: Parts, start: dt.date, next_start: dt.date) -> Parts:
    """The rows for the next term: dates shifted, events to come, nothing invoiced."""
    for row in parts.instalments:
        row.event_date = None
        row.invoice_number, row.invoice_date = "", None
        if row.due_by == DueBy.DATE and row.due_date is not None:
            row.due_date = terms.shifted(row.due_date, start, next_start)
        else:
            row.due_date = None
    ours = {row.user_id for row in parts.signatories if row.user_id is not None}
    left = set(User.objects.filter(pk__in=ours, is_active=False).values_list("pk", flat=True))
    parts.signatories = [row for row in parts.signatories if row.user_id not in left]
    return parts
