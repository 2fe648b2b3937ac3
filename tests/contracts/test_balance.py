"""The balance of a contract: plan less receipts, whatever happens in whatever order, and by two at once."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from contracts import services
from contracts.errors import MoreThanOpen, MoreThanReceived, NoSuchInstalment, RefundGiven, SharesTooLarge
from contracts.models import Contract, Instalment, Receipt
from contracts.services.settling import settlement_of
from tests.contracts.test_receipts import DAY, post, received, settled, three, void
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_version
from tests.factories.users import UserFactory

D = Decimal

steps = st.lists(
    st.tuples(
        st.sampled_from(["receipt", "refund", "void", "amend", "event"]),
        st.integers(1, 90_000),
        st.dictionaries(st.integers(1, 5), st.integers(1, 30_000), max_size=2),
    ),
    max_size=10,
)


class TestAnySequence(HypothesisCase):
    """Receipts, refunds, voids, amendments and events in any order: the balance is plan less receipts, always."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    def test_balance(self, sequence):
        manager = UserFactory()
        contract = make_contract(AccountFactory(manager=manager), instalments=three())
        for kind, number, shares in sequence:
            self._do(kind, number, shares, contract, manager)
            self._check(contract)
        self._check_order(contract)

    def _do(self, kind, number, shares, contract, manager):
        amount = D(number) / 100
        if kind in ("receipt", "refund"):
            parts = [(position, D(part) / 100) for position, part in shares.items()] if kind == "receipt" else []
            try:
                post(contract, amount, *parts, kind=kind, actor=manager, allow_credit=bool(number % 2))
            except (MoreThanOpen, MoreThanReceived, NoSuchInstalment, SharesTooLarge):
                return
        elif kind == "void":
            rows = list(contract.receipts.filter(voided_at=None).order_by("pk"))
            if rows:
                try:
                    void(rows[number % len(rows)], actor=manager)
                except RefundGiven:
                    return
        elif kind == "amend":
            rows = [make_instalment(amount=D(n + number % 97) / 100, days=n % 50) for n in shares.values()]
            version = make_version(contract, "approved", parts=make_parts(instalments=rows))
            services.sign_version(version, signed_on=TODAY, actor=manager, today=TODAY)
        elif row := contract.instalments.filter(is_current=True, due_by="event").first():
            services.record_event(row, date=TODAY - number % 100 * DAY, actor=manager, today=TODAY)

    def _check(self, contract):
        rows = list(Instalment.objects.filter(contract=contract, is_current=True))
        counted = Receipt.objects.filter(contract=contract, voided_at=None)
        balance = sum((row.amount if row.kind == "receipt" else -row.amount for row in counted), D(0))
        assert all(0 <= row.settled_amount <= row.amount for row in rows)
        assert received(contract) == balance >= 0
        covered, planned = sum(row.settled_amount for row in rows), sum(row.amount for row in rows)
        credit = settlement_of(contract, rows).credit
        assert covered + credit == balance
        assert credit >= 0
        assert credit == 0 or covered == planned

    def _check_order(self, contract):
        """The same receipts in other rows, the other way round, settle the same."""
        before, money = settled(contract), received(contract)
        for row in reversed(list(Receipt.objects.filter(contract=contract).order_by("pk"))):
            shares = list(row.shares.all())
            row.pk = None
            row._state.adding = True
            row.save()
            for share in shares:
                share.pk, share.receipt = None, row
                share._state.adding = True
                share.save()
        old = Receipt.objects.filter(contract=contract).order_by("pk")
        Receipt.objects.filter(pk__in=list(old.values_list("pk", flat=True))[: old.count() // 2]).delete()
        services.resettle(contract)
        assert (settled(contract), received(contract)) == (before, money)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL locks rows.")
class TestAtOnce:
    def test_two_receipts_both_count(self, account, alice):
        contract = make_contract(account, instalments=three())
        barrier, errors = threading.Barrier(2), []

        def run(amount):
            try:
                with transaction.atomic():
                    mine = Contract.objects.get(pk=contract.pk)
                    list(mine.instalments.all())
                    barrier.wait(10)
                    post(mine, amount, actor=alice)
            except Exception as error:  # noqa: BLE001 -- told below
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(amount,)) for amount in (250, 350)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert errors == []
        assert received(contract) == 600
        assert settled(contract) == [300, 300, 0]

    def test_two_that_are_too_much_together(self, account, alice):
        contract = make_contract(account, instalments=three())
        barrier, outcomes = threading.Barrier(2), []

        def run():
            try:
                barrier.wait(10)
                post(Contract.objects.get(pk=contract.pk), 800, actor=alice)
                outcomes.append("posted")
            except MoreThanOpen:
                outcomes.append("refused")
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == ["posted", "refused"]
        assert received(contract) == 800
