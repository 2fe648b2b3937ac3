import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.choices import TierSource
from accounts.models import Account
from accounts.services import TierMove, change_tiers
from audit.models import AuditEntry
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.tiers import make_fact, make_policy, make_run
from tiers import services
from tiers.choices import State
from tiers.errors import NothingToRank
from tiers.models import TierOverride, TierPolicy, TierPolicyVersion, TierProposal, TierRun
from tiers.tasks import run_due_policies

pytestmark = pytest.mark.django_db
DEC, JAN, FEB, MAR = (dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1))


def accounts(*amounts, **kwargs):
    made = [AccountFactory(code=f"N{n}") for n, _ in enumerate(amounts)]
    for account, amount in zip(made, amounts, strict=True):
        make_fact(account, amount, **kwargs)
    return made


def set_tier(account, tier):
    change_tiers([TierMove(account.pk, tier, "x")], source=TierSource.IMPORT, actor=None, today=TODAY)


def tiers_of(run):
    return dict(run.proposals.values_list("account__code", "proposed_tier"))


class TestRunPolicy:
    def test_sorts_the_accounts_and_keeps_the_arithmetic(self):
        accounts(60, 20, 15, 5)
        run = make_run()
        assert tiers_of(run) == {"N0": "A", "N1": "A", "N2": "B", "N3": "C"}
        proposal = run.proposals.get(account__code="N2")
        assert (proposal.revenue_amount, proposal.cum_before, proposal.rank) == (15, Decimal("0.8"), 3)
        assert (proposal.tier_before, proposal.raw_tier, proposal.state) == ("", "B", State.PENDING)
        assert (run.period_start, run.period_end, run.currency) == (dt.date(2025, 9, 1), dt.date(2026, 2, 28), "CNY")
        assert run.totals["tiers"]["A"] == {"accounts": 2, "revenue": "80.00"}
        assert run.totals["flow"] == [["", "A", 2], ["", "B", 1], ["", "C", 1]]
        assert run.status == "open"

    def test_looks_at_full_months_only(self):
        first, second = accounts(100, 50)
        make_fact(second, 900, month=MAR)
        make_fact(second, 900, month=dt.date(2025, 8, 1))
        assert dict(make_run().proposals.values_list("account_id", "revenue_amount")) == {first.pk: 100, second.pk: 50}

    def test_takes_in_accounts_that_have_a_tier_and_buy_no_more(self):
        gone = AccountFactory(code="GONE", tier="A")
        AccountFactory(code="PROSPECT")
        accounts(100)
        run = make_run()
        assert tiers_of(run) == {"N0": "A", "GONE": "C"}
        assert run.proposals.get(account=gone).cum_before == 1

    @pytest.mark.parametrize("as_of", [dt.date(2015, 1, 1), dt.date(1, 1, 1)])
    def test_a_day_before_all_revenue_is_refused_instead_of_sending_everybody_to_c(self, as_of):
        accounts(100)
        AccountFactory(tier="A")
        with pytest.raises(NothingToRank):
            make_run(as_of=as_of)
        assert not TierRun.objects.exists()

    def test_leaves_terminated_accounts_out(self):
        accounts(100, 50)
        Account.objects.filter(code="N0").update(status="terminated")
        assert tiers_of(make_run()) == {"N1": "A"}

    def test_returns_count_against_sales(self):
        account, returned = accounts(100, 10)
        make_fact(account, -40, month=FEB)
        make_fact(returned, -10, month=FEB)
        found = dict(make_run().proposals.values_list("account__code", "revenue_amount"))
        assert found == {"N0": 60, "N1": 0}

    def test_leaves_an_audit_entry(self, dora):
        accounts(100)
        run = make_run(actor=dora)
        entry = AuditEntry.objects.of(run).get()
        assert (entry.action, entry.actor, entry.changes["accounts"]) == ("tier_run.made", dora, [None, 1])

    def test_costs_the_same_number_of_queries_for_3_and_30_accounts(self):
        def queries(count):
            for _ in range(count):
                make_fact(AccountFactory(), 10)
            policy = make_policy(f"p{count}")
            with CaptureQueriesContext(connection) as caught:
                services.run_policy(policy, TODAY, actor=None)
            return len(caught)

        assert queries(3) == queries(30)

    def test_runs_over_nothing(self):
        run = make_run()
        assert run.totals["accounts"] == 0
        assert run.status == "decided"
        assert run.currency == "CNY"


class TestRunAgain:
    def test_makes_an_undecided_run_anew(self):
        [account] = accounts(100)
        policy = make_policy()
        run = make_run(policy)
        make_fact(account, 50, month=FEB)
        assert make_run(policy) == run
        assert run.proposals.get().revenue_amount == 150

    def test_returns_a_decided_run_as_it_is(self, dora):
        [account] = accounts(100)
        policy = make_policy()
        run = make_run(policy)
        services.approve_proposals(run.proposals.all(), actor=dora, now=dt.datetime(2026, 3, 16, tzinfo=dt.UTC))
        make_fact(account, 50, month=FEB)
        assert make_run(policy) == run
        assert run.proposals.get().revenue_amount == 100

    def test_a_new_version_is_a_new_run_and_supersedes(self, dora):
        accounts(100)
        policy = make_policy()
        first = make_run(policy)
        services.update_policy(policy, TierPolicyVersion(parameters={"cut_a": 50}, months=6), actor=dora)
        second = make_run(policy)
        assert first != second
        assert first.proposals.get().state == State.SUPERSEDED
        assert second.proposals.get().state == State.PENDING

    def test_an_earlier_date_does_not_supersede_a_later_one(self):
        accounts(100)
        policy = make_policy()
        late = make_run(policy)
        early = make_run(policy, MAR - dt.timedelta(days=1))
        assert late.proposals.get().state == State.PENDING
        assert early.previous_run is None

    def test_a_run_that_fails_leaves_nothing(self, monkeypatch):
        accounts(100)
        monkeypatch.setattr("tiers.services.runs.record", None)
        with pytest.raises(TypeError):
            make_run()
        assert not TierRun.objects.exists()
        assert not TierProposal.objects.exists()


class TestHysteresis:
    def test_a_downgrade_waits_for_the_second_run(self):
        weak, _strong = accounts(10, 100)
        set_tier(weak, "A")
        policy = make_policy(down_runs=2)
        early = make_run(policy, FEB)
        late = make_run(policy, MAR)
        first, second = (run.proposals.get(account=weak) for run in (early, late))
        assert (first.raw_tier, first.proposed_tier, first.hold, first.state) == ("C", "A", "runs", State.NO_CHANGE)
        assert (second.proposed_tier, second.hold, second.state) == ("C", "", State.PENDING)
        assert late.previous_run == early

    def test_a_downgrade_within_the_margin_waits(self):
        _strong, weak = accounts(91, 9)
        set_tier(weak, "B")
        run = make_run(make_policy(margin="2"))
        assert run.proposals.get(account=weak).hold == "margin"
        run = make_run(make_policy("narrow", margin="0.5"))
        assert run.proposals.get(account=weak).proposed_tier == "C"

    def test_two_versions_on_one_date_are_one_run_in_a_row(self, dora):
        weak, _strong = accounts(10, 100)
        set_tier(weak, "A")
        policy = make_policy(down_runs=3)
        make_run(policy, FEB)
        services.update_policy(policy, TierPolicyVersion(parameters={"down_runs": 3}, months=6), actor=dora)
        make_run(policy, FEB)
        assert make_run(policy, MAR).proposals.get(account=weak).hold == "runs"


class TestOverrides:
    def test_an_overridden_account_is_left_alone_until_the_last_day(self, lee, account):
        make_fact(account, 100)
        TierOverride.objects.create(account=account, tier="C", reason="x", expires_on=TODAY, created_by=lee)
        set_tier(account, "C")
        proposal = make_run().proposals.get()
        assert (proposal.raw_tier, proposal.proposed_tier, proposal.hold) == ("A", "C", "override")
        assert proposal.state == State.NO_CHANGE
        later = make_run(make_policy("later"), TODAY + dt.timedelta(days=1))
        assert later.proposals.get().proposed_tier == "A"


class TestThreshold:
    def test_total(self):
        accounts(1000, 999, 99)
        run = make_run(make_policy(method="threshold", bound_a="1000", bound_b="100"))
        assert tiers_of(run) == {"N0": "A", "N1": "B", "N2": "C"}
        assert run.proposals.get(account__code="N1").cum_before > 0

    def test_every_month(self):
        steady, once = accounts(100, 1000, month=JAN)
        for month in (DEC, FEB):
            make_fact(steady, 100, month=month)
        policy = make_policy(method="threshold", months=3, measure="every_month", bound_a="100", bound_b="50")
        run = make_run(policy)
        assert tiers_of(run) == {"N0": "A", "N1": "C"}
        assert run.proposals.get(account=once).evidence == {"measured": "0"}


class TestScorecard:
    def policy(self, **parameters):
        return make_policy(method="scorecard", months=2, **parameters)

    def test_growth_margin_and_fields_of_the_account(self):
        account = AccountFactory(potential=80, customer_since=dt.date(2016, 3, 16))
        make_fact(account, 100, month=DEC)
        make_fact(account, 125, month=JAN, cost_amount=100, costed_net_amount=125)
        policy = self.policy(
            weight_growth=1, weight_margin=1, weight_potential=1, weight_tenure=1, weight_strategic_fit=9
        )
        proposal = make_run(policy).proposals.get()
        parts = proposal.evidence["parts"]
        assert parts["growth"] == ["25.0000", "75.0000", "0.2500"]
        assert parts["margin"] == ["20.0000", "50.0000", "0.2500"]
        assert parts["potential"] == ["80.0000", "80.0000", "0.2500"]
        assert Decimal(parts["tenure"][0]).quantize(Decimal("0.1")) == 10
        assert parts["strategic_fit"] == [None, None, "0.0000"]
        assert round(proposal.score) == 76
        assert proposal.proposed_tier == "A"

    def test_wallet_share_in_the_same_currency_only(self):
        buyer = AccountFactory(annual_purchase_amount=2400, annual_purchase_currency="CNY")
        other = AccountFactory(annual_purchase_amount=2400, annual_purchase_currency="USD")
        for account in (buyer, other):
            make_fact(account, 100, month=JAN)
        run = make_run(self.policy(weight_wallet_share=1, weight_revenue=1))
        shares = {p.account_id: p.evidence["parts"]["wallet_share"][0] for p in run.proposals.all()}
        assert shares == {buyer.pk: "25.0000", other.pk: None}

    def test_nothing_known_keeps_the_tier(self):
        [account] = accounts(100)
        set_tier(account, "B")
        proposal = make_run(self.policy(weight_strategic_fit=1)).proposals.get()
        assert (proposal.raw_tier, proposal.proposed_tier, proposal.hold) == ("", "B", "no_data")


class TestCurrency:
    def test_one_foreign_currency_needs_no_rate(self):
        accounts(100, 50, currency="GBP")
        run = make_run()
        assert (run.currency, run.totals["revenue"], run.totals["incomplete"]) == ("GBP", "150.00", 0)

    def test_several_are_counted_in_the_reporting_currency(self):
        first, second = accounts(100, 50)
        make_fact(first, 10, month=FEB, currency="GBP", reporting=95)
        make_fact(second, 10, month=FEB, currency="USD")
        run = make_run()
        assert run.currency == "CNY"
        assert dict(run.proposals.values_list("account_id", "revenue_amount")) == {first.pk: 195, second.pk: 50}
        assert run.totals["incomplete"] == 1
        assert run.proposals.get(account=second).evidence == {"incomplete": True}

    def test_a_named_currency_converts_by_the_rates_of_the_months(self):
        ExchangeRate.objects.create(currency="GBP", valid_from=dt.date(2025, 1, 1), rate=10)
        ExchangeRate.objects.create(currency="GBP", valid_from=dt.date(2026, 2, 15), rate=8)
        [account] = accounts(100)
        make_fact(account, 40, month=FEB)
        make_fact(account, 7, month=DEC, currency="GBP", reporting=70)
        run = make_run(make_policy(currency="GBP"))
        assert (run.currency, run.proposals.get().revenue_amount) == ("GBP", 22)

    def test_a_named_currency_without_a_rate_says_so(self):
        accounts(100)
        run = make_run(make_policy(currency="GBP"))
        assert (run.proposals.get().revenue_amount, run.totals["incomplete"]) == (0, 1)

    def test_scorecards_convert_too(self):
        ExchangeRate.objects.create(currency="GBP", valid_from=dt.date(2025, 1, 1), rate=10)
        [account] = accounts(100, month=JAN, cost_amount=60, costed_net_amount=100)
        make_fact(account, 50, month=DEC)
        policy = make_policy(
            method="scorecard", months=2, currency="GBP", weight_revenue=1, weight_margin=1, weight_growth=1
        )
        parts = make_run(policy).proposals.get().evidence["parts"]
        assert (parts["revenue"][0], parts["margin"][0], parts["growth"][0]) == ("10.0000", "40.0000", "100.0000")


class TestRunDuePolicies:
    def policy(self, created=dt.datetime(2025, 1, 1, tzinfo=dt.UTC)):
        policy = make_policy(enabled=True)
        TierPolicy.objects.filter(pk=policy.pk).update(schedule="monthly", schedule_day=5, created_at=created)
        return policy

    def test_waits_for_revenue(self):
        AccountFactory(tier="A")
        self.policy()
        assert services.run_due_policies(today=TODAY) == []

    def test_runs_once_per_due_day(self):
        self.policy()
        [run] = services.run_due_policies(today=TODAY)
        assert run.as_of == dt.date(2026, 3, 5)
        assert services.run_due_policies(today=TODAY) == []
        assert [r.as_of for r in services.run_due_policies(today=dt.date(2026, 4, 20))] == [dt.date(2026, 4, 5)]

    def test_a_run_by_hand_since_then_is_enough(self):
        make_run(self.policy(), dt.date(2026, 3, 10))
        assert services.run_due_policies(today=TODAY) == []

    def test_waits_for_the_first_due_day_of_a_new_policy(self):
        self.policy(created=dt.datetime(2026, 3, 10, tzinfo=dt.UTC))
        assert services.run_due_policies(today=TODAY) == []

    def test_leaves_policies_that_are_not_in_force(self):
        self.policy()
        TierPolicy.objects.update(enabled=False)
        assert services.run_due_policies(today=TODAY) == []

    def test_the_task_reads_the_clock(self, time_machine):
        time_machine.move_to(dt.datetime(2026, 3, 16, 10, tzinfo=dt.UTC))
        self.policy()
        run_due_policies()
        assert AuditEntry.objects.of(TierRun.objects.get()).get().via == "job"


class TestPreview:
    def test_says_who_would_move_and_saves_nothing(self):
        first, second, third = accounts(80, 15, 5)
        set_tier(first, "A")
        version = TierPolicyVersion(method="pareto", parameters={"cut_a": "70", "cut_b": "90"}, months=6)
        version.clean()
        result = services.preview(version, TODAY)
        assert [(line.account_id, line.tier_before, line.proposed_tier) for line in result.moves()] == [
            (second.pk, "", "B"),
            (third.pk, "", "C"),
        ]
        assert result.totals["tiers"]["A"]["revenue"] == "80.00"
        assert not TierRun.objects.exists()
        assert not TierPolicy.objects.exists()
