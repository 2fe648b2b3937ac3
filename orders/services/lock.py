"""One writer of orders at a time, and how its statements run."""

from django.db import connection, transaction

_LOADED = (
    "accounts_account",
    "accounts_accountsummary",
    "orders_order",
    "orders_orderline",
    "orders_product",
    "orders_monthlyrevenue",
)
_GROWN = """
SELECT oid::regclass::text FROM pg_class
WHERE oid = ANY(%s::text[]::regclass[])
    AND pg_relation_size(oid) > 1.5 * GREATEST(relpages, 0) * current_setting('block_size')::int
"""
_KEY = 0x6B616D01  # any number that nothing else in this database locks


def lock_orders() -> None:
    """Hold the right to write orders and facts until the transaction ends.

    Two writers that rebuild the same month would each miss the other's rows. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])
        compile_nothing()


def compile_nothing() -> None:
    """Until the transaction ends, PostgreSQL does not compile statements: it takes a second to save milliseconds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")


def refresh_statistics() -> None:
    """Tell PostgreSQL's planner about tables that are half as large again as when it last looked.

    Autovacuum comes a minute later; until then a first import is planned as if the tables were still empty, and each
    batch reads all of them for each of its rows. Tables that have hardly grown are not read again.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_GROWN, [list(_LOADED)])
            if grown := [name for (name,) in cursor.fetchall()]:
                cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(grown)}")
