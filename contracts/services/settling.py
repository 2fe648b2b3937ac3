"""What receipts cover of the plan, computed anew from all of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from contracts.choices import ReceiptKind
from contracts.models import Contract, Instalment, Receipt, ReceiptShare
from contracts.services.guards import lock_contract
from contracts.settlement import Due, Money, Settlement, settle
from interactions.services.sets import update_rows


@transaction.atomic
def resettle(contract: Contract) -> None:
    """Settle the current plan from all receipts that count, and keep the results: one statement for all instalments,
    one for the contract.

    The contract's row is locked before anything is read, so that of two receipts at once both count. Call it after
    every receipt and whenever another plan becomes the current one.
    """
    lock_contract(contract)
    rows, found = _settled([contract])
    update_rows(Instalment, ("id", "settled_amount"), rows)
    received = found[contract.pk].received
    if contract.received_amount != received:
        contract.received_amount = received
        contract.save(update_fields=["received_amount", "updated_at"])


@transaction.atomic
def resettle_all(contracts: Sequence[Contract], *, now: dt.datetime) -> None:
    """The same for many contracts, which the caller has locked; the statements are as many as for one."""
    rows, found = _settled(contracts)
    update_rows(Instalment, ("id", "settled_amount"), rows)
    received = [(one.pk, found[one.pk].received, now) for one in contracts]
    differs = [row for one, row in zip(contracts, received, strict=True) if one.received_amount != row[1]]
    update_rows(Contract, ("id", "received_amount", "updated_at"), differs)


def settlement_of(contract: Contract, instalments: list[Instalment]) -> Settlement:
    """What the receipts that count cover of these instalments, and the credit."""
    return settle(_plan(instalments), _money([contract])[contract.pk])


def _settled(contracts: Sequence[Contract]) -> tuple[list[tuple[int, Decimal]], dict[int, Settlement]]:
    """(instalment, what is settled of it) where that changes, and the settlement of each contract."""
    plans: dict[int, list[Instalment]] = {contract.pk: [] for contract in contracts}
    for row in Instalment.objects.filter(contract__in=plans, is_current=True):
        plans[row.contract_id].append(row)
    money = _money(contracts)
    found = {pk: settle(_plan(rows), money[pk]) for pk, rows in plans.items()}
    changed = [
        (row.pk, found[pk].settled[row.position])
        for pk, rows in plans.items()
        for row in rows
        if found[pk].settled[row.position] != row.settled_amount
    ]
    return changed, found


def _plan(instalments: list[Instalment]) -> list[Due]:
    return [Due(row.position, row.amount, row.due_date) for row in instalments]


def _money(contracts: Sequence[Contract]) -> dict[int, list[Money]]:
    """All that came in and went back, added up here rather than in the database: SQLite adds in floating point."""
    receipts = Receipt.objects.filter(contract__in=contracts, voided_at__isnull=True).order_by()
    shares: dict[int, dict[int, Decimal]] = defaultdict(dict)
    of_these = ReceiptShare.objects.filter(receipt__in=receipts).order_by()
    for receipt, position, amount in of_these.values_list("receipt_id", "instalment_position", "amount"):
        shares[receipt][position] = amount
    money: dict[int, list[Money]] = {contract.pk: [] for contract in contracts}
    for pk, contract_id, kind, amount in receipts.values_list("pk", "contract", "kind", "amount"):
        money[contract_id].append(Money(amount, kind == ReceiptKind.REFUND, shares.get(pk, {})))
    return money
