"""A grouped report as it was read: groups with their sums, subtotals and totals, in order. No database here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboards.reports.compiling import Computed
from dashboards.reports.filtering import NOTHING

Cell = tuple[Any, ...]
"""The keys of a group, one per level; ANY where the level is summed over."""
ANY = object()
Parts = list[Any]


@dataclass(frozen=True)
class Key:
    """The value of a group: as the database has it, in words, for an address, and its place in natural order."""

    value: Any
    text: str
    place: Any = None

    @property
    def param(self) -> str:
        if self.value is None or self.value == "":
            return NOTHING
        if isinstance(self.value, bool):
            return "1" if self.value else "0"
        return str(self.value)


@dataclass
class Row:
    """A line of the table: its keys (fewer than the groups: a subtotal, none: the total), and for each value of the
    cross group (the last: all of them) the numbers of the measures; `cell` names its rows in an address."""

    keys: list[Key]
    cells: list[list[Any]]
    level: int = 0
    is_sum: bool = False


@dataclass
class Table:
    """All lines in the order of the page. `groups_found`: how many outer groups there are, of which `shown` are here.
    `unpriced`: amounts without an exchange rate, which are in no sum."""

    crosses: list[Key] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    total: Row | None = None
    groups_found: int = 0
    groups_shown: int = 0
    more_groups: bool = False
    unpriced: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.rows and not (self.total and self.total.cells and any(self.total.cells[-1]))


def roll_up(cells: Mapping[Cell, Parts], measures: Sequence[Computed], keep: Sequence[bool]) -> dict[Cell, Parts]:
    """The sums over the levels that are not kept."""
    merges = [part.merge for one in measures for part in one.parts]
    found: dict[Cell, Parts] = {}
    for cell, parts in cells.items():
        key = tuple(value if kept else ANY for value, kept in zip(cell, keep, strict=True))
        known = found.get(key)
        found[key] = (
            list(parts)
            if known is None
            else [merge(a, b) if merge else None for merge, a, b in zip(merges, known, parts, strict=True)]
        )
    return found


def is_additive(measures: Iterable[Computed]) -> bool:
    return all(part.merge for one in measures for part in one.parts)


def finish(parts: Parts | None, measures: Sequence[Computed]) -> list[Any]:
    """The numbers of the measures from their parts; a group without rows has counts of zero and no other number."""
    found, at = [], 0
    for one in measures:
        mine = [None] * len(one.parts) if parts is None else parts[at : at + len(one.parts)]
        at += len(one.parts)
        if parts is None:
            found.append(0 if one.measure.function in ("count", "distinct") else None)
        else:
            found.append(one.finish(*mine))
    return found


def add_shares(table: Table, measures: Sequence[Computed]) -> None:
    """Turn the sums of `part` and `running` into shares of the total; `running` adds up in the order of the page."""
    if table.total is None:
        return
    for number, one in enumerate(measures):
        if one.measure.function not in ("part", "running"):
            continue
        for place in range(len(table.total.cells)):
            whole = table.total.cells[place][number]
            so_far: Any = 0
            for row in table.rows:
                value = row.cells[place][number]
                if one.measure.function == "running" and row.level == 0:
                    so_far = so_far + (value or 0)
                    value = so_far
                elif one.measure.function == "running":
                    value = None
                row.cells[place][number] = value / whole if value is not None and whole and whole > 0 else None
            table.total.cells[place][number] = 1 if whole and whole > 0 else None


def in_order(
    values: Iterable[Any], sort: str, number_of: Callable[[Any], Any], key_of: Callable[[Any], Key]
) -> list[Any]:
    """The groups of one level in order: by their value or by a number; what has none comes last either way."""
    natural = sorted(values, key=lambda value: key_of(value).place)
    down = sort.startswith("-")
    if sort.removeprefix("-") == "group":
        known = [value for value in natural if key_of(value).param != NOTHING]
        return (known[::-1] if down else known) + [value for value in natural if key_of(value).param == NOTHING]
    known = [value for value in natural if number_of(value) is not None]
    rest = [value for value in natural if number_of(value) is None]
    return sorted(known, key=number_of, reverse=down) + rest
