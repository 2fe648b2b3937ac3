"""From draft to signature and to the end: submitted, approved, signed, discarded, notice given, terminated."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from approvals import services as approvals
from approvals.choices import RequestStatus, Subject
from approvals.models import ApprovalRequest
from audit.services import record
from contracts.choices import DueBy, MismatchRule, VersionStatus
from contracts.errors import NotTheContracts, PlanMismatch, SignedInFuture
from contracts.models import Contract, ContractPolicy, ContractVersion, Instalment
from contracts.services.drafts import draft_contract, warnings_of
from contracts.services.guards import (
    given_reason,
    lock_version,
    require_decider,
    require_editable,
    require_signed,
    require_status,
)
from contracts.services.next_renewals import refresh_next_renewals
from contracts.services.parts import Parts, check_version, reporting_amount, set_columns
from contracts.services.renewal_signing import note_signed
from contracts.services.settling import resettle
from core.numbers import full_money
from interactions.moments import local_date
from users.models import User

COLUMNS = [
    "version", "signed_on", "start_date", "end_date", "notice_date", "renewal_date", "renews_itself", "net_amount",
    "gross_amount", "phase", "updated_at",
]  # fmt: skip
STATUS = ["status", "updated_at"]


@transaction.atomic
def submit_version(version: ContractVersion, *, actor: User, now: dt.datetime, note: str = "") -> ContractVersion:
    """Ask for the approvals that the rules want; where none fits, it is approved at once.

    `warnings` of the version say what was let pass. Raises WrongStatus, VersionSigned, AccountReadOnly, what
    `check_version` raises, and PlanMismatch where the policy says so.
    """
    contract = lock_version(version)
    require_status(version, VersionStatus.DRAFT)
    require_editable(contract, actor)
    check_version(version)
    warnings = warnings_of(version, list(version.instalments.values_list("amount", flat=True)))
    if warnings and _refuses_mismatch():
        raise PlanMismatch(warnings[0], field="instalments")
    facts = facts_of(version, local_date(now, actor))
    warnings += rate_warning(facts)
    _set_status(version, VersionStatus.IN_APPROVAL, actor=actor, action="contract.submitted", reason=note[:300])
    subject = Subject.CONTRACT if version.number == 1 else Subject.AMENDMENT
    asked = approvals.request_approval(
        subject, version.pk, title=_title(version), url=contract.get_absolute_url(), facts=facts, actor=actor, now=now,
        note=note,
    )  # fmt: skip
    if asked is None:
        _set_status(version, VersionStatus.APPROVED, actor=actor, action="contract.approved")
    else:
        lock_version(version)  # who asks may be the only one to be asked: then it is decided already
    version.warnings = warnings
    return version


@transaction.atomic
def approve_version(version: ContractVersion, *, actor: User | None) -> ContractVersion:
    """Everybody agreed; called by approvals. Raises WrongStatus."""
    lock_version(version)
    require_status(version, VersionStatus.IN_APPROVAL)
    return _set_status(version, VersionStatus.APPROVED, actor=actor, action="contract.approved")


@transaction.atomic
def send_back_version(version: ContractVersion, *, actor: User | None, reason: str = "") -> ContractVersion:
    """A draft again: sent back or withdrawn; called by approvals. Raises WrongStatus."""
    lock_version(version)
    require_status(version, VersionStatus.IN_APPROVAL)
    return _set_status(version, VersionStatus.DRAFT, actor=actor, action="contract.sent_back", reason=reason[:300])


@transaction.atomic
def reopen_version(version: ContractVersion, *, reason: str, actor: User) -> ContractVersion:
    """A draft again, of one that was approved and is not signed: it must be approved anew.

    Raises ReasonMissing, WrongStatus, VersionSigned, AccountReadOnly.
    """
    contract = lock_version(version)
    require_status(version, VersionStatus.APPROVED)
    require_editable(contract, actor)
    text = given_reason(reason)
    return _set_status(version, VersionStatus.DRAFT, actor=actor, action="contract.reopened", reason=text)


@transaction.atomic
def sign_version(
    version: ContractVersion,
    *,
    signed_on: dt.date,
    actor: User | None,
    today: dt.date,
    now: dt.datetime | None = None,
) -> ContractVersion:
    """Both sides signed: the version is fixed for ever, it is the contract's version and its plan is the current one.

    The renewal of the contract that it follows is decided with it. `now` is the moment to write there; without it the
    noon (UTC) of `today`. Raises WrongStatus, VersionSigned, WrongPhase (terminated meanwhile), AccountReadOnly,
    NotTheContracts, SignedInFuture.
    """
    contract = lock_version(version)
    require_status(version, VersionStatus.APPROVED)
    require_decider(contract, actor)
    if signed_on > today:
        raise SignedInFuture(field="signed_on")
    if version.number > 1:
        require_signed(contract)
        _carry_over(contract, version)
    before = (str(contract.version.number) if contract.version else None, contract.end_date, contract.gross_amount)
    _make_current(contract, version, signed_on=signed_on, today=today)
    resettle(contract)
    note_signed(contract, actor=actor, today=today, now=now or dt.datetime.combine(today, dt.time(12), tzinfo=dt.UTC))
    refresh_next_renewals([contract.account_id], today=today)
    changes: dict[str, Any] = {
        "version": (before[0], str(version.number)),
        "signed_on": (None, signed_on),
        "end_date": (before[1], contract.end_date),
        "gross_amount": (before[2], contract.gross_amount),
    }
    record("contract.signed", contract, actor=actor, changes={k: v for k, v in changes.items() if v[0] != v[1]})
    return version


def _make_current(contract: Contract, version: ContractVersion, *, signed_on: dt.date, today: dt.date) -> None:
    """Fix the version; it and its plan take the place of those before."""
    version.status, version.signed_on = VersionStatus.SIGNED, signed_on
    version.save(update_fields=[*STATUS, "signed_on"])
    Instalment.objects.filter(contract=contract, is_current=True).update(is_current=False, settled_amount=Decimal(0))
    Instalment.objects.filter(version=version).update(is_current=True)
    contract.version = version
    if version.number == 1:
        contract.signed_on = signed_on
        contract.to_signed()
    set_columns(contract, version, today=today)
    contract.save(update_fields=COLUMNS)


@transaction.atomic
def enter_signed_contract(
    contract: Contract,
    version: ContractVersion,
    parts: Parts,
    *,
    signed_on: dt.date,
    actor: User | None,
    today: dt.date,
) -> Contract:
    """Enter a contract that was signed before it came here, without asking anybody: for imports.

    Raises what `draft_contract` and `sign_version` raise, and NotTheContracts unless `actor` leads.
    """
    if actor is not None and not actor.leads:
        raise NotTheContracts
    draft_contract(contract, version, parts, actor=actor, today=today)
    warnings = version.warnings
    _set_status(version, VersionStatus.APPROVED, actor=actor, action="contract.entered")
    sign_version(version, signed_on=signed_on, actor=actor, today=today)
    contract.warnings = warnings
    return contract


@transaction.atomic
def discard_version(version: ContractVersion, *, reason: str, actor: User) -> ContractVersion:
    """It comes to nothing; a contract that was never signed is discarded with it and keeps its number.

    Raises ReasonMissing, WrongStatus (in approval: withdraw it first), VersionSigned, AccountReadOnly.
    """
    contract = lock_version(version)
    require_status(version, VersionStatus.DRAFT, VersionStatus.APPROVED)
    require_editable(contract, actor)
    text = given_reason(reason)
    if version.number == 1 and contract.predecessor_id is not None:
        contract.predecessor = None  # so that what it was to renew can be renewed again
        contract.save(update_fields=["predecessor", "updated_at"])
    return _set_status(version, VersionStatus.DISCARDED, actor=actor, action="contract.discarded", reason=text)


def facts_of(version: ContractVersion, day: dt.date) -> approvals.Facts:
    """What the approval rules go by; the amount is the net total in the reporting currency by the rate of the day."""
    contract = version.contract
    return approvals.Facts(
        amount=reporting_amount(version.net_amount, contract.currency, day),
        currency=contract.currency,
        tier=contract.account.tier,
        kind=contract.kind,
        discount=version.discount if version.list_amount else None,
        account_id=contract.account_id,
    )


def rate_warning(facts: approvals.Facts) -> list[str]:
    """That the amount is not known, where it is not."""
    if facts.amount is not None:
        return []
    text = _("There is no exchange rate for %(currency)s: the strictest rule is chosen.")
    return [text % {"currency": facts.currency}]


def is_termination_asked(contract: Contract) -> bool:
    """Whether somebody has to decide about the contract's termination."""
    asked = ApprovalRequest.objects.filter(subject=Subject.TERMINATION, object_id=contract.pk)
    return asked.filter(status=RequestStatus.PENDING).exists()


def open_amount_warning(contract: Contract) -> list[str]:
    """What is still to be paid of a contract that ends."""
    rows = Instalment.objects.filter(contract=contract).open()
    due = sum((row.open_amount for row in rows), Decimal(0))
    if not due:
        return []
    text = _("Of the plan, %(amount)s are still open; they stay due.")
    return [text % {"amount": full_money(due, contract.currency)}]


def _refuses_mismatch() -> bool:
    return ContractPolicy.objects.filter(plan_mismatch=MismatchRule.REFUSE).exists()


def _title(version: ContractVersion) -> str:
    contract = version.contract
    name = contract.number if version.number == 1 else str(version)
    return f"{name} {contract.title}"[:200]


def _set_status(
    version: ContractVersion, status: VersionStatus, *, actor: User | None, action: str, reason: str = ""
) -> ContractVersion:
    """Of a locked version; the phase of a contract that was never signed goes along."""
    contract, before = version.contract, version.status
    version.status = status
    version.save(update_fields=STATUS)
    if version.number == 1:
        {
            VersionStatus.IN_APPROVAL: contract.to_approval,
            VersionStatus.APPROVED: contract.to_approved,
            VersionStatus.DRAFT: contract.to_draft,
            VersionStatus.DISCARDED: contract.to_discarded,
        }[status]()
        contract.save(update_fields=["phase", "updated_at"])
    changes = {"version": (str(version.number), str(version.number)), "status": (before, status)}
    record(action, contract, actor=actor, changes=changes, reason=reason.strip())
    return version


def _carry_over(contract: Contract, version: ContractVersion) -> None:
    """Events and invoices that were noted in the current plan since the amendment was drafted."""
    current = {row.position: row for row in Instalment.objects.filter(contract=contract, is_current=True)}
    changed = []
    for row in Instalment.objects.filter(version=version):
        old = current.get(row.position)
        if old is None:
            continue
        if row.due_by == DueBy.EVENT and old.due_by == DueBy.EVENT and row.event_date is None and old.event_date:
            row.event_date = old.event_date
            row.due_date = old.event_date + dt.timedelta(days=row.days_after)
        if not row.invoice_number:
            row.invoice_number, row.invoice_date = old.invoice_number, old.invoice_date
        changed.append(row)
    names = ["event_date", "due_date", "invoice_number", "invoice_date"]
    Instalment.objects.bulk_update(changed, names, batch_size=500)
