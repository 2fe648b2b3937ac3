"""Receipts, refunds and what they settle; events and invoices of instalments."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contracts import services
from contracts.errors import (
    CurrencyDiffers,
    DateOutside,
    EventInFuture,
    InstalmentNotCurrent,
    InvoiceNumberMissing,
    MoreThanOpen,
    MoreThanReceived,
    NoSuchInstalment,
    NotByEvent,
    ReasonMissing,
    ReceiptInFuture,
    ReceiptsNeedSignature,
    ReceiptVoided,
    RefundGiven,
    ShareInvalid,
    SharesOfRefund,
    SharesTooLarge,
    ShareTwice,
    TooManyDecimals,
)
from contracts.models import Contract, Instalment, Receipt
from contracts.services.settling import settlement_of
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment, make_line, make_parts, make_version

D = Decimal
NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def three():
    """Due in 30, 60 days, and after an event."""
    return [
        make_instalment(amount="400.00", days=60, title="二期"),
        make_instalment(amount="300.00", days=30, title="一期"),
        make_instalment(amount="430.00", event="验收", days_after=10),
    ]


@pytest.fixture
def contract(account):
    return make_contract(account, instalments=three())


def post(contract, amount, *shares, actor=None, **fields):
    allow = fields.pop("allow_credit", False)
    values = {"date": TODAY, "currency": contract.currency, **fields}
    receipt = Receipt(contract=contract, amount=D(str(amount)), **values)
    shares = [(position, D(str(part))) for position, part in shares]
    actor = actor or contract.account.manager
    return services.post_receipt(receipt, shares, actor=actor, now=NOW, allow_credit=allow)


def refund(contract, amount, **fields):
    return post(contract, amount, kind="refund", **fields)


def void(receipt, reason="记错", **fields):
    values = {"actor": receipt.contract.account.manager, "now": NOW, **fields}
    return services.void_receipt(receipt, reason=reason, **values)


def settled(contract):
    rows = Instalment.objects.filter(contract=contract, is_current=True).order_by("position")
    return [row.settled_amount for row in rows]


def received(contract):
    return Contract.objects.get(pk=contract.pk).received_amount


class TestPostReceipt:
    def test_settles_what_is_due_first(self, contract, alice):
        receipt = post(contract, 350)
        assert settled(contract) == [50, 300, 0]
        assert received(contract) == 350
        assert (receipt.posted_by, receipt.voided_at) == (alice, None)
        entry = AuditEntry.objects.of(receipt).get()
        assert (entry.action, entry.actor, entry.account_id) == ("receipt.posted", alice, contract.account_id)
        assert entry.changes["amount"] == [None, "350"]

    def test_partial_receipts_add_up(self, contract):
        for amount in ("0.10", "0.20", "299.70"):
            post(contract, amount)
        assert settled(contract) == [0, 300, 0]

    def test_is_split_as_told_the_rest_by_due_date(self, contract):
        post(contract, 500, (3, 200), (1, 100))
        assert settled(contract) == [100, 200, 200]

    def test_all_of_it(self, contract):
        post(contract, 1130)
        assert settled(contract) == [400, 300, 430]

    def test_refuses_more_than_all_that_is_open(self, contract):
        post(contract, 1000)
        with pytest.raises(MoreThanOpen, match=r"CNY\s130\.01 is more than all that is open: CNY\s130\.00") as caught:
            post(contract, "130.01")
        assert caught.value.field == "amount"
        assert received(contract) == 1000
        assert Receipt.objects.count() == 1

    def test_keeps_what_is_too_much_as_credit_where_allowed(self, contract):
        post(contract, 1200, allow_credit=True)
        assert settled(contract) == [400, 300, 430]
        assert received(contract) == 1200
        rows = list(Instalment.objects.filter(contract=contract))
        assert settlement_of(contract, rows).credit == 70

    def test_refuses_another_currency(self, contract):
        with pytest.raises(CurrencyDiffers, match="CNY"):
            post(contract, 10, currency="USD")

    @pytest.mark.parametrize(("currency", "amount"), [("CNY", "1.001"), ("JPY", "1.5"), ("KWD", "1.0001")])
    def test_refuses_more_decimals_than_the_minor_unit(self, account, currency, amount):
        contract = make_contract(account, currency=currency, instalments=[make_instalment(amount="100")])
        # The column of KWD refuses a fourth decimal itself.
        with pytest.raises((TooManyDecimals, ValidationError)):
            post(contract, amount)
        assert not Receipt.objects.exists()

    @pytest.mark.parametrize(("currency", "amount"), [("JPY", "7"), ("KWD", "1.005")])
    def test_takes_the_minor_unit(self, account, currency, amount):
        contract = make_contract(account, currency=currency, instalments=[make_instalment(amount="100")])
        post(contract, amount)
        assert settled(contract) == [D(amount)]

    @pytest.mark.parametrize("amount", ["0", "-5"])
    def test_refuses_nothing_and_less(self, contract, amount):
        with pytest.raises(ValidationError):
            post(contract, amount)

    def test_refuses_the_future(self, contract):
        with pytest.raises(ReceiptInFuture):
            post(contract, 10, date=TODAY + DAY)
        with pytest.raises(DateOutside):
            post(contract, 10, date=dt.date(1950, 1, 1))

    @pytest.mark.parametrize("state", ["draft", "in_approval", "approved", "discarded"])
    def test_refuses_before_the_signature(self, account, state):
        with pytest.raises(ReceiptsNeedSignature):
            post(make_contract(account, state), 10)

    def test_comes_in_after_a_termination(self, account):
        contract = make_contract(account, "terminated")
        post(contract, 1130)
        assert settled(contract) == [1130]

    def test_refuses_who_may_only_read(self, contract, ann):
        with pytest.raises(AccountReadOnly):
            post(contract, 10, actor=ann)


class TestShares:
    @pytest.mark.parametrize(
        ("shares", "error", "field", "words"),
        [
            ([(1, 10), (7, 10)], NoSuchInstalment, "shares.1", "Share 2: the plan has no instalment 7"),
            ([(1, 10), (1, 10)], ShareTwice, "shares.1", "instalment 1"),
            ([(1, 0)], ShareInvalid, "shares.0", "above zero"),
            ([(1, -1)], ShareInvalid, "shares.0", "above zero"),
            ([(1, "NaN")], ShareInvalid, "shares.0", "above zero"),
            ([(1, "0.001")], TooManyDecimals, "shares.0", "CNY"),
            ([(1, 60), (2, "40.01")], SharesTooLarge, "shares", r"CNY\s100\.01, the receipt to CNY\s100\.00"),
        ],
    )
    def test_refuses(self, contract, shares, error, field, words):
        with pytest.raises(error, match=words) as caught:
            post(contract, 100, *shares)
        assert caught.value.field == field
        assert not Receipt.objects.exists()

    def test_refuses_those_of_a_refund(self, contract):
        post(contract, 100)
        with pytest.raises(SharesOfRefund):
            services.post_receipt(
                Receipt(contract=contract, amount=D(10), date=TODAY, currency="CNY", kind="refund"),
                [(1, D(10))], actor=None, now=NOW,
            )  # fmt: skip


class TestRefund:
    def test_takes_back_from_what_is_due_last(self, contract):
        post(contract, 800)
        assert settled(contract) == [400, 300, 100]
        row = refund(contract, 150)
        assert settled(contract) == [350, 300, 0]
        assert received(contract) == 650
        assert AuditEntry.objects.of(row).get().action == "receipt.refunded"

    def test_refuses_more_than_was_received(self, contract):
        post(contract, 100)
        refund(contract, 60)
        with pytest.raises(MoreThanReceived, match=r"CNY\s40\.01 is more than was received: CNY\s40\.00"):
            refund(contract, "40.01")


class TestVoid:
    def test_counts_no_more_and_stays_to_be_seen(self, contract, alice):
        wrong, right = post(contract, 350), post(contract, 100)
        void(wrong)
        assert settled(contract) == [0, 100, 0]
        assert received(contract) == 100
        stored = Receipt.objects.get(pk=wrong.pk)
        assert (stored.voided_at, stored.void_reason, stored.amount) == (NOW, "记错", 350)
        entry = AuditEntry.objects.of(wrong).latest("pk")
        assert (entry.action, entry.reason, entry.actor) == ("receipt.voided", "记错", alice)
        assert Receipt.objects.get(pk=right.pk).voided_at is None

    def test_refuses_twice_and_without_reason(self, contract):
        receipt = post(contract, 100)
        with pytest.raises(ReasonMissing):
            void(receipt, reason=" ")
        void(receipt)
        with pytest.raises(ReceiptVoided):
            void(receipt)

    def test_refuses_one_that_was_refunded(self, contract):
        receipt, back = post(contract, 100), refund(contract, 60)
        with pytest.raises(RefundGiven):
            void(receipt)
        void(back)
        void(receipt)
        assert received(contract) == 0

    def test_refuses_who_may_only_read(self, contract, ann):
        with pytest.raises(AccountReadOnly):
            void(post(contract, 100), actor=ann)


class TestAmendment:
    def test_another_plan_is_settled_by_the_same_receipts(self, contract, alice):
        post(contract, 900, (3, 430))
        assert settled(contract) == [170, 300, 430]
        parts = make_parts([make_line(unit_price="500")], [], [make_instalment(amount="565.00", days=20)])
        version = make_version(contract, "approved", parts=parts)
        services.sign_version(version, signed_on=TODAY, actor=alice, today=TODAY)
        assert settled(contract) == [565]
        assert received(contract) == 900
        old = Instalment.objects.filter(contract=contract, is_current=False)
        assert {row.settled_amount for row in old} == {0}

    def test_a_receipt_larger_than_the_new_plan_can_still_be_refunded(self, contract, alice):
        post(contract, 900)
        parts = make_parts([make_line(unit_price="500")], [], [make_instalment(amount="565.00", days=20)])
        version = make_version(contract, "approved", parts=parts)
        services.sign_version(version, signed_on=TODAY, actor=alice, today=TODAY)
        refund(contract, 335)
        assert settled(contract) == [565]
        refund(contract, 65)
        assert settled(contract) == [500]


class TestEvent:
    def test_makes_it_due(self, contract, alice):
        row = contract.instalments.get(position=3)
        services.record_event(row, date=TODAY, actor=alice, today=TODAY)
        stored = Instalment.objects.get(pk=row.pk)
        assert (stored.event_date, stored.due_date) == (TODAY, TODAY + 10 * DAY)
        entry = AuditEntry.objects.of(row).get()
        assert (entry.action, entry.actor) == ("instalment.event", alice)
        assert entry.changes == {"event_date": [None, "2026-03-16"], "due_date": [None, "2026-03-26"]}

    def test_settles_anew_since_it_may_be_due_first(self, contract, alice):
        post(contract, 300)
        row = contract.instalments.get(position=3)
        services.record_event(row, date=TODAY, actor=alice, today=TODAY)
        assert settled(contract) == [0, 0, 300]
        assert row.settled_amount == 300
        services.record_event(row, date=None, actor=alice, today=TODAY)
        assert settled(contract) == [0, 300, 0]
        assert Instalment.objects.get(pk=row.pk).due_date is None

    def test_the_same_again_changes_nothing(self, contract, alice):
        row = contract.instalments.get(position=3)
        for _time in range(2):
            services.record_event(row, date=TODAY, actor=alice, today=TODAY)
        assert AuditEntry.objects.of(row).count() == 1

    def test_refuses(self, contract, alice, ann):
        by_date, by_event = contract.instalments.get(position=1), contract.instalments.get(position=3)
        with pytest.raises(NotByEvent):
            services.record_event(by_date, date=TODAY, actor=alice, today=TODAY)
        with pytest.raises(EventInFuture):
            services.record_event(by_event, date=TODAY + DAY, actor=alice, today=TODAY)
        with pytest.raises(DateOutside):
            services.record_event(by_event, date=dt.date(9999, 12, 31), actor=alice)
        with pytest.raises(AccountReadOnly):
            services.record_event(by_event, date=TODAY, actor=ann, today=TODAY)

    def test_refuses_one_that_is_not_signed(self, account, alice):
        contract = make_contract(account, "draft", instalments=three())
        with pytest.raises(InstalmentNotCurrent):
            services.record_event(contract.instalments.get(position=3), date=TODAY, actor=alice, today=TODAY)


class TestInvoice:
    def test_is_noted_and_taken_away(self, contract, alice):
        row = contract.instalments.get(position=1)
        services.set_invoice(row, number=" F-1 ", date=TODAY, actor=alice)
        stored = Instalment.objects.get(pk=row.pk)
        assert (stored.invoice_number, stored.invoice_date) == ("F-1", TODAY)
        assert AuditEntry.objects.of(row).get().action == "instalment.invoiced"
        services.set_invoice(row, number="", date=None, actor=alice)
        assert Instalment.objects.get(pk=row.pk).invoice_number == ""

    def test_refuses(self, contract, alice, ann):
        row = contract.instalments.get(position=1)
        with pytest.raises(InvoiceNumberMissing):
            services.set_invoice(row, number=" ", date=TODAY, actor=alice)
        with pytest.raises(ValidationError) as caught:
            services.set_invoice(row, number="9" * 61, date=None, actor=alice)
        assert list(caught.value.message_dict) == ["number"]
        with pytest.raises(AccountReadOnly):
            services.set_invoice(row, number="F-1", date=None, actor=ann)
