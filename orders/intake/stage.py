"""What a file holds, on disk and not in memory, while the rules that need more than one row are applied.

A temporary SQLite file of the standard library, gone when the process ends, however it ends. The same code serves every
database of ours.
"""
# ruff: noqa: S608  the statements are put together from constants of this file; values are parameters

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from orders.intake.lines import LineRow
from orders.intake.parser import AMOUNT_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, Line
from orders.intake.problems import BAD

_SCHEMA = """
CREATE TABLE line (row INTEGER PRIMARY KEY, external_id TEXT, account TEXT, moment INTEGER, product TEXT,
    product_name TEXT, product_line TEXT, currency TEXT, quantity INTEGER, price INTEGER, amount INTEGER, cost INTEGER,
    is_credit INTEGER, account_name TEXT, country TEXT, delivered INTEGER, digest INTEGER);
CREATE TABLE finding (row INTEGER PRIMARY KEY, code TEXT, params TEXT, external_id TEXT);
"""
_PRAGMAS = (
    "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-65536; "
    "PRAGMA temp_store=FILE"
)
_ADD_LINE = f"INSERT INTO line VALUES ({', '.join('?' * 17)})"
_ADD_FINDING = "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?)"
_DAY = 86400
_MEMO = 200_000

_DUPLICATES = """
SELECT row FROM (SELECT row, row_number() OVER (PARTITION BY digest, external_id, product, quantity, price ORDER BY row)
    AS nth FROM line) WHERE nth > 1
"""
# The few credits are indexed and every sale looks among them, not the other way round.
_CREDITS = """
CREATE TABLE credit AS SELECT row, account, product, price, currency, -quantity AS quantity, moment FROM line
    WHERE quantity < 0;
CREATE INDEX credit_key ON credit (account, product, quantity, price, currency);
"""
_VOID_CANDIDATES = """
SELECT c.row, s.row FROM line s CROSS JOIN credit c ON c.account = s.account AND c.product = s.product
    AND c.quantity = s.quantity AND c.price = s.price AND c.currency = s.currency
    AND s.moment BETWEEN c.moment - ? AND c.moment
WHERE s.quantity > 0 ORDER BY c.moment, c.row, s.moment DESC, s.row DESC
"""
# An order is delivered when all of it is: on the last day of its lines, and not while one of them has none.
_HEADS = """
CREATE TABLE head (external_id TEXT PRIMARY KEY, moment INTEGER, row INTEGER, accounts INTEGER, currencies INTEGER,
    delivered INTEGER) WITHOUT ROWID;
INSERT INTO head SELECT external_id, MIN(moment), MIN(row), COUNT(DISTINCT account), COUNT(DISTINCT currency),
    CASE WHEN COUNT(delivered) = COUNT(*) THEN MAX(delivered) END FROM line GROUP BY external_id;
"""
_ORDERS = """
SELECT head.row, line.external_id, line.account, head.moment, currency, product, quantity, price, amount, cost,
    product_name, product_line, is_credit, head.delivered
FROM line JOIN head USING (external_id) ORDER BY head.moment / 86400, head.row, line.row
"""
_BAD_CODES = ", ".join(f"'{code}'" for code in BAD)


class StagedOrder(NamedTuple):
    """One order, put together from its rows."""

    external_id: str
    account: str
    date: dt.date
    currency: str
    is_credit: bool
    lines: list[LineRow]
    delivered_on: dt.date | None = None


class StagedAccount(NamedTuple):
    """An account that orders name, with what its first row says about it."""

    code: str
    name: str
    country: str
    first_date: dt.date


class Finding(NamedTuple):
    """Why a row is not imported."""

    row: int
    code: str
    params: dict[str, Any]


class Stage:
    """Lines and findings of one file. Use it in `with`; its disk space is given back at the end."""

    def __init__(self, folder: Path | None = None) -> None:
        with tempfile.NamedTemporaryFile(prefix="kam-import-", suffix=".sqlite3", dir=folder) as file:
            self._db = sqlite3.connect(file.name, isolation_level=None)
            self._db.executescript(_PRAGMAS + ";" + _SCHEMA)
            # The name goes now, the space when the connection does: nothing is left behind by a SIGKILL.

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *exception: object) -> None:
        self._db.close()

    def add(
        self, lines: Iterable[tuple[int, Line, int]], findings: Iterable[tuple[int, str, dict[str, Any], str]]
    ) -> None:
        """Store lines as (row, line, digest of its cells) and findings as (row, code, params, order number)."""
        self._db.execute("BEGIN")
        self._db.executemany(_ADD_LINE, ((row, *line, digest) for row, line, digest in lines))
        rows = ((row, code, _json(params), order) for row, code, params, order in findings)
        self._db.executemany(_ADD_FINDING, rows)
        self._db.execute("COMMIT")

    def drop_duplicates(self) -> None:
        """Leave out every row that equals one above in every cell."""
        self._drop("duplicate", _DUPLICATES)

    def drop_void_pairs(self, hours: int) -> None:
        """Leave out lines that a credit cancelled within `hours`, and those credits; the latest fitting sale counts."""
        self._db.executescript(_CREDITS)
        credits_used: set[int] = set()
        sales_used: set[int] = set()
        for credit, sale in self._db.execute(_VOID_CANDIDATES, [hours * 3600]):
            if credit not in credits_used and sale not in sales_used:
                credits_used.add(credit)
                sales_used.add(sale)
        self._drop_rows("void_pair", credits_used | sales_used)
        self._db.execute("DROP TABLE credit")

    def accounts(self, size: int) -> Iterator[list[StagedAccount]]:
        """The distinct accounts, in batches."""
        columns = "account, MIN(moment), MAX(account_name), MAX(country)"
        cursor = self._db.execute(f"SELECT {columns} FROM line GROUP BY account ORDER BY MIN(row)")
        while batch := cursor.fetchmany(size):
            yield [StagedAccount(code, name, country, _date(moment)) for code, moment, name, country in batch]

    def product_lines(self) -> list[str]:
        """The distinct product line codes."""
        return [code for (code,) in self._db.execute("SELECT DISTINCT product_line FROM line")]

    def reject_accounts(self, code: str, accounts: Iterable[str]) -> None:
        """Every row of these accounts is bad for the reason `code`."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS refused (account TEXT PRIMARY KEY)")
        self._db.execute("DELETE FROM refused")
        self._db.executemany("INSERT OR IGNORE INTO refused VALUES (?)", ((account,) for account in accounts))
        params = "json_object('account', account)"
        self._drop(code, "SELECT row FROM line WHERE account IN (SELECT account FROM refused)", params)

    def reject_order(self, external_id: str, code: str, params: dict[str, Any]) -> None:
        """Every row of this order is bad: the database refused it."""
        cursor = self._db.execute("SELECT row FROM line WHERE external_id = ?", [external_id])
        rows = [(row, code, _json(params), external_id) for (row,) in cursor.fetchall()]
        self._db.executemany(_ADD_FINDING, rows)

    def assemble(self) -> int:
        """Put orders together; those that contradict themselves or have a bad row are bad as a whole. Counts orders."""
        incomplete = f"SELECT external_id FROM finding WHERE external_id <> '' AND code IN ({_BAD_CODES})"
        self._drop("order_incomplete", f"SELECT row FROM line WHERE external_id IN ({incomplete})")
        self._db.executescript("DROP TABLE IF EXISTS head;" + _HEADS)
        for column in ("accounts", "currencies"):
            contrary = f"SELECT external_id FROM head WHERE {column} > 1"
            self._drop(f"order_{column}_differ", f"SELECT row FROM line WHERE external_id IN ({contrary})")
        self._db.execute("DELETE FROM head WHERE accounts > 1 OR currencies > 1")
        return self._db.execute("SELECT COUNT(*) FROM head").fetchone()[0]

    def orders(self) -> Iterator[StagedOrder]:
        """The orders by date, as `assemble` left them."""
        quantities, prices, amounts = _Decimals(QUANTITY_DIGITS), _Decimals(PRICE_DIGITS), _Decimals(AMOUNT_DIGITS)
        make = LineRow._make
        for _head, group in groupby(self._db.execute(_ORDERS), itemgetter(0)):
            rows = list(group)
            first = rows[0]
            lines = [
                make((row[5], quantities[row[6]], prices[row[7]], amounts[row[8]], amounts[row[9]], row[10], row[11]))
                for row in rows
            ]
            delivered = None if first[13] is None else _date(first[13])
            yield StagedOrder(first[1], first[2], _date(first[3]), first[4], bool(first[12]), lines, delivered)

    def counts(self) -> dict[str, int]:
        """Rows by reason, `accepted` and `cancellation` (credit lines, booked as returns) first."""
        query = "SELECT SUM(quantity >= 0), SUM(quantity < 0) FROM line WHERE row NOT IN (SELECT row FROM finding)"
        accepted, returned = self._db.execute(query).fetchone()
        found = dict(self._db.execute("SELECT code, COUNT(*) FROM finding GROUP BY code ORDER BY COUNT(*) DESC"))
        return {"accepted": accepted or 0, "cancellation": returned or 0, **found}

    def findings(self) -> Iterator[Finding]:
        """Every finding, by row."""
        for row, code, params in self._db.execute("SELECT row, code, params FROM finding ORDER BY row"):
            yield Finding(row, code, json.loads(params))

    def _drop(self, code: str, rows: str, params: str = "'{}'") -> None:
        """Turn the lines that a query names into findings."""
        self._db.execute("DROP TABLE IF EXISTS temp.dropped")
        self._db.execute(f"CREATE TEMP TABLE dropped AS {rows}")
        self._db.execute(
            f"INSERT INTO finding SELECT row, ?, {params}, external_id FROM line "
            "WHERE row IN (SELECT row FROM dropped)",
            [code],
        )
        self._db.execute("DELETE FROM line WHERE row IN (SELECT row FROM dropped)")

    def _drop_rows(self, code: str, rows: Iterable[int]) -> None:
        self._db.execute("CREATE TEMP TABLE chosen (row INTEGER PRIMARY KEY)")
        self._db.executemany("INSERT INTO chosen VALUES (?)", ((row,) for row in rows))
        self._drop(code, "SELECT row FROM chosen")
        self._db.execute("DROP TABLE temp.chosen")


class _Decimals(dict[Any, Any]):
    """Integers in units of 10^-digits to decimals (None to None), each made once: files repeat their numbers."""

    def __init__(self, digits: int) -> None:
        super().__init__({None: None})
        self.digits = digits

    def __missing__(self, number: int) -> Decimal:
        if len(self) > _MEMO:
            self.clear()
            self[None] = None
        value = self[number] = Decimal(number).scaleb(-self.digits)
        return value


def batches(items: Iterable[Any], size: int) -> Iterator[Sequence[Any]]:
    """Lists of up to `size` items."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _date(moment: int) -> dt.date:
    return dt.date.fromordinal(moment // _DAY)


def _json(params: dict[str, Any]) -> str:
    return json.dumps(params, ensure_ascii=False, default=str) if params else "{}"
