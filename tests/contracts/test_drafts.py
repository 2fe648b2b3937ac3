"""Drafts: what is checked, what is refused naming the row, what the audit says."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contracts import services
from contracts.choices import Phase
from contracts.errors import (
    EndBeforeStart,
    NoticeTooLong,
    OwnerInactive,
    RowInvalid,
    SignatoryElsewhere,
    TooManyDecimals,
    WrongStatus,
)
from contracts.models import Contract, ContractLine, ContractPolicy, RenewalRule
from search.services import find
from tests.factories.contacts import make_contact
from tests.factories.contracts import (
    draft,
    make_contract,
    make_instalment,
    make_line,
    make_parts,
    make_product_line,
    make_signatory,
)


def actions(contract):
    return list(AuditEntry.objects.of(contract).order_by("pk").values_list("action", flat=True))


class TestDraft:
    def test_saves_contract_version_and_rows(self, account, alice):
        parts = make_parts(
            [make_line(unit_price="99.99", quantity="10", discount=Decimal("12.5"))],
            [make_signatory()],
            [make_instalment(amount="988.65")],
        )
        contract = Contract.objects.get(pk=draft(account, alice, parts).pk)
        assert (contract.number, contract.phase, contract.version.number) == ("2026-00001", Phase.DRAFT, 1)
        assert (contract.net_amount, contract.gross_amount) == (Decimal("874.91"), Decimal("988.65"))
        assert (contract.start_date, contract.end_date) == (dt.date(2026, 4, 1), dt.date(2027, 3, 31))
        assert contract.notice_date == dt.date(2027, 3, 1)
        assert contract.renewal_date == dt.date(2026, 12, 31)
        assert contract.version.author == alice
        assert contract.version.lines.get().amount == Decimal("874.91")
        assert contract.version.signatories.get().name == "王芳"
        assert not contract.version.instalments.get().is_current

    def test_audit_and_search(self, account, alice):
        contract = draft(account, alice, title="轴承年度供货")
        entry = AuditEntry.objects.of(contract).get()
        assert (entry.action, entry.actor, entry.account_id) == ("contract.drafted", alice, account.pk)
        assert entry.changes["gross_amount"] == [None, "1130.00"]
        for text in ("轴承", contract.number, "zhoucheng"):
            [group] = find(alice, text)
            assert [hit.title for hit in group.hits] == [str(contract)]

    def test_renewal_opens_by_the_rule_of_tier_and_amount(self, account, alice):
        policy = ContractPolicy.objects.get_or_create()[0]
        RenewalRule.objects.all().delete()
        RenewalRule.objects.create(policy=policy, tier="", min_amount=1000, open_days=10)
        assert draft(account, alice).renewal_date == dt.date(2027, 2, 19)

    def test_parties_are_filled_in(self, account, alice):
        ContractPolicy.objects.update_or_create(singleton=True, defaults={"our_party": "我方公司"})
        contract = draft(account, alice, our_party="", customer_party="")
        assert (contract.our_party, contract.customer_party) == ("我方公司", account.name)

    def test_nobody_is_our_party_where_no_policy_says_so(self, account, alice):
        ContractPolicy.objects.update(our_party="")
        with pytest.raises(ValidationError) as error:
            draft(account, alice, our_party="")
        assert list(error.value.message_dict) == ["our_party"]

    @pytest.mark.parametrize("name", ["ann", "mallory"])
    def test_refuses_who_may_not_change_the_account(self, account, request, name):
        with pytest.raises(AccountReadOnly):
            draft(account, request.getfixturevalue(name))
        assert not Contract.objects.exists()

    def test_refuses_an_owner_who_left(self, account, alice, mallory):
        mallory.is_active = False
        mallory.save()
        with pytest.raises(OwnerInactive):
            draft(account, alice, owner=mallory)

    @pytest.mark.parametrize(
        ("terms", "error", "field"),
        [
            ({"end_date": dt.date(2026, 3, 31)}, EndBeforeStart, "end_date"),
            ({"notice_days": 366}, NoticeTooLong, "notice_days"),
            ({"notice_days": 31, "auto_renewal_months": 1}, NoticeTooLong, "notice_days"),
        ],
    )
    def test_refuses_terms_that_cannot_be(self, account, alice, terms, error, field):
        with pytest.raises(error) as raised:
            draft(account, alice, terms=terms)
        assert raised.value.field == field

    def test_a_notice_as_long_as_the_term_can_be(self, account, alice):
        assert draft(account, alice, terms={"notice_days": 365}).notice_date == dt.date(2026, 3, 31)

    @pytest.mark.parametrize("terms", [{"start_date": None}, {"tax_rate": Decimal(101)}, {"auto_renewal_months": 121}])
    def test_refuses_values_that_no_column_holds(self, account, alice, terms):
        with pytest.raises(ValidationError) as error:
            draft(account, alice, terms=terms)
        assert list(error.value.message_dict) == list(terms)


class TestRows:
    """What is wrong with a row is said with its number and its field."""

    def refused(self, account, alice, error, **parts):
        currency = parts.pop("currency", "CNY")
        with pytest.raises(error) as raised:
            draft(account, alice, make_parts(**parts), currency=currency)
        return raised.value.field, str(raised.value)

    @pytest.mark.parametrize(
        ("currency", "amount", "digits"), [("JPY", "100.5", 0), ("CNY", "0.301", 2), ("KWD", "0.3015", 3)]
    )
    def test_more_decimals_than_the_minor_unit(self, account, alice, currency, amount, digits):
        rows = [make_instalment(), make_instalment(amount=amount)]
        if digits == 3:  # the column itself has no more
            field, text = self.refused(account, alice, RowInvalid, instalments=rows, currency=currency)
        else:
            field, text = self.refused(account, alice, TooManyDecimals, instalments=rows, currency=currency)
            least = f"at most {digits} decimals" if digits else "no decimals"
            assert text == f"Instalment 2: amounts in {currency} have {least}."
        assert field == "instalments.1.amount"

    def test_a_tenth_and_two_tenths_as_floats(self, account, alice):
        row = make_instalment()
        row.amount = 0.1 + 0.2
        field, _text = self.refused(account, alice, RowInvalid, instalments=[row])
        assert field == "instalments.0.amount"

    def test_amounts_in_yen_are_whole(self, account, alice):
        lines = [make_line(unit_price="0.5", quantity="3")]
        contract = draft(account, alice, make_parts(lines, instalments=[make_instalment(amount="2")]), currency="JPY")
        assert (contract.net_amount, contract.gross_amount) == (Decimal(2), Decimal(2))

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"quantity": Decimal(-1)}, "lines.1.quantity"),
            ({"unit_price": Decimal("0.00001")}, "lines.1.unit_price"),
            ({"discount": Decimal("100.01")}, "lines.1.discount"),
            ({"description": "x" * 201}, "lines.1.description"),
            ({"unit_price": None}, "lines.1.unit_price"),
            ({"quantity": Decimal("NaN")}, "lines.1.quantity"),
            ({"product_line_id": 999_999}, "lines.1.product_line"),
            ({"product_line_id": None}, "lines.1.product_line"),
            ({"quantity": Decimal("9999999999999"), "unit_price": Decimal("99999999999999")}, "lines.1.quantity"),
        ],
    )
    def test_lines(self, account, alice, fields, path):
        bad = make_line()
        for name, value in fields.items():
            setattr(bad, name, value)
        with pytest.raises(Exception, match=r"^Line 2: ") as raised:
            draft(account, alice, make_parts([make_line(), bad]))
        assert raised.value.field == path

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"due_date": None}, "instalments.0.due_date"),
            ({"amount": Decimal(0)}, "instalments.0.amount"),
            ({"due_by": "event"}, "instalments.0.event"),
            ({"due_by": "never"}, "instalments.0.due_by"),
        ],
    )
    def test_instalments(self, account, alice, fields, path):
        bad = make_instalment()
        for name, value in fields.items():
            setattr(bad, name, value)
        assert self.refused(account, alice, RowInvalid, instalments=[bad])[0] == path

    def test_instalments_keep_their_numbers_and_new_ones_get_the_next(self, account, alice):
        rows = [make_instalment(), make_instalment(position=4), make_instalment()]
        contract = draft(account, alice, make_parts(instalments=rows))
        assert [row.position for row in contract.version.instalments.all()] == [4, 5, 6]

    def test_two_instalments_with_one_number(self, account, alice):
        rows = [make_instalment(position=1), make_instalment(position=1)]
        with pytest.raises(Exception, match="two instalments") as raised:
            draft(account, alice, make_parts(instalments=rows))
        assert raised.value.field == "instalments.1.position"

    def test_a_signatory_who_works_elsewhere(self, account, alice, foreign_account):
        stranger = make_contact(foreign_account)
        row = make_signatory(contact=stranger)
        field, _text = self.refused(account, alice, SignatoryElsewhere, signatories=[row])
        assert field == "signatories"

    def test_signatories_have_the_names_of_who_they_are(self, account, alice):
        contact = make_contact(account)
        rows = [make_signatory("ours", "", user=alice), make_signatory("customer", "", contact=contact)]
        contract = draft(account, alice, make_parts(signatories=rows))
        assert {row.name for row in contract.version.signatories.all()} == {str(alice), str(contact)}

    def test_ten_thousand_lines_in_few_statements(self, account, alice, django_assert_max_num_queries):
        line = make_product_line()
        lines = [
            ContractLine(product_line=line, quantity=Decimal(1), unit_price=Decimal("0.01")) for _ in range(10_000)
        ]
        most = 60 if connection.vendor == "postgresql" else 150  # SQLite takes fewer values at once
        with django_assert_max_num_queries(most):
            contract = draft(account, alice, make_parts(lines, instalments=[make_instalment(amount="113")]))
        assert contract.net_amount == Decimal(100)
        assert contract.version.lines.count() == 10_000


class TestUpdate:
    def test_replaces_rows_and_records_what_changed(self, account, alice):
        contract = draft(account, alice)
        contract.title, contract.version.notice_days = "两年供货", 60
        parts = make_parts([make_line(unit_price="2000")], instalments=[make_instalment(amount="2260")])
        version = services.update_draft(contract, contract.version, parts, actor=alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.title, stored.net_amount, stored.notice_date) == (
            "两年供货", Decimal(2000), dt.date(2027, 1, 30),
        )  # fmt: skip
        assert version.lines.get().amount == Decimal(2000)
        assert version.warnings == []
        changes = AuditEntry.objects.of(contract).get(action="contract.updated").changes
        assert changes["title"] == ["年度供货", "两年供货"]
        assert changes["notice_days"] == [30, 60]
        assert changes["net_amount"] == ["1000.000", "2000.00"]
        assert changes["lines"] == [["1 Line: CNY\u00a01,000.00"], ["1 Line: CNY\u00a02,000.00"]]

    def test_without_changes_records_nothing(self, account, alice):
        contract = Contract.objects.get(pk=draft(account, alice).pk)
        version = contract.version
        services.update_draft(contract, version, services.parts_of(version), actor=alice)
        assert actions(contract) == ["contract.drafted"]

    def test_refuses_readers(self, account, alice, ann):
        contract = draft(account, alice)
        with pytest.raises(AccountReadOnly):
            services.update_draft(contract, contract.version, make_parts(), actor=ann)

    def test_refuses_an_account_that_one_may_not_change(self, account, alice, foreign_account):
        contract = draft(account, alice)
        contract.account = foreign_account
        with pytest.raises(AccountReadOnly):
            services.update_draft(contract, contract.version, make_parts(), actor=alice)
        assert Contract.objects.get(pk=contract.pk).account == account

    @pytest.mark.parametrize("state", ["in_approval", "approved", "discarded"])
    def test_refuses_what_is_no_draft_any_more(self, account, alice, state):
        contract = make_contract(account, state)
        with pytest.raises(WrongStatus):
            services.update_draft(contract, contract.version, make_parts(), actor=alice)

    def test_a_refusal_keeps_the_rows(self, account, alice):
        contract = draft(account, alice)
        with pytest.raises(RowInvalid):
            services.update_draft(contract, contract.version, make_parts([make_line(quantity="-1")]), actor=alice)
        assert contract.version.lines.get().amount == Decimal(1000)

    def test_owner_of_a_signed_contract(self, account, alice, lee):
        contract = make_contract(account)
        contract.owner = lee
        services.update_details(contract, actor=alice)
        assert Contract.objects.get(pk=contract.pk).owner == lee
        assert AuditEntry.objects.of(contract).get().changes == {"owner": ["Alice", "Lee"]}

    def test_currency_of_a_signed_contract_stays(self, account, alice):
        contract = make_contract(account)
        contract.currency = "USD"
        with pytest.raises(Exception, match="currency") as raised:
            services.update_details(contract, actor=alice)
        assert raised.value.code == "fixed_by_signing"
