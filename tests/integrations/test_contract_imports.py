"""Imports of contracts: checked as a whole, entered in sets, once, and a contract comes in whole or not at all."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from contracts.models import Contract, ContractPolicy
from integrations.agreements.reading import look
from integrations.agreements.template import template_csv, template_xlsx
from integrations.errors import ImportsForLeaders, SheetMissing, SheetTwice, SheetUnreadable
from integrations.services import contract_imports as services
from orders.errors import EmptyFile, NotATable
from tests.factories import TODAY
from tests.factories.contract_imports import (
    CONTRACT,
    HEADS,
    NOW,
    PAID,
    PLAN,
    changed,
    check,
    codes,
    make_contract_import,
    problems,
    run,
    sheets,
    workbook,
)
from tests.factories.contracts import make_product_line


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


class TestCheck:
    def test_writes_nothing_and_counts_by_sheet(self, lee, account):
        job = check(lee)
        assert (job.rows, job.counts) == (4, {"created": 4})
        assert job.by_sheet == {
            "contracts": {"created": 1}, "instalments": {"created": 2}, "receipts": {"created": 1},
        }  # fmt: skip
        assert not Contract.objects.exists()

    def test_names_sheet_row_and_field_and_refuses_the_contract_as_a_whole(self, lee, account):
        bad = changed(PLAN[0], c4="-5")
        job = check(lee, instalments=(bad, PLAN[1]))
        assert problems(job) == [
            ("contracts", 2, "contract_incomplete", ""),
            ("instalments", 2, "not_above_zero", "amount"),
            ("instalments", 3, "contract_incomplete", ""),
            ("receipts", 2, "contract_incomplete", ""),
        ]
        assert job.counts == {"bad": 4}

    @pytest.mark.parametrize(
        ("cells", "found"),
        [
            ({"c0": "NOBODY"}, "unknown_account"),
            ({"c2": ""}, "missing_value"),
            ({"c3": "x"}, "unknown_choice"),
            ({"c4": "XXX"}, "unknown_currency"),
            ({"c5": "2030-01-01"}, "signed_in_future"),
            ({"c6": "31.02.2026"}, "bad_date"),
            ({"c7": "2025-01-01"}, "end_before_start"),
            ({"c8": "-1"}, "negative_number"),
            ({"c8": "abc"}, "bad_number"),
            ({"c8": "1.2345"}, "too_precise"),
            ({"c9": "NONE"}, "unknown_product_line"),
            ({"c9": ""}, "missing_value"),
            ({"c11": "900"}, "notice_too_long"),
            ({"c11": "1.5"}, "too_precise"),
            ({"c12": "121"}, "number_outside"),
            ({"c13": "nobody"}, "unknown_owner"),
            ({"c14": ""}, "missing_value"),
            ({"c2": "x" * 161}, "too_long"),
        ],
    )
    def test_what_is_wrong_with_a_contract(self, lee, account, cells, found):
        others = {} if cells.get("c0") is None else {"instalments": (), "receipts": ()}
        assert found in codes(check(lee, contracts=(changed(CONTRACT, **cells),), **others))

    @pytest.mark.parametrize(
        ("cells", "found"),
        [
            ({"c2": "0"}, "not_above_zero"),
            ({"c2": "2"}, "repeated_in_file"),
            ({"c4": "300.001"}, "too_many_decimals"),
            ({"c5": ""}, "due_missing"),
            ({"c6": "验收"}, "due_twice"),
            ({"c7": "30"}, "event_missing"),
            ({"c1": "HT-9"}, "unknown_contract"),
        ],
    )
    def test_what_is_wrong_with_an_instalment(self, lee, account, cells, found):
        assert found in codes(check(lee, instalments=(changed(PLAN[0], **cells), PLAN[1])))

    @pytest.mark.parametrize(
        ("cells", "found"),
        [
            ({"c2": ""}, "missing_value"),
            ({"c3": "2026-12-31"}, "receipt_in_future"),
            ({"c4": "1130.01"}, "more_than_open"),
            ({"c5": "USD"}, "currency_differs"),
            ({"c6": "refund", "c8": ""}, "more_than_received"),
            ({"c8": "7"}, "no_such_instalment"),
        ],
    )
    def test_what_is_wrong_with_a_receipt(self, lee, account, cells, found):
        assert codes(check(lee, receipts=(changed(PAID[0], **cells),))) == [found]

    def test_currencies_have_their_decimals(self, lee, account):
        def found(currency, amount):
            contract = changed(CONTRACT, c4=currency, c8="1000", c10="0")
            plan = (changed(PLAN[0], c4=amount), changed(PLAN[1], c4=str(Decimal(1000) - Decimal(amount))))
            return codes(check(lee, contracts=(contract,), instalments=plan, receipts=()))

        assert found("JPY", "300.5") == ["too_many_decimals"] * 2
        assert found("JPY", "300") == []
        assert found("KWD", "300.125") == []
        assert found("CNY", "300.125") == ["too_many_decimals"] * 2

    def test_twice_in_the_file(self, lee, account):
        job = check(lee, contracts=(CONTRACT, CONTRACT), receipts=(PAID[0], PAID[0]))
        assert codes(job) == ["repeated_in_file"] * 2

    def test_somebody_elses_account_is_as_unknown_as_none(self, lee, account, foreign_account):
        lines = [changed(CONTRACT, c0=code) for code in (foreign_account.code, "NO-SUCH")]
        job = check(lee, contracts=lines, instalments=(), receipts=())
        texts = [
            one["text"].replace(row.contract.split()[0], "") for row in job.found_rows.all() for one in row.messages
        ]
        assert codes(job) == ["unknown_account"] * 2
        assert len(set(texts)) == 1

    def test_a_plan_that_does_not_sum_up_follows_the_policy(self, lee, account):
        job = check(lee, instalments=PLAN[:1])
        assert (codes(job), job.odd_rows, job.bad_rows) == (["plan_differs"], 1, 0)
        ContractPolicy.objects.update_or_create(defaults={"plan_mismatch": "refuse"})
        job = check(lee, instalments=PLAN[:1])
        assert codes(job) == ["plan_mismatch"]
        assert job.bad_rows == 3

    def test_lines_of_their_own(self, lee, account):
        line = "ALICE-1,HT-1,产品线,阀门,10,台,95.00,"
        assert codes(check(lee, lines=(line,))) == ["lines_differ"]
        assert codes(check(lee, contracts=(changed(CONTRACT, c8=""),), lines=(line, line.replace("95", "5")))) == []

    def test_a_batch_costs_the_same_however_long(self, lee, account):
        def statements(number):
            rows = {"contracts": [], "instalments": [], "receipts": []}
            for n in range(number):
                for name, texts in (("contracts", [CONTRACT]), ("instalments", PLAN), ("receipts", PAID)):
                    rows[name] += [text.replace("HT-1", f"HT-{number}-{n}") for text in texts]
            job = check(lee, **rows)
            services.queue_contracts(job, dry_run=False, actor=lee, now=NOW)
            with CaptureQueriesContext(connection) as captured:
                run(job)
            assert job.counts == {"created": 4 * number}
            return len(captured)

        statements(1)  # gives the first number of the year
        assert statements(3) == statements(9)  # SQLite takes 999 values a statement


class TestFile:
    def refused(self, lee, error, data, name="x.xlsx"):
        with pytest.raises(error) as refusal:
            make_contract_import(lee, data, name=name)
        return refusal.value

    def test_what_is_no_table(self, lee, tmp_path):
        self.refused(lee, NotATable, b"%PDF-1.7")
        self.refused(lee, EmptyFile, b" ")
        self.refused(lee, EmptyFile, workbook({"x": []}))
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_sheets_that_are_missing_double_or_lack_a_column(self, lee):
        content = sheets()
        assert "Receipts" in str(
            self.refused(lee, SheetMissing, workbook({k: content[k] for k in ("合同", "收款计划")}))
        )
        self.refused(lee, SheetTwice, workbook({**content, "回款 2": content["回款"]}))
        content["回款"] = [[heading for heading in row if heading != "金额"] for row in content["回款"]]
        error = self.refused(
            lee, SheetUnreadable, workbook({**content, "回款": [HEADS["回款"].replace("金额", "x").split(",")]})
        )
        assert (error.code, "回款" in str(error), "amount" in str(error)) == ("missing_columns", True, True)

    def test_csv_files_together_or_packed(self, lee, account):
        make_product_line()
        texts = {title: "\n".join(map(",".join, rows)).encode("gb18030") for title, rows in sheets().items()}
        files = [SimpleUploadedFile(f"{n}.csv", text) for n, text in enumerate(texts.values())]
        job = services.upload_contracts(files, actor=lee)
        services.queue_contracts(job, dry_run=True, actor=lee, now=NOW)
        run(job)
        assert job.counts == {"created": 4}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for title, text in texts.items():
                archive.writestr(f"../{title}.csv", text)
        assert check(lee, packed.getvalue()).counts == {"created": 4}

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_the_template_is_recognised_and_good(self, lee, alice, account, language, tmp_path):
        make_product_line("VALVES")
        account.code = "C-0001"
        account.save()
        ContractPolicy.objects.update_or_create(defaults={"our_party": "我方"})
        with translation.override(language):
            files = {"x.xlsx": template_xlsx(TODAY), "x.zip": template_csv(TODAY.year)}
        for name, data in files.items():
            path = tmp_path / name
            path.write_bytes(data)
            found, unread = look(path)
            assert [(one.sheet, one.unread) for one in found] == [
                (sheet, []) for sheet in ("contracts", "lines", "instalments", "receipts")
            ]
            assert len(unread) == (name == "x.xlsx")
            job = check(lee, data)
            assert (codes(job), job.counts) == ([], {"created": 5})

    def test_only_leaders(self, alice, lee, account):
        with pytest.raises(ImportsForLeaders):
            make_contract_import(alice)
        job = make_contract_import(lee)
        with pytest.raises(ImportsForLeaders):
            services.queue_contracts(job, dry_run=True, actor=alice, now=NOW)
