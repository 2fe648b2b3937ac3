"""The side-by-side difference of two versions."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from contracts.difference import Change, Side, difference


def line(product=1, description="", price="10", **fields):
    values = {"quantity": Decimal(1), "unit": "", "discount": Decimal(0), "amount": Decimal(price), **fields}
    return SimpleNamespace(product_line_id=product, description=description, unit_price=Decimal(price), **values)


def instalment(position, amount="10", **fields):
    values = {"title": "", "due_by": "date", "due_date": dt.date(2026, 4, 1), "event": "", "days_after": 0, **fields}
    return SimpleNamespace(position=position, amount=Decimal(amount), **values)


def version(**fields):
    values = {
        "start_date": dt.date(2026, 1, 1), "end_date": dt.date(2026, 12, 31), "notice_days": 30,
        "auto_renewal_months": 0, "tax_rate": Decimal(13), "payment_terms": "", "terms": "",
        "list_amount": Decimal(10), "net_amount": Decimal(10), "tax_amount": Decimal(1), "gross_amount": Decimal(11),
    }  # fmt: skip
    return SimpleNamespace(**{**values, **fields})


def kinds(rows):
    return [row.kind for row in rows]


class TestDifference:
    def test_of_a_version_with_itself_is_none(self):
        side = Side(version(), [line()], [instalment(1)], [SimpleNamespace(side="ours", name="王芳", position="")])
        found = difference(side, side)
        assert not found
        assert kinds([*found.lines, *found.instalments, *found.signatories]) == [Change.SAME] * 3

    def test_tells_dates_and_amounts_with_their_delta(self):
        found = difference(Side(version()), Side(version(end_date=dt.date(2027, 6, 30), net_amount=Decimal("12.50"))))
        assert [(row.name, row.old, row.new) for row in found.terms] == [
            ("end_date", dt.date(2026, 12, 31), dt.date(2027, 6, 30))
        ]
        assert [(row.name, row.delta) for row in found.amounts] == [("net_amount", Decimal("2.50"))]
        assert found.terms[0].delta is None

    def test_a_line_put_in_the_middle_moves_no_other(self):
        old = [line(1), line(2), line(3)]
        new = [line(1), line(9), line(2), line(3)]
        found = difference(Side(version(), old), Side(version(), new))
        assert kinds(found.lines) == [Change.SAME, Change.ADDED, Change.SAME, Change.SAME]

    def test_a_changed_line_shows_which_fields(self):
        found = difference(
            Side(version(), [line(1, price="10"), line(2)]), Side(version(), [line(1, price="12"), line(2)])
        )
        assert kinds(found.lines) == [Change.CHANGED, Change.SAME]
        assert found.lines[0].names == {"unit_price", "amount"}

    def test_a_removed_line_stands_where_it_stood(self):
        found = difference(Side(version(), [line(1), line(2), line(3)]), Side(version(), [line(1), line(3)]))
        assert kinds(found.lines) == [Change.SAME, Change.REMOVED, Change.SAME]
        assert found.lines[1].old.product_line_id == 2

    def test_instalments_are_matched_by_their_number(self):
        old = [instalment(1), instalment(2), instalment(3)]
        new = [instalment(2, "15"), instalment(3), instalment(4)]
        found = difference(Side(version(), instalments=old), Side(version(), instalments=new))
        assert kinds(found.instalments) == [Change.REMOVED, Change.CHANGED, Change.SAME, Change.ADDED]

    @given(*[st.lists(st.builds(line, st.integers(1, 3), st.sampled_from(["", "a"]), st.just("10")), max_size=8)] * 2)
    def test_every_row_is_told_once_and_in_order(self, old, new):
        rows = difference(Side(version(), old), Side(version(), new)).lines
        assert [row.new for row in rows if row.new is not None] == new
        assert sorted(id(row.old) for row in rows if row.old is not None) == sorted(map(id, old))
        # Nothing is called added while something of the same product line is called removed.
        added = {row.new.product_line_id for row in rows if row.kind == Change.ADDED}
        assert not added & {row.old.product_line_id for row in rows if row.kind == Change.REMOVED}

    def test_ten_thousand_lines_take_no_time(self):
        old = [line(number % 7, f"{number}") for number in range(10_000)]
        new = [line(number % 7, f"{number}", "11") for number in reversed(range(10_000))]
        assert kinds(difference(Side(version(), old), Side(version(), new)).lines) == [Change.CHANGED] * 10_000
