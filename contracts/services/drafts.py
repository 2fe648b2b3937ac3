"""Drafts: made with their number, changed until they are submitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.db.models import Field

from audit.services import diff, record, snapshot
from contracts.choices import Phase, VersionStatus
from contracts.difference import Change, Side, difference
from contracts.errors import EffectiveOutside, FixedBySigning, OwnerInactive
from contracts.models import Contract, ContractPolicy, ContractVersion
from contracts.services.guards import given_reason, require_editable, require_status, signed_stays
from contracts.services.numbers import number_text, take_numbers
from contracts.services.parts import (
    Parts,
    check_parts,
    check_version,
    parts_of,
    plan_mismatch,
    replace_parts,
    set_columns,
    set_totals,
    write_parts,
)
from core.numbers import full_money
from interactions.services.log import changed_part
from search.services import index_rows
from users.models import User

CONTRACT_FIELDS = (
    "account", "external_number", "kind", "title", "our_party", "customer_party", "currency", "owner",
)  # fmt: skip
FREE_FIELDS = ("external_number", "title", "owner")  # those that stay open once the first version is signed
VERSION_FIELDS = (
    "reason", "effective_date", "start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate",
    "payment_terms", "terms",
)  # fmt: skip
AMOUNTS = ("list_amount", "net_amount", "tax_amount", "gross_amount")
SHOWN_ROWS = 20
_NEVER_CHECKED = ["account", "owner", "version", "predecessor", "number", "year", "sequence", "phase"]


@transaction.atomic
def draft_contract(
    contract: Contract, version: ContractVersion, parts: Parts, *, actor: User | None, today: dt.date
) -> Contract:
    """Save a new contract with its first version, and give it the next number of the year.

    What does not hinder a draft is told in `warnings` of the version. Raises AccountReadOnly, OwnerInactive,
    ValidationError and what `check_version` and `check_parts` raise; then no number is taken.
    """
    require_editable(contract, actor)
    _fill_in(contract)
    _check_contract(contract)
    version.contract, version.number, version.author = contract, 1, actor
    version.effective_date, version.reason, version.status = None, "", VersionStatus.DRAFT
    _check(contract, version, parts)
    contract.year = today.year
    contract.sequence = take_numbers(contract.year)[0]
    contract.number = number_text(contract.year, contract.sequence)
    contract.save()
    version.contract = contract
    version.save()
    write_parts(version, parts)
    contract.version = version
    set_columns(contract, version, today=None)
    contract.save()
    record("contract.drafted", contract, actor=actor, changes={"gross_amount": (None, version.gross_amount)})
    index_rows("contract", [contract.pk])
    _warn(version, parts)
    return contract


@transaction.atomic
def update_draft(contract: Contract, version: ContractVersion, parts: Parts, *, actor: User | None) -> ContractVersion:
    """Save the changed fields of a draft and put `parts` in place of its rows.

    In an amendment, of the contract itself only owner, title and the number elsewhere may change. Raises VersionSigned,
    WrongStatus, FixedBySigning and what `draft_contract` raises.
    """
    stored_contract = _locked(contract)
    stored = ContractVersion.objects.select_for_update(of=("self",)).get(pk=version.pk, contract=stored_contract)
    require_status(stored, VersionStatus.DRAFT)
    require_editable(stored_contract, actor)
    if stored_contract.phase != Phase.DRAFT:
        _require_free(stored_contract, contract)
    if contract.account_id != stored_contract.account_id:
        require_editable(contract, actor)
    changes = _contract_changes(stored_contract, contract)
    before, old = snapshot(stored), (stored, parts_of(stored))
    version.contract, version.number, version.status = contract, stored.number, stored.status
    _check_contract(contract, owner_changed="owner" in changes)
    _check_amendment(version, stored_contract)
    _check(contract, version, parts)
    with signed_stays():
        version.save(update_fields=[*VERSION_FIELDS, *AMOUNTS, "updated_at"])
        replace_parts(version, parts)
    found = {name: pair for name, pair in diff(before, version).items() if name in VERSION_FIELDS}
    if "terms" in found:
        found["terms"] = changed_part(before["terms"], version.terms)
    changes |= found | _part_changes(old, (version, parts))
    if stored.number == 1:
        set_columns(contract, version, today=None)
    _save_contract(contract, stored_contract)
    if changes:
        record("contract.updated", contract, actor=actor, changes=changes)
        index_rows("contract", [contract.pk])
    _warn(version, parts)
    return version


@transaction.atomic
def update_details(contract: Contract, *, actor: User | None) -> Contract:
    """Save title, owner and the number elsewhere, which no version holds, at any time.

    Raises FixedBySigning for other changes, AccountReadOnly, OwnerInactive, ValidationError.
    """
    stored = _locked(contract)
    require_editable(stored, actor)
    _require_free(stored, contract)
    changes = _contract_changes(stored, contract)
    _check_contract(contract, owner_changed="owner" in changes)
    if changes:
        contract.save(update_fields=[*FREE_FIELDS, "updated_at"])
        record("contract.updated", contract, actor=actor, changes=changes)
        index_rows("contract", [contract.pk])
    return contract


def warnings_of(version: ContractVersion, planned: Sequence[Decimal]) -> list[str]:
    """What speaks against the version with a plan of these amounts, without hindering a draft."""
    found = plan_mismatch(version, sum(planned, Decimal(0)), has_plan=bool(planned), contract=version.contract)
    return [found] if found else []


def _locked(contract: Contract) -> Contract:
    """The row as it is stored, locked; what was set on `contract` stays there."""
    return Contract.objects.select_for_update(of=("self",)).select_related("account").get(pk=contract.pk)


def _warn(version: ContractVersion, parts: Parts) -> None:
    version.warnings = warnings_of(version, [row.amount for row in parts.instalments])


def _check(contract: Contract, version: ContractVersion, parts: Parts) -> None:
    check_version(version)
    check_parts(parts, contract)
    set_totals(version, parts.lines, contract.currency)


def _check_amendment(version: ContractVersion, contract: Contract) -> None:
    """The first version amends nothing. Raises ReasonMissing, EffectiveOutside."""
    if version.number == 1:
        version.reason, version.effective_date = "", None
        return
    version.reason = given_reason(version.reason)
    check_effective(version.effective_date, contract)


def check_effective(day: dt.date | None, contract: Contract) -> None:
    """Raises EffectiveOutside unless the day lies in the contract's term."""
    start, end = contract.start_date or dt.date.min, contract.end_date or dt.date.max
    if day is None or not start <= day <= end:
        raise EffectiveOutside(field="effective_date", start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")


def _check_contract(contract: Contract, *, owner_changed: bool = True) -> None:
    """Raises ValidationError, OwnerInactive."""
    contract.clean_fields(exclude=_NEVER_CHECKED)
    if owner_changed and not contract.owner.is_active:
        raise OwnerInactive(field="owner", name=contract.owner)


def _fill_in(contract: Contract) -> None:
    """The parties, where nobody named them."""
    if not contract.our_party:
        contract.our_party = ContractPolicy.objects.values_list("our_party", flat=True).first() or ""
    if not contract.customer_party:
        contract.customer_party = contract.account.name


def _require_free(stored: Contract, contract: Contract) -> None:
    """Raises FixedBySigning for what may not change any more."""
    fixed = [name for name in CONTRACT_FIELDS if name not in FREE_FIELDS]
    changed = [name for name in fixed if _value(stored, name) != _value(contract, name)]
    if changed:
        labels = [str(_column(name).verbose_name) for name in changed]
        raise FixedBySigning(field=changed[0], fields=", ".join(labels))


def _contract_changes(stored: Contract, contract: Contract) -> dict[str, Any]:
    return {
        name: (getattr(stored, name), getattr(contract, name))
        if not hasattr(Contract, f"{name}_id")
        else (str(getattr(stored, name)), str(getattr(contract, name)))
        for name in CONTRACT_FIELDS
        if _value(stored, name) != _value(contract, name)
    }


def _value(contract: Contract, name: str) -> Any:
    return _column(name).value_from_object(contract)


def _column(name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", Contract._meta.get_field(name))


def _part_changes(old: tuple[ContractVersion, Parts], new: tuple[ContractVersion, Parts]) -> dict[str, list[Any]]:
    """What changed in amounts and rows, in short: the versions themselves show it whole."""
    sides = [Side(version, parts.lines, parts.instalments, parts.signatories) for version, parts in (old, new)]
    found = difference(*sides)
    changes: dict[str, list[Any]] = {row.name: [row.old, row.new] for row in found.amounts}
    for name in ("lines", "instalments", "signatories"):
        rows = [row for row in getattr(found, name) if row.kind != Change.SAME][:SHOWN_ROWS]
        if rows:
            code = new[0].contract.currency
            changes[name] = [
                [_text(row.old, code) for row in rows if row.old], [_text(row.new, code) for row in rows if row.new],
            ]  # fmt: skip
    return changes


def _text(row: Any, currency: str) -> str:
    amount = getattr(row, "amount", None)
    return f"{row.position} {row}" if amount is None else f"{row.position} {row}: {full_money(amount, currency)}"


def _save_contract(contract: Contract, stored: Contract) -> None:
    columns = ["start_date", "end_date", "notice_date", "renewal_date", "renews_itself", "net_amount", "gross_amount"]
    names = [*CONTRACT_FIELDS, *(columns if stored.phase == Phase.DRAFT else ()), "updated_at"]
    contract.save(update_fields=names)
