"""THE access rule: roles × relation to the account, and what it costs in a large table."""

import datetime as dt
import json

import pytest
from django.db import connection

from accounts import services
from accounts.choices import MemberRole, Right, Status
from accounts.models import (
    Account,
    AccountMember,
    ManagerAssignment,
    TierHistory,
)
from core.paging import Sort
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.users import TeamFactory, UserFactory
from tests.services import require
from users.models import Role, User

YESTERDAY = TODAY - dt.timedelta(days=1)
TOMORROW = TODAY + dt.timedelta(days=1)


def rights(user, account, today=TODAY) -> str:
    """`edit`, `read` or `none`: what `user` may do with the account on that day."""
    sees = Account.objects.visible_to(user, today).filter(pk=account.pk).exists()
    edits = Account.objects.editable_by(user, today).filter(pk=account.pk).exists()
    assert sees or not edits, "Whoever may change a row may see it."
    return "edit" if edits else "read" if sees else "none"


class TestRoles:
    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            ("alice", "edit"),  # manages it
            ("ann", "read"),  # is on the team with the right to read
            ("lee", "edit"),  # leads the team above
            ("dora", "edit"),
            ("admin_user", "edit"),
            ("mallory", "none"),
        ],
    )
    def test_of_the_cast(self, request, account, person, expected):
        assert rights(request.getfixturevalue(person), account) == expected

    @pytest.mark.parametrize("role", Role.values)
    def test_inactive_sees_nothing_whatever_the_role(self, account, region, role):
        user = UserFactory(team=region, role=role, is_active=False)
        AccountMemberFactory(account=account, user=user, right=Right.EDIT)
        managed = AccountFactory()
        Account.objects.filter(pk=managed.pk).update(manager=user)
        assert [rights(user, row) for row in (account, managed)] == ["none", "none"]

    @pytest.mark.parametrize(
        ("place", "expected"), [("company", "edit"), ("region", "edit"), ("north", "edit"), ("south", "none")]
    )
    def test_supervisor_by_team(self, request, account, place, expected):
        supervisor = UserFactory(role=Role.SUPERVISOR, team=request.getfixturevalue(place))
        assert rights(supervisor, account) == expected

    @pytest.mark.parametrize("crowd", [0, 120])
    def test_supervisor_sees_the_same_rows_in_both_shapes_of_the_query(
        self, account, foreign_account, lee, south, crowd
    ):
        """Leading a large share of the people only chooses another statement."""
        for _number in range(crowd):
            UserFactory(team=south)
        shared, pool = AccountFactory(), AccountFactory()
        AccountMemberFactory(account=shared, user=lee, right=Right.EDIT, expires_on=TODAY)
        assert [rights(lee, row) for row in (account, foreign_account, shared, pool)] == [
            "edit",
            "none",
            "edit",
            "none",
        ]
        assert rights(lee, shared, TOMORROW) == "none"
        assert Account.objects.visible_to(lee, TODAY).count() == 2

    def test_team_whose_id_begins_with_the_same_digits_is_another(self, company, account):
        """Paths end in a dot: 1. is not the beginning of 10."""
        other = TeamFactory(parent=company)
        type(other).objects.filter(pk=other.pk).update(path=account.manager.team.path.rstrip("."))
        other.refresh_from_db()
        assert rights(UserFactory(role=Role.ACCOUNT_MANAGER, team=other), account) == "none"

    def test_account_manager_of_the_same_team_sees_nothing(self, account, north):
        assert rights(UserFactory(team=north), account) == "none"

    def test_without_a_manager_only_directors_see_it(self, alice, lee, dora, admin_user):
        pool = AccountFactory()
        assert [rights(user, pool) for user in (alice, lee, dora, admin_user)] == ["none", "none", "edit", "edit"]

    def test_former_manager_sees_nothing(self, account, alice, mallory):
        services.assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        assert [rights(user, account) for user in (alice, mallory)] == ["none", "edit"]

    def test_manager_of_the_parent_or_child_sees_nothing_of_the_others(self, alice, mallory):
        parent = AccountFactory(manager=alice)
        child = AccountFactory(manager=mallory, parent=parent)
        assert [rights(alice, child), rights(mallory, parent)] == ["none", "none"]


class TestMembers:
    @pytest.mark.parametrize("role", MemberRole.values)
    @pytest.mark.parametrize(
        ("right", "expires_on", "expected"),
        [
            (Right.READ, None, "read"),
            (Right.EDIT, None, "edit"),
            (Right.READ, TOMORROW, "read"),
            (Right.EDIT, TODAY, "edit"),
            (Right.READ, TODAY, "read"),
            (Right.EDIT, YESTERDAY, "none"),
            (Right.READ, YESTERDAY, "none"),
        ],
    )
    def test_right_until_the_last_day(self, account, mallory, role, right, expires_on, expected):
        AccountMemberFactory(account=account, user=mallory, role=role, right=right, expires_on=expires_on)
        assert rights(mallory, account) == expected

    def test_supervisor_does_not_inherit_what_their_people_are_members_of(self, foreign_account, lee, ann):
        AccountMemberFactory(account=foreign_account, user=ann, right=Right.EDIT)
        assert rights(lee, foreign_account) == "none"

    def test_manager_who_is_on_the_team_as_well_is_not_seen_twice(self, account, alice):
        AccountMemberFactory(account=account, user=alice)
        assert Account.objects.visible_to(alice).count() == 1
        assert rights(alice, account) == "edit"

    def test_today_is_the_clocks_unless_given(self, account, mallory):
        AccountMemberFactory(account=account, user=mallory, expires_on=dt.date(2020, 1, 1))
        assert not Account.objects.visible_to(mallory).exists()


class TestTerminated:
    @pytest.mark.parametrize("person", ["alice", "lee", "dora", "admin_user"])
    def test_is_read_only_for_everybody(self, request, account, person):
        Account.objects.filter(pk=account.pk).update(status=Status.TERMINATED)
        assert rights(request.getfixturevalue(person), account) == "read"


class TestRowsOfAnAccount:
    """What belongs to an account is exactly as visible as that account."""

    @pytest.mark.parametrize("model", [ManagerAssignment, AccountMember, TierHistory])
    def test_follow_the_account(self, account, model, alice, ann, lee, dora, mallory):
        services.change_tiers([services.TierMove(account.pk, "A", "x")], source="policy", actor=None, today=TODAY)

        def table(name):
            return [getattr(model.objects, name)(user).count() for user in (alice, ann, lee, dora, mallory)]

        assert table("visible_to") == [1, 1, 1, 1, 0]
        assert table("editable_by") == [1, 0, 1, 1, 0]

    @pytest.mark.parametrize("model", [ManagerAssignment, AccountMember, TierHistory])
    def test_inactive_director_sees_nothing(self, account, model, dora):
        dora.is_active = False
        assert not model.objects.visible_to(dora).exists()
        assert not model.objects.editable_by(dora).exists()


class TestListColumns:
    def test_one_statement_for_what_a_row_shows(self, account, foreign_account, django_assert_num_queries):
        with django_assert_num_queries(1):
            for row in Account.objects.with_list_columns():
                assert row.manager.name
                assert row.summary.revenue_trend is None


class TestPlans:
    """20,000 accounts, 400 managers: a manager's 50 are found by index, and nothing that a list runs reads all."""

    SORTS = (
        Sort("name"),
        Sort("code"),
        Sort("summary__revenue_12m_amount", descending=True),
        Sort("summary__last_order_date", descending=True, nullable=True),
    )
    BIG = frozenset({"accounts_account", "accounts_accountsummary", "accounts_managerassignment"})

    @pytest.fixture
    def crowd(self, transactional_db, alice, lee, ann):
        """Rows by `INSERT … SELECT` from one template: services would take minutes.

        Committed, and emptied by TRUNCATE: what ANALYZE notes of a table's size outlives a transaction that is rolled
        back, and would spoil the plans of every later test.
        """
        require("postgresql")
        team = TeamFactory()
        users = [UserFactory.build(team=team, password="!") for _number in range(398)]
        managers = [alice.pk, ann.pk, *(user.pk for user in User.objects.bulk_create(users))]
        template = AccountFactory()
        values = {
            field.column: f't."{field.column}"' for field in Account._meta.concrete_fields if not field.primary_key
        }
        values |= {
            "code": "'P' || n",
            "name": "'客户' || n * 7919 %% 20000",
            "path": "n || '.'",
            "manager_id": "(%s)[n %% 400 + 1]",
        }
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO accounts_account ({', '.join(values)}) SELECT {', '.join(values.values())} "  # noqa: S608  our own names
                "FROM accounts_account t, generate_series(1, 20000) n WHERE t.id = %s",
                [managers, template.pk],
            )
            cursor.execute(
                "INSERT INTO accounts_accountsummary (account_id, revenue_12m_amount, revenue_prior_12m_amount,"
                " revenue_complete) SELECT id, id %% 977, 0, true FROM accounts_account WHERE id <> %s",
                [template.pk],
            )
            cursor.execute(
                "INSERT INTO accounts_managerassignment (account_id, manager_id, from_date, reason, created_at)"
                " SELECT id, manager_id, '2026-01-01', 'x', now() FROM accounts_account WHERE manager_id IS NOT NULL"
            )
            cursor.execute(
                'INSERT INTO accounts_accountmember (account_id, user_id, role, "right", created_at, updated_at)'
                " SELECT id, (%s)[id / 4 %% 400 + 1], 'deputy', 'read', now(), now() FROM accounts_account"
                " WHERE id %% 4 = 1",
                [managers],
            )
            cursor.execute(f"ANALYZE {', '.join([*self.BIG, 'accounts_accountmember', 'users_user', 'users_team'])}")

    def scanned(self, queryset) -> set[str]:
        """The large tables that the plan of this statement reads from end to end."""
        plan = json.loads(queryset.explain(format="json"))[0]["Plan"]

        def walk(node):
            if node["Node Type"] == "Seq Scan":
                yield node["Relation Name"]
            for child in node.get("Plans", []):
                yield from walk(child)

        return set(walk(plan)) & self.BIG

    def lists_of(self, user):
        """Every statement that the lists and panels of this user begin with."""
        for rule in (Account.objects.visible_to, Account.objects.editable_by):
            for sort in self.SORTS:
                sign = "-" if sort.descending else ""
                yield rule(user).with_list_columns().order_by(f"{sign}{sort.path}", f"{sign}pk")[:51]
        for model in (ManagerAssignment, AccountMember, TierHistory):
            yield model.objects.visible_to(user)

    def test_a_manager_reads_no_large_table(self, crowd, alice, ann, mallory):
        assert self.scanned(Account.objects.filter(city__contains="x")) == {"accounts_account"}, "This test sees scans."
        assert alice.managed_accounts.count() == 50
        for user in (alice, ann, mallory):
            for statement in self.lists_of(user):
                assert not self.scanned(statement), f"{user}: {statement.query}"

    def test_nobody_reads_a_large_table_for_one_account(self, crowd, alice, ann, lee, dora, mallory):
        pk = Account.objects.order_by("-pk").first().pk
        for user in (alice, ann, lee, dora, mallory):
            for rule in (Account.objects.visible_to, Account.objects.editable_by):
                assert not self.scanned(rule(user).filter(pk=pk)), user

    def test_a_directors_page_reads_no_large_table_either(self, crowd, dora):
        for sort in self.SORTS[:3]:
            sign = "-" if sort.descending else ""
            page = Account.objects.visible_to(dora).with_list_columns().order_by(f"{sign}{sort.path}", f"{sign}pk")[:51]
            assert not self.scanned(page), sort.path
