"""The rows of all sheets that make one contract, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from integrations.agreements.sheets import CONTRACTS, INSTALMENTS, LINES, RECEIPTS, SheetRow
from integrations.tables.problems import RowBad

BATCH, BATCH_ROWS = 250, 4000


@dataclass
class Deed:
    """One contract of the file: its row in the sheet of contracts, if it has one, and its rows in the others."""

    key: tuple[str, str]
    contract: SheetRow | None = None
    others: dict[str, list[SheetRow]] = field(default_factory=lambda: {LINES: [], INSTALMENTS: [], RECEIPTS: []})
    repeated: list[SheetRow] = field(default_factory=list)

    @property
    def lines(self) -> list[SheetRow]:
        return self.others[LINES]

    @property
    def instalments(self) -> list[SheetRow]:
        return self.others[INSTALMENTS]

    @property
    def receipts(self) -> list[SheetRow]:
        return self.others[RECEIPTS]

    @property
    def rows(self) -> list[SheetRow]:
        """All of them, in the order of the sheets."""
        head = [self.contract] if self.contract else []
        return [*head, *self.repeated, *self.lines, *self.instalments, *self.receipts]

    @property
    def is_bad(self) -> bool:
        return any(row.problems for row in self.rows)


def put_together(rows: Iterable[SheetRow]) -> list[Deed]:
    """One deed for each contract, in the order in which the file first names them. What has no key stands alone."""
    deeds: dict[tuple[str, ...], Deed] = {}
    for row in rows:
        whole = all(row.key)
        deed = deeds.setdefault(row.key if whole else (row.sheet, str(row.row)), Deed(row.key))
        if row.sheet != CONTRACTS:
            deed.others[row.sheet].append(row)
        elif deed.contract is None:
            deed.contract = row
        else:
            row.problems.append(RowBad("repeated_in_file", "external_number", value=deed.contract.row))
            deed.repeated.append(row)
    for deed in deeds.values():
        _mark_repeated(deed.instalments, "number")
        _mark_repeated(deed.receipts, "reference")
    return list(deeds.values())


def batches(deeds: list[Deed], start: int) -> Iterator[tuple[int, list[Deed]]]:
    """(the place after them, deeds) from `start` on: so many contracts, and so many rows, as one transaction takes."""
    batch: list[Deed] = []
    size = 0
    for place, deed in enumerate(deeds[start:], start + 1):
        batch.append(deed)
        size += len(deed.rows)
        if len(batch) >= BATCH or size >= BATCH_ROWS or place == len(deeds):
            yield place, batch
            batch, size = [], 0


def _mark_repeated(rows: Iterable[SheetRow], name: str) -> None:
    seen: dict[object, int] = {}
    for row in rows:
        if name in row.values:
            above = seen.setdefault(row.values[name], row.row)
            if above != row.row:
                row.problems.append(RowBad("repeated_in_file", name, value=above))
