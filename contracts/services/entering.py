"""Contracts that were signed before they came here, with what was paid on them: checked one by one, written in sets.

What is checked and written is what `enter_signed_contract` and `post_receipt` check and write; a test compares. The
statements are the same for one contract and for hundreds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.services import entry, record_many
from contracts.choices import MismatchRule, ReceiptKind, VersionStatus
from contracts.errors import NotTheContracts, OwnerInactive, PlanMismatch, PositionTwice, RowInvalid, SignedInFuture
from contracts.models import Contract, ContractPolicy, ContractVersion, Instalment, Receipt, ReceiptShare
from contracts.services.next_renewals import refresh_next_renewals
from contracts.services.numbers import number_text, take_numbers
from contracts.services.parts import (
    Parts,
    check_instalment,
    check_line,
    check_version,
    plan_error,
    set_term,
    set_totals,
    write_all,
)
from contracts.services.receipts import check_open, check_receipt, check_refund, check_shares
from contracts.services.renewal_terms import Openings
from contracts.settlement import Due, Money, settle
from core.errors import DomainError
from interactions.services.sets import update_rows
from search.services import index_rows
from users.models import User

BATCH = 2000
_NEVER_CHECKED = ["account", "owner", "version", "predecessor", "number", "year", "sequence", "phase"]


@dataclass
class Posting:
    """An unsaved receipt or refund, and what of it is meant for which instalment."""

    receipt: Receipt
    shares: list[tuple[int, Decimal]] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """What is wrong with an entry: the part (`contract`, `lines`, `instalments`, `receipts`), its place there, why."""

    part: str
    index: int
    error: DomainError


@dataclass
class Entry:
    """A signed contract with its first version and what was paid on it, all unsaved.

    `faults` is empty once `check_entry` found nothing; `warning` is what it let pass.
    """

    contract: Contract
    version: ContractVersion
    parts: Parts
    signed_on: dt.date
    postings: list[Posting] = field(default_factory=list)
    faults: list[Fault] | None = None
    warning: PlanMismatch | None = None


def check_entry(found: Entry, *, today: dt.date, refuses_mismatch: bool) -> list[Fault]:
    """All that is wrong with the entry, which has been filled in; sets its amounts. No statement.

    Whether account and product lines exist and may be used is for the caller to know.
    """
    faults = [*_contract_faults(found, today), *_row_faults(found)]
    if not faults:
        try:
            set_totals(found.version, found.parts.lines, found.contract.currency)
        except DomainError as error:
            faults.append(Fault("contract", 0, error))
    if not faults:
        planned = sum((row.amount for row in found.parts.instalments), Decimal(0))
        has_plan = bool(found.parts.instalments)
        found.warning = plan_error(found.version, planned, has_plan=has_plan, contract=found.contract)
        if found.warning and refuses_mismatch:
            faults.append(Fault("contract", 0, found.warning))
    if not faults:
        faults += posting_faults(found.postings, found.contract, found.parts.instalments, Decimal(0), today=today)
    found.faults = faults
    return faults


def refuses_mismatch() -> bool:
    """Whether the contract policy refuses plans that do not sum to the total."""
    return ContractPolicy.objects.filter(plan_mismatch=MismatchRule.REFUSE).exists()


def posting_faults(
    postings: Sequence[Posting], contract: Contract, plan: Sequence[Instalment], received: Decimal, *, today: dt.date
) -> list[Fault]:
    """What `post_receipt` would refuse, were they posted in the order of their days after what was `received`."""
    rows = {row.position: row for row in plan if row.position is not None}
    total = sum((row.amount for row in plan), Decimal(0))
    faults = []
    for index, one in sorted(enumerate(postings), key=lambda pair: (pair[1].receipt.date, pair[0])):
        receipt = one.receipt
        try:
            with _plainly(receipt._meta.verbose_name):
                check_receipt(receipt, contract, today)
                check_shares(receipt, one.shares, rows)
                if receipt.kind == ReceiptKind.REFUND:
                    check_refund(receipt, received)
                else:
                    check_open(receipt, max(total - received, Decimal(0)))
        except DomainError as error:
            faults.append(Fault("receipts", index, error))
        else:
            received += receipt.amount if receipt.kind == ReceiptKind.RECEIPT else -receipt.amount
    return faults


@transaction.atomic
def enter_contracts(entries: Sequence[Entry], *, actor: User | None, today: dt.date) -> list[Contract]:
    """Enter them without asking anybody, for imports.

    Raises NotTheContracts unless `actor` leads, AccountReadOnly, and the first fault of an entry: then nothing is
    written and no number is taken.
    """
    _require(entries, actor)
    refuses = refuses_mismatch()
    for one in entries:
        faults = check_entry(one, today=today, refuses_mismatch=refuses) if one.faults is None else one.faults
        if faults:
            raise faults[0].error
    contracts = _write_contracts(entries, actor, today)
    _sign(entries)
    entries_of_audit = [row for one in entries for row in _records(one, actor)]
    postings = [(one.contract, posting) for one in entries for posting in one.postings]
    record_many([*entries_of_audit, *_write_postings(postings, actor)])
    refresh_next_renewals({row.account_id for row in contracts}, today=today)
    index_rows("contract", [row.pk for row in contracts])
    return contracts


@transaction.atomic
def add_postings(postings: Sequence[tuple[Contract, Posting]], *, actor: User | None) -> None:
    """Post to signed contracts what `posting_faults` found nothing against. The caller has locked the contracts, knows
    that `actor` may change them, and settles them afterwards (`resettle_all`)."""
    record_many(_write_postings(postings, actor))


def _contract_faults(found: Entry, today: dt.date) -> Iterator[Fault]:
    contract, version = found.contract, found.version
    checks: list[Any] = [lambda: contract.clean_fields(exclude=_NEVER_CHECKED), lambda: check_version(version)]
    for check in checks:
        try:
            with _plainly(contract._meta.verbose_name):
                check()
        except DomainError as error:
            yield Fault("contract", 0, error)
    if not contract.owner.is_active:
        yield Fault("contract", 0, OwnerInactive(field="owner", name=contract.owner))
    if found.signed_on > today:
        yield Fault("contract", 0, SignedInFuture(field="signed_on"))


def _row_faults(found: Entry) -> Iterator[Fault]:
    currency = found.contract.currency
    for index, line in enumerate(found.parts.lines):
        try:
            check_line(line, index, currency)
        except DomainError as error:
            yield Fault("lines", index, error)
    seen: set[int] = set()
    following = max((row.position or 0 for row in found.parts.instalments), default=0)
    for index, row in enumerate(found.parts.instalments):
        if row.position is None:
            following += 1
            row.position = following
        name = _("Instalment %(number)d") % {"number": row.position}
        try:
            if row.position in seen:
                raise PositionTwice(field="position", row=name)
            seen.add(row.position)
            check_instalment(row, f"instalments.{index}", name, currency)
        except DomainError as error:
            yield Fault("instalments", index, error)


@contextmanager
def _plainly(row: Any) -> Iterator[None]:
    """Says the first of Django's own complaints as RowInvalid, with its field."""
    try:
        yield
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise RowInvalid(field=name, row=capfirst(str(row)), error=messages[0]) from error


def _require(entries: Sequence[Entry], actor: User | None) -> None:
    if actor is None:
        return
    if not actor.leads:
        raise NotTheContracts
    wanted = {one.contract.account_id for one in entries}
    if Account.objects.editable_by(actor).filter(pk__in=wanted).count() != len(wanted):
        raise AccountReadOnly


def _write_contracts(entries: Sequence[Entry], actor: User | None, today: dt.date) -> list[Contract]:
    """The contracts with their versions, not signed yet: what is signed can no longer be given rows."""
    openings = Openings(today)
    for one, sequence in zip(entries, take_numbers(today.year, len(entries)) if entries else (), strict=True):
        contract, version = one.contract, one.version
        contract.year, contract.sequence, contract.number = today.year, sequence, number_text(today.year, sequence)
        contract.signed_on = one.signed_on
        contract.to_approved()
        contract.to_signed()
        notice_by = set_term(contract, version, today=today)
        contract.renewal_date = openings.date(contract, notice_by)
        _settle(one)
    contracts = Contract.objects.bulk_create([one.contract for one in entries], batch_size=BATCH)
    for one in entries:
        version = one.version
        version.contract, version.number, version.author = one.contract, 1, actor
        version.status, version.effective_date, version.reason = VersionStatus.DRAFT, None, ""
    ContractVersion.objects.bulk_create([one.version for one in entries], batch_size=BATCH)
    write_all([(one.version, one.parts) for one in entries])
    return contracts


def _settle(one: Entry) -> None:
    """What the receipts cover of the plan, which is the current one."""
    plan = [Due(row.position, row.amount, row.due_date) for row in one.parts.instalments]
    money = [
        Money(posting.receipt.amount, posting.receipt.kind == ReceiptKind.REFUND, dict(posting.shares))
        for posting in one.postings
    ]
    found = settle(plan, money)
    for row in one.parts.instalments:
        row.is_current, row.settled_amount = True, found.settled[row.position]
    one.contract.received_amount = found.received


def _sign(entries: Sequence[Entry]) -> None:
    versions = [(one.version.pk, str(VersionStatus.SIGNED), one.signed_on) for one in entries]
    update_rows(ContractVersion, ("id", "status", "signed_on"), versions)
    update_rows(Contract, ("id", "version"), [(one.contract.pk, one.version.pk) for one in entries])
    for one in entries:
        one.version.status, one.version.signed_on = VersionStatus.SIGNED, one.signed_on
        one.contract.version = one.version


def _records(one: Entry, actor: User | None) -> list[Any]:
    contract = one.contract
    entered = {"version": ("1", "1"), "status": (VersionStatus.DRAFT, VersionStatus.APPROVED)}
    signed: dict[str, Any] = {"signed_on": (None, one.signed_on)}
    if contract.end_date != one.version.end_date:  # it renewed itself meanwhile
        signed["end_date"] = (one.version.end_date, contract.end_date)
    drafted = {"gross_amount": (None, contract.gross_amount)}
    return [
        entry("contract.drafted", contract, actor=actor, changes=drafted),
        entry("contract.entered", contract, actor=actor, changes=entered),
        entry("contract.signed", contract, actor=actor, changes=signed),
    ]


def _write_postings(postings: Sequence[tuple[Contract, Posting]], actor: User | None) -> list[Any]:
    """Insert receipts and shares; returns their audit entries, unsaved."""
    for contract, one in postings:
        one.receipt.contract, one.receipt.posted_by = contract, actor
    Receipt.objects.bulk_create([one.receipt for _contract, one in postings], batch_size=BATCH)
    shares = [
        ReceiptShare(receipt=one.receipt, instalment_position=position, amount=amount)
        for _contract, one in postings
        for position, amount in one.shares
    ]
    ReceiptShare.objects.bulk_create(shares, batch_size=BATCH)
    found = []
    for contract, one in postings:
        receipt = one.receipt
        action = "receipt.refunded" if receipt.kind == ReceiptKind.REFUND else "receipt.posted"
        changes = {"contract": (None, contract.number), "date": (None, receipt.date)}
        money = {"amount": (None, receipt.amount), "currency": (None, receipt.currency)}
        found.append(entry(action, receipt, actor=actor, changes={**changes, **money}))
    return found
