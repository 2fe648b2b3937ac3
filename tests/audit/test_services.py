"""Recording, and that what is recorded stays."""

import datetime as dt
from decimal import Decimal

import pytest

from audit.models import AuditEntry
from audit.services import audit_context, entry, record, record_many, set_via


class TestRecord:
    def test_who_what_which(self, alice, dora):
        with audit_context("job", "r-1"):
            made = record("user.updated", alice, actor=dora, changes={"name": ("A", "B")}, reason="why")
        made.refresh_from_db()
        assert (made.actor, made.action, made.object_type, made.object_id) == (
            dora,
            "user.updated",
            "users.user",
            alice.pk,
        )
        assert (made.object_label, made.changes, made.reason) == ("Alice", {"name": ["A", "B"]}, "why")
        assert (made.via, made.request_id, made.account_id) == ("job", "r-1", None)

    def test_values_become_json(self, alice):
        made = record("user.updated", alice, actor=None, changes={"x": (dt.date(2026, 1, 2), Decimal("1.50"))})
        made.refresh_from_db()
        assert made.changes == {"x": ["2026-01-02", "1.50"]}

    def test_belongs_to_its_account(self, account):
        assert AuditEntry.objects.of_account(account.pk).filter(action="account.created").exists()

    def test_many_at_once(self, alice, ann):
        record_many(entry("user.updated", row, actor=None) for row in (alice, ann))
        assert AuditEntry.objects.filter(action="user.updated").count() == 2

    def test_context_ends(self, alice):
        with audit_context("web"):
            set_via("api:ERP")
            assert entry("user.updated", alice, actor=None).via == "api:ERP"
        assert entry("user.updated", alice, actor=None).via == ""

    def test_pages_and_the_api_name_their_door(self, client_for, root, alice):
        client_for(root).post(f"/people/{alice.pk}/password-link/")
        made = AuditEntry.objects.of(alice).get()
        assert made.via == "web"
        assert len(made.request_id) == 36


class TestAppendOnly:
    def test_nothing_changes_or_goes(self, alice):
        made = record("user.updated", alice, actor=None)
        for attempt in (
            made.save,
            made.delete,
            AuditEntry.objects.all().delete,
            lambda: AuditEntry.objects.update(action="x"),
        ):
            with pytest.raises(TypeError):
                attempt()
