"""Amendments and renewals: the signed version copied, changed, signed in its turn."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection

from accounts.errors import AccountReadOnly
from approvals import services as approvals
from approvals.models import ApprovalRequest
from audit.models import AuditEntry
from contracts import services
from contracts.choices import Phase, State, VersionStatus
from contracts.difference import Change
from contracts.errors import (
    EffectiveOutside,
    FixedBySigning,
    ReasonMissing,
    RenewedAlready,
    TerminationAsked,
    VersionAtWork,
    WrongPhase,
    WrongStatus,
)
from contracts.models import Contract, ContractVersion, Instalment
from contracts.states import state_on
from core.errors import DomainError
from tests.factories import TODAY
from tests.factories.contracts import (
    make_approval_rule,
    make_contract,
    make_instalment,
    make_line,
    make_parts,
    make_signatory,
)
from tests.services import require

pytestmark = pytest.mark.usefixtures("lee")  # Alice's superior, who is asked where a rule wants it
NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)


def amend(contract, actor, **fields):
    return services.amend_contract(contract, **{"reason": "加量", "effective_date": TODAY, "actor": actor, **fields})


def sign(version, actor):
    services.submit_version(version, actor=actor, now=NOW)
    return services.sign_version(version, signed_on=TODAY, actor=actor, today=TODAY)


@pytest.fixture
def contract(account):
    """In force, two lines, two instalments: one by date, one by acceptance."""
    plan = [make_instalment(amount="1000"), make_instalment(amount="1260", event="验收", days_after=10)]
    return make_contract(account, lines=[make_line(), make_line()], instalments=plan, signatories=[make_signatory()])


class TestAmend:
    def test_copies_the_signed_version(self, contract, alice):
        draft = amend(contract, alice)
        assert (draft.number, draft.status, draft.reason, draft.effective_date) == (2, "draft", "加量", TODAY)
        assert (draft.net_amount, draft.end_date) == (Decimal(2000), contract.end_date)
        assert not services.compare_versions(contract.version, draft)
        assert [row.is_current for row in draft.instalments.all()] == [False, False]
        entry = AuditEntry.objects.of(contract).get()
        assert (entry.action, entry.reason, entry.changes["version"]) == ("contract.amended", "加量", ["1", "2"])

    def test_leaves_the_contract_as_it_is_until_it_is_signed(self, contract, alice):
        draft = amend(contract, alice)
        services.update_draft(contract, draft, make_parts([make_line(unit_price="5000")]), actor=alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.version_id, stored.net_amount, stored.phase) == (
            contract.version_id, Decimal(2000), Phase.SIGNED,
        )  # fmt: skip

    def test_refuses_readers(self, contract, ann):
        with pytest.raises(AccountReadOnly):
            amend(contract, ann)

    def test_refuses_without_a_reason(self, contract, alice):
        with pytest.raises(ReasonMissing):
            amend(contract, alice, reason=" ")

    @pytest.mark.parametrize("state", ["draft", "in_approval", "approved", "discarded", "terminated"])
    def test_refuses_what_is_not_signed(self, account, alice, state):
        with pytest.raises(WrongPhase):
            amend(make_contract(account, state), alice)

    @pytest.mark.parametrize("days", [-1, 1])
    def test_refuses_a_date_outside_of_the_term(self, contract, alice, days):
        day = contract.start_date if days < 0 else contract.end_date
        with pytest.raises(EffectiveOutside):
            amend(contract, alice, effective_date=day + dt.timedelta(days=days))

    def test_refuses_while_another_version_is_in_approval(self, contract, alice):
        make_approval_rule("amendment")
        services.submit_version(amend(contract, alice), actor=alice, now=NOW)
        with pytest.raises(VersionAtWork, match="Version 2 is in approval: wait for the decision"):
            amend(contract, alice)

    def test_refuses_while_the_termination_is_being_decided(self, contract, alice):
        make_approval_rule("termination")
        services.terminate_contract(contract, as_of=TODAY, reason="x", actor=alice, now=NOW)
        with pytest.raises(TerminationAsked):
            amend(contract, alice)

    def test_the_contract_itself_stays_but_for_title_and_owner(self, contract, alice):
        draft = amend(contract, alice)
        contract.title = "新名"
        services.update_draft(contract, draft, services.parts_of(draft), actor=alice)
        assert Contract.objects.get(pk=contract.pk).title == "新名"
        contract.currency = "USD"
        with pytest.raises(FixedBySigning):
            services.update_draft(contract, draft, services.parts_of(draft), actor=alice)

    def test_a_discarded_one_makes_room_and_keeps_its_number(self, contract, alice):
        services.discard_version(amend(contract, alice), reason="x", actor=alice)
        assert amend(contract, alice).number == 3
        assert Contract.objects.get(pk=contract.pk).phase == Phase.SIGNED

    def test_a_draft_cannot_be_signed(self, contract, alice):
        with pytest.raises(WrongStatus):
            services.sign_version(amend(contract, alice), signed_on=TODAY, actor=alice, today=TODAY)


class TestSigningAnAmendment:
    def test_makes_it_the_contracts_version(self, contract, alice):
        first, draft = contract.version, amend(contract, alice)
        draft.end_date = dt.date(2028, 12, 31)
        parts = make_parts([make_line(unit_price="3000")], instalments=[make_instalment(amount="3390", position=1)])
        services.update_draft(contract, draft, parts, actor=alice)
        second = sign(draft, alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.version, stored.net_amount, stored.end_date) == (second, Decimal(3000), dt.date(2028, 12, 31))
        assert stored.signed_on == contract.signed_on
        current = Instalment.objects.filter(contract=contract, is_current=True)
        assert [row.amount for row in current] == [Decimal(3390)]
        first.refresh_from_db()
        assert (first.status, first.net_amount) == (VersionStatus.SIGNED, Decimal(2000))
        changes = AuditEntry.objects.of(contract).get(action="contract.signed").changes
        assert changes["version"] == ["1", "2"]
        assert changes["gross_amount"] == ["2260.000", "3390.000"]

    def test_by_the_rules_of_amendments(self, contract, alice, lee):
        make_approval_rule("amendment")
        draft = services.submit_version(amend(contract, alice), actor=alice, now=NOW)
        request = ApprovalRequest.objects.get()
        assert (request.subject, request.title) == ("amendment", f"{contract.number} v2 年度供货")
        assert Contract.objects.get(pk=contract.pk).phase == Phase.SIGNED
        approvals.approve(request, actor=lee, now=NOW)
        draft.refresh_from_db()
        assert draft.status == VersionStatus.APPROVED

    def test_what_was_noted_in_the_plan_meanwhile_is_carried_over(self, contract, alice):
        draft = amend(contract, alice)
        parts = services.parts_of(draft)
        parts.instalments[1].days_after = 30
        services.update_draft(contract, draft, parts, actor=alice)
        Instalment.objects.filter(version=contract.version, position=2).update(
            event_date=TODAY, due_date=TODAY + dt.timedelta(days=10), invoice_number="F-7", invoice_date=TODAY
        )
        row = sign(draft, alice).instalments.get(position=2)
        assert (row.event_date, row.due_date) == (TODAY, TODAY + dt.timedelta(days=30))
        assert (row.invoice_number, row.invoice_date) == ("F-7", TODAY)

    def test_of_a_contract_that_was_terminated_meanwhile_is_refused(self, contract, alice):
        draft = services.submit_version(amend(contract, alice), actor=alice, now=NOW)
        Contract.objects.filter(pk=contract.pk).update(phase="terminated", terminated_on=TODAY)
        with pytest.raises(WrongPhase):
            services.sign_version(draft, signed_on=TODAY, actor=alice, today=TODAY)

    def test_the_difference_is_shown(self, contract, alice):
        draft = amend(contract, alice)
        draft.end_date += dt.timedelta(days=31)
        parts = services.parts_of(draft)
        parts.lines[0].unit_price = Decimal(1500)
        parts.instalments.append(make_instalment(amount="565"))
        services.update_draft(contract, draft, parts, actor=alice)
        found = services.compare_versions(contract.version, draft)
        assert [row.name for row in found.terms] == ["end_date"]
        assert {row.name: row.delta for row in found.amounts} == {
            "list_amount": Decimal(500), "net_amount": Decimal(500), "tax_amount": Decimal(65),
            "gross_amount": Decimal(565),
        }  # fmt: skip
        assert [row.kind for row in found.lines] == [Change.CHANGED, Change.SAME]
        assert [row.kind for row in found.instalments] == [Change.SAME, Change.SAME, Change.ADDED]


class TestRenew:
    def test_drafts_the_contract_that_follows(self, account, alice):
        plan = [make_instalment(days=10), make_instalment(amount="50", event="验收", event_date=TODAY)]
        contract = make_contract(
            account, start_date=dt.date(2026, 1, 1), end_date=dt.date(2026, 12, 31), instalments=plan,
            external_number="PO-1",
        )  # fmt: skip
        made = services.renew_contract(contract, actor=alice, today=TODAY)
        successor = Contract.objects.get(pk=made.pk)
        assert (successor.predecessor, successor.phase, successor.number) == (contract, Phase.DRAFT, "2026-00002")
        assert (successor.start_date, successor.end_date) == (dt.date(2027, 1, 1), dt.date(2027, 12, 31))
        assert (successor.net_amount, successor.title, successor.external_number) == (Decimal(1000), "年度供货", "")
        first, second = successor.version.instalments.all()
        assert first.due_date == dt.date(2027, 3, 26)
        assert (second.due_date, second.event_date) == (None, None)
        assert [entry.action for entry in AuditEntry.objects.of(successor).order_by("pk")] == [
            "contract.drafted", "contract.renewal_drafted",
        ]  # fmt: skip

    def test_follows_on_the_term_that_runs(self, account, alice):
        contract = make_contract(
            account, start_date=dt.date(2024, 1, 1), end_date=dt.date(2024, 12, 31), auto_renewal_months=6
        )
        successor = services.renew_contract(contract, actor=alice, today=TODAY)
        assert (successor.start_date, successor.end_date) == (dt.date(2026, 7, 1), dt.date(2027, 6, 30))

    def test_the_predecessor_is_renewed_once_the_successor_is_signed(self, account, alice):
        contract = make_contract(account, "expired")
        successor = services.renew_contract(contract, actor=alice, today=TODAY)
        states = Contract.objects.filter(pk=contract.pk).with_state(TODAY)
        assert states.get().state_now == State.EXPIRED
        sign(successor.version, alice)
        assert states.get().state_now == State.RENEWED
        assert state_on(contract, TODAY, is_renewed=True) == State.RENEWED

    def test_refuses_twice(self, contract, alice):
        successor = services.renew_contract(contract, actor=alice, today=TODAY)
        with pytest.raises(RenewedAlready, match=successor.number):
            services.renew_contract(contract, actor=alice, today=TODAY)

    def test_a_discarded_successor_makes_room(self, contract, alice):
        first = services.renew_contract(contract, actor=alice, today=TODAY)
        services.discard_version(first.version, reason="x", actor=alice)
        assert services.renew_contract(contract, actor=alice, today=TODAY).predecessor == contract

    def test_signatories_who_left_sign_no_more(self, account, alice, mallory):
        signatories = [make_signatory("ours", user=mallory), make_signatory()]
        contract = make_contract(account, signatories=signatories)
        mallory.is_active = False
        mallory.save()
        successor = services.renew_contract(contract, actor=alice, today=TODAY)
        assert successor.version.signatories.get().side == "customer"

    def test_an_owner_who_left_is_replaced(self, account, alice, mallory):
        contract = make_contract(account, owner=mallory)
        mallory.is_active = False
        mallory.save()
        assert services.renew_contract(contract, actor=alice, today=TODAY).owner == alice

    @pytest.mark.parametrize("state", ["draft", "approved", "terminated", "discarded"])
    def test_refuses_what_is_not_signed(self, account, alice, state):
        with pytest.raises(WrongPhase):
            services.renew_contract(make_contract(account, state), actor=alice, today=TODAY)

    def test_refuses_readers(self, contract, ann):
        with pytest.raises(AccountReadOnly):
            services.renew_contract(contract, actor=ann, today=TODAY)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two people, each with a connection of their own."""

    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def both(self, work):
        """What two calls of `work` at the same time return or refuse with, by its code."""
        barrier, results = threading.Barrier(2), []

        def run():
            barrier.wait(30)
            try:
                results.append(work())
            except DomainError as error:
                results.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return sorted(results)

    def test_two_amendments(self, contract, alice):
        found = self.both(lambda: f"v{amend(Contract.objects.get(pk=contract.pk), alice).number}")
        assert found == ["v2", "version_at_work"]

    def test_two_renewals(self, contract, alice):
        def work():
            return services.renew_contract(Contract.objects.get(pk=contract.pk), actor=alice, today=TODAY).number

        assert self.both(work) == ["2026-00002", "renewed_already"]

    def test_two_signatures(self, account, alice):
        version = make_contract(account, "approved").version

        def work():
            mine = ContractVersion.objects.get(pk=version.pk)
            return services.sign_version(mine, signed_on=TODAY, actor=alice, today=TODAY).status

        assert self.both(work) == ["signed", "version_signed"]
        assert AuditEntry.objects.filter(action="contract.signed").count() == 1

    def test_a_change_while_it_is_submitted(self, account, alice):
        """Whoever is first: what is approved is what the approvers saw, or the change is refused."""
        contract = make_contract(account, "draft")
        turns = iter(["submit", "change"])

        def work():
            mine = ContractVersion.objects.select_related("contract").get(pk=contract.version_id)
            if next(turns) == "submit":
                return services.submit_version(mine, actor=alice, now=NOW).status
            services.update_draft(mine.contract, mine, make_parts([make_line(unit_price="1")]), actor=alice)
            return "changed"

        assert self.both(work) in (["approved", "changed"], ["approved", "wrong_status"])
