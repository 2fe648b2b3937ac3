"""Account profile: what the services do, what they refuse, what the audit says."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.choices import Stage
from accounts.errors import GroupCycle, GroupTooDeep, ManagerInactive
from accounts.models import Account, AccountSummary, ManagerAssignment, Tag
from audit.models import AuditEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory


def actions(row) -> list[str]:
    """The audit of one row, oldest first."""
    return list(AuditEntry.objects.of(row).order_by("pk").values_list("action", flat=True))


def last_entry(row) -> AuditEntry:
    return AuditEntry.objects.of(row).first()


class TestCreateAccount:
    def test_makes_summary_path_manager_tags_and_audit(self, alice):
        account = services.create_account(
            Account(code="N-1", name="新客户"), actor=alice, today=TODAY, manager=alice, tags=["key", "new", "key"]
        )
        account.refresh_from_db()
        assert (account.path, account.manager, account.tier) == (f"{account.pk}.", alice, "")
        assert account.summary.revenue_12m_amount == 0
        assert [tag.name for tag in account.tags.all()] == ["key", "new"]
        opened = account.assignments.get()
        assert (opened.manager, opened.from_date, opened.until_date, opened.assigned_by) == (alice, TODAY, None, alice)
        assert opened.reason
        assert actions(account) == ["account.created", "account.manager_assigned"]
        entry = AuditEntry.objects.of(account).last()
        assert (entry.actor, entry.account_id, entry.object_label) == (alice, account.pk, "新客户")

    def test_hangs_below_its_parent(self, account):
        child = AccountFactory(parent=account)
        grandchild = AccountFactory(parent=child)
        assert grandchild.path == f"{account.pk}.{child.pk}.{grandchild.pk}."
        assert set(Account.objects.in_group_of(child)) == {account, child, grandchild}
        assert set(Account.objects.below(child)) == {child, grandchild}

    def test_parent_that_was_loaded_before_it_moved(self, account, foreign_account):
        stale = Account.objects.get(pk=account.pk)
        account.parent = foreign_account
        services.update_account(account, actor=None)
        child = AccountFactory(parent=stale)
        assert child.path == f"{foreign_account.pk}.{account.pk}.{child.pk}."

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("code", ""),
            ("code", "a b"),
            ("code", "<script>"),
            ("code", "x" * 41),
            ("name", ""),
            ("name", "客" * 201),
            ("credit_code", "91350100M000100Y44"),
            ("status", "unknown"),
            ("industry", "Z"),
            ("potential", 101),
            ("potential", -1),
            ("employees", -5),
            ("website", "javascript:alert(1)"),
            ("customer_since", "2026-02-31"),
            ("registered_capital_amount", Decimal("-1")),
            ("annual_purchase_currency", "XXX"),
        ],
    )
    def test_refuses_impossible_values_and_writes_nothing(self, alice, field, value):
        values = {"code": "N-1", "name": "新客户", field: value}
        with pytest.raises(ValidationError) as caught:
            services.create_account(Account(**values), actor=alice, today=TODAY, manager=alice)
        assert field in caught.value.message_dict
        assert not Account.objects.exists()
        assert not AuditEntry.objects.filter(object_type="accounts.account").exists()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"stage": Stage.INTERRUPTED}, "interruption_reason"),
            ({"registered_capital_amount": Decimal(5)}, "registered_capital_currency"),
            ({"annual_purchase_amount": Decimal(5)}, "annual_purchase_currency"),
        ],
    )
    def test_refuses_values_that_need_another(self, db, values, field):
        with pytest.raises(ValidationError) as caught:
            services.create_account(Account(code="N-1", name="新客户", **values), actor=None, today=TODAY)
        assert list(caught.value.message_dict) == [field]

    def test_refuses_a_code_or_credit_code_that_exists(self, account):
        account.credit_code = "91350100M000100Y43"
        services.update_account(account, actor=None)
        with pytest.raises(ValidationError) as caught:
            AccountFactory(code=account.code, credit_code="9135 0100 m000100y43")
        assert set(caught.value.message_dict) == {"code", "credit_code"}

    def test_refuses_an_inactive_manager_and_writes_nothing(self, alice):
        alice.is_active = False
        with pytest.raises(ManagerInactive):
            services.create_account(Account(code="N-1", name="新客户"), actor=None, today=TODAY, manager=alice)
        assert not Account.objects.exists()
        assert not AccountSummary.objects.exists()


class TestUpdateAccount:
    def test_saves_and_records_from_and_to(self, account, lee):
        account.city, account.founded_on = "大连", dt.date(1999, 12, 31)
        services.update_account(account, actor=lee)
        entry = last_entry(account)
        assert (entry.action, entry.actor) == ("account.updated", lee)
        assert entry.changes == {"city": ["", "大连"], "founded_on": [None, "1999-12-31"]}

    def test_without_a_change_leaves_no_entry(self, account):
        before = actions(account)
        services.update_account(account, actor=None, tags=[])
        assert actions(account) == before

    def test_records_tags(self, account):
        services.update_account(account, actor=None, tags=["a", "b"])
        services.update_account(account, actor=None, tags=["b", "c"])
        assert last_entry(account).changes == {"tags": [["a", "b"], ["b", "c"]]}
        assert sorted(Tag.objects.values_list("name", flat=True)) == ["a", "b", "c"]

    def test_invalid_changes_nothing(self, account):
        account.name, account.city = "", "大连"
        with pytest.raises(ValidationError):
            services.update_account(account, actor=None)
        account.refresh_from_db()
        assert (account.name, account.city) == ("晨光机械有限公司", "")

    def test_form_that_was_open_during_a_handover_does_not_undo_it(self, account, ann):
        """What services own (manager, tier, path) is not what an old copy of the row says."""
        stale = Account.objects.get(pk=account.pk)
        services.assign_manager(account, ann, actor=None, reason="Handover", today=TODAY)
        services.change_tiers([services.TierMove(account.pk, "A", "Run")], source="policy", actor=None, today=TODAY)
        stale.city = "大连"
        services.update_account(stale, actor=None)
        account.refresh_from_db()
        assert (account.city, account.manager, account.tier, account.tier_since) == ("大连", ann, "A", TODAY)
        assert last_entry(account).changes == {"city": ["", "大连"]}


class TestMoveInGroup:
    def family(self):
        """a ─ b ─ c, and d alone."""
        a = AccountFactory(code="A")
        b = AccountFactory(code="B", parent=a)
        return a, b, AccountFactory(code="C", parent=b), AccountFactory(code="D")

    def paths(self, *accounts) -> list[str]:
        return [Account.objects.get(pk=account.pk).path for account in accounts]

    def test_takes_the_whole_subtree_along(self, db):
        a, b, c, d = self.family()
        b.parent = d
        services.update_account(b, actor=None)
        assert self.paths(a, b, c, d) == [f"{a.pk}.", f"{d.pk}.{b.pk}.", f"{d.pk}.{b.pk}.{c.pk}.", f"{d.pk}."]
        assert last_entry(b).changes == {"parent": [a.pk, d.pk]}

    def test_out_of_the_group(self, db):
        a, b, c, _d = self.family()
        b.parent = None
        services.update_account(b, actor=None)
        assert self.paths(a, b, c) == [f"{a.pk}.", f"{b.pk}.", f"{b.pk}.{c.pk}."]

    def test_prefix_of_an_id_is_not_an_ancestor(self, db):
        """1. and 10. are two groups."""
        one, ten = Account(pk=71, path="71."), Account(pk=711, path="711.")
        for row in (one, ten):
            row.code, row.name = str(row.pk), str(row.pk)
            row.save()
        assert list(Account.objects.below(one)) == [one]
        ten.parent = one
        services.update_account(ten, actor=None)
        assert self.paths(ten) == ["71.711."]

    @pytest.mark.parametrize("below", [0, 1, 2])
    def test_refuses_a_cycle_and_changes_nothing(self, db, below):
        family = self.family()
        before = self.paths(*family)
        family[0].parent = family[below]
        with pytest.raises((GroupCycle, ValidationError)) as caught:
            services.update_account(family[0], actor=None)
        if below:
            assert (caught.value.field, caught.value.code) == ("parent", "group_cycle")
        assert self.paths(*family) == before
        assert Account.objects.get(pk=family[0].pk).parent is None

    def test_refuses_more_levels_than_a_path_can_hold(self, db):
        def add_levels_below(account):
            for _level in range(300):
                account = AccountFactory(parent=account)

        with pytest.raises(GroupTooDeep) as caught:
            add_levels_below(AccountFactory())
        account = Account.objects.order_by("pk").last()
        assert caught.value.field == "parent"
        assert len(account.path) <= 255
        top, child = Account.objects.get(path=account.root_path), AccountFactory()
        AccountFactory(parent=child)
        top.parent = AccountFactory(parent=AccountFactory(parent=child))
        with pytest.raises(GroupTooDeep):
            services.update_account(top, actor=None)
        assert Account.objects.get(pk=account.pk).path == account.path

    def test_costs_the_same_for_a_large_subtree(self, db):
        counts = []
        for size in (1, 12):
            top, target = AccountFactory(), AccountFactory()
            for _number in range(size):
                AccountFactory(parent=top)
            top.parent = target
            with CaptureQueriesContext(connection) as queries:
                services.update_account(top, actor=None)
            assert Account.objects.below(target).count() == size + 2
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestInsertAccounts:
    def test_makes_all_that_create_account_makes(self, alice, dora):
        rows = [
            Account(code="I-1", name="甲", manager=alice, customer_since=dt.date(2020, 1, 2)),
            Account(code="I-2", name="乙", manager=alice),
            Account(code="I-3", name="丙"),
        ]
        services.insert_accounts(rows, actor=dora, reason="Import 7", today=TODAY)
        for row in Account.objects.all():
            assert row.path == f"{row.pk}."
            assert row.summary.revenue_12m_amount == 0
            entry = AuditEntry.objects.of(row).get()
            assert (entry.action, entry.actor, entry.reason, entry.account_id) == (
                "account.created",
                dora,
                "Import 7",
                row.pk,
            )
        spans = ManagerAssignment.objects.order_by("account__code").values_list(
            "account__code", "from_date", "until_date"
        )
        assert list(spans) == [("I-1", dt.date(2020, 1, 2), None), ("I-2", TODAY, None)]
        assert Account.objects.visible_to(alice).count() == 2

    def test_costs_the_same_for_3_and_25(self, alice):
        """SQLite takes 999 values in a statement: 30 accounts are two."""

        def rows(prefix, count):
            return [Account(code=f"{prefix}-{n}", name="客户", manager=alice) for n in range(count)]

        with CaptureQueriesContext(connection) as three:
            services.insert_accounts(rows("S", 3), actor=None, reason="", today=TODAY)
        with CaptureQueriesContext(connection) as many:
            services.insert_accounts(rows("L", 25), actor=None, reason="", today=TODAY)
        assert len(three) == len(many)
