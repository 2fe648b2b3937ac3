"""What receipts cover of the plan, computed anew from all of them."""

from __future__ import annotations

from collections import defaultdict
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
    rows = list(Instalment.objects.filter(contract=contract, is_current=True))
    found = settlement_of(contract, rows)
    settled = {row.pk: found.settled[row.position] for row in rows}
    changed = [(row.pk, settled[row.pk]) for row in rows if settled[row.pk] != row.settled_amount]
    update_rows(Instalment, ("id", "settled_amount"), changed)
    if contract.received_amount != found.received:
        contract.received_amount = found.received
        contract.save(update_fields=["received_amount", "updated_at"])


def settlement_of(contract: Contract, instalments: list[Instalment]) -> Settlement:
    """What the receipts that count cover of these instalments, and the credit."""
    plan = [Due(row.position, row.amount, row.due_date) for row in instalments]
    return settle(plan, _money(contract))


def _money(contract: Contract) -> list[Money]:
    """All that came in and went back, added up here rather than in the database: SQLite adds in floating point."""
    receipts = Receipt.objects.filter(contract=contract, voided_at__isnull=True).order_by()
    shares: dict[int, dict[int, Decimal]] = defaultdict(dict)
    of_these = ReceiptShare.objects.filter(receipt__in=receipts).order_by()
    for receipt, position, amount in of_these.values_list("receipt_id", "instalment_position", "amount"):
        shares[receipt][position] = amount
    return [
        Money(amount, kind == ReceiptKind.REFUND, shares.get(pk, {}))
        for pk, kind, amount in receipts.values_list("pk", "kind", "amount")
    ]
