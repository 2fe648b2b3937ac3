"""Keyset paging: every row exactly once, in both directions, whatever the keys; and no cursor breaks it."""

import base64
import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Account, AccountSummary
from core.paging import LAST, Cursor, InvalidCursor, Sort, bounded_count, keyset_page

SORTS = {
    "id": Sort("pk"),
    "name": Sort("name"),
    "since": Sort("customer_since", nullable=True),
    "employees": Sort("employees", nullable=True),
    "created": Sort("created_at"),
    "revenue": Sort("summary__revenue_12m_amount"),
    "last_order": Sort("summary__last_order_date", nullable=True),
}
ORDERINGS = [sign + name for name in SORTS for sign in ("", "-")]
DAY = dt.date(2026, 3, 16)

# Few different values, so that ties are the rule.
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["", "a", "B", "b", "é", "客", "客户", "100%", '"', "\\"]),
            "customer_since": st.none() | st.sampled_from([DAY, DAY - dt.timedelta(1), dt.date(1, 1, 1)]),
            "employees": st.none() | st.integers(0, 2),
            # Up to 15 digits: SQLite keeps decimals as floating point numbers.
            "revenue": st.sampled_from([Decimal("-1.50"), Decimal(0), Decimal("0.10"), Decimal("1234567890123.45")]),
            "last_order": st.none() | st.sampled_from([DAY, DAY - dt.timedelta(400)]),
        }
    ),
    max_size=14,
)


def insert(rows: list[dict]) -> None:
    """Rows straight into the tables: paging knows nothing of services."""
    start = Account.objects.count()
    accounts = Account.objects.bulk_create(
        Account(
            code=f"P{start + number}-{DAY}",
            name=row["name"],
            customer_since=row["customer_since"],
            employees=row["employees"],
        )
        for number, row in enumerate(rows)
    )
    AccountSummary.objects.bulk_create(
        AccountSummary(account=account, revenue_12m_amount=row["revenue"], last_order_date=row["last_order"])
        for account, row in zip(accounts, rows, strict=True)
    )


def everything():
    return Account.objects.order_by().select_related("summary")


def in_order(sort: Sort) -> list[int]:
    """The ids as one plain ORDER BY gives them: by key, empty keys last, ties by id in the same direction."""
    key = F(sort.path).desc(nulls_last=True) if sort.descending else F(sort.path).asc(nulls_last=True)
    return list(Account.objects.order_by(key, "-pk" if sort.descending else "pk").values_list("pk", flat=True))


def walk(sort: Sort, size: int, *, forward: bool = True, between=lambda: None) -> list[int]:
    """All ids as somebody sees them who presses “next” (or, from the last page, “previous”) to the end."""
    seen, cursor = [], None if forward else LAST.encode()
    for _page in range(100):
        page = keyset_page(everything(), sort, cursor, size)
        ids = [row.pk for row in page]
        seen = seen + ids if forward else ids + seen
        cursor = page.next_cursor if forward else page.previous_cursor
        if cursor is None:
            return seen
        between()
    raise AssertionError("The walk does not end.")


class TestWalk(TestCase):
    @settings(max_examples=100, deadline=None)
    @given(rows=ROWS, size=st.integers(1, 5), ordering=st.sampled_from(ORDERINGS))
    def test_forward_and_backward_visit_each_row_once_in_order(self, rows, size, ordering):
        insert(rows)
        sort = Sort.parse(ordering, SORTS)
        assert walk(sort, size) == in_order(sort)
        assert walk(sort, size, forward=False) == in_order(sort)

    @settings(max_examples=60, deadline=None)
    @given(rows=ROWS, more=ROWS, size=st.integers(1, 4), ordering=st.sampled_from(ORDERINGS))
    def test_rows_inserted_while_walking_move_nothing(self, rows, more, size, ordering):
        insert(rows)
        sort, waiting = Sort.parse(ordering, SORTS), list(more)
        before = in_order(sort)
        seen = walk(sort, size, between=lambda: insert([waiting.pop()]) if waiting else None)
        assert [pk for pk in seen if pk in before] == before
        assert len(seen) == len(set(seen))

    @settings(max_examples=60, deadline=None)
    @given(rows=ROWS, size=st.integers(1, 4), ordering=st.sampled_from(ORDERINGS))
    def test_back_from_any_page_is_the_page_before(self, rows, size, ordering):
        insert(rows)
        sort, before = Sort.parse(ordering, SORTS), None
        page = keyset_page(everything(), sort, None, size)
        while page.next_cursor:
            before, page = page, keyset_page(everything(), sort, page.next_cursor, size)
            back = keyset_page(everything(), sort, page.previous_cursor, size)
            assert [row.pk for row in back] == [row.pk for row in before]
            assert back.next_cursor == before.next_cursor


class TestEnds:
    def test_empty_list_has_no_neighbours(self, db):
        page = keyset_page(everything(), SORTS["name"])
        assert (page.rows, page.next_cursor, page.previous_cursor) == ([], None, None)

    def test_first_and_last_page_have_one_neighbour(self, account, foreign_account):
        first = keyset_page(everything(), SORTS["name"], None, 1)
        assert (first.previous_cursor, first.next_cursor is None) == (None, False)
        last = keyset_page(everything(), SORTS["name"], first.next_cursor, 1)
        assert (last.next_cursor, last.previous_cursor is None) == (None, False)

    def test_row_of_the_cursor_may_be_gone(self, account, foreign_account):
        first = keyset_page(everything(), SORTS["name"], None, 1)
        Account.objects.filter(pk=first.rows[0].pk).update(name="")
        assert len(keyset_page(everything(), SORTS["name"], first.next_cursor, 1)) == 1

    def test_a_page_costs_two_statements_at_most(self, account, django_assert_max_num_queries):
        for ordering in ORDERINGS:
            with django_assert_max_num_queries(2):
                keyset_page(everything(), Sort.parse(ordering, SORTS), None, 50)

    def test_statements_have_a_limit_and_no_offset(self, account, foreign_account, django_assert_max_num_queries):
        cursor = keyset_page(everything(), SORTS["name"], None, 1).next_cursor
        with django_assert_max_num_queries(1) as captured:
            keyset_page(everything(), SORTS["name"], cursor, 1)
        sql = captured.captured_queries[0]["sql"]
        assert "LIMIT 2" in sql
        assert "OFFSET" not in sql
        assert "COUNT" not in sql


class TestBoundedCount:
    def test_exact_up_to_the_limit(self, account, foreign_account):
        assert bounded_count(Account.objects.all(), limit=2) == (2, True)
        assert bounded_count(Account.objects.all(), limit=1) == (1, False)


class TestSortParse:
    def test_reads_direction_and_keeps_nullable(self):
        assert Sort.parse("-since", SORTS) == Sort("customer_since", descending=True, nullable=True)

    @pytest.mark.parametrize("text", ["", "-", "--name", "password", "name,-id", "name__icontains", "\x00"])
    def test_unknown_is_none(self, text):
        assert Sort.parse(text, SORTS) is None


def cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


BAD_CURSORS = {
    "garbage": "garbage",
    "one letter": "a",
    "not ascii": "客户",
    "not base64": "!!!!",
    "spaces": "   ",
    "not UTF-8": base64.urlsafe_b64encode(b"\xff\xfe\x00").decode(),
    "not JSON": base64.urlsafe_b64encode(b"['n',1,2]").decode(),
    "JSON null": cursor_of(None),
    "number": cursor_of(7),
    "object": cursor_of({"n": 1}),
    "too short": cursor_of(["n", 1]),
    "too long": cursor_of(["n", 1, 2, 3]),
    "unknown direction": cursor_of(["x", None, 1]),
    "direction is a list": cursor_of([["n"], None, 1]),
    "text as id": cursor_of(["n", None, "1"]),
    "id is true": cursor_of(["n", None, True]),
    "id is a fraction": cursor_of(["n", None, 1.5]),
    "key is a list": cursor_of(["n", [1], 1]),
    "key is an object": cursor_of(["n", {"a": 1}, 1]),
    "deep": base64.urlsafe_b64encode(b"[" * 100_000 + b"]" * 100_000).decode(),
    "many digits": base64.urlsafe_b64encode(b'["n",1,' + b"9" * 5000 + b"]").decode(),
}
# Well formed, but no value of the key.
BAD_KEYS = {
    "id": [None, "x", 1e400, "NaN"],
    "name": [None, "a\x00b", "\ud800"],
    "since": ["yesterday", "2026-02-31", 20260316, "0000-00-00", True],
    "employees": ["many", 1e400, float("nan")],
    "created": [None, "now", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-16T00:00:00", 5],
    "revenue": [None, "Infinity", "-inf", "NaN", "sNaN", "1e999999", "1,50", float("inf")],
    "last_order": ["soon", 1.5],
}
# The same, but merely far away: an empty or full page, never an error.
FAR_KEYS = {
    "id": [2**70, -(2**70)],
    "employees": [2**70, -(2**70)],
    "name": ["\U0010ffff" * 9, ""],
    "since": ["0001-01-01"],
}


@pytest.mark.django_db
class TestBadCursors:
    @pytest.mark.parametrize("ordering", ["name", "-revenue", "last_order"])
    @pytest.mark.parametrize("name", BAD_CURSORS)
    def test_malformed_is_refused(self, account, name, ordering):
        with pytest.raises(InvalidCursor):
            keyset_page(everything(), Sort.parse(ordering, SORTS), BAD_CURSORS[name])

    @pytest.mark.parametrize("direction", ["n", "p"])
    @pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in BAD_KEYS.items() for key in keys])
    def test_impossible_key_is_refused(self, account, name, key, direction):
        with pytest.raises(InvalidCursor):
            keyset_page(everything(), SORTS[name], cursor_of([direction, key, 1]))

    @pytest.mark.parametrize("pk", [0, -1, 2**63, -(2**63) - 1, 2**200])
    @pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in FAR_KEYS.items() for key in keys])
    def test_far_away_is_a_page(self, account, name, key, pk):
        for direction in "np":
            assert len(keyset_page(everything(), SORTS[name], cursor_of([direction, key, pk]))) <= 1

    def test_cursor_of_another_sort_is_refused_or_harmless(self, account, foreign_account):
        for ordering in ORDERINGS:
            cursor = keyset_page(everything(), Sort.parse(ordering, SORTS), None, 1).next_cursor
            for other in ORDERINGS:
                try:
                    assert len(keyset_page(everything(), Sort.parse(other, SORTS), cursor, 1)) <= 1
                except InvalidCursor:
                    continue

    def test_unknown_path_is_refused(self, account):
        with pytest.raises(InvalidCursor):
            Cursor.decode(cursor_of(["n", 1, 1]), Account, Sort("nothing__here"))


class TestAlteredCursors(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(text=st.text(max_size=40) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
    def test_noise_is_refused_or_harmless(self, text):
        for ordering in ("name", "-since", "-revenue", "created"):
            try:
                keyset_page(everything(), Sort.parse(ordering, SORTS), text, 5)
            except InvalidCursor:
                continue

    @settings(max_examples=60, deadline=None)
    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=4),
            max_leaves=6,
        ),
        ordering=st.sampled_from(ORDERINGS),
        direction=st.sampled_from("np"),
    )
    def test_any_json_in_any_place_is_refused_or_harmless(self, value, ordering, direction):
        insert([{"name": "a", "customer_since": None, "employees": 1, "revenue": Decimal(1), "last_order": None}])
        sort = Sort.parse(ordering, SORTS)
        for content in (value, [value, value, value], [direction, value, 1], [direction, None, value]):
            try:
                keyset_page(everything(), sort, cursor_of(content), 5)
            except InvalidCursor:
                continue
