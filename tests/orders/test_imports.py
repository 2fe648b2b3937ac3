"""Whole files: what goes in, what does not and why, and that a kill in the middle leaves nothing wrong."""

import csv
import datetime as dt
import io
import tracemalloc

import pytest
import xlsxwriter

from accounts.choices import Region, Status
from accounts.models import Account
from audit.models import AuditEntry
from orders.errors import (
    BadProfile,
    BadRows,
    CurrencyNeeded,
    EmptyFile,
    ImportForbidden,
    MissingColumns,
    MixedNumbers,
    ProfileShipped,
    UnknownCurrency,
    UnknownProfile,
)
from orders.intake.profile import make_profile, shipped_names
from orders.models import ImportProfile, MonthlyRevenue, Order, OrderLine, Product
from orders.services.imports import ImportOptions, import_file
from orders.services.profiles import delete_profile, load_profile, profile_names, save_profile
from tests.factories import TODAY

HEAD = "order,account,date,product,quantity,unit price\n"
RETAIL = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,CustomerID,Country\n"


def run(path, profile="generic", *, actor=None, currency="CNY", rules=None, **kwargs):
    chosen = load_profile(profile) if isinstance(profile, str) else profile
    if rules:
        chosen = chosen.with_rules(**rules)
    return import_file(ImportOptions(path, chosen, currency=currency, **kwargs), actor=actor, today=TODAY)


def reasons(report):
    return {code: count for code, count in report.reasons.items() if count}


class TestFile:
    def test_goes_in(self, write, account):
        report = run(
            write(HEAD + "1,ALICE-1,2026-02-03,P1,2,10.5\n1,ALICE-1,2026-02-03,P2,1,3\n2,ALICE-1,2026-02-04,P1,-1,5\n")
        )
        assert reasons(report) == {"accepted": 2, "cancellation": 1}
        assert report.orders == {"created": 2}
        assert list(Order.objects.order_by("external_id").values_list("external_id", "kind", "total_amount")) == [
            ("1", "sale", 24),
            ("2", "return", -5),
        ]
        assert Order.objects.first().source == "file"

    def test_as_a_workbook(self, tmp_path, account):
        path = tmp_path / "x.xlsx"
        book = xlsxwriter.Workbook(path)
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["订单号", "客户编码", "日期", "产品编码", "数量", "金额"])
        sheet.write_row(1, 0, [4711, "ALICE-1"])
        sheet.write_datetime(1, 2, dt.date(2026, 2, 3), day)
        sheet.write_row(1, 3, [10.0, 3, 0.1 + 0.2])
        book.close()
        assert reasons(run(path)) == {"accepted": 1}
        line = OrderLine.objects.get()
        assert (line.order.external_id, line.product.code, line.amount) == ("4711", "10", line.amount)
        assert (f"{line.amount:.2f}", line.order.order_date) == ("0.30", dt.date(2026, 2, 3))

    def test_shows_signs_of_life_while_nothing_can_be_counted(self, write, db):
        """A worker that is silent for minutes is taken for dead: the rules over millions of rows take minutes."""
        told = []
        profile = load_profile("generic").with_rules(duplicates=True, void_hours=36)
        options = ImportOptions(write(HEAD + "1,N-1,2026-02-03,P1,2,10.5\n"), profile, "CNY", create_accounts=True)
        import_file(options, actor=None, today=TODAY, progress=lambda *step: told.append(step))
        assert [share for phase, share in told if phase == "checking"] == [0.0, 0.2, 0.5, 0.7]
        assert told[-2:] == [("writing", 0.0), ("writing", 1.0)]

    def test_in_each_encoding_is_the_same_orders(self, write, account):
        text = "订单号,客户编码,日期,产品编码,品名,数量,单价\nS-1,ALICE-1,2026年2月3日,P1,不锈钢泵,1,5\n"
        for encoding in ("utf-8-sig", "gb18030", "utf-16"):
            run(write(text.encode(encoding)))
        assert Order.objects.count() == 1
        assert Product.objects.get().name == "不锈钢泵"

    def test_european_numbers(self, write, account):
        rows = "1;ALICE-1;03.02.2026;P;1.000;1.234,56\n1;ALICE-1;13.02.2026;P;2;1,5\n"
        report = run(write(HEAD.replace(",", ";") + rows))
        assert reasons(report) == {"accepted": 2}
        assert [line.quantity for line in OrderLine.objects.all()] == [1000, 2]
        assert Order.objects.get().order_date == dt.date(2026, 2, 3)

    def test_bad_rows_stop_everything(self, write, account):
        path = write(HEAD + "1,ALICE-1,2026-02-03,P1,1,5\n2,ALICE-1,2026-02-31,P1,1,5\n3,NOBODY,2026-02-03,P1,1,5\n")
        with pytest.raises(BadRows, match="2 rows") as caught:
            run(path)
        assert caught.value.report.bad_rows == 2
        assert not Order.objects.exists()
        assert not Product.objects.exists()

    def test_good_orders_go_in_when_asked_and_the_rest_comes_back(self, write, account, tmp_path):
        path = write(
            HEAD
            + "1,ALICE-1,2026-02-03,P1,1,5\n"
            + "2,ALICE-1,2026-02-31,P1,1,5\n"
            + "2,ALICE-1,2026-02-03,P2,1,5\n"
            + "3,NOBODY,2026-02-03,P1,1,5\n"
            + "4,ALICE-1,2026-02-03,=cmd|'/C calc'!A0,x,5\n"
        )
        rejects = tmp_path / "rejects.csv"
        report = run(path, good_only=True, rejects=rejects)
        assert reasons(report) == {
            "accepted": 1, "no_such_day": 1, "order_incomplete": 1, "unknown_account": 1, "bad_number": 1,
        }  # fmt: skip
        rows = list(csv.reader(io.StringIO(rejects.read_text(encoding="utf-8-sig"))))
        assert rows[0][:5] == ["Row", "Result", "Reason code", "Reason", "order"]
        assert [row[:3] for row in rows[1:]] == [
            ["3", "bad", "no_such_day"],
            ["4", "bad", "order_incomplete"],
            ["5", "bad", "unknown_account"],
            ["6", "bad", "bad_number"],
        ]
        assert rows[4][7] == "'=cmd|'/C calc'!A0"
        assert rows[3][3] == "There is no account with the code “NOBODY”."

    def test_a_formula_stays_text(self, write, account):
        run(write(HEAD + "1,ALICE-1,2026-02-03,=cmd|'/C calc'!A0,1,5\n"))
        assert Product.objects.get().code == "=cmd|'/C calc'!A0"

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("1,ALICE-1,2026-02-31,P,1,5", "no_such_day"),
            ("1,ALICE-1,soon,P,1,5", "bad_date"),
            ("1,ALICE-1,,P,1,5", "missing_value"),
            ("1,ALICE-1,03/04/2026,P,1,5", "ambiguous_date"),
            ('1,ALICE-1,2026-02-03,P,"1,234",5', "ambiguous_number"),
            ("1,ALICE-1,2026-02-03,P,many,5", "bad_number"),
            ("1,ALICE-1,2026-02-03,P,1,-5", "negative_price"),
            ("1,ALICE-1,2026-02-03,P,1,0.12345", "too_precise"),
            ("1,ALICE-1,2026-02-03,P,99999999999999,5", "number_too_large"),
            ("1,,2026-02-03,P,1,5", "missing_value"),
            (",ALICE-1,2026-02-03,P,1,5", "missing_value"),
            ("1,ALICE-1,2026-02-03,,1,5", "missing_value"),
            ("1,ALICE-1,2026-02-03,P,,5", "missing_value"),
            ("1,ALICE-1,2026-02-03,P,1,", "missing_value"),
            ("1,ALICE-1,2026-02-03", "missing_value"),
            ("1,ALICE-1,2026-02-03,P,1,5,surprise", "too_many_cells"),
            (f"{'1' * 81},ALICE-1,2026-02-03,P,1,5", "too_long"),
            ("1,NOBODY,2026-02-03,P,1,5", "unknown_account"),
        ],
    )
    def test_a_bad_row_is_named(self, write, account, row, code):
        report = run(write(HEAD + row + "\n"), dry_run=True)
        assert reasons(report) == {code: 1}

    def test_orders_that_contradict_themselves(self, write, account):
        head = HEAD.replace("\n", ",currency\n")
        text = head + "1,ALICE-1,2026-02-03,P,1,5,CNY\n1,ALICE-1,2026-02-03,P,1,5,USD\n2,ALICE-1,2026-02-03,P,1,5,XXX\n"
        assert reasons(run(write(text), dry_run=True)) == {"order_currencies_differ": 2, "unknown_currency": 1}
        text = HEAD + "1,ALICE-1,2026-02-03,P,1,5\n1,B,2026-02-03,P,1,5\n"
        assert reasons(run(write(text), create_accounts=True, dry_run=True)) == {"order_accounts_differ": 2}

    def test_price_and_amount_must_agree(self, write, account):
        head = HEAD.replace("\n", ",amount\n")
        text = head + "1,ALICE-1,2026-02-03,P,2,5,10\n2,ALICE-1,2026-02-03,P,2,5,9\n"
        assert reasons(run(write(text), dry_run=True)) == {"accepted": 1, "amount_mismatch": 1}

    @pytest.mark.parametrize(
        ("text", "kwargs", "error"),
        [
            (HEAD, {}, EmptyFile),
            ("", {}, EmptyFile),
            ("order,account\n1,2\n", {}, MissingColumns),
            (HEAD + "1,ALICE-1,2026-02-03,P,1,5\n", {"currency": ""}, CurrencyNeeded),
            (HEAD + "1,ALICE-1,2026-02-03,P,1,5\n", {"currency": "XXX"}, UnknownCurrency),
            (HEAD + '1,A,2026-02-03,P,"1,234.56",5\n1,A,2026-02-03,P,"1.234,56",5\n', {}, MixedNumbers),
        ],
    )
    def test_a_file_that_cannot_be_read_writes_nothing(self, write, account, text, kwargs, error):
        path = write(text)
        with pytest.raises(error):
            run(path, **kwargs)
        assert not Order.objects.exists()

    def test_terminated_accounts_take_no_orders(self, write, account):
        Account.objects.update(status=Status.TERMINATED)
        report = run(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n"), dry_run=True)
        assert reasons(report) == {"account_read_only": 1}

    def test_managers_may_not(self, write, account, alice):
        with pytest.raises(ImportForbidden):
            run(write(HEAD), actor=alice)

    def test_creates_accounts_in_sets(self, write, alice, db):
        head = HEAD.replace("\n", ",customer name,country\n")
        rows = "1,K1,2026-02-03,P,1,5,Müller GmbH,Germany\n2,K1,2026-01-03,P,1,5,,\n3,bad code!,2026-02-03,P,1,5,,\n"
        report = run(write(head + rows), create_accounts=True, good_only=True, manager=alice)
        made = Account.objects.get()
        assert (made.code, made.name, made.region, made.status, made.source, made.manager) == (
            "K1", "Müller GmbH", Region.EUROPE, "active", "import", alice,
        )  # fmt: skip
        assert made.customer_since == dt.date(2026, 1, 3)
        assert report.accounts_created == 1
        assert report.reasons["bad_account_code"] == 1

    def test_a_dry_run_writes_nothing(self, write, account):
        report = run(write(HEAD + "1,K1,2026-02-03,P,1,5\n"), create_accounts=True, dry_run=True)
        assert report.orders == {"found": 1}
        assert Account.objects.count() == 1

    def test_an_order_that_changed_is_replaced(self, write, account):
        run(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5\n1,ALICE-1,2026-02-03,Q,1,5\n"))
        report = run(write(HEAD + "1,ALICE-1,2026-02-03,P,1,6\n"))
        assert report.orders == {"updated": 1}
        assert [line.amount for line in OrderLine.objects.all()] == [6]
        assert MonthlyRevenue.objects.get().net_amount == 6


@pytest.mark.django_db
class TestRules:
    """The shipped profile on rows made for it: what its rules leave out."""

    def rows(self, *rows):
        return RETAIL + "".join(",".join(row) + "\n" for row in rows)

    def row(self, invoice="1", code="22087", quantity="12", at="2010-12-01 08:00:00", price="2.95", customer="K1"):
        return invoice, code, "PAPER BUNTING", quantity, at, price, customer, "France"

    def count(self, write, *rows, **rules):
        path = write(self.rows(*rows))
        return reasons(run(path, "online-retail", currency="GBP", create_accounts=True, dry_run=True, rules=rules))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"customer": ""}, "no_customer"),
            ({"code": "POST"}, "not_goods"),
            ({"price": "0.0"}, "zero_price"),
            ({"quantity": "-3"}, "negative_quantity"),
            ({"quantity": "0"}, "zero_quantity"),
            ({"invoice": "A506401", "price": "-53594.36", "customer": ""}, "adjustment"),
            ({"invoice": "C1", "quantity": "-3"}, "cancellation"),
            ({}, "accepted"),
        ],
    )
    def test_each_row_has_one_reason(self, write, changes, code):
        assert self.count(write, self.row(**changes)) == {code: 1}

    def test_exact_duplicates(self, write):
        rows = [self.row(), self.row(), self.row(quantity="6")]
        assert self.count(write, *rows) == {"accepted": 2, "duplicate": 1}
        assert self.count(write, *rows, duplicates=False) == {"accepted": 3}

    def test_void_pairs(self, write):
        sale = self.row()
        credit = self.row("C2", quantity="-12", at="2010-12-02 20:00:00")
        later = self.row("C2", quantity="-12", at="2010-12-02 20:00:01")
        assert self.count(write, sale, credit) == {"void_pair": 2}
        assert self.count(write, sale, later) == {"accepted": 1, "cancellation": 1}
        assert self.count(write, sale, credit, void_hours=0) == {"accepted": 1, "cancellation": 1}
        assert self.count(write, sale, self.row("C2", quantity="-6", at="2010-12-01 09:00:00")) == {
            "accepted": 1,
            "cancellation": 1,
        }
        early = self.row("C2", quantity="-12", at="2010-12-01 07:00:00")
        assert self.count(write, sale, early) == {"accepted": 1, "cancellation": 1}

    def test_a_credit_voids_one_sale_only(self, write):
        rows = [
            self.row("1"),
            self.row("2", at="2010-12-01 09:00:00"),
            self.row("C3", quantity="-12", at="2010-12-01 10:00:00"),
        ]
        assert self.count(write, *rows) == {"accepted": 1, "void_pair": 2}

    def test_returns_are_orders_of_their_own_and_net_revenue_subtracts_them(self, write, db):
        path = write(self.rows(self.row(), self.row("C2", quantity="-2", at="2011-01-05 10:00:00")))
        run(path, "online-retail", currency="GBP", create_accounts=True)
        assert dict(Order.objects.values_list("external_id", "kind")) == {"1": "sale", "C2": "return"}
        assert {fact.month.month: str(fact.net_amount) for fact in MonthlyRevenue.objects.all()} == {
            12: "35.400",
            1: "-5.900",
        }
        assert Product.objects.get().line.name_en == "Party and gift wrap"


class TestProfiles:
    def test_are_shipped_saved_and_loaded(self, dora):
        assert shipped_names() == ["generic", "online-retail"]
        profile = make_profile("SAP", {"external_id": "VBELN"}, {"credit_prefixes": ["RE"], "numbers": "comma"})
        row = save_profile(profile, actor=dora)
        assert load_profile("SAP") == profile
        assert profile_names()[-1] == "SAP"
        save_profile(profile.with_columns(account="KUNNR"), actor=dora)
        save_profile(profile.with_columns(account="KUNNR"), actor=dora)
        actions = list(AuditEntry.objects.of(row).values_list("action", flat=True))
        assert actions == ["import_profile.updated", "import_profile.created"]
        delete_profile(row, actor=dora)
        assert not ImportProfile.objects.exists()

    def test_refuse_nonsense(self, dora, lee, alice):
        with pytest.raises(UnknownProfile, match="generic, online-retail"):
            load_profile("nope")
        with pytest.raises(ProfileShipped):
            save_profile(load_profile("generic"), actor=dora)
        with pytest.raises(ImportForbidden):
            save_profile(make_profile("x", {}, {}), actor=lee)

    @pytest.mark.parametrize(
        ("columns", "rules"),
        [
            ({"colour": "Farbe"}, {}),
            ({"account": ""}, {}),
            ({}, {"goods": "("}),
            ({}, {"goods": "x" * 301}),
            ({}, {"numbers": "roman"}),
            ({}, {"unknown": 1}),
            ({}, {"void_hours": -1}),
            ({}, {"void_hours": "36"}),
            ({}, {"duplicates": "yes"}),
            ({}, {"source": "x" * 41}),
            ({}, {"credit_prefixes": ["a b"]}),
            ({}, {"product_lines": [{"code": "", "name": "x"}]}),
            ({}, {"product_lines": [{"colour": "x"}]}),
            ({}, {"product_lines": [{"code": "x", "name": "x", "pattern": "("}]}),
        ],
    )
    def test_are_checked(self, columns, rules):
        with pytest.raises(BadProfile):
            make_profile("x", columns, rules)

    def test_currencies_are_checked(self):
        with pytest.raises(UnknownCurrency):
            make_profile("x", {}, {"currency": "XXX"})


@pytest.mark.slow
@pytest.mark.django_db
def test_memory_stays_bounded(write, account):
    """Ten times the rows, the same memory."""

    def peak(rows):
        path = write(HEAD + "".join(f"{n // 5},ALICE-1,2026-02-03,P{n % 50},1,5\n" for n in range(rows)))
        tracemalloc.start()
        run(path, dry_run=True)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(100_000) < peak(10_000) * 2 + 2_000_000
