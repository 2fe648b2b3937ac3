"""The list of accounts sorted by what services summed: every account once, whatever the database makes of a sum."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.filters import SORTS
from accounts.models import Account
from core.paging import LAST, Sort, keyset_page
from tests.factories.accounts import AccountFactory
from tests.factories.orders import make_order


@pytest.mark.parametrize("ordering", [sign + name for name in SORTS for sign in ("", "-")])
def test_each_account_is_on_one_page(alice, ordering):
    """0.1 + 0.2 is no 0.3 in floating point, which is what SQLite sums in: a cursor must still be after its row."""
    for count in (3, 3, 1, 0, 6, 0):
        account = AccountFactory(manager=alice)
        for number in range(count):
            amount = Decimal("0.10") if number % 2 else Decimal("0.20")
            make_order(account, amount, date=dt.date(2026, 1, 5 + number))
    sort = Sort.parse(ordering, SORTS)
    accounts = Account.objects.visible_to(alice).with_list_columns()

    def walk(cursor, forward):
        seen = []
        while len(seen) < 20:
            page = keyset_page(accounts, sort, cursor, 1)
            seen += [row.pk for row in page]
            cursor = page.next_cursor if forward else page.previous_cursor
            if cursor is None:
                return seen
        raise AssertionError(f"The walk does not end: {seen}")

    forward = walk(None, forward=True)
    assert sorted(forward) == sorted(accounts.values_list("pk", flat=True))
    assert walk(LAST.encode(), forward=False) == forward[::-1]
