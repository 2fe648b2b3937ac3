"""Imports of contracts: checked as a whole, entered in sets, once, and a contract comes in whole or not at all."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from audit.models import AuditEntry
from contracts import services as contract_services
from contracts.models import Contract, ContractPolicy, Instalment, Receipt
from integrations.agreements.reading import look
from integrations.agreements.template import template_csv, template_xlsx
from integrations.errors import BadRowsLeft, ImportNotOpen, ImportsForLeaders, SheetMissing, SheetTwice, SheetUnreadable
from integrations.models import CheckedStatus
from integrations.services import contract_imports as services
from orders.errors import EmptyFile, NotATable
from tests.factories import TODAY
from tests.factories.contract_imports import CONTRACT, HEADS, PAID, PLAN, make_contract_import, sheets, workbook
from tests.factories.contracts import draft, make_contract, make_product_line

NOW = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def run(job, now=NOW):
    done = services.run_contract_job(job.pk, clock=lambda: now, today=TODAY)
    job.refresh_from_db()
    return done


def check(actor, content=None, **rows):
    """A job whose file has been checked."""
    job = make_contract_import(actor, content, **rows)
    services.queue_contracts(job, dry_run=True, actor=actor, now=NOW)
    run(job)
    assert job.status == CheckedStatus.CHECKED, job.message
    return job


def write(job, *, good_only=False):
    services.queue_contracts(job, dry_run=False, good_only=good_only, actor=job.created_by, now=NOW)
    run(job)
    assert job.status == CheckedStatus.DONE, job.message
    return job


def problems(job):
    """(sheet, row, code, field) of everything that was found."""
    return [
        (row.sheet, row.row, one["code"], one["field"]) for row in job.found_rows.order_by("pk") for one in row.problems
    ]


def codes(job):
    return [code for _sheet, _row, code, _field in problems(job) if code != "contract_incomplete"]


def changed(text, **cells):
    """A row with some of its cells replaced: `c8="x"` is the ninth."""
    parts = text.split(",")
    for name, value in cells.items():
        parts[int(name[1:])] = value
    return ",".join(parts)


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
            ({"c14": ""}, "row_invalid"),
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


class TestWrite:
    def test_contract_plan_receipts_settlement_and_audit(self, lee, alice, account):
        job = write(check(lee))
        contract = Contract.objects.get(external_number="HT-1")
        assert (contract.phase, contract.owner, contract.gross_amount) == ("signed", alice, Decimal(1130))
        assert (contract.version.status, contract.version.lines.get().amount) == ("signed", Decimal(1000))
        first, second = contract.instalments.order_by("position")
        assert (first.settled_amount, first.invoice_number, first.is_current) == (Decimal(300), "FP-1", True)
        assert (second.event, second.days_after, second.due_date, second.open_amount) == (
            "验收",
            30,
            None,
            Decimal(830),
        )
        receipt = contract.receipts.get()
        assert (receipt.reference, receipt.posted_by, receipt.shares.get().instalment_position) == ("BANK-1", lee, 1)
        actions = set(AuditEntry.objects.filter(account_id=account.pk).values_list("action", flat=True))
        assert {"contract.drafted", "contract.entered", "contract.signed", "receipt.posted"} <= actions
        assert {entry.action for entry in AuditEntry.objects.of(job)} >= {
            "contract_import.uploaded", "contract_import.check_started", "contract_import.check_finished",
            "contract_import.started", "contract_import.finished",
        }  # fmt: skip

    def test_the_same_file_again_changes_nothing(self, lee, account):
        write(check(lee))
        before = (list(Contract.objects.values()), list(Instalment.objects.values()), list(Receipt.objects.values()))
        entries = AuditEntry.objects.exclude(action__startswith="contract_import").count()
        job = write(check(lee))
        assert job.counts == {"unchanged": 4}
        after = (list(Contract.objects.values()), list(Instalment.objects.values()), list(Receipt.objects.values()))
        assert before == after
        assert AuditEntry.objects.exclude(action__startswith="contract_import").count() == entries

    def test_bad_rows_stop_it_unless_only_the_good_ones_are_wanted(self, lee, account):
        bad = changed(CONTRACT, c1="HT-2", c4="XXX")
        job = check(lee, contracts=(CONTRACT, bad))
        with pytest.raises(BadRowsLeft):
            write(job)
        write(job, good_only=True)
        assert Contract.objects.get().external_number == "HT-1"
        assert job.counts == {"created": 4, "bad": 1}

    def test_the_bad_ones_come_back_to_be_mended(self, lee, account, tmp_path):
        bad = changed(CONTRACT, c1="HT-2", c4="=XXX")
        plan = [text.replace("HT-1", "HT-2") for text in PLAN]
        job = check(lee, contracts=(CONTRACT, bad), instalments=(*PLAN, *plan))
        path = tmp_path / "back.xlsx"
        path.write_bytes(job.rejects.read())
        found, _unread = look(path)
        assert [(one.sheet, one.unread) for one in found] == [
            (sheet, []) for sheet in ("contracts", "lines", "instalments", "receipts")
        ]
        write(job, good_only=True)
        again = check(lee, path.read_bytes())
        assert codes(again) == ["unknown_currency"]
        assert again.by_sheet == {"contracts": {"bad": 1}, "instalments": {"bad": 2}}

    def test_news_of_a_known_contract(self, lee, account):
        write(check(lee))
        more = "ALICE-1,HT-1,BANK-2,2026-03-10,100.00,CNY,,,"
        plan = (PLAN[0], changed(PLAN[1], c8="2026-03-01", c9="FP-2"))
        contract = changed(CONTRACT, c2="年度供货（改名）", c13="lee")
        job = write(check(lee, contracts=(contract,), instalments=plan, receipts=(*PAID, more)))
        assert job.by_sheet == {
            "contracts": {"updated": 1},
            "instalments": {"unchanged": 1, "updated": 1},
            "receipts": {"unchanged": 1, "created": 1},
        }
        known = Contract.objects.get()
        assert (known.title, known.owner, known.received_amount) == ("年度供货（改名）", lee, Decimal(400))
        second = known.instalments.get(position=2)
        assert (second.due_date, second.invoice_number) == (dt.date(2026, 3, 31), "FP-2")
        assert second.settled_amount == Decimal(100)
        actions = set(AuditEntry.objects.filter(account_id=account.pk).values_list("action", flat=True))
        assert {"contract.updated", "instalment.event", "instalment.invoiced"} <= actions

    def test_receipts_alone_are_posted_to_known_contracts(self, lee, account):
        write(check(lee))
        more = "ALICE-1,HT-1,BANK-2,2026-03-10,100.00,CNY,,,"
        assert write(check(lee, contracts=(), instalments=(), receipts=(more,))).counts == {"created": 1}
        assert Contract.objects.get().received_amount == Decimal(400)

    @pytest.mark.parametrize(
        ("rows", "found"),
        [
            ({"contracts": (changed(CONTRACT, c7="2027-12-31"),)}, "signed_differs"),
            ({"contracts": (changed(CONTRACT, c8="2000.00"),)}, "signed_differs"),
            ({"instalments": (changed(PLAN[0], c4="301.00"), PLAN[1])}, "signed_differs"),
            ({"instalments": (*PLAN, changed(PLAN[0], c2="3"))}, "not_signed_so"),
            ({"receipts": (changed(PAID[0], c4="299.00"),)}, "receipt_differs"),
            ({"receipts": (changed(PAID[0], c2="BANK-2", c4="831.00"),)}, "more_than_open"),
        ],
    )
    def test_what_was_signed_stays(self, lee, account, rows, found):
        write(check(lee))
        assert codes(check(lee, **rows)) == [found]

    def test_a_voided_receipt_stays_voided(self, lee, account):
        write(check(lee))
        contract_services.void_receipt(Receipt.objects.get(), reason="x", actor=lee, now=NOW)
        assert write(check(lee)).counts == {"unchanged": 4}

    def test_drafts_and_doubles_are_not_guessed(self, lee, alice, account):
        draft(account, alice, external_number="HT-1")
        assert codes(check(lee)) == ["contract_unsigned"]
        make_contract(account, external_number="HT-1")
        assert codes(check(lee)) == ["several_contracts"]

    def test_an_amended_contract_is_known_by_what_was_signed_first(self, lee, alice, account):
        write(check(lee))
        contract = Contract.objects.get()
        amended = contract_services.amend_contract(
            contract, reason="加量", effective_date=contract.start_date, actor=alice
        )
        parts = contract_services.parts_of(amended)
        parts.instalments[1].amount = Decimal(900)
        contract_services.update_draft(contract, amended, parts, actor=alice)
        contract_services.submit_version(amended, actor=alice, now=NOW)
        contract_services.sign_version(amended, signed_on=TODAY, actor=lee, today=TODAY)
        assert write(check(lee)).counts == {"unchanged": 4}

    def test_only_what_was_checked_is_written(self, lee, account):
        with pytest.raises(ImportNotOpen):
            write(make_contract_import(lee))

    def test_what_changed_since_the_check_counts(self, lee, account):
        job = check(lee)
        account.status = "terminated"
        account.save()
        write(job)
        assert job.counts == {"bad": 4}
        assert not Contract.objects.exists()
