"""Reminders of overdue instalments: once per instalment and level, by tier, in sets."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.choices import Status
from audit.models import AuditEntry
from contracts import services
from contracts.models import DunningReminder, Receipt
from contracts.services.audience import Audience
from contracts.services.dunning import close_settled, remind
from contracts.services.jobs import run_contract_jobs
from contracts.services.policy import ensure_contract_policy
from interactions.models import NextStep
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_version

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _policy(db):
    """After 7, 21 and 45 days; for A after 14, 30 and 60."""
    ensure_contract_policy()


def overdue(account, days, **fields):
    """A contract whose one instalment of 1,130.00 has been overdue for so many days."""
    return make_contract(account, instalments=[make_instalment(days=-days)], **fields)


def run(today=TODAY):
    return remind(today, Audience(), now=NOW)


def levels(contract):
    return list(DunningReminder.objects.filter(instalment__contract=contract).values_list("level", flat=True))


def tasks(**conditions):
    return NextStep.objects.filter(**conditions).order_by("pk")


class TestRemind:
    @pytest.mark.parametrize(
        ("tier", "days", "expected"),
        [
            ("", 6, []), ("", 7, [1]), ("", 20, [1]), ("", 21, [2]), ("", 45, [3]), ("", 900, [3]),
            ("C", 7, [1]), ("A", 13, []), ("A", 14, [1]), ("A", 30, [2]), ("A", 60, [3]),
        ],
    )  # fmt: skip
    def test_by_tier_and_only_the_highest_level_that_is_reached(self, account, tier, days, expected):
        account.tier = tier
        account.save()
        contract = overdue(account, days)
        assert run() == len(expected)
        assert levels(contract) == expected

    def test_is_a_task_of_the_manager(self, account, alice):
        contract = overdue(account, 21)
        run()
        step = tasks().get()
        assert (step.owner, step.account, step.due_date, step.status) == (alice, account, TODAY, "open")
        assert "Payment reminder 2: CNY\u00a01,130.00 due since" in step.text
        assert contract.number in step.text
        row = contract.instalments.get()
        entry = AuditEntry.objects.of(row).get()
        assert (entry.action, entry.actor, entry.account_id) == ("instalment.reminded", None, account.pk)
        assert entry.changes == {"level": [None, 2]}
        assert AuditEntry.objects.of(step).get().action == "step.added"

    def test_where_nobody_manages_the_account_of_the_owner(self, account, alice, mallory):
        contract = overdue(account, 10, owner=mallory)
        alice.is_active = False
        alice.save()
        run()
        assert tasks().get().owner == mallory
        mallory.is_active = False
        mallory.save()
        other = overdue(account, 10, owner=mallory)
        assert run() == 0
        assert (levels(contract), levels(other)) == ([1], [])

    def test_twice_changes_nothing(self, account):
        overdue(account, 10)
        assert (run(), run(), run(TODAY + DAY)) == (1, 0, 0)
        assert tasks().count() == 1

    def test_the_next_level_takes_the_place_of_the_last(self, account):
        contract = overdue(account, 10)
        run()
        assert run(TODAY + 11 * DAY) == 1
        assert levels(contract) == [1, 2]
        first, second = tasks()
        assert (first.status, first.closing_note) == ("dropped", "The next reminder followed.")
        assert second.status == "open"

    def test_after_a_standstill_only_the_highest_level(self, account):
        contract = overdue(account, 10)
        run()
        assert run(TODAY + 100 * DAY) == 1
        assert levels(contract) == [1, 3]

    def test_leaves_alone_what_is_paid_not_signed_not_current_or_not_dated(self, account):
        paid = overdue(account, 50)
        services.post_receipt(
            Receipt(contract=paid, amount=Decimal(1130), date=TODAY, currency="CNY"), [], actor=None, now=NOW
        )
        make_contract(account, "draft", instalments=[make_instalment(days=-50)])
        make_contract(account, instalments=[make_instalment(event="验收")])
        old = overdue(account, 50)
        old.instalments.update(is_current=False)
        gone = overdue(AccountFactory(status=Status.TERMINATED, manager=account.manager), 50)
        assert run() == 0
        assert levels(gone) == []

    def test_a_terminated_contract_is_still_to_be_paid(self, account):
        contract = make_contract(account, "terminated", instalments=[make_instalment(days=-10)])
        assert run() == 1
        assert levels(contract) == [1]

    def test_costs_the_same_for_many(self, account):
        counts = []
        for number in (2, 20):
            for _ in range(number):
                overdue(account, 30)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert run() == number
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_is_part_of_the_night(self, account):
        contract = overdue(account, 10)
        assert run_contract_jobs(today=TODAY, now=NOW).reminded == 1
        assert run_contract_jobs(today=TODAY, now=NOW).reminded == 0
        assert levels(contract) == [1]


class TestClose:
    def test_a_receipt_that_settles_closes_the_task(self, account, alice):
        contract = overdue(account, 10)
        run()

        def post(amount):
            receipt = Receipt(contract=contract, amount=Decimal(amount), date=TODAY, currency="CNY")
            return services.post_receipt(receipt, [], actor=alice, now=NOW)

        post(1000)
        assert tasks().get().status == "open"
        last = post(130)
        step = tasks().get()
        assert (step.status, step.closed_at, step.closing_note) == ("done", NOW, "The instalment is settled.")
        services.void_receipt(last, reason="记错", actor=alice, now=NOW)
        assert run() == 0  # of that level there was a reminder
        assert run(TODAY + 11 * DAY) == 1

    def test_an_amendment_drops_it(self, account, alice):
        contract = overdue(account, 10)
        run()
        version = make_version(contract, "approved", parts=make_parts(instalments=[make_instalment(days=60)]))
        services.sign_version(version, signed_on=TODAY, actor=alice, today=TODAY)
        assert run() == 0
        step = tasks().get()
        assert (step.status, step.closing_note) == ("dropped", "An amendment replaced the instalments.")

    def test_what_was_done_by_hand_stays(self, account, alice):
        overdue(account, 10)
        run()
        tasks().update(status="done", closed_at=NOW)
        assert close_settled(now=NOW) == 0
        assert run() == 0
