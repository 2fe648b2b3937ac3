"""Signed versions never change: whoever asks, by whatever way."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory

from contracts import services
from contracts.errors import VersionSigned
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, Signatory
from contracts.services.guards import signed_stays
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment, make_line, make_parts, make_signatory

TABLES = {
    "contracts_contractversion": ("status", "draft"),
    "contracts_contractline": ("amount", 1),
    "contracts_signatory": ("name", "x"),
    "contracts_instalment": ("amount", 1),
}


@pytest.fixture
def signed(account):
    return make_contract(account, signatories=[make_signatory()])


def pk_of(contract, table):
    rows = {
        "contracts_contractversion": contract.version,
        "contracts_contractline": contract.version.lines.first(),
        "contracts_signatory": contract.version.signatories.first(),
        "contracts_instalment": contract.version.instalments.first(),
    }
    return rows[table].pk


class TestDatabase:
    @pytest.mark.parametrize("table", TABLES)
    def test_refuses_raw_updates(self, signed, table):
        column, value = TABLES[table]
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, pk_of(signed, table)])  # noqa: S608  names of this file

    @pytest.mark.parametrize("table", TABLES)
    def test_refuses_raw_deletes(self, signed, table):
        pk = pk_of(signed, table)
        Contract.objects.update(version=None)  # nothing else may hold it back
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])  # noqa: S608  names of this file

    @pytest.mark.parametrize("make", [make_line, make_instalment, make_signatory])
    def test_refuses_new_rows(self, signed, make):
        row = make()
        row.version = signed.version
        row.position = "x" if isinstance(row, Signatory) else 9
        if isinstance(row, Instalment):
            row.contract = signed
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            row.save()

    @pytest.mark.parametrize("column", [f.attname for f in ContractVersion._meta.concrete_fields])
    def test_every_column_of_a_version_is_fixed_but_bookkeeping(self, signed, column):
        if column in ("id", "created_at", "updated_at", "contract_id", "author_id"):
            pytest.skip("the key, when the row was saved, and references that other tests change")
        field = ContractVersion._meta.get_field(column)
        value = {
            "DateField": dt.date(2031, 1, 1),
            "DecimalField": Decimal(1),
            "PositiveSmallIntegerField": 99,
        }.get(field.get_internal_type(), "discarded" if column == "status" else "x")
        with pytest.raises(IntegrityError), transaction.atomic():
            ContractVersion.objects.filter(pk=signed.version_id).update(**{column: value})

    def test_lets_through_what_happens_to_a_plan(self, signed):
        plan = Instalment.objects.filter(version=signed.version)
        assert plan.update(
            settled_amount=Decimal(5), is_current=False, invoice_number="F1", invoice_date=TODAY, due_date=TODAY
        )

    def test_a_signed_contract_cannot_be_deleted_with_its_versions(self, signed):
        Contract.objects.filter(pk=signed.pk).update(version=None)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            Contract.objects.get(pk=signed.pk).delete()

    def test_drafts_change(self, account):
        contract = make_contract(account, "draft")
        assert ContractLine.objects.filter(version=contract.version).update(amount=1)
        assert ContractVersion.objects.filter(pk=contract.version_id).update(reason="x")


class TestServices:
    def test_update_refuses(self, signed, alice):
        signed.version.end_date += dt.timedelta(days=1)
        with pytest.raises(VersionSigned):
            services.update_draft(signed, signed.version, make_parts(), actor=alice)

    def test_what_the_database_refuses_is_said_in_words(self, signed):
        with pytest.raises(VersionSigned), signed_stays():
            ContractLine.objects.filter(version=signed.version).delete()

    def test_other_errors_of_the_database_stay_what_they_are(self, signed):
        with pytest.raises(IntegrityError), signed_stays():
            Contract.objects.filter(pk=signed.pk).update(phase="terminated", terminated_on=None)

    @pytest.mark.parametrize("verb", ["submit", "sign", "discard", "reopen"])
    def test_other_verbs_refuse(self, signed, alice, verb):
        now = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
        calls = {
            "submit": lambda: services.submit_version(signed.version, actor=alice, now=now),
            "sign": lambda: services.sign_version(signed.version, signed_on=TODAY, actor=alice, today=TODAY),
            "discard": lambda: services.discard_version(signed.version, reason="x", actor=alice),
            "reopen": lambda: services.reopen_version(signed.version, reason="x", actor=alice),
        }
        with pytest.raises(VersionSigned):
            calls[verb]()


class TestAdmin:
    @pytest.mark.parametrize("model", [Contract, ContractVersion, ContractLine, Signatory, Instalment])
    def test_may_only_look(self, admin_user, model):
        request = RequestFactory().get("/")
        request.user = admin_user
        page = admin.site._registry[model]
        assert page.has_view_permission(request)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)

    def test_a_post_changes_nothing(self, signed, admin_user, client_for):
        version = signed.version
        url = f"/admin/contracts/contractversion/{version.pk}/change/"
        response = client_for(admin_user).post(url, {"end_date": "2031-01-01", "reason": "x"})
        assert response.status_code == 403
        stored = ContractVersion.objects.get(pk=version.pk)
        assert (stored.end_date, stored.reason) == (version.end_date, version.reason)
