"""From draft to signature: what each step does, what it refuses, what the audit says."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.errors import AccountReadOnly
from accounts.models import AccountMember
from approvals import services as approvals
from approvals.models import ApprovalRequest
from audit.models import AuditEntry
from contracts import services
from contracts.choices import Phase, VersionStatus
from contracts.errors import NotTheContracts, PlanMismatch, ReasonMissing, SignedInFuture, WrongStatus
from contracts.models import Contract, ContractPolicy
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.contracts import (
    draft,
    make_approval_rule,
    make_contract,
    make_instalment,
    make_parts,
    new_contract,
    new_version,
)

pytestmark = pytest.mark.usefixtures("lee")  # Alice's superior, who is asked where a rule wants it
NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)


def actions(contract):
    return list(AuditEntry.objects.of(contract).order_by("pk").values_list("action", flat=True))


@pytest.fixture
def approved(account):
    return make_contract(account, "approved")


class TestSubmit:
    def test_is_approved_at_once_where_no_rule_fits(self, account, alice):
        contract = draft(account, alice)
        version = services.submit_version(contract.version, actor=alice, now=NOW)
        assert version.status == VersionStatus.APPROVED
        assert Contract.objects.get(pk=contract.pk).phase == Phase.APPROVED
        assert actions(contract) == ["contract.drafted", "contract.submitted", "contract.approved"]

    def test_asks_where_a_rule_fits(self, account, alice):
        make_approval_rule()
        contract = draft(account, alice)
        version = services.submit_version(contract.version, actor=alice, now=NOW, note="急")
        assert version.status == VersionStatus.IN_APPROVAL
        assert Contract.objects.get(pk=contract.pk).phase == Phase.IN_APPROVAL
        request = ApprovalRequest.objects.get()
        assert (request.subject, request.object_id, request.note) == ("contract", version.pk, "急")
        assert request.title == "2026-00001 年度供货"
        assert request.url == contract.get_absolute_url()
        assert Decimal(request.facts.pop("amount")) == Decimal(1000)
        assert request.facts == {
            "currency": "CNY", "tier": "", "kind": "supply", "discount": "0.00",
            "account_id": account.pk,
        }  # fmt: skip

    def test_amount_is_converted_by_the_rate_of_the_day(self, account, alice):
        for day, rate in ((TODAY - dt.timedelta(days=9), 7), (TODAY, 8), (TODAY + dt.timedelta(days=1), 9)):
            ExchangeRate.objects.create(currency="USD", valid_from=day, rate=rate)
        make_approval_rule(min_amount=8000)
        contract = draft(account, alice, currency="USD")
        assert services.submit_version(contract.version, actor=alice, now=NOW).warnings == []
        assert ApprovalRequest.objects.get().facts["amount"] == "8000.00"

    def test_without_a_rate_the_strictest_rule_is_chosen_and_it_says_so(self, account, alice):
        make_approval_rule(min_amount=10**9)
        contract = draft(account, alice, currency="USD")
        version = services.submit_version(contract.version, actor=alice, now=NOW)
        assert version.status == VersionStatus.IN_APPROVAL
        assert ApprovalRequest.objects.get().facts["amount"] is None
        assert version.warnings == ["There is no exchange rate for USD: the strictest rule is chosen."]

    def test_warns_of_a_plan_that_does_not_sum_to_the_total(self, account, alice):
        ContractPolicy.objects.update_or_create(singleton=True, defaults={"plan_mismatch": "warn"})
        contract = draft(account, alice, make_parts(instalments=[make_instalment(amount="1129.99")]))
        text = "The instalments sum to CNY\u00a01,129.99, the contract's total is CNY\u00a01,130.00."
        assert contract.version.warnings == [text]
        assert services.submit_version(contract.version, actor=alice, now=NOW).warnings == [text]

    def test_refuses_it_where_the_policy_does(self, account, alice):
        ContractPolicy.objects.update_or_create(singleton=True, defaults={"plan_mismatch": "refuse"})
        contract = draft(account, alice, make_parts(instalments=[]))
        with pytest.raises(PlanMismatch) as raised:
            services.submit_version(contract.version, actor=alice, now=NOW)
        assert raised.value.field == "instalments"
        assert Contract.objects.get(pk=contract.pk).phase == Phase.DRAFT

    def test_a_framework_agreement_needs_no_plan(self, account, alice):
        ContractPolicy.objects.update_or_create(singleton=True, defaults={"plan_mismatch": "refuse"})
        contract = draft(account, alice, make_parts(instalments=[]), kind="framework")
        assert services.submit_version(contract.version, actor=alice, now=NOW).warnings == []

    @pytest.mark.parametrize("state", ["in_approval", "approved", "discarded"])
    def test_refuses_twice(self, account, alice, state):
        with pytest.raises(WrongStatus):
            services.submit_version(make_contract(account, state).version, actor=alice, now=NOW)

    def test_refuses_readers(self, account, ann):
        with pytest.raises(AccountReadOnly):
            services.submit_version(make_contract(account, "draft").version, actor=ann, now=NOW)


class TestDecision:
    @pytest.fixture
    def request_(self, account, alice):
        make_approval_rule()
        contract = draft(account, alice)
        services.submit_version(contract.version, actor=alice, now=NOW)
        return ApprovalRequest.objects.get()

    def test_approved(self, request_, lee):
        approvals.approve(request_, actor=lee, now=NOW)
        contract = Contract.objects.get()
        assert (contract.phase, contract.version.status) == (Phase.APPROVED, VersionStatus.APPROVED)
        entry = AuditEntry.objects.of(contract).order_by("-pk").first()
        assert (entry.action, entry.actor) == ("contract.approved", lee)

    def test_sent_back_and_submitted_again(self, request_, lee, alice):
        approvals.send_back(request_, actor=lee, now=NOW, comment="太便宜")
        contract = Contract.objects.get()
        assert (contract.phase, contract.version.status) == (Phase.DRAFT, VersionStatus.DRAFT)
        services.submit_version(contract.version, actor=alice, now=NOW)
        assert ApprovalRequest.objects.count() == 2

    def test_withdrawn(self, request_, alice):
        approvals.withdraw(request_, actor=alice, now=NOW)
        assert Contract.objects.get().phase == Phase.DRAFT


class TestSign:
    def test_makes_it_the_contracts_version_and_its_plan_current(self, approved, alice):
        version = services.sign_version(approved.version, signed_on=TODAY, actor=alice, today=TODAY)
        contract = Contract.objects.get(pk=approved.pk)
        assert (contract.phase, contract.signed_on, contract.version) == (Phase.SIGNED, TODAY, version)
        assert (version.status, version.signed_on) == (VersionStatus.SIGNED, TODAY)
        assert version.instalments.get().is_current
        entry = AuditEntry.objects.of(contract).get()
        assert (entry.action, entry.changes) == ("contract.signed", {"signed_on": [None, "2026-03-16"]})

    @pytest.mark.parametrize("name", ["alice", "lee", "dora"])
    def test_by_manager_and_leaders(self, approved, request, name):
        actor = request.getfixturevalue(name)
        assert services.sign_version(approved.version, signed_on=TODAY, actor=actor, today=TODAY)

    def test_by_the_owner(self, account, north, ann):
        AccountMember.objects.filter(user=ann).update(right="edit")
        contract = make_contract(account, "approved", owner=ann)
        assert services.sign_version(contract.version, signed_on=TODAY, actor=ann, today=TODAY)

    def test_not_by_others_who_may_change_the_account(self, approved, ann):
        AccountMember.objects.filter(user=ann).update(right="edit")
        with pytest.raises(NotTheContracts):
            services.sign_version(approved.version, signed_on=TODAY, actor=ann, today=TODAY)

    @pytest.mark.parametrize("name", ["ann", "mallory"])
    def test_not_by_who_may_not_change_the_account(self, approved, request, name):
        with pytest.raises(AccountReadOnly):
            services.sign_version(approved.version, signed_on=TODAY, actor=request.getfixturevalue(name), today=TODAY)

    def test_not_tomorrow(self, approved, alice):
        tomorrow = TODAY + dt.timedelta(days=1)
        with pytest.raises(SignedInFuture):
            services.sign_version(approved.version, signed_on=tomorrow, actor=alice, today=TODAY)

    @pytest.mark.parametrize("state", ["draft", "in_approval", "discarded"])
    def test_refuses_what_is_not_approved(self, account, alice, state):
        with pytest.raises(WrongStatus):
            services.sign_version(make_contract(account, state).version, signed_on=TODAY, actor=alice, today=TODAY)

    def test_one_that_renews_itself_and_is_old_has_the_end_of_its_running_term(self, account, alice):
        contract = make_contract(
            account, "approved", start_date=dt.date(2024, 1, 1), end_date=dt.date(2024, 12, 31), auto_renewal_months=12
        )
        services.sign_version(contract.version, signed_on=dt.date(2024, 1, 1), actor=alice, today=TODAY)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.end_date, stored.notice_date) == (dt.date(2026, 12, 31), dt.date(2026, 12, 1))


class TestEnterSigned:
    def enter(self, account, actor):
        return services.enter_signed_contract(
            new_contract(account), new_version(), make_parts(), signed_on=TODAY, actor=actor, today=TODAY
        )

    def test_is_signed_without_asking_anybody(self, account, lee):
        make_approval_rule()
        contract = Contract.objects.get(pk=self.enter(account, lee).pk)
        assert (contract.phase, contract.number, contract.signed_on) == (Phase.SIGNED, "2026-00001", TODAY)
        assert contract.version.instalments.get().is_current
        assert actions(contract) == ["contract.drafted", "contract.entered", "contract.signed"]
        assert not ApprovalRequest.objects.exists()

    def test_by_leaders_alone(self, account, alice):
        with pytest.raises(NotTheContracts):
            self.enter(account, alice)
        assert not Contract.objects.exists()


class TestReopenAndDiscard:
    def test_reopened_it_must_be_approved_anew(self, approved, alice):
        services.reopen_version(approved.version, reason="客户改价", actor=alice)
        assert Contract.objects.get(pk=approved.pk).phase == Phase.DRAFT
        entry = AuditEntry.objects.of(approved).get()
        assert (entry.action, entry.reason) == ("contract.reopened", "客户改价")

    @pytest.mark.parametrize("state", ["draft", "approved"])
    def test_discarded_it_keeps_its_number(self, account, alice, state):
        contract = make_contract(account, state)
        services.discard_version(contract.version, reason="客户取消", actor=alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.phase, stored.number) == (Phase.DISCARDED, contract.number)
        assert AuditEntry.objects.of(contract).get().reason == "客户取消"

    def test_refuses_while_others_decide(self, account, alice):
        contract = make_contract(account, "in_approval")
        with pytest.raises(WrongStatus):
            services.discard_version(contract.version, reason="x", actor=alice)

    def test_refuses_without_a_reason(self, account, alice):
        contract = make_contract(account, "draft")
        with pytest.raises(ReasonMissing):
            services.discard_version(contract.version, reason="  ", actor=alice)
