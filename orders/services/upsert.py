"""Orders from outside, in sets: the one way in for file imports and for the API."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from operator import attrgetter

from django.db import transaction

from accounts.choices import Status
from accounts.models import Account
from audit.models import AuditEntry
from audit.services import entry, record_many
from core.errors import DomainError
from core.money import round_amount
from orders.errors import RowProblem
from orders.models import Order, OrderKind, OrderLine
from orders.services.batch import LineRow, OrderRow, check_order
from orders.services.catalogue import ensure_products
from orders.services.facts import rebuild_facts, refresh_summaries
from orders.services.lock import lock_orders
from orders.services.rows import insert_lines, insert_orders
from users.models import User

__all__ = ["LineRow", "OrderRow", "Outcome", "upsert_orders"]

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"


@dataclasses.dataclass(slots=True)
class Outcome:
    """What became of one order: `status` created, updated, unchanged or rejected (then `code`, `message`, `field`)."""

    external_id: str
    status: str = REJECTED
    order_id: int | None = None
    code: str = ""
    message: str = ""
    field: str | None = None
    params: dict[str, object] = dataclasses.field(default_factory=dict)

    def refuse(self, error: DomainError) -> None:
        """Make this the outcome of an order that is rejected."""
        self.status, self.code, self.message = REJECTED, error.code, str(error)
        self.field, self.params = error.field, error.params


@dataclasses.dataclass
class _Work:
    """One accepted order of the batch on its way into the database."""

    row: OrderRow
    outcome: Outcome
    account_id: int
    order: Order | None = None  # what is stored, if anything
    before: dict[str, object] = dataclasses.field(default_factory=dict)


@transaction.atomic
def upsert_orders(
    batch: Sequence[OrderRow],
    *,
    source: str,
    actor: User | None,
    today: dt.date,
    reason: str = "",
    is_checked: bool = False,
) -> list[Outcome]:
    """Create, change or leave alone each order of `batch`, named by `source` and its external id; one outcome each.

    An order is taken as a whole: lines that it no longer has are removed. The same content again changes nothing. Facts
    and summaries of the touched accounts are recounted in the same transaction, and each created or changed order has
    its audit entry. `actor` may write to the accounts that they may edit; None is the system itself. A bad order is
    rejected and does not hold up the others. Unknown products are added to the catalogue. `is_checked`: the intake of
    files has checked every row, each order occurs once.
    """
    lock_orders()
    outcomes, rows = _unchecked(batch) if is_checked else _checked(batch)
    work = _allowed(rows, _account_ids(rows, actor), _stored(source, rows), actor)
    new = [item for item in work if item.order is None]
    changed = _changed([item for item in work if item.order is not None])
    products = ensure_products((line for item in [*new, *changed] for line in item.row.lines), actor=actor)
    touched = _touched([*new, *changed])
    _insert(new, source)
    _update(changed)
    insert_lines(_line_tuples([*new, *changed], products))
    record_many(_entries(new, changed, actor, reason))
    touched |= _touched([*new, *changed])
    if touched:
        account_ids = {account_id for account_id, _month in touched}
        rebuild_facts(account_ids, {month for _account_id, month in touched})
        refresh_summaries(today, account_ids)
    return outcomes


def _checked(batch: Sequence[OrderRow]) -> tuple[list[Outcome], list[tuple[OrderRow, Outcome]]]:
    """An outcome for each row, and the rows that are right in themselves."""
    outcomes: list[Outcome] = []
    rows: list[tuple[OrderRow, Outcome]] = []
    seen: set[str] = set()
    for row in batch:
        outcome = Outcome(row.external_id)
        try:
            check_order(row)
            if row.external_id in seen:
                raise RowProblem("repeated_in_batch", field="external_id")
        except RowProblem as error:
            outcome.refuse(error)
        else:
            seen.add(row.external_id)
            rows.append((row, outcome))
        outcomes.append(outcome)
    return outcomes, rows


def _unchecked(batch: Sequence[OrderRow]) -> tuple[list[Outcome], list[tuple[OrderRow, Outcome]]]:
    rows = [(row, Outcome(row.external_id)) for row in batch]
    return [outcome for _row, outcome in rows], rows


def _account_ids(rows: Sequence[tuple[OrderRow, Outcome]], actor: User | None) -> dict[str, int]:
    """Code -> id of the batch's accounts that `actor` may see."""
    codes = {row.account_code for row, _outcome in rows}
    visible = Account.objects.visible_to(actor) if actor is not None else Account.objects.all()
    return dict(visible.filter(code__in=codes).order_by().values_list("code", "pk"))


def _stored(source: str, rows: Sequence[tuple[OrderRow, Outcome]]) -> dict[str, Order]:
    wanted = [row.external_id for row, _outcome in rows]
    found = Order.objects.filter(source=source, external_id__in=wanted).order_by()
    return {order.external_id: order for order in found}


def _allowed(
    rows: Sequence[tuple[OrderRow, Outcome]], accounts: dict[str, int], stored: dict[str, Order], actor: User | None
) -> list[_Work]:
    """The orders whose account (and, if it moves, whose former account) `actor` may change; refuses the others."""
    editable = _editable_ids({*accounts.values(), *(order.account_id for order in stored.values())}, actor)
    work = []
    for row, outcome in rows:
        order = stored.get(row.external_id)
        account_id = accounts.get(row.account_code)
        problem = None
        if account_id is None:
            problem = RowProblem("unknown_account", field="account", account=row.account_code)
        elif account_id not in editable:
            problem = RowProblem("account_read_only", field="account", account=row.account_code)
        elif order is not None and order.account_id not in editable:
            problem = RowProblem("order_taken", field="external_id")
        if problem is None and account_id is not None:
            work.append(_Work(row, outcome, account_id, order))
        elif problem is not None:
            outcome.refuse(problem)
    return work


def _editable_ids(account_ids: set[int], actor: User | None) -> set[int]:
    editable = Account.objects.exclude(status=Status.TERMINATED)
    if actor is not None:
        editable = Account.objects.editable_by(actor)
    return set(editable.filter(pk__in=account_ids).order_by().values_list("pk", flat=True))


def _changed(work: Sequence[_Work]) -> list[_Work]:
    """Those that differ from what is stored; the others are marked unchanged."""
    lines = _stored_lines([item.order.pk for item in work if item.order])
    changed = []
    for item in work:
        order = item.order
        if order is None:
            continue
        item.outcome.order_id = order.pk
        stored = lines.get(order.pk, [])
        item.before = _header(order.account_id, order.order_date, order.kind, order.currency, order.total_amount)
        same_header = item.before == _header(item.account_id, *_facts_of(item.row))
        same_header &= item.row.delivered_on in (None, order.delivered_on)
        item.before["delivered_on"] = order.delivered_on
        if same_header and stored == [_content(line) for line in item.row.lines]:
            item.outcome.status = UNCHANGED
        else:
            item.before["lines"] = len(stored)
            changed.append(item)
    return changed


def _stored_lines(order_ids: Sequence[int]) -> dict[int, list[tuple[object, ...]]]:
    """Order id -> the content of its lines, in order."""
    found: dict[int, list[tuple[object, ...]]] = {}
    lines = OrderLine.objects.filter(order__in=order_ids).order_by("order_id", "position")
    columns = ("order_id", "product__code", "quantity", "unit_price", "amount", "cost_amount")
    for order_id, *content in lines.values_list(*columns).iterator(chunk_size=5000):
        found.setdefault(order_id, []).append(tuple(content))
    return found


def _content(line: LineRow) -> tuple[object, ...]:
    return (line.product_code, line.quantity, line.unit_price, line.amount, line.cost_amount)


def _facts_of(row: OrderRow) -> tuple[dt.date, str, str, Decimal]:
    return row.order_date, str(row.kind), row.currency, row.total_amount


def _header(account_id: int, date: dt.date, kind: str, currency: str, total: Decimal) -> dict[str, object]:
    amount = round_amount(total, currency)
    return {"account": account_id, "order_date": date, "kind": str(kind), "currency": currency, "total_amount": amount}


def _touched(work: Iterable[_Work]) -> set[tuple[int, dt.date]]:
    """(account, month) of the orders as they are stored now."""
    return {(item.order.account_id, item.order.order_date.replace(day=1)) for item in work if item.order is not None}


def _insert(work: Sequence[_Work], source: str) -> None:
    for item in work:
        date, kind, currency, total = _facts_of(item.row)
        item.order = Order(
            account_id=item.account_id,
            source=source,
            external_id=item.row.external_id,
            order_date=date,
            kind=OrderKind(kind),
            currency=currency,
            total_amount=total,
            delivered_on=item.row.delivered_on,
        )
    insert_orders([item.order for item in work if item.order])
    for item in work:
        item.outcome.status, item.outcome.order_id = CREATED, item.order.pk if item.order else None


def _update(work: Sequence[_Work]) -> None:
    """Write the headers and drop the old lines; the new ones follow for new and changed orders together."""
    orders = []
    for item in work:
        if item.order is not None:
            item.order.account_id = item.account_id
            item.order.order_date, item.order.kind, item.order.currency, item.order.total_amount = _facts_of(item.row)
            item.order.delivered_on = item.row.delivered_on or item.order.delivered_on
            item.outcome.status = UPDATED
            orders.append(item.order)
    if orders:
        fields = ["account", "order_date", "kind", "currency", "total_amount", "delivered_on", "updated_at"]
        for order in orders:
            order.updated_at = Order._meta.get_field("updated_at").pre_save(order, False)  # noqa: FBT003  Django's own
        Order.objects.bulk_update(orders, fields, batch_size=500)
        OrderLine.objects.filter(order__in=[order.pk for order in orders]).delete()


def _line_tuples(work: Sequence[_Work], products: dict[str, int]) -> Iterator[tuple[object, ...]]:
    for item in work:
        order_id = item.outcome.order_id
        for position, line in enumerate(item.row.lines, start=1):
            product_id = products[line.product_code]
            yield order_id, position, product_id, line.quantity, line.unit_price, line.amount, line.cost_amount


def _entries(new: Sequence[_Work], changed: Sequence[_Work], actor: User | None, reason: str) -> Iterator[AuditEntry]:
    header = attrgetter("account_id", "order_date", "kind", "currency", "total_amount")
    for items, action in ((new, "order.imported"), (changed, "order.updated")):
        for item in items:
            if item.order is None:
                continue
            more = {"delivered_on": item.order.delivered_on, "lines": len(item.row.lines)}
            after = {**_header(*header(item.order)), **more}
            changes = {name: (item.before.get(name), value) for name, value in after.items()}
            kept = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
            yield entry(action, item.order, actor=actor, changes=kept, account_id=item.account_id, reason=reason)
