import datetime as dt
import threading

import pytest
from django.db import connection

from accounts.choices import TierSource
from accounts.models import Account, TierHistory
from audit.models import AuditEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.tiers import make_fact, make_run
from tests.services import require
from tiers import services
from tiers.choices import State
from tiers.errors import (
    MayNotDecide,
    OverrideEnded,
    OverrideExpired,
    ProposalAlreadyDecided,
    ReasonMissing,
    TierUnknown,
)
from tiers.models import TierOverride, TierProposal

NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def proposal(account):
    make_fact(account, 100)
    return make_run().proposals.get(account=account)


@pytest.mark.django_db
class TestApprove:
    def test_gives_the_tier_with_history_and_audit(self, proposal, lee):
        services.approve_proposal(proposal, actor=lee, now=NOW)
        assert (proposal.state, proposal.final_tier, proposal.decided_by, proposal.decided_at) == (
            State.APPROVED, "A", lee, NOW,
        )  # fmt: skip
        proposal.account.refresh_from_db()
        assert (proposal.account.tier, proposal.account.tier_since) == ("A", TODAY)
        change = TierHistory.objects.get()
        assert (change.tier, change.source, change.decided_by) == ("A", TierSource.POLICY, lee)
        assert change.reason == "plain v1 · 2026-03-16 · CNY 100.00 · #1 · 0.00% < 70%"
        entry = AuditEntry.objects.of(proposal).get()
        assert (entry.action, entry.actor, entry.account_id) == ("tier_proposal.approved", lee, proposal.account_id)
        assert proposal.run.status == "decided"

    def test_only_once(self, proposal, lee, dora):
        services.approve_proposal(proposal, actor=lee, now=NOW)
        with pytest.raises(ProposalAlreadyDecided):
            services.reject_proposal(proposal, reason="late", actor=dora, now=NOW)
        assert TierProposal.objects.get().decided_by == lee
        assert TierHistory.objects.count() == 1

    @pytest.mark.parametrize("name", ["alice", "ann", "mallory"])
    def test_is_not_for_managers(self, proposal, name, request):
        with pytest.raises(MayNotDecide):
            services.approve_proposal(proposal, actor=request.getfixturevalue(name), now=NOW)

    def test_is_not_for_a_supervisor_of_another_team(self, proposal, mallory):
        mallory.role = "supervisor"
        mallory.save()
        with pytest.raises(MayNotDecide):
            services.approve_proposal(proposal, actor=mallory, now=NOW)

    def test_a_terminated_account_is_read_only(self, proposal, dora):
        Account.objects.update(status="terminated")
        with pytest.raises(MayNotDecide):
            services.approve_proposal(proposal, actor=dora, now=NOW)


@pytest.mark.django_db
class TestAdjustAndReject:
    def test_adjust_gives_another_tier(self, proposal, lee):
        services.adjust_proposal(proposal, tier="B", reason=" new plant ", actor=lee, now=NOW)
        assert (proposal.state, proposal.final_tier, proposal.reason) == (State.ADJUSTED, "B", "new plant")
        assert TierHistory.objects.get().reason == "new plant"

    def test_reject_leaves_the_account(self, proposal, lee):
        services.reject_proposal(proposal, reason="one-off", actor=lee, now=NOW)
        assert (proposal.state, proposal.final_tier) == (State.REJECTED, "")
        assert not TierHistory.objects.exists()
        assert AuditEntry.objects.of(proposal).get().reason == "one-off"

    def test_need_a_reason_and_a_tier(self, proposal, lee):
        with pytest.raises(ReasonMissing):
            services.adjust_proposal(proposal, tier="B", reason="  ", actor=lee, now=NOW)
        with pytest.raises(ReasonMissing):
            services.reject_proposal(proposal, reason="", actor=lee, now=NOW)
        with pytest.raises(TierUnknown, match="Z"):
            services.adjust_proposal(proposal, tier="Z", reason="x", actor=lee, now=NOW)
        proposal.refresh_from_db()
        assert proposal.is_pending


@pytest.mark.django_db
class TestSets:
    def test_a_supervisor_decides_on_the_accounts_of_the_team_only(self, account, foreign_account, lee, dora):
        for one in (account, foreign_account):
            make_fact(one, 100)
        run = make_run()
        assert services.approve_proposals(run.proposals.all(), actor=lee, now=NOW) == 1
        assert run.status == "open"
        assert services.approve_proposals(run.proposals.all(), actor=lee, now=NOW) == 0
        assert services.approve_proposals(run.proposals.all(), actor=dora, now=NOW) == 1
        assert set(Account.objects.values_list("tier", flat=True)) <= {"A", "B", "C"}

    def test_a_move_is_a_set(self, dora):
        for amount in (80, 15, 5):
            make_fact(AccountFactory(), amount)
        run = make_run()
        assert services.approve_proposals(run.proposals.filter(proposed_tier="B"), actor=dora, now=NOW) == 1
        assert run.proposals.pending().count() == 2
        assert services.reject_proposals(run.proposals.all(), reason="no", actor=dora, now=NOW) == 2

    def test_managers_may_not(self, proposal, alice):
        with pytest.raises(MayNotDecide):
            services.approve_proposals(TierProposal.objects.all(), actor=alice, now=NOW)

    def test_rejecting_needs_a_reason(self, proposal, lee):
        with pytest.raises(ReasonMissing):
            services.reject_proposals(TierProposal.objects.all(), reason="", actor=lee, now=NOW)

    def test_costs_the_same_number_of_queries_for_3_and_30(self, dora, django_assert_max_num_queries):
        for amount in range(1, 31):
            make_fact(AccountFactory(), amount)
        run = make_run()
        with django_assert_max_num_queries(40):
            assert services.approve_proposals(run.proposals.all(), actor=dora, now=NOW) == 30


@pytest.mark.django_db
class TestOverride:
    EXPIRES = TODAY + dt.timedelta(days=30)

    def override(self, account, actor, **kwargs):
        values = {"tier": "A", "reason": "strategic", "expires_on": self.EXPIRES, "today": TODAY, **kwargs}
        return services.set_override(account, actor=actor, **values)

    def test_sets_the_tier_with_history_and_audit_and_supersedes(self, proposal, account, lee):
        override = self.override(account, lee, tier="B")
        assert account.tier == "B"
        change = TierHistory.objects.get()
        assert (change.source, change.reason, change.decided_by) == (TierSource.OVERRIDE, "strategic", lee)
        assert AuditEntry.objects.of(override).get().action == "tier_override.set"
        proposal.refresh_from_db()
        assert proposal.state == State.SUPERSEDED
        with pytest.raises(ProposalAlreadyDecided):
            services.approve_proposal(proposal, actor=lee, now=NOW)

    def test_a_new_one_takes_the_place_of_the_old(self, account, lee):
        first, second = self.override(account, lee), self.override(account, lee, tier="C")
        assert list(TierOverride.objects.live(TODAY)) == [second]
        first.refresh_from_db()
        assert first.ended_on == TODAY

    def test_ends_by_date(self, account, lee):
        override = self.override(account, lee)
        assert override.is_live(self.EXPIRES)
        assert not override.is_live(self.EXPIRES + dt.timedelta(days=1))
        assert not TierOverride.objects.live(self.EXPIRES + dt.timedelta(days=1)).exists()

    def test_can_be_ended_early_once(self, account, lee):
        override = self.override(account, lee)
        services.end_override(override, actor=lee, today=TODAY)
        assert not TierOverride.objects.live(TODAY).exists()
        assert account.tier == "A"
        with pytest.raises(OverrideEnded):
            services.end_override(override, actor=lee, today=TODAY)

    def test_refuses(self, account, lee, alice, mallory):
        with pytest.raises(OverrideExpired):
            self.override(account, lee, expires_on=TODAY - dt.timedelta(days=1))
        with pytest.raises(ReasonMissing):
            self.override(account, lee, reason=" ")
        for user in (alice, mallory):
            with pytest.raises(MayNotDecide):
                self.override(account, user)
        override = self.override(account, lee)
        with pytest.raises(MayNotDecide):
            services.end_override(override, actor=alice, today=TODAY)


def in_threads(*actions):
    """Run `actions` at once, each on a connection of its own; what each returned or raised."""
    start, results = threading.Barrier(len(actions)), [None] * len(actions)

    def work(number):
        start.wait()
        try:
            results[number] = actions[number]()
        except Exception as error:  # noqa: BLE001  the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def test_two_approvals_of_one_proposal(self, proposal, lee, dora):
        def approve(user):
            return lambda: services.approve_proposal(TierProposal.objects.get(pk=proposal.pk), actor=user, now=NOW)

        results = in_threads(approve(lee), approve(dora), approve(lee), approve(dora))
        assert sum(isinstance(result, ProposalAlreadyDecided) for result in results) == 3, results
        assert sum(isinstance(result, TierProposal) for result in results) == 1, results
        assert TierHistory.objects.count() == 1
        assert AuditEntry.objects.filter(action="tier_proposal.approved").count() == 1

    def test_two_approvals_of_all(self, dora, lee):
        for amount in range(1, 201):
            make_fact(AccountFactory(), amount)
        run = make_run()

        def approve():
            return services.approve_proposals(run.proposals.all(), actor=dora, now=NOW)

        results = in_threads(approve, approve, approve)
        assert sum(results) == 200, results
        assert TierHistory.objects.count() == 200

    def test_two_runs_of_one_policy(self, account):
        make_fact(account, 100)
        run = make_run()
        policy = run.version.policy
        results = in_threads(*[lambda: services.run_policy(policy, TODAY, actor=None)] * 3)
        assert results == [run] * 3, results
        assert TierProposal.objects.count() == 1
