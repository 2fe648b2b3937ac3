"""Notice and termination."""

import datetime as dt

import pytest

from accounts.errors import AccountReadOnly
from accounts.models import AccountMember
from approvals import services as approvals
from approvals.models import ApprovalRequest
from audit.models import AuditEntry
from contracts import services
from contracts.choices import Phase, State
from contracts.errors import (
    NoticeGiven,
    NoticeOutside,
    NotTheContracts,
    ReasonMissing,
    TerminationAsked,
    TerminationOutside,
    VersionAtWork,
    WrongPhase,
)
from contracts.models import Contract
from contracts.states import state_on
from tests.factories import TODAY
from tests.factories.contracts import make_approval_rule, make_contract

pytestmark = pytest.mark.usefixtures("lee")  # Alice's superior, who is asked where a rule wants it
NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def notice(contract, actor, **fields):
    values = {"on": TODAY, "reason": "客户不续", "actor": actor, "today": TODAY, **fields}
    return services.give_notice(contract, **values)


def terminate(contract, actor, **fields):
    values = {"as_of": TODAY, "reason": "破产", "actor": actor, "now": NOW, **fields}
    return services.terminate_contract(contract, **values)


@pytest.fixture
def contract(account):
    return make_contract(account)


class TestNotice:
    def test_is_noted_with_its_reason(self, contract, alice):
        notice(contract, alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.notice_given_on, stored.end_date, stored.phase) == (TODAY, contract.end_date, Phase.SIGNED)
        entry = AuditEntry.objects.of(contract).get()
        assert (entry.action, entry.reason) == ("contract.notice_given", "客户不续")
        assert entry.changes == {"notice_given_on": [None, "2026-03-16"]}

    @pytest.mark.parametrize(
        ("on", "end"),
        [
            # Terms of six months from 2024-12-31 on; 30 days of notice.
            (dt.date(2024, 12, 1), dt.date(2024, 12, 31)),
            (dt.date(2024, 12, 2), dt.date(2025, 6, 30)),
            (TODAY, dt.date(2026, 6, 30)),
        ],
    )
    def test_ends_one_that_renews_itself_with_the_first_term_it_is_in_time_for(self, account, alice, on, end):
        contract = make_contract(
            account, start_date=dt.date(2024, 1, 1), end_date=dt.date(2024, 12, 31), auto_renewal_months=6
        )
        notice(contract, alice, on=on)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.end_date, stored.notice_date) == (end, end - dt.timedelta(days=30))
        assert state_on(stored, end + DAY, is_renewed=False) == State.EXPIRED
        if end >= TODAY:
            assert state_on(stored, end, is_renewed=False) == State.EXPIRING

    def test_refuses_twice(self, contract, alice):
        notice(contract, alice)
        with pytest.raises(NoticeGiven, match="2026-03-16"):
            notice(contract, alice)

    @pytest.mark.parametrize("days", [1, -1000])
    def test_refuses_the_future_and_before_signing(self, contract, alice, days):
        with pytest.raises(NoticeOutside):
            notice(contract, alice, on=TODAY + dt.timedelta(days=days))

    def test_refuses_without_a_reason(self, contract, alice):
        with pytest.raises(ReasonMissing):
            notice(contract, alice, reason="")

    @pytest.mark.parametrize("state", ["draft", "approved", "terminated", "discarded"])
    def test_refuses_what_is_not_signed(self, account, alice, state):
        with pytest.raises(WrongPhase):
            notice(make_contract(account, state), alice)

    def test_refuses_who_is_not_responsible(self, contract, ann):
        with pytest.raises(AccountReadOnly):
            notice(contract, ann)
        AccountMember.objects.filter(user=ann).update(right="edit")
        with pytest.raises(NotTheContracts):
            notice(contract, ann)


class TestTerminate:
    def test_at_once_where_no_rule_fits(self, contract, alice):
        terminate(contract, alice, as_of=TODAY + DAY)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.phase, stored.terminated_on, stored.termination_reason) == (
            Phase.TERMINATED, TODAY + DAY, "破产",
        )  # fmt: skip
        assert state_on(stored, TODAY + DAY, is_renewed=False) == State.IN_FORCE
        assert state_on(stored, TODAY + 2 * DAY, is_renewed=False) == State.TERMINATED
        found = list(AuditEntry.objects.of(contract).order_by("pk").values_list("action", "reason"))
        assert found == [("contract.termination_asked", "破产"), ("contract.terminated", "破产")]

    def test_the_accounts_next_renewal_follows(self, account, alice):
        contract = make_contract(account, "approved", end_date=dt.date(2027, 1, 31))
        services.sign_version(contract.version, signed_on=TODAY, actor=alice, today=TODAY)
        account.summary.refresh_from_db()
        assert account.summary.next_renewal_date == dt.date(2027, 1, 31)
        terminate(contract, alice)
        account.summary.refresh_from_db()
        assert account.summary.next_renewal_date is None

    def test_warns_of_what_is_still_open(self, contract, alice):
        assert terminate(contract, alice).warnings == ["Of the plan, CNY\u00a01,130.00 are still open; they stay due."]
        assert contract.version.instalments.get().is_current

    def test_asks_where_a_rule_fits(self, contract, alice, lee):
        make_approval_rule("termination")
        terminate(contract, alice)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.phase, stored.terminated_on) == (Phase.SIGNED, TODAY)
        assert services.is_termination_asked(stored)
        request = ApprovalRequest.objects.get()
        assert (request.subject, request.object_id, request.note) == ("termination", contract.pk, "破产")
        approvals.approve(request, actor=lee, now=NOW)
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.phase, stored.terminated_on) == (Phase.TERMINATED, TODAY)
        assert AuditEntry.objects.of(contract).order_by("-pk").first().actor == lee

    def test_goes_on_where_it_is_sent_back(self, contract, alice, lee):
        make_approval_rule("termination")
        terminate(contract, alice)
        approvals.send_back(ApprovalRequest.objects.get(), actor=lee, now=NOW, comment="再谈")
        stored = Contract.objects.get(pk=contract.pk)
        assert (stored.phase, stored.terminated_on, stored.termination_reason) == (Phase.SIGNED, None, "")
        terminate(stored, alice)
        assert ApprovalRequest.objects.count() == 2

    def test_refuses_twice(self, contract, alice):
        make_approval_rule("termination")
        terminate(contract, alice)
        with pytest.raises(TerminationAsked):
            terminate(contract, alice)

    def test_refuses_while_a_version_is_at_work(self, contract, alice):
        services.amend_contract(contract, reason="x", effective_date=TODAY, actor=alice)
        with pytest.raises(VersionAtWork):
            terminate(contract, alice)

    def test_refuses_days_before_signing_and_after_the_end(self, contract, alice):
        for day in (contract.signed_on - DAY, contract.end_date + DAY):
            with pytest.raises(TerminationOutside):
                terminate(contract, alice, as_of=day)

    def test_one_that_renews_itself_can_end_later(self, account, alice):
        contract = make_contract(account, auto_renewal_months=12)
        terminate(contract, alice, as_of=contract.end_date + DAY)
        assert Contract.objects.get(pk=contract.pk).phase == Phase.TERMINATED

    def test_refuses_without_a_reason(self, contract, alice):
        with pytest.raises(ReasonMissing):
            terminate(contract, alice, reason=" ")

    @pytest.mark.parametrize("state", ["draft", "in_approval", "approved", "terminated", "discarded"])
    def test_refuses_what_is_not_signed(self, account, alice, state):
        with pytest.raises(WrongPhase):
            terminate(make_contract(account, state), alice)

    @pytest.mark.parametrize("name", ["lee", "dora"])
    def test_leaders_may(self, contract, request, name):
        assert terminate(contract, request.getfixturevalue(name)).phase == Phase.TERMINATED

    def test_refuses_who_is_not_responsible(self, contract, ann):
        AccountMember.objects.filter(user=ann).update(right="edit")
        with pytest.raises(NotTheContracts):
            terminate(contract, ann)
