"""Imports of contracts, written: once, whole contracts only, and what was signed stays."""

import datetime as dt
from decimal import Decimal

import pytest

from audit.models import AuditEntry
from contracts import services as contract_services
from contracts.models import Contract, Instalment, Receipt
from integrations.agreements.reading import look
from integrations.errors import BadRowsLeft, ImportNotOpen
from tests.factories import TODAY
from tests.factories.contract_imports import (
    CONTRACT,
    NOW,
    PAID,
    PLAN,
    changed,
    check,
    codes,
    make_contract_import,
    write,
)
from tests.factories.contracts import draft, make_contract


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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
