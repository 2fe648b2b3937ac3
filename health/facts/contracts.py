"""Notice dates of contracts and instalments that are late."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q

from contracts.choices import ReceiptKind
from contracts.models import Contract, Instalment, Receipt, ReceiptShare, Renewal
from contracts.rates import DatedRates, dated_rates
from contracts.settlement import Due, Money, settle


@dataclass(slots=True)
class ContractFacts:
    """`idle_notice` is the earliest notice date of an open renewal that nobody has done anything about; `next_notice`
    the earliest of the others. `overdue_amount` is in the reporting currency, None where a rate is missing."""

    idle_notice: dt.date | None = None
    next_notice: dt.date | None = None
    has_instalments: bool = False
    overdue_since: dt.date | None = None
    overdue_count: int = 0
    overdue_amount: float | None = 0.0
    currency: str = settings.REPORTING_CURRENCY


class _Open(NamedTuple):
    """What is open of an instalment that was due."""

    account: int
    due_date: dt.date
    amount: Decimal
    currency: str


def gather(ids: Sequence[int], as_of: dt.date) -> dict[int, ContractFacts]:
    """Seven statements at most. The plan of a contract is that of today: an amendment brings its own."""
    found: dict[int, ContractFacts] = {}
    _add_contracts(found, ids, as_of)
    if not found:
        return found
    rates = dated_rates()
    for row in _overdue(found, as_of):
        facts = found[row.account]
        facts.overdue_since = min(row.due_date, facts.overdue_since or row.due_date)
        facts.overdue_count += 1
        facts.overdue_amount = _plus(facts.overdue_amount, row, rates, as_of)
    return found


def _plus(amount: float | None, row: _Open, rates: DatedRates, as_of: dt.date) -> float | None:
    more = rates.convert(row.amount, row.currency, as_of)
    return None if amount is None or more is None else round(amount + float(more), 2)


def _add_contracts(found: dict[int, ContractFacts], ids: Sequence[int], as_of: dt.date) -> None:
    """Contracts that were signed and had not ended, and their renewals as they stood."""
    start = dt.datetime.combine(as_of, dt.time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    running = Contract.objects.filter(account__in=ids, signed_on__lt=as_of).order_by()
    running = running.filter(Q(terminated_on__isnull=True) | Q(terminated_on__gte=as_of))
    with_plan = set(
        Instalment.objects.filter(contract__in=running, is_current=True).order_by().values_list("contract", flat=True)
    )
    for pk, account, end, notice in running.values_list("pk", "account", "end_date", "notice_date"):
        facts = found.setdefault(account, ContractFacts())
        facts.has_instalments = facts.has_instalments or pk in with_plan
        if notice is not None and notice >= as_of and (end is None or end >= as_of):
            facts.next_notice = min(notice, facts.next_notice or notice)
    renewals = Renewal.objects.filter(contract__in=running, opened_on__lt=as_of, term_end__gte=as_of).order_by()
    renewals = renewals.filter(Q(decided_on__isnull=True) | Q(decided_on__gte=as_of))
    for account, notice, acted in renewals.values_list("contract__account", "notice_date", "acted_at"):
        if acted is None or acted >= start:
            facts = found.setdefault(account, ContractFacts())
            facts.idle_notice = min(notice, facts.idle_notice or notice)


def _overdue(accounts: Collection[int], as_of: dt.date) -> Iterator[_Open]:
    """What was due before the day and not paid by then: as kept, but where money came in since, settled anew."""
    since = Receipt.objects.filter(contract=OuterRef("contract"), date__gte=as_of)
    rows = (
        Instalment.objects.filter(contract__account__in=accounts, contract__signed_on__lt=as_of, is_current=True)
        .filter(Q(contract__terminated_on__isnull=True) | Q(contract__terminated_on__gte=as_of))
        .annotate(paid_later=Exists(since))
        .order_by()
    )
    columns = ("contract__account", "due_date", "contract__currency")
    due = rows.filter(due_date__lt=as_of, paid_later=False, settled_amount__lt=F("amount"))
    for account, due_date, currency, amount, settled in due.values_list(*columns, "amount", "settled_amount"):
        yield _Open(account, due_date, amount - settled, currency)
    plans: dict[int, list[Due]] = defaultdict(list)
    owners = {}
    later = rows.filter(paid_later=True).values_list("contract", *columns, "position", "amount")
    for contract, account, due_date, currency, position, amount in later:
        plans[contract].append(Due(position, amount, due_date))
        owners[contract] = (account, currency)
    money = _money(plans, as_of) if plans else {}
    for contract, plan in plans.items():
        settled_then = settle(plan, money.get(contract, [])).settled
        for one in plan:
            left = one.amount - settled_then[one.position]
            if one.due_date is not None and one.due_date < as_of and left > 0:
                account, currency = owners[contract]
                yield _Open(account, one.due_date, left, currency)


def _money(contracts: Collection[int], as_of: dt.date) -> dict[int, list[Money]]:
    """What had come in and gone back by then."""
    start = dt.datetime.combine(as_of, dt.time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    receipts = Receipt.objects.filter(contract__in=contracts, date__lt=as_of).order_by()
    receipts = receipts.filter(Q(voided_at__isnull=True) | Q(voided_at__gte=start))
    shares: dict[int, dict[int, Decimal]] = defaultdict(dict)
    of_these = ReceiptShare.objects.filter(receipt__in=receipts).order_by()
    for receipt, position, amount in of_these.values_list("receipt_id", "instalment_position", "amount"):
        shares[receipt][position] = amount
    money: dict[int, list[Money]] = defaultdict(list)
    for pk, contract, kind, amount in receipts.values_list("pk", "contract", "kind", "amount"):
        money[contract].append(Money(amount, kind == ReceiptKind.REFUND, shares.get(pk, {})))
    return money
