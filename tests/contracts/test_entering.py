"""Signed contracts entered in sets: what it does is what one by one does, and what it refuses."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contracts import services
from contracts.errors import EndBeforeStart, MoreThanOpen, NotTheContracts, PlanMismatch, VersionSigned
from contracts.models import Contract, ContractPolicy, Instalment, Receipt
from contracts.services.entering import Entry, Posting, check_entry, enter_contracts
from core.models import ExchangeRate
from search.models import SearchEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_instalment, make_line, make_parts, new_contract, new_version

NOW = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
PAST = {"start_date": dt.date(2024, 1, 1), "end_date": dt.date(2024, 12, 31), "auto_renewal_months": 12}
OWN = {"id", "created_at", "updated_at", "contract", "version", "number", "sequence", "author", "receipt", "account"}


def make_entry(account, *amounts, parts=None, terms=None, **fields):
    """An entry with receipts of these amounts, two days apart."""
    version = new_version(**(terms or PAST))
    found = Entry(new_contract(account, **fields), version, parts or make_parts(), dt.date(2023, 12, 20))
    for n, amount in enumerate(amounts):
        receipt = Receipt(date=TODAY - dt.timedelta(days=20 - 2 * n), amount=Decimal(amount), reference=f"R{n}")
        found.postings.append(Posting(receipt))
    return found


def plan():
    return make_parts(
        [make_line(), make_line(unit_price="99.995", quantity="3", discount="5")],
        instalments=[make_instalment(amount="300.00", days=-9), make_instalment(amount="1152.02", event="到货")],
    )


def facts(contract):
    """Everything about a contract but keys and times."""
    rows = [contract, *contract.versions.all(), *contract.version.lines.all(), *contract.instalments.all()]
    rows += [*contract.receipts.order_by("date", "pk")]
    rows += [share for receipt in contract.receipts.all() for share in receipt.shares.all()]
    return [{f.name: f.value_from_object(row) for f in row._meta.concrete_fields if f.name not in OWN} for row in rows]


def trail(contract):
    of = AuditEntry.objects.filter(account_id=contract.account_id).order_by("pk")
    return [(entry.action, {k: v for k, v in entry.changes.items() if k != "contract"}) for entry in of]


class TestEnterContracts:
    def test_does_what_one_by_one_does(self, alice, lee):
        ExchangeRate.objects.create(currency="USD", valid_from=dt.date(2020, 1, 1), rate=7)
        one, other = AccountFactory(manager=alice, tier="A"), AccountFactory(manager=alice, tier="A")
        fields = {"currency": "USD", "external_number": "C-1", "customer_party": "客户"}
        single = services.enter_signed_contract(
            new_contract(one, **fields), new_version(**PAST), plan(), signed_on=dt.date(2023, 12, 20), actor=lee,
            today=TODAY,
        )  # fmt: skip
        for n, (amount, shares) in enumerate([("500.00", [(2, Decimal(200))]), ("20.50", [])]):
            receipt = Receipt(contract=single, date=TODAY - dt.timedelta(days=20 - 2 * n), amount=Decimal(amount))
            receipt.reference = f"R{n}"
            services.post_receipt(receipt, shares, actor=lee, now=NOW)
        entry = make_entry(other, "500.00", "20.50", parts=plan(), **fields)
        entry.postings[0].shares = [(2, Decimal(200))]
        [many] = enter_contracts([entry], actor=lee, today=TODAY)
        single, many = Contract.objects.get(pk=single.pk), Contract.objects.get(pk=many.pk)
        assert facts(many) == facts(single)
        assert trail(many) == trail(single)
        assert many.sequence == single.sequence + 1
        assert SearchEntry.objects.filter(kind="contract", object_id=many.pk).exists()
        other.summary.refresh_from_db()
        assert other.summary.next_renewal_date == many.end_date == dt.date(2026, 12, 31)
        assert many.instalments.get(position=2).settled_amount == Decimal("220.50")

    def test_costs_the_same_for_many(self, alice, lee, account):
        def statements(number):
            entries = [make_entry(account, "10.00") for _ in range(number)]
            with CaptureQueriesContext(connection) as captured:
                enter_contracts(entries, actor=lee, today=TODAY)
            return len(captured)

        statements(1)
        assert statements(3) == statements(12)  # SQLite takes 999 values a statement

    def test_refuses_who_does_not_lead_and_whose_account_it_is_not(self, alice, lee, account, foreign_account):
        with pytest.raises(NotTheContracts):
            enter_contracts([make_entry(account)], actor=alice, today=TODAY)
        with pytest.raises(AccountReadOnly):
            enter_contracts([make_entry(account), make_entry(foreign_account)], actor=lee, today=TODAY)
        assert not Contract.objects.exists()

    def test_refuses_what_is_wrong_and_takes_no_number(self, lee, account):
        bad = make_entry(account, terms={"start_date": dt.date(2026, 4, 1), "end_date": dt.date(2026, 3, 1)})
        with pytest.raises(EndBeforeStart):
            enter_contracts([make_entry(account), bad], actor=lee, today=TODAY)
        assert not Contract.objects.exists()
        [good] = enter_contracts([make_entry(account)], actor=lee, today=TODAY)
        assert good.sequence == 1

    def test_a_signed_version_is_fixed(self, lee, account):
        [contract] = enter_contracts([make_entry(account)], actor=lee, today=TODAY)
        with pytest.raises(VersionSigned):
            services.update_draft(contract, contract.version, make_parts(), actor=lee)


class TestCheckEntry:
    def faults(self, entry, *, refuses=False):
        return [
            (fault.part, fault.index, fault.error.code)
            for fault in check_entry(entry, today=TODAY, refuses_mismatch=refuses)
        ]

    def test_names_every_row(self, account):
        parts = make_parts(
            [make_line(), make_line(unit_price="-1")],
            instalments=[make_instalment(amount="-5"), make_instalment(amount="5.123"), make_instalment(event="x")],
        )
        for position, row in zip((1, 2, 2), parts.instalments, strict=True):
            row.position = position
        found = make_entry(account, parts=parts, terms={**PAST, "auto_renewal_months": 0, "notice_days": 400})
        assert self.faults(found) == [
            ("contract", 0, "notice_too_long"),
            ("lines", 1, "row_invalid"),
            ("instalments", 0, "row_invalid"),
            ("instalments", 1, "too_many_decimals"),
            ("instalments", 2, "position_twice"),
        ]

    def test_a_plan_that_does_not_sum_up_warns_or_is_refused(self, account):
        def entry():
            found = make_entry(account, parts=make_parts(instalments=[make_instalment(amount="1000.00")]))
            found.parts.instalments[0].position = 1
            return found

        warned = entry()
        assert self.faults(warned) == []
        assert "1,000.00" in str(warned.warning)
        assert self.faults(entry(), refuses=True) == [("contract", 0, PlanMismatch.code)]

    def test_receipts_in_the_order_of_their_days(self, account):
        found = make_entry(account, "1000.00", "200.00", "130.00")
        found.parts.instalments[0].position = 1
        assert self.faults(found) == [("receipts", 1, MoreThanOpen.code)]
        found.postings[1].receipt.kind = "refund"
        found.postings[2].receipt.amount = Decimal(330)
        assert self.faults(found) == []
        found.postings[0].receipt.currency = "USD"
        assert self.faults(found)[0] == ("receipts", 0, "currency_differs")

    def test_the_policy_is_asked_once_it_counts(self, lee, account):
        ContractPolicy.objects.update_or_create(defaults={"plan_mismatch": "refuse"})
        entry = make_entry(account, parts=make_parts(instalments=[make_instalment(amount="1000.00")]))
        with pytest.raises(PlanMismatch):
            enter_contracts([entry], actor=lee, today=TODAY)
        assert not Instalment.objects.exists()
