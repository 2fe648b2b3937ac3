"""Reading a report: a table of groups or a list of rows, within bounds of rows and time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from core.reporting import Asked, Column, Kind, ReportObject
from dashboards.reports import budget, naming
from dashboards.reports.compiling import Compiled, Computed
from dashboards.reports.definition import Definition
from dashboards.reports.errors import ReportTooLarge
from dashboards.reports.filtering import alias_of
from dashboards.reports.tables import (
    ANY,
    Cell,
    Key,
    Parts,
    Row,
    Table,
    add_shares,
    finish,
    in_order,
    is_additive,
    roll_up,
)

PAGE = 100


@dataclass(frozen=True)
class Bounds:
    """How much may be read: cells of a table, lines shown of it, rows of a list, seconds."""

    cells: int
    lines: int
    rows: int
    seconds: float


ONLINE = Bounds(cells=20_000, lines=500, rows=10_000, seconds=budget.ONLINE_SECONDS)
PREVIEW = Bounds(cells=20_000, lines=50, rows=50, seconds=budget.ONLINE_SECONDS)
MAILED = Bounds(cells=50_000, lines=10_000, rows=50_000, seconds=budget.BACKGROUND_SECONDS)
PAGED = Bounds(cells=200_000, lines=500, rows=500, seconds=budget.BACKGROUND_SECONDS)
BACKGROUND = Bounds(cells=200_000, lines=100_000, rows=200_000, seconds=budget.BACKGROUND_SECONDS)


@dataclass
class Listing:
    """Rows as they are: for each column its value, of relations the key and the name; in the background they are read
    while they are written. `count` is exact; `sums` are those of the amounts and numbers of all rows."""

    columns: list[Column]
    rows: Iterable[tuple[Any, list[Any]]] = ()
    count: int = 0
    sums: dict[str, Any] = field(default_factory=dict)
    unpriced: int = 0
    page: int = 1
    pages: int = 1

    @property
    def is_empty(self) -> bool:
        return not self.count


def run(
    definition: Definition,
    one: ReportObject,
    asked: Asked,
    bounds: Bounds,
    *,
    cell: Mapping[int, str] | None = None,
    page: int = 1,
) -> Table | Listing:
    """The report; with `cell` the rows behind one number of its table. Raises ReportTooSlow, ReportTooLarge,
    InvalidReport."""
    compiled = Compiled(definition, one, asked)
    with budget.seconds(bounds.seconds):
        if definition.is_table and cell is None:
            return _table(compiled, bounds)
        return _listing(compiled, bounds, cell or {}, page)


def _table(compiled: Compiled, bounds: Bounds) -> Table:
    rows, measures = compiled.rows(), compiled.measures
    levels = len(compiled.groups)
    table = Table()
    by_number = _by_number(compiled)
    if levels == 1 and not compiled.definition.cross and by_number is not None:
        cells = _first_groups(compiled, rows, by_number, bounds, table)
    else:
        cells = _read(compiled, rows, range(levels), bounds.cells, table)
    _lay_out(compiled, table, _Sums(compiled, rows, cells, measures, table), bounds)
    add_shares(table, measures)
    return table


def sort_of(definition: Definition) -> str:
    """The order that was asked for; else dates and steps by their value, everything else by the first number."""
    return definition.sort or "group"


def _by_number(compiled: Compiled) -> Any:
    """The number that orders the groups, where one does."""
    sort = sort_of(compiled.definition)
    name, _sep, number = sort.removeprefix("-").partition(":")
    if name != "sum":
        return None
    order = compiled.measures[int(number)].order
    return (order, sort.startswith("-"))


def _first_groups(
    compiled: Compiled, rows: QuerySet[Any], by_number: tuple[Any, bool], bounds: Bounds, table: Table
) -> dict[Cell, Parts]:
    """The first groups by a number: of a hundred thousand accounts no more than are shown."""
    order, down = by_number
    most = min(compiled.definition.limit or bounds.lines, bounds.lines)
    grouped = compiled.grouped(rows, [0]).annotate(by=order).filter(~Q(by=None) if compiled.definition.limit else Q())
    ordered = F("by").desc(nulls_last=True) if down else F("by").asc(nulls_last=True)
    found = list(grouped.order_by(ordered, "g0")[: most + 1])
    table.more_groups = len(found) > most
    return _cells(compiled, found[:most], range(1), table)


def _read(
    compiled: Compiled, rows: QuerySet[Any], numbers: Sequence[int], most: int, table: Table | None
) -> dict[Cell, Parts]:
    """All groups of some levels. Raises ReportTooLarge."""
    if not numbers:
        return _cells(compiled, [rows.aggregate(**compiled.aggregates())], numbers, table)
    found = list(compiled.grouped(rows, numbers).order_by()[: most + 1])
    if len(found) > most:
        raise ReportTooLarge(limit=most)
    return _cells(compiled, found, numbers, table)


def _cells(
    compiled: Compiled, found: list[dict[str, Any]], numbers: Sequence[int], table: Table | None
) -> dict[Cell, Parts]:
    """Rows of a query as cells: the keys of the levels that were read, ANY for the others."""
    names = [f"m{n}_{place}" for n, one in enumerate(compiled.measures) for place, _part in enumerate(one.parts)]
    lacking = [f"n{n}" for n, one in enumerate(compiled.measures) if one.column and one.column.raw]
    cells = {}
    for row in found:
        key = tuple(row[f"g{n}"] if n in numbers else ANY for n in range(len(compiled.groups)))
        cells[key] = [row[name] for name in names]
        if table is not None:
            table.unpriced += max((row[name] for name in lacking), default=0)
    return cells


@dataclass
class _Sums:
    """The numbers of every cell and of everything it adds up to."""

    compiled: Compiled
    rows: QuerySet[Any]
    cells: dict[Cell, Parts]
    measures: list[Computed]
    table: Table
    known: dict[tuple[bool, ...], dict[Cell, Parts]] = field(default_factory=dict)

    def of(self, cell: Cell) -> list[Any]:
        keep = tuple(value is not ANY for value in cell)
        return finish(self.level(keep).get(cell), self.measures)

    def level(self, keep: tuple[bool, ...]) -> dict[Cell, Parts]:
        """The cells of some levels: added up, or asked again where numbers cannot be added or groups are left out."""
        if keep not in self.known:
            if all(keep):
                self.known[keep] = self.cells
            elif is_additive(self.measures) and not self.table.more_groups:
                self.known[keep] = roll_up(self.cells, self.measures, keep)
            else:
                numbers = [number for number, kept in enumerate(keep) if kept]
                self.known[keep] = _read(self.compiled, self.rows, numbers, len(self.cells) + 1, None)
        return self.known[keep]


def _lay_out(compiled: Compiled, table: Table, sums: _Sums, bounds: Bounds) -> None:
    """The lines of the page: each outer group with what is in it, then the total."""
    depth = len(compiled.definition.groups)
    groups = compiled.groups
    found = [naming.keys(compiled, group, {cell[n] for cell in sums.cells}) for n, group in enumerate(groups)]
    crosses: list[Any] = [ANY]
    if compiled.definition.cross:
        natural = in_order(found[depth], "group", lambda _value: None, found[depth].__getitem__)
        table.crosses = [found[depth][value] for value in natural]
        crosses = [*natural, ANY]
    crossed = compiled.definition.cross is not None

    def line(values: list[Any]) -> list[list[Any]]:
        full = [*values, *[ANY] * (depth - len(values))]
        return [sums.of((*full, cross) if crossed else tuple(full)) for cross in crosses]

    if depth:
        inner: dict[Any, set[Any]] = {}
        for cell in sums.cells:
            inner.setdefault(cell[0], set()).add(cell[1] if depth > 1 else None)
        _add_lines(compiled, table, found, inner, line, bounds)
    table.total = Row([], line([]), is_sum=True)


def _add_lines(
    compiled: Compiled, table: Table, found: list[dict[Any, Key]], inner: dict[Any, set[Any]], line: Any, bounds: Bounds
) -> None:
    sort, depth = sort_of(compiled.definition), len(compiled.definition.groups)
    place = int(sort.partition(":")[2] or 0)
    outer = in_order(inner, sort, lambda value: line([value])[-1][place], found[0].__getitem__)
    shown = outer[: compiled.definition.limit or None]
    table.groups_found = len(outer)
    for value in shown:
        if len(table.rows) >= bounds.lines:
            break
        table.rows.append(Row([found[0][value]], line([value]), is_sum=depth > 1))
        table.groups_shown += 1
        if depth < 2:
            continue
        pairs = in_order(inner[value], sort, _number_of(line, value, place), found[1].__getitem__)
        table.rows += [Row([found[0][value], found[1][two]], line([value, two]), level=1) for two in pairs]
    table.more_groups = table.more_groups or table.groups_shown < len(outer)


def _number_of(line: Any, outer: Any, place: int) -> Callable[[Any], Any]:
    """The number by which the groups within an outer one are ordered."""
    return lambda inner: line([outer, inner])[-1][place]


def _listing(compiled: Compiled, bounds: Bounds, cell: Mapping[int, str], page: int) -> Listing:
    """One page of the rows (of a preview the first, of an export all that are allowed), their number and sums."""
    definition = compiled.definition if not compiled.definition.is_table else compiled.definition.as_rows()
    rows = compiled.rows(cell)
    plain = Compiled(definition, compiled.one, compiled.asked)
    columns = [plain.column(key) for key in definition.columns or compiled.one.shown]
    known = rows.query.annotations
    more = {alias_of(c): c.expression(compiled.asked) for c in columns if c.value and alias_of(c) not in known}
    rows = rows.annotate(**more) if more else rows
    found = Listing(columns)
    _count(found, rows)
    if bounds in (BACKGROUND, MAILED) and found.count > bounds.rows and not definition.limit:
        raise ReportTooLarge(limit=bounds.rows)
    most = min(definition.limit or bounds.rows, bounds.rows, found.count)
    size = PAGE if bounds is ONLINE else bounds.rows
    found.pages = max(1, -(-most // size))
    found.page = min(max(page, 1), found.pages)
    first = (found.page - 1) * size
    fetched = _fetch(plain, columns, rows, definition.sort)[first : min(first + size, most)]
    if bounds in (BACKGROUND, MAILED):
        found.rows = (_split(columns, row) for row in fetched.iterator(chunk_size=2000))
    else:
        found.rows = [_split(columns, row) for row in fetched]
    return found


def _count(found: Listing, rows: QuerySet[Any]) -> None:
    """The number of rows, and the sums of the columns that have one; one statement."""
    summed = [column for column in found.columns if "sum" in column.functions]
    asked: dict[str, Any] = {f"s_{column.key}": Sum(alias_of(column)) for column in summed}
    for column in summed:
        if column.raw:
            lacking = Q(**{f"{column.raw}__isnull": False, f"{alias_of(column)}__isnull": True})
            asked[f"n_{column.key}"] = Count("pk", filter=lacking)
    sums = rows.order_by().aggregate(number=Count("pk"), **asked)
    found.count = sums["number"]
    found.sums = {column.key: sums[f"s_{column.key}"] for column in summed}
    found.unpriced = max((sums[name] for name in asked if name.startswith("n_")), default=0)


def _fetch(compiled: Compiled, columns: Sequence[Column], rows: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """The key of the row's page, then each column; of relations their key and name."""
    fields: list[Any] = [F(compiled.one.url_path)]
    for column in columns:
        fields.append(F(alias_of(column)))
        if column.kind == Kind.RELATION:
            fields.append(_name(column, compiled.asked))
    values = {f"v{number}": field for number, field in enumerate(fields)}
    order: list[Any] = ["pk"]
    by = compiled.one.column(sort.removeprefix("-"))
    if by is not None:
        at = F(_name_path(by, by.name) if by.kind == Kind.RELATION else alias_of(by))
        order = [at.desc(nulls_last=True) if sort.startswith("-") else at.asc(nulls_last=True), "pk"]
    return rows.order_by(*order).values_list(*values.values())


def _name(column: Column, asked: Asked) -> Any:
    """The name of the related row in the reader's language."""
    name = F(_name_path(column, column.name))
    if not (asked.english and column.english):
        return name
    return Coalesce(NullIf(F(_name_path(column, column.english)), Value("")), name)


def _name_path(column: Column, name: str) -> str:
    return name if column.path == "id" else f"{column.path}__{name}"


def _split(columns: Sequence[Column], row: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The key of the row's page, and the values; of a relation a pair of key and name."""
    values, at = [], 1
    for column in columns:
        if column.kind == Kind.RELATION:
            values.append((row[at], row[at + 1]))
            at += 2
        else:
            values.append(row[at])
            at += 1
    return row[0], values
