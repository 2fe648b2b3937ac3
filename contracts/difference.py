"""What differs between two versions of a contract, side by side."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

TERMS = (
    "start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate", "payment_terms", "terms",
)  # fmt: skip
AMOUNTS = ("list_amount", "net_amount", "tax_amount", "gross_amount")
LINE = ("product_line_id", "description", "quantity", "unit", "unit_price", "discount", "amount")
INSTALMENT = ("title", "amount", "due_by", "due_date", "event", "days_after")
SIGNATORY = ("side", "name", "position")


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class FieldChange:
    """One value before and after; `delta` is the difference of two amounts."""

    name: str
    old: Any
    new: Any

    @property
    def delta(self) -> Decimal | None:
        numbers = isinstance(self.old, Decimal) and isinstance(self.new, Decimal)
        return self.new - self.old if numbers else None


@dataclass(frozen=True)
class RowChange:
    """A row of one or of both versions; `fields` are those that differ."""

    kind: Change
    old: Any = None
    new: Any = None
    fields: tuple[FieldChange, ...] = ()

    @property
    def names(self) -> set[str]:
        """The names of the fields that differ, for marking cells."""
        return {change.name for change in self.fields}


@dataclass(frozen=True)
class Side:
    """A version with its rows."""

    version: Any
    lines: Sequence[Any] = ()
    instalments: Sequence[Any] = ()
    signatories: Sequence[Any] = ()


@dataclass(frozen=True)
class Difference:
    """Of two versions; rows that are the same are there too, so that both sides can be shown whole."""

    terms: list[FieldChange] = field(default_factory=list)
    amounts: list[FieldChange] = field(default_factory=list)
    lines: list[RowChange] = field(default_factory=list)
    instalments: list[RowChange] = field(default_factory=list)
    signatories: list[RowChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        rows = (*self.lines, *self.instalments, *self.signatories)
        return bool(self.terms or self.amounts) or any(row.kind != Change.SAME for row in rows)


def difference(old: Side, new: Side) -> Difference:
    """Lines are matched by their content first, then by product line and description, then by product line; instalments
    by their number; signatories by side and name. What has no partner was added or removed."""
    lines = _match(old.lines, new.lines, [_content, lambda row: (row.product_line_id, row.description), _product_line])
    instalments = _match(old.instalments, new.instalments, [lambda row: row.position])
    signatories = _match(old.signatories, new.signatories, [lambda row: (row.side, row.name)])
    return Difference(
        _fields(old.version, new.version, TERMS),
        _fields(old.version, new.version, AMOUNTS),
        [_row(*pair, LINE) for pair in lines],
        [_row(*pair, INSTALMENT) for pair in instalments],
        [_row(*pair, SIGNATORY) for pair in signatories],
    )


def _fields(old: Any, new: Any, names: Iterable[str]) -> list[FieldChange]:
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return [FieldChange(name, before, after) for name, before, after in pairs if before != after]


def _row(old: Any, new: Any, names: Iterable[str]) -> RowChange:
    if old is None:
        return RowChange(Change.ADDED, new=new)
    if new is None:
        return RowChange(Change.REMOVED, old=old)
    found = tuple(_fields(old, new, names))
    return RowChange(Change.CHANGED if found else Change.SAME, old, new, found)


def _content(row: Any) -> Hashable:
    return tuple(getattr(row, name) for name in LINE)


def _product_line(row: Any) -> Hashable:
    return row.product_line_id


def _match(old: Sequence[Any], new: Sequence[Any], keys: Iterable[Callable[[Any], Hashable]]) -> list[tuple[Any, Any]]:
    """Pairs in the order of the new rows, the removed ones behind the row that they stood behind."""
    partner: dict[int, int] = {}
    free_old, free_new = list(range(len(old))), list(range(len(new)))
    for key in keys:
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for at in free_old:
            waiting[key(old[at])].append(at)
        for at in free_new:
            if found := waiting.get(key(new[at])):
                partner[at] = found.popleft()
        taken = set(partner.values())
        free_old = [at for at in free_old if at not in taken]
        free_new = [at for at in free_new if at not in partner]
    return _ordered(old, new, partner, free_old)


def _ordered(
    old: Sequence[Any], new: Sequence[Any], partner: dict[int, int], removed: Sequence[int]
) -> list[tuple[Any, Any]]:
    """The removed rows go in front of the first row whose partner stood behind them."""
    left, pairs = deque(removed), []
    for at, row in enumerate(new):
        before = partner.get(at)
        while before is not None and left and left[0] < before:
            pairs.append((old[left.popleft()], None))
        pairs.append((None if before is None else old[before], row))
    return [*pairs, *((old[at], None) for at in left)]
