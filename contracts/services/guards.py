"""Rows locked before they are changed, and who may change them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.errors import AccountReadOnly
from accounts.models import Account
from contracts.choices import Phase, VersionStatus
from contracts.errors import (
    NotTheContracts,
    ReasonMissing,
    VersionAtWork,
    VersionInApproval,
    VersionSigned,
    WrongPhase,
    WrongStatus,
)
from contracts.models import Contract, ContractVersion
from users.models import User

SIGNED_STAYS = "a signed version of a contract never changes"
"""What the triggers of migration 0002 say."""


@dataclass(frozen=True)
class Signed:
    """What every signed contract has."""

    version: ContractVersion
    signed_on: dt.date
    start: dt.date
    end: dt.date


def lock_contract(contract: Contract) -> Contract:
    """The same object, read anew, its row locked to the end of the transaction."""
    rows = Contract.objects.select_for_update(of=("self",)).select_related("account")
    contract.refresh_from_db(from_queryset=rows)
    return contract


def lock_version(version: ContractVersion) -> Contract:
    """Locks the contract, then reads the version anew; its `contract` is the locked one."""
    contract = lock_contract(version.contract)
    version.refresh_from_db(from_queryset=ContractVersion.objects.select_for_update(of=("self",)))
    version.contract = contract
    return contract


def version_at_work(contract: Contract) -> ContractVersion | None:
    """The one version that is neither signed nor discarded, if there is one."""
    return ContractVersion.objects.at_work().filter(contract=contract).first()


def require_none_at_work(contract: Contract) -> None:
    """Raises VersionAtWork, VersionInApproval."""
    version = version_at_work(contract)
    if version is None:
        return
    if version.status == VersionStatus.IN_APPROVAL:
        raise VersionInApproval(number=version.number)
    raise VersionAtWork(number=version.number, status=version.get_status_display())


def require_editable(contract: Contract, actor: User | None) -> None:
    """Raises AccountReadOnly unless `actor` (None: the system itself) may change the account."""
    if actor is not None and not Account.objects.editable_by(actor).filter(pk=contract.account_id).exists():
        raise AccountReadOnly


def require_decider(contract: Contract, actor: User | None) -> None:
    """Raises AccountReadOnly, and NotTheContracts unless `actor` owns the contract, manages the account or leads."""
    require_editable(contract, actor)
    if actor is not None and not may_decide(contract, actor):
        raise NotTheContracts


def may_decide(contract: Contract, user: User) -> bool:
    """Whether `user`, who may change the account, may sign and terminate."""
    return user.leads or user.pk in (contract.owner_id, contract.account.manager_id)


def require_status(version: ContractVersion, *statuses: VersionStatus) -> None:
    """Raises VersionSigned, WrongStatus."""
    if version.status in statuses:
        return
    if version.status == VersionStatus.SIGNED:
        raise VersionSigned
    raise WrongStatus(status=version.get_status_display())


def require_signed(contract: Contract) -> Signed:
    """What was signed. Raises WrongPhase unless the contract is signed and not terminated."""
    version, signed_on, start, end = contract.version, contract.signed_on, contract.start_date, contract.end_date
    if contract.phase != Phase.SIGNED or version is None or signed_on is None or start is None or end is None:
        raise WrongPhase(phase=contract.get_phase_display())
    version.contract = contract
    return Signed(version, signed_on, start, end)


def given_reason(reason: str, length: int = 300) -> str:
    """The reason without spaces around it. Raises ReasonMissing."""
    text = reason.strip()[:length]
    if not text:
        raise ReasonMissing(field="reason")
    return text


@contextmanager
def signed_stays() -> Iterator[None]:
    """Where the database refuses to change a signed version, says so. Raises VersionSigned."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if SIGNED_STAYS in str(error):
            raise VersionSigned from error
        raise
