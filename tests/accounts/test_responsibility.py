"""Who is responsible: the one primary manager with history, the account team, the tiers."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.choices import MemberRole, Right, TierSource
from accounts.errors import GroupCycle, ManagerInactive, MemberExpired, MemberIsManager, NotALeader, SameManager
from accounts.models import Account, AccountMember, ManagerAssignment, TierHistory
from audit.models import AuditEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.users import UserFactory
from tests.services import require

TOMORROW = TODAY + dt.timedelta(days=1)


def spans(account) -> list[tuple]:
    return list(account.assignments.order_by("pk").values_list("manager__username", "from_date", "until_date"))


class TestOneOpenManager:
    """The database itself enforces it: no service in between."""

    def test_second_open_assignment_is_refused(self, account, ann):
        with pytest.raises(IntegrityError), transaction.atomic():
            ManagerAssignment.objects.create(account=account, manager=ann, from_date=TODAY, reason="x")

    def test_closed_ones_may_be_many(self, account, ann):
        for _number in range(2):
            ManagerAssignment.objects.create(
                account=account, manager=ann, from_date=TODAY, until_date=TODAY, reason="x"
            )
        assert account.assignments.count() == 3

    def test_until_before_from_is_refused(self, account, ann):
        with pytest.raises(IntegrityError), transaction.atomic():
            ManagerAssignment.objects.create(
                account=account, manager=ann, from_date=TOMORROW, until_date=TODAY, reason="x"
            )


class TestAssignManager:
    def test_closes_one_and_opens_the_next(self, account, ann, lee):
        services.assign_manager(account, ann, actor=lee, reason="Alice moves on", today=TOMORROW)
        assert account.manager == ann
        assert spans(account) == [("alice", TODAY, TOMORROW), ("ann", TOMORROW, None)]
        opened = account.assignments.get(until_date=None)
        assert (opened.assigned_by, opened.reason) == (lee, "Alice moves on")
        entry = AuditEntry.objects.of(account).first()
        assert (entry.action, entry.actor, entry.reason) == ("account.manager_assigned", lee, "Alice moves on")
        assert entry.changes == {"manager": ["Alice", "Ann"]}

    def test_twice_on_one_day_keeps_both_in_the_history(self, account, ann, mallory, lee):
        services.assign_manager(account, ann, actor=lee, reason="1", today=TODAY)
        services.assign_manager(account, mallory, actor=lee, reason="2", today=TODAY)
        assert [name for name, _from, until in spans(account) if until is None] == ["mallory"]
        assert AuditEntry.objects.of(account).filter(action="account.manager_assigned").count() == 3

    def test_refuses_the_same_manager(self, account, alice, lee):
        with pytest.raises(SameManager):
            services.assign_manager(account, alice, actor=lee, reason="x", today=TOMORROW)
        assert spans(account) == [("alice", TODAY, None)]

    def test_refuses_an_inactive_manager(self, account, ann, lee):
        ann.is_active = False
        with pytest.raises(ManagerInactive) as caught:
            services.assign_manager(account, ann, actor=lee, reason="x", today=TOMORROW)
        assert caught.value.field == "manager"
        assert spans(account) == [("alice", TODAY, None)]

    def test_managers_do_not_hand_over_by_themselves(self, account, alice, ann):
        with pytest.raises(NotALeader):
            services.assign_manager(account, ann, actor=alice, reason="x", today=TOMORROW)
        assert spans(account) == [("alice", TODAY, None)]

    def test_a_day_before_the_open_one_began_is_refused_or_kept_in_order(self, account, ann, lee):
        """An import may have begun in the future; the history stays in order either way."""
        services.assign_manager(account, ann, actor=lee, reason="x", today=TODAY - dt.timedelta(days=3))
        assert account.manager == ann
        assert all(until is None or start <= until for _name, start, until in spans(account))


class TestAssignManagers:
    def test_changes_only_those_of_others(self, account, foreign_account, alice, dora):
        pool = AccountFactory()
        ids = [account.pk, foreign_account.pk, pool.pk]
        assert services.assign_managers(ids, alice, actor=dora, reason="Merger", today=TOMORROW) == 2
        assert services.assign_managers(ids, alice, actor=dora, reason="Merger", today=TOMORROW) == 0
        assert set(Account.objects.filter(manager=alice)) == {account, foreign_account, pool}
        assert spans(account) == [("alice", TODAY, None)]
        assert spans(pool) == [("alice", TOMORROW, None)]
        entry = AuditEntry.objects.of(pool).first()
        assert (entry.changes, entry.account_id) == ({"manager": [None, "Alice"]}, pool.pk)

    def test_costs_the_same_for_3_and_30(self, alice, mallory):
        counts = []
        for size in (3, 30):
            ids = [AccountFactory(manager=alice).pk for _number in range(size)]
            with CaptureQueriesContext(connection) as queries:
                assert services.assign_managers(ids, mallory, actor=None, reason="x", today=TOMORROW) == size
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 8

    def test_takes_thousands_at_once(self, alice, mallory):
        rows = [Account(code=f"M-{n}", name="客户", manager=alice) for n in range(2500)]
        services.insert_accounts(rows, actor=None, reason="", today=TODAY)
        ids = [row.pk for row in rows]
        assert services.assign_managers(ids, mallory, actor=None, reason="x", today=TOMORROW) == 2500
        assert ManagerAssignment.objects.filter(manager=mallory, until_date=None).count() == 2500


class TestMembers:
    def test_add_records(self, account, mallory, alice):
        member = AccountMember(
            account=account, user=mallory, role=MemberRole.SPECIALIST, right=Right.EDIT, expires_on=TODAY
        )
        services.add_member(member, actor=alice, today=TODAY)
        entry = AuditEntry.objects.of(member).get()
        assert (entry.action, entry.actor, entry.account_id) == ("member.added", alice, account.pk)
        assert entry.changes["user"] == [None, "Mallory"]
        assert entry.changes["expires_on"] == [None, TODAY.isoformat()]

    def test_add_refuses_a_second_time(self, account, ann):
        with pytest.raises(ValidationError) as caught:
            services.add_member(AccountMember(account=account, user=ann), actor=None, today=TODAY)
        assert "on the account team already" in str(caught.value)

    @pytest.mark.parametrize(("field", "value"), [("role", "king"), ("right", "own"), ("expires_on", "2026-02-31")])
    def test_add_refuses_impossible_values(self, account, mallory, field, value):
        member = AccountMember(**{"account": account, "user": mallory, field: value})
        with pytest.raises(ValidationError) as caught:
            services.add_member(member, actor=None, today=TODAY)
        assert list(caught.value.message_dict) == [field]

    def test_add_refuses_a_last_day_that_is_over(self, account, mallory):
        member = AccountMember(account=account, user=mallory, expires_on=TODAY - dt.timedelta(days=1))
        with pytest.raises(MemberExpired):
            services.add_member(member, actor=None, today=TODAY)

    def test_nobody_is_on_the_team_of_an_account_that_they_manage(self, account, alice, ann):
        with pytest.raises(MemberIsManager):
            services.add_member(AccountMember(account=account, user=alice), actor=None, today=TODAY)
        member = account.members.get(user=ann)
        member.user = alice
        with pytest.raises(MemberIsManager):
            services.update_member(member, actor=None, today=TODAY)

    def test_a_right_that_is_over_may_change_but_not_to_another_day_that_is(self, account, ann):
        member = account.members.get(user=ann)
        AccountMember.objects.filter(pk=member.pk).update(expires_on=TODAY - dt.timedelta(days=9))
        member.refresh_from_db()
        member.role = MemberRole.SPECIALIST
        services.update_member(member, actor=None, today=TODAY)
        member.expires_on += dt.timedelta(days=1)
        with pytest.raises(MemberExpired):
            services.update_member(member, actor=None, today=TODAY)

    def test_update_records_from_and_to(self, account, ann, alice):
        member = account.members.get(user=ann)
        member.right, member.expires_on = Right.EDIT, TODAY
        services.update_member(member, actor=alice, today=TODAY)
        entry = AuditEntry.objects.of(member).first()
        assert (entry.action, entry.changes) == (
            "member.updated",
            {"right": ["read", "edit"], "expires_on": [None, TODAY.isoformat()]},
        )

    def test_update_without_a_change_leaves_no_entry(self, account, ann):
        member = account.members.get(user=ann)
        services.update_member(member, actor=None, today=TODAY)
        assert not AuditEntry.objects.of(member).exists()

    def test_remove_records_and_ends_the_right(self, account, ann, alice):
        member = account.members.get(user=ann)
        pk = member.pk
        services.remove_member(member, actor=alice)
        assert not Account.objects.visible_to(ann).exists()
        entry = AuditEntry.objects.get(object_type="accounts.accountmember", object_id=pk)
        assert (entry.action, entry.changes, entry.account_id) == (
            "member.removed",
            {"user": ["Ann", None]},
            account.pk,
        )


class TestChangeTiers:
    def change(self, *moves, today=TODAY, actor=None):
        rows = [services.TierMove(account.pk, tier, reason) for account, tier, reason in moves]
        return services.change_tiers(rows, source=TierSource.POLICY, actor=actor, today=today)

    def test_sets_tier_history_and_audit(self, account, foreign_account, lee):
        changed = self.change((account, "A", "First 80%"), (foreign_account, "C", "Rest"), actor=lee)
        account.refresh_from_db()
        assert (changed, account.tier, account.tier_since) == (2, "A", TODAY)
        row = account.tier_history.get()
        assert (row.tier, row.previous_tier, row.since, row.source, row.decided_by) == ("A", "", TODAY, "policy", lee)
        entry = AuditEntry.objects.of(account).first()
        assert (entry.action, entry.changes, entry.reason) == ("account.tier_changed", {"tier": ["", "A"]}, "First 80%")

    def test_twice_changes_nothing(self, account):
        self.change((account, "A", "x"))
        assert self.change((account, "A", "y"), today=TOMORROW) == 0
        account.refresh_from_db()
        assert (account.tier_since, TierHistory.objects.count()) == (TODAY, 1)

    def test_from_tier_to_none(self, account):
        self.change((account, "B", "x"))
        assert self.change((account, "", "No revenue"), today=TOMORROW) == 1
        assert str(account.tier_history.first()) == "B → –"

    def test_unknown_account_is_passed_over(self, account):
        gone = Account(pk=account.pk + 1000)
        assert self.change((account, "A", "x"), (gone, "B", "x")) == 1

    def test_costs_the_same_for_3_and_30(self, db):
        counts = []
        for size in (3, 30):
            accounts = [AccountFactory() for _number in range(size)]
            with CaptureQueriesContext(connection) as queries:
                self.change(*((account, "ABC"[n % 3], "x") for n, account in enumerate(accounts)))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestConcurrentWrites:
    """Real threads, each with its own connection and transaction."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_two_moves_that_would_close_a_circle(self, in_parallel):
        """A goes below B and B below A at once: exactly one is refused, and the tree is a tree."""
        for number in range(5):
            a, b = AccountFactory(code=f"A{number}"), AccountFactory(code=f"B{number}")

            def move(below, child, parent):
                row = Account.objects.get(pk=child)
                row.parent_id = parent
                services.update_account(row, actor=None)
                return below

            outcomes = in_parallel((move, "a", a.pk, b.pk), (move, "b", b.pk, a.pk))
            refused = [outcome for outcome in outcomes if isinstance(outcome, GroupCycle)]
            assert len(refused) == 1, outcomes
            assert_is_a_tree()

    def test_moves_in_a_ring_of_three(self, in_parallel):
        for number in range(5):
            ring = [AccountFactory(code=f"{letter}{number}").pk for letter in "ABC"]

            def move(child, parent):
                row = Account.objects.get(pk=child)
                row.parent_id = parent
                services.update_account(row, actor=None)

            outcomes = in_parallel(*((move, ring[n], ring[(n + 1) % 3]) for n in range(3)))
            refused = [outcome for outcome in outcomes if outcome is not None]
            assert len(refused) == 1, outcomes
            assert isinstance(refused[0], GroupCycle)
            assert_is_a_tree()

    def test_two_handovers_leave_one_manager(self, in_parallel, account, ann, mallory):
        def assign(user):
            services.assign_managers([account.pk], user, actor=None, reason="x", today=TOMORROW)

        assert in_parallel((assign, ann), (assign, mallory)) == [None, None]
        account.refresh_from_db()
        assert account.assignments.get(until_date=None).manager == account.manager
        assert account.assignments.count() == 3

    def test_two_tier_changes_leave_one_history_row_each(self, in_parallel, account):
        def change():
            return services.change_tiers(
                [services.TierMove(account.pk, "A", "x")], source=TierSource.POLICY, actor=None, today=TODAY
            )

        assert sorted(in_parallel((change,), (change,))) == [0, 1]
        assert account.tier_history.count() == 1

    def test_one_code_for_two_new_accounts(self, in_parallel):
        def create(user):
            AccountFactory(code="SAME", manager=user)

        outcomes = in_parallel((create, UserFactory()), (create, UserFactory()))
        refused = [outcome for outcome in outcomes if outcome is not None]
        assert len(refused) == 1
        assert isinstance(refused[0], ValidationError | IntegrityError)
        assert Account.objects.count() == 1


def assert_is_a_tree() -> None:
    """Every path is its parent's path and its own id."""
    for row in Account.objects.select_related("parent"):
        assert row.path == f"{row.parent.path if row.parent else ''}{row.pk}."


@pytest.fixture
def in_parallel():
    """`in_parallel((function, *args), …)`: what each call returned or raised, all begun at the same moment."""

    require("postgresql")  # SQLite runs one writing transaction after the other

    def run(*calls):
        barrier = threading.Barrier(len(calls))

        def one(call):
            function, *args = call
            try:
                barrier.wait(timeout=10)
                return function(*args)
            except Exception as error:  # noqa: BLE001  the outcome is what the test looks at
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    return run
