"""What a customer bought against what the contract says, and how unit prices moved: for who renews it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth

from contracts import terms
from contracts.models import Contract, ContractLine, ContractVersion
from contracts.rates import DatedRates
from contracts.retention import share
from core.money import round_amount
from orders.models import OrderLine, ProductLine

ZERO = Decimal(0)
LINE = ("code", "name", "name_en")


@dataclass(frozen=True)
class Term:
    """A term and how much of it is over on a day."""

    start: dt.date
    end: dt.date
    until: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def elapsed(self) -> Decimal:
        """The share of the term that is over: 0 to 1."""
        over = (self.until - self.start).days + 1
        return min(max(Decimal(over) / self.days, ZERO), Decimal(1))


@dataclass
class LineUsage:
    """One product line: committed and ordered, in the contract's currency; quantities as the lines give them."""

    line: ProductLine
    committed: Decimal = ZERO
    ordered: Decimal = ZERO
    committed_quantity: Decimal = ZERO
    ordered_quantity: Decimal = ZERO

    @property
    def share(self) -> Decimal | None:
        """Ordered ÷ committed; None where nothing was committed."""
        return share(self.ordered, self.committed)


@dataclass
class Usage:
    """Usage within a term. `unpriced` are amounts of currencies that could not be converted, by currency."""

    term: Term
    currency: str
    lines: list[LineUsage]
    unpriced: dict[str, Decimal]

    @property
    def committed(self) -> Decimal:
        return sum((row.committed for row in self.lines), ZERO)

    @property
    def ordered(self) -> Decimal:
        """Of the product lines of the contract; what was ordered beside them does not use it up."""
        return sum((row.ordered for row in self.lines if row.committed), ZERO)

    @property
    def share(self) -> Decimal | None:
        return share(self.ordered, self.committed)

    @property
    def pace(self) -> Decimal | None:
        """Share used ÷ share of the term that is over: below 1 the commitment will not be reached."""
        return None if self.share is None else share(self.share, self.term.elapsed)


@dataclass(frozen=True)
class PriceChange:
    """A product line's average unit price (net amount ÷ quantity) of twelve months and of those before."""

    line: ProductLine
    currency: str
    now: Decimal | None
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """As a share: 0.1 is +10%."""
        if self.now is None or not self.before:
            return None
        return self.now / self.before - 1


def term_of(contract: Contract, version: ContractVersion, term_end: dt.date, today: dt.date) -> Term:
    """The term that ends on `term_end`: the signed one, or one of those by which the contract renewed itself."""
    start, months = version.start_date, version.auto_renewal_months
    if months and term_end > version.end_date:
        number = 1
        while terms.term_end(version.end_date, months, number) < term_end:
            number += 1
        start = terms.term_end(version.end_date, months, number - 1) + terms.ONE_DAY
    return Term(start, term_end, max(min(today, term_end), start - terms.ONE_DAY))


def commitment_share(version: ContractVersion, term: Term) -> Decimal:
    """How much of the version's lines a term stands for: 1 for the signed one, by months (else days) for others."""
    if term.start == version.start_date:
        return Decimal(1)
    months, whole = (
        terms.months_between(term.start, term.end),
        terms.months_between(version.start_date, version.end_date),
    )
    return Decimal(months) / whole if months and whole else Decimal(term.days) / version.days


def usage(contract: Contract, version: ContractVersion, term: Term, rates: DatedRates) -> Usage:
    """Orders of the account by product line within the term against the version's lines; two statements.

    Net revenue: sales minus returns, by order date. Other currencies are converted by the rates of the last day of the
    month of the order, as the revenue facts are.
    """
    scale = commitment_share(version, term)
    rows: dict[int, LineUsage] = {}
    for line in ContractLine.objects.filter(version=version).select_related("product_line"):
        row = rows.setdefault(line.product_line_id, LineUsage(line.product_line))
        row.committed += line.amount
        row.committed_quantity += line.quantity
    for row in rows.values():
        row.committed = round_amount(row.committed * scale, contract.currency)
        row.committed_quantity *= scale
    unpriced: dict[str, Decimal] = defaultdict(Decimal)
    for line, currency, month, amount, quantity in _ordered(contract, term, list(rows)):
        value = rates.cross(amount, currency, contract.currency, terms.add_months(month, 1) - terms.ONE_DAY)
        if value is None:
            unpriced[currency] += amount
        else:
            rows[line].ordered += value
            rows[line].ordered_quantity += quantity
    return Usage(term, contract.currency, sorted(rows.values(), key=lambda row: -row.committed), dict(unpriced))


def _ordered(contract: Contract, term: Term, lines: list[int]) -> Any:
    """Amount and quantity by product line of the contract, currency and month."""
    bought = OrderLine.objects.filter(
        order__account=contract.account_id, order__order_date__range=(term.start, term.until), product__line__in=lines
    )
    grouped = bought.order_by().annotate(month=TruncMonth("order__order_date"))
    grouped = grouped.values("product__line", "order__currency", "month").annotate(
        sum=Sum("amount"), number=Sum("quantity")
    )
    return grouped.values_list("product__line", "order__currency", "month", "sum", "number")


def price_changes(contract: Contract, today: dt.date) -> list[PriceChange]:
    """Average unit prices of the account by product line and currency: the twelve months up to `today` against the
    twelve before; only where both quantities are above zero. One statement."""
    year_ago = terms.add_months(today, -12)
    recent = Q(order__order_date__gt=year_ago, order__order_date__lte=today)
    before = Q(order__order_date__gt=terms.add_months(today, -24), order__order_date__lte=year_ago)
    rows = OrderLine.objects.filter(recent | before, order__account=contract.account_id).order_by()
    sums = rows.values("order__currency", **{name: F(f"product__line__{name}") for name in LINE}).annotate(
        now_amount=Sum("amount", filter=recent), now_quantity=Sum("quantity", filter=recent),
        then_amount=Sum("amount", filter=before), then_quantity=Sum("quantity", filter=before),
    )  # fmt: skip
    changes = [
        PriceChange(
            ProductLine(**{name: row[name] for name in LINE}),
            row["order__currency"],
            unit_price(row["now_amount"], row["now_quantity"]),
            unit_price(row["then_amount"], row["then_quantity"]),
        )
        for row in sums
    ]
    shown = [change for change in changes if change.change is not None]
    return sorted(shown, key=lambda change: (change.line.code, change.currency))


def unit_price(amount: Decimal | None, quantity: Decimal | None) -> Decimal | None:
    """Amount ÷ quantity, four decimals; None where nothing was bought on balance."""
    if amount is None or not quantity or quantity < 0:
        return None
    return (amount / quantity).quantize(Decimal("0.0001"))
