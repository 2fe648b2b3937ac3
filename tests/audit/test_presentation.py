"""Entries in words."""

import pytest

from audit.models import AuditEntry
from audit.presentation import kind_choices
from audit.services import record
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment


def lines_of(row, viewer):
    [entry] = AuditEntry.objects.of(row).with_names(viewer)
    return [(line.label, line.old, line.new) for line in entry.lines]


class TestLines:
    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({"role": ("account_manager", "director")}, ("Role", "Account manager", "Director")),
            ({"may_export": (False, True)}, ("May export", "No", "Yes")),
            ({"phone": ("", "138")}, ("Phone", "", "138")),
            ({"unheard_of": (None, ["a", "b"])}, ("Unheard of", "", "a, b")),
            ({"tags": (["x"], [])}, ("Tags", "x", "")),
            ({"role": ("gone", 5)}, ("Role", "gone", "5")),
        ],
    )
    def test_labels_and_choices(self, alice, changes, line):
        record("user.updated", alice, actor=None, changes=changes)
        assert lines_of(alice, alice) == [line]

    def test_times_are_local(self, alice):
        record("user.updated", alice, actor=None, changes={"last_login": (None, "2026-01-05T00:30:00Z")})
        [(label, old, new)] = lines_of(alice, alice)
        assert (label, old, "2026" in new, "08:30" in new) == ("Last login", "", True, True)

    def test_related_rows_have_their_names(self, alice, north, south):
        record("user.updated", alice, actor=None, changes={"team": (north.pk, south.pk)})
        assert lines_of(alice, alice) == [("Team", "North", "South")]

    def test_a_row_that_is_gone_shows_its_number(self, alice, north):
        record("user.updated", alice, actor=None, changes={"team": (999, north.pk)})
        assert lines_of(alice, alice) == [("Team", "#999", "North")]

    def test_a_row_that_the_viewer_may_not_see_shows_its_number(self, alice, dora, foreign_account, today):
        mine = AccountFactory(manager=alice)
        record("account.updated", mine, actor=None, changes={"parent": (None, foreign_account.pk)})

        def shown(viewer):
            return (
                next(e for e in AuditEntry.objects.of(mine).with_names(viewer) if e.changes.get("parent")).lines[0].new
            )

        assert shown(alice) == f"#{foreign_account.pk}"
        assert shown(dora) == foreign_account.name

    def test_amounts_have_their_currency_its_minor_unit_and_groups(self, account, alice, django_assert_num_queries):
        yen, dinar = (
            make_contract(account, currency=code, instalments=[make_instalment(amount="1130")])
            for code in ("JPY", "KWD")
        )
        shown = {}
        for row in (yen, dinar):
            record("contract.signed", row, actor=None, changes={"gross_amount": ("262232.000", None)})
            [(_label, shown[row.currency], _new)] = lines_of(row, alice)
        assert shown == {"JPY": "JPY\u00a0262,232", "KWD": "KWD\u00a0262,232.000"}
        instalment = yen.version.instalments.get()
        record("instalment.event", instalment, actor=None, changes={"amount": (None, "1130.000")})
        assert lines_of(instalment, alice) == [("Amount", "", "JPY\u00a01,130")]
        record("contract.updated", yen, actor=None, changes={"tax_rate": ("13.00", "1234.50")})
        entries = list(AuditEntry.objects.of(yen).with_names(alice)[:1])
        assert [(line.old, line.new) for line in entries[0].lines] == [("13", "1,234.5")]
        with django_assert_num_queries(2):
            [entry.lines for entry in AuditEntry.objects.filter(object_type="contracts.contract").with_names(alice)]

    def test_an_amount_of_a_row_that_is_gone_has_no_currency(self, account, alice):
        contract = make_contract(account, "draft")
        entry = record("contract.updated", contract, actor=None, changes={"net_amount": ("1000.50", "nonsense")})
        found = AuditEntry(object_type="contracts.contract", object_id=0, changes=entry.changes)
        assert [(line.old, line.new) for line in found.lines] == [("1,000.5", "nonsense")]

    def test_costs_one_query_for_each_kind_of_related_row(self, alice, north, south, django_assert_num_queries):
        for _n in range(10):
            record("user.updated", alice, actor=alice, changes={"team": (north.pk, south.pk)})
        with django_assert_num_queries(2):
            entries = list(AuditEntry.objects.of(alice).with_names(alice)[:5])
            assert {entry.lines[0].new for entry in entries} == {"South"}
            assert str(entries[0].actor) == "Alice"


class TestWords:
    def test_action_kind_door_and_page(self, alice):
        entry = record("user.updated", alice, actor=alice)
        entry.via = "web"
        assert (entry.action_label, entry.kind_label, entry.via_label) == ("User changed", "User", "Web page")
        assert entry.url == f"/people/{alice.pk}/"

    def test_unknown_codes_show_as_they_are(self, alice):
        entry = AuditEntry(
            action="thing.done", object_type="gone.thing", object_id=1, via="api:ERP", changes={"a": [1, 2]}
        )
        assert (entry.action_label, entry.kind_label, entry.url) == ("thing.done", "gone.thing", "")
        assert entry.via_label == "REST API:ERP"
        assert [(line.label, line.old, line.new) for line in entry.lines] == [("A", "1", "2")]

    def test_a_deleted_row_has_no_page(self, south):
        assert record("team.deleted", south, actor=None).url == ""

    def test_kinds_are_ours(self):
        kinds = dict(kind_choices())
        assert kinds["users.user"] == "User"
        assert "auth.group" not in kinds
        assert "sessions.session" not in kinds
