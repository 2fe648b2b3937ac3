import datetime as dt

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from tests.factories.accounts import AccountFactory
from tests.factories.tiers import make_fact, make_run
from tiers import services, tasks
from tiers.choices import BulkAction, State
from tiers.errors import MayNotDecide, ReasonMissing
from tiers.models import BulkDecision
from tiers.views import runs

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def run(dora):
    for amount in (80, 15, 5):
        make_fact(AccountFactory(), amount)
    return make_run()


def ask(run, actor, *, move="", action=BulkAction.APPROVE, reason=""):
    return services.ask_for_decision(run, move=move, action=action, reason=reason, actor=actor, now=NOW)


class TestAskForDecision:
    def test_leaves_a_row_and_an_audit_entry(self, run, dora):
        job = ask(run, dora)
        assert services.due_decisions(NOW) == [job.pk]
        assert AuditEntry.objects.of(run).first().action == "tier_run.bulk_decided"
        assert run.proposals.pending().count() == 3

    def test_refuses(self, run, alice, dora):
        with pytest.raises(MayNotDecide):
            ask(run, alice)
        with pytest.raises(ReasonMissing):
            ask(run, dora, action=BulkAction.REJECT, reason=" ")
        assert not BulkDecision.objects.exists()


class TestCarryOutDecision:
    def test_decides_once(self, run, dora):
        job = ask(run, dora)
        assert services.carry_out_decision(job.pk, now=NOW) == 3
        assert services.carry_out_decision(job.pk, now=NOW) == 0
        assert services.due_decisions(NOW) == []
        assert set(run.proposals.values_list("state", "decided_by", "decided_at")) == {(State.APPROVED, dora.pk, NOW)}

    def test_a_move_only(self, run, dora):
        job = ask(run, dora, move="none-C", action=BulkAction.REJECT, reason="no")
        assert services.carry_out_decision(job.pk, now=NOW) == 1
        assert run.proposals.get(state=State.REJECTED).proposed_tier == "C"

    def test_decides_only_on_what_the_user_may(self, run, lee):
        job = ask(run, lee)
        assert services.carry_out_decision(job.pk, now=NOW) == 0
        assert run.proposals.pending().count() == 3

    def test_another_worker_takes_over_from_a_dead_one(self, run, dora):
        job = ask(run, dora)
        BulkDecision.objects.update(claimed_at=NOW)
        later = NOW + dt.timedelta(minutes=16)
        assert services.due_decisions(NOW) == []
        assert services.carry_out_decision(job.pk, now=NOW) == 0
        assert services.due_decisions(later) == [job.pk]
        assert services.carry_out_decision(job.pk, now=later) == 3

    def test_the_sweeper_rings_again(self, run, dora, monkeypatch):
        job, rung = ask(run, dora), []
        monkeypatch.setattr(tasks.carry_out_decision, "delay", rung.append)
        assert tasks.sweep_decisions() == 1
        assert rung == [job.pk]
        assert tasks.carry_out_decision(job.pk) == 3
        assert AuditEntry.objects.filter(action="tier_proposal.approved", via="job").count() == 3


class TestPage:
    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch):
        monkeypatch.setattr(runs, "AT_ONCE", 2)

    def decide(self, client, run, **data):
        return client.post(reverse("tiers:run_decide", args=[run.pk]), data, follow=True)

    def test_many_are_left_to_a_worker_and_the_page_says_so(self, client_for, dora, run):
        page = self.decide(client_for(dora), run, scope="all", action="approve").content.decode()
        assert "in the background" in page
        assert "3 of yours are still open" in page
        assert BulkDecision.objects.get().actor == dora

    def test_a_missing_reason_is_told_at_once(self, client_for, dora, run):
        page = self.decide(client_for(dora), run, scope="all", action="reject").content.decode()
        assert "Give a reason." in page
        assert not BulkDecision.objects.exists()

    def test_few_are_decided_while_one_waits(self, client_for, dora, run):
        page = self.decide(client_for(dora), run, scope="move", move="none-C", action="approve").content.decode()
        assert "1 proposal was decided." in page
        assert not BulkDecision.objects.exists()
