"""The nightly job: what it opens, escalates, raises and moves; once, whatever happens to it."""

import datetime as dt
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountSummary
from audit.models import AuditEntry
from contracts.choices import RenewalOutcome
from contracts.models import Contract, ContractPolicy, Renewal, RenewalRule
from contracts.services.jobs import run_contract_jobs
from contracts.services.policy import ensure_contract_policy
from contracts.states import state_on
from interactions.models import NextStep
from interactions.services import complete_step
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract
from tests.interactions.test_planning_together import at_once
from tests.services import require

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 16, 1, 0, tzinfo=dt.UTC)


def run(days=0, **kwargs):
    return run_contract_jobs(today=TODAY + days * DAY, now=NOW + days * DAY, **kwargs)


def told(user, kind):
    return Notification.objects.filter(user=user, kind=kind).count()


@pytest.fixture
def contract(account):
    """Ends in 200 days, notice 30 days before: 80 days to the day on which a renewal of tier C or none opens."""
    return make_contract(
        account, start_date=TODAY - 165 * DAY, end_date=TODAY + 200 * DAY, notice_days=30, owner=account.manager
    )


OPENS, NOTICE, END = 80, 170, 200


@pytest.mark.django_db
class TestOpening:
    def test_a_task_for_the_manager_on_the_day_that_the_rule_says(self, contract, alice):
        assert run(OPENS - 1).opened == 0
        assert run(OPENS).opened == 1
        renewal = Renewal.objects.get()
        assert (renewal.contract, renewal.term_end) == (contract, TODAY + END * DAY)
        assert (renewal.notice_date, renewal.opened_on) == (TODAY + NOTICE * DAY, TODAY + OPENS * DAY)
        assert (renewal.value_amount, renewal.outcome) == (contract.net_amount, "open")
        step = renewal.step
        assert (step.owner, step.account, step.due_date) == (alice, contract.account, renewal.notice_date)
        assert contract.number in step.text
        assert told(alice, "renewal_opened") == 1
        entries = AuditEntry.objects.filter(account_id=contract.account_id)
        assert entries.get(action="renewal.opened").changes["term_end"] == [None, str(renewal.term_end)]
        assert entries.filter(action="step.added", object_id=step.pk).count() == 1

    def test_by_tier_and_value(self, account, contract):
        policy = ensure_contract_policy()
        Account.objects.update(tier="A")
        assert run(-11).opened == 0  # 170 days to notice, 180 for A
        assert run(-10).opened == 1
        Renewal.objects.all().delete()
        RenewalRule.objects.create(policy=policy, tier="A", min_amount=1000, open_days=200)
        assert run(-31).opened == 0
        assert run(-30).opened == 1

    def test_the_owner_where_the_account_has_no_manager(self, contract, ann):
        Account.objects.filter(pk=contract.account_id).update(manager=None)
        Contract.objects.update(owner=ann)
        run(OPENS)
        assert Renewal.objects.get().step.owner == ann

    def test_nobody_responsible_or_the_relationship_over_gives_no_task(self, contract, alice, lee):
        alice.is_active = False
        alice.save()
        run(OPENS)
        assert Renewal.objects.get().step is None
        run(OPENS + 14)
        assert told(lee, "renewal_escalated") == 1

    def test_a_contract_that_renews_itself_opens_too(self, account, alice):
        make_contract(account, "expiring", auto_renewal_months=12)
        assert run().opened == 1
        assert Renewal.objects.get().step.owner == alice

    @pytest.mark.parametrize("state", ["draft", "in_approval", "approved", "terminated", "discarded"])
    def test_not_of_what_is_not_signed_any_more_or_yet(self, account, state):
        make_contract(account, state, start_date=TODAY - 300 * DAY, end_date=TODAY + 10 * DAY)
        assert run().opened == 0

    def test_what_is_followed_already_is_recorded_as_renewed(self, account, alice):
        make_contract(account, "renewed")
        assert run().opened == 1
        renewal = Renewal.objects.get()
        assert (renewal.outcome, renewal.step) == (RenewalOutcome.RENEWED, None)
        assert told(alice, "renewal_opened") == 0

    def test_one_that_has_just_expired_is_not_forgotten_but_old_history_gives_no_task(self, account, alice):
        make_contract(account, "expired")
        old = make_contract(account, start_date=TODAY - 900 * DAY, end_date=TODAY - 500 * DAY)
        assert run().opened == 2
        assert Renewal.objects.get(contract=old).outcome == RenewalOutcome.LOST
        assert NextStep.objects.count() == 1
        assert Renewal.objects.exclude(contract=old).get().alerted_on == TODAY
        assert told(alice, "renewal_alerted") == 1

    def test_dates_follow_the_rules_of_today(self, contract):
        ensure_contract_policy()
        assert run().redated == 1  # made with 60 days, as without rules
        contract.refresh_from_db()
        assert contract.renewal_date == TODAY + OPENS * DAY
        Account.objects.update(tier="B")
        run()
        contract.refresh_from_db()
        assert contract.renewal_date == TODAY + (NOTICE - 120) * DAY


@pytest.mark.django_db
class TestEscalation:
    def test_supervisor_after_days_then_an_alert_for_all(self, contract, alice, lee, dora, mallory):
        for days in range(OPENS, NOTICE + 1):
            run(days)
        renewal = Renewal.objects.get()
        assert renewal.escalated_on == TODAY + (OPENS + 14) * DAY
        assert renewal.alerted_on == TODAY + (NOTICE - 14) * DAY
        assert [told(user, "renewal_escalated") for user in (alice, lee, dora, mallory)] == [0, 1, 0, 0]
        assert [told(user, "renewal_alerted") for user in (alice, lee, dora, mallory)] == [1, 1, 1, 0]
        actions = Counter(AuditEntry.objects.of(renewal).values_list("action", flat=True))
        assert actions == {"renewal.opened": 1, "renewal.escalated": 1, "renewal.alerted": 1}

    def test_the_days_of_the_policy_count(self, contract, lee):
        ensure_contract_policy()
        ContractPolicy.objects.update(escalate_after=3, alert_before=60)
        run(OPENS)
        run(OPENS + 3)
        assert Renewal.objects.get().escalated_on == TODAY + (OPENS + 3) * DAY
        run(NOTICE - 60)
        assert Renewal.objects.get().alerted_on == TODAY + (NOTICE - 60) * DAY

    @pytest.mark.parametrize("act", ["task", "successor", "notice", "outcome"])
    def test_acting_stops_it(self, contract, alice, lee, act):
        run(OPENS)
        renewal = Renewal.objects.get()
        if act == "task":
            complete_step(renewal.step, actor=alice, now=NOW)
        elif act == "successor":
            make_contract(contract.account, "draft", predecessor=contract)
        elif act == "notice":
            Contract.objects.filter(pk=contract.pk).update(notice_given_on=TODAY)
        else:
            Renewal.objects.update(outcome=RenewalOutcome.LOST)
        run(OPENS + 20)
        run(NOTICE)
        renewal.refresh_from_db()
        assert (renewal.escalated_on, renewal.alerted_on) == (None, None)
        assert Notification.objects.exclude(kind="renewal_opened").filter(user=lee).count() == 0

    def test_dropping_the_task_is_not_acting(self, contract):
        run(OPENS)
        NextStep.objects.update(status="dropped", closed_at=NOW)
        run(OPENS + 14)
        assert Renewal.objects.get().escalated_on == TODAY + (OPENS + 14) * DAY

    def test_late_opening_with_notice_near_is_an_alert_at_once(self, contract, lee):
        report = run(NOTICE - 5)
        assert (report.opened, report.alerted, report.escalated) == (1, 1, 0)
        assert told(lee, "renewal_alerted") == 1


@pytest.mark.django_db
class TestSettling:
    def test_a_signed_successor_renews(self, contract):
        run(OPENS)
        make_contract(contract.account, "in_force", predecessor=contract)
        assert run(OPENS + 1).settled == 1
        renewal = Renewal.objects.select_related("step").get()
        assert (renewal.outcome, renewal.step.status) == (RenewalOutcome.RENEWED, "done")
        assert AuditEntry.objects.of(renewal).filter(action="renewal.renewed").count() == 1

    def test_a_termination_loses(self, contract):
        run(OPENS)
        Contract.objects.filter(pk=contract.pk).update(
            phase="terminated", terminated_on=TODAY, termination_reason="破产"
        )
        run(OPENS + 1)
        renewal = Renewal.objects.get()
        assert (renewal.outcome, renewal.outcome_note) == (RenewalOutcome.LOST, "破产")

    def test_an_amendment_that_prolongs_renews_and_the_new_term_opens_in_its_time(self, contract):
        run(OPENS)
        longer = contract.end_date + 365 * DAY
        Contract.objects.filter(pk=contract.pk).update(end_date=longer, notice_date=longer - 30 * DAY)
        run(OPENS + 1)
        assert Renewal.objects.get().outcome == RenewalOutcome.RENEWED
        run(OPENS + 365)
        assert Renewal.objects.count() == 2

    def test_an_amendment_that_shortens_moves_the_open_renewal(self, contract):
        run(OPENS)
        shorter = contract.end_date - 20 * DAY
        Contract.objects.filter(pk=contract.pk).update(end_date=shorter, notice_date=shorter - 30 * DAY)
        run(OPENS + 1)
        renewal = Renewal.objects.get()
        assert (renewal.term_end, renewal.notice_date) == (shorter, shorter - 30 * DAY)


@pytest.mark.django_db
class TestTermsThatRenewThemselves:
    @pytest.fixture
    def auto(self, account):
        return make_contract(
            account, start_date=TODAY - 350 * DAY, end_date=TODAY + 14 * DAY, notice_days=7, auto_renewal_months=12
        )

    def test_the_end_passes_without_notice(self, auto, alice):
        run()
        assert state_on(auto, TODAY + 15 * DAY, is_renewed=False) == "in_force"  # before the job has run
        report = run(15)
        assert report.rolled == 1
        before = auto.end_date
        auto.refresh_from_db()
        assert auto.end_date == dt.date(2027, 3, 30)
        assert auto.notice_date == auto.end_date - 7 * DAY
        assert auto.renewal_date == auto.notice_date - 90 * DAY
        renewal = Renewal.objects.get()
        assert (renewal.term_end, renewal.outcome) == (before, RenewalOutcome.AUTO_RENEWED)
        assert renewal.step.status == "dropped"
        assert told(alice, "renewed_itself") == 1
        entry = AuditEntry.objects.get(action="contract.term_renewed")
        assert entry.changes["end_date"] == [str(before), str(auto.end_date)]
        assert run(16).rolled == 0

    def test_notice_stops_it(self, auto):
        Contract.objects.update(notice_given_on=TODAY)
        assert run(15).rolled == 0

    def test_a_standstill_of_years_is_caught_up_term_by_term(self, account):
        make_contract(account, start_date=dt.date(2023, 1, 1), end_date=dt.date(2023, 12, 31), auto_renewal_months=12,
                      notice_days=7)  # fmt: skip
        Contract.objects.update(end_date=dt.date(2023, 12, 31))
        assert run().rolled == 3
        ends = list(Renewal.objects.values_list("term_end", "outcome"))
        assert ends == [(dt.date(year, 12, 31), "auto_renewed") for year in (2023, 2024, 2025)]
        assert Contract.objects.get().end_date == dt.date(2026, 12, 31)
        assert not run()

    def test_a_signed_successor_ends_it(self, auto):
        make_contract(auto.account, "signed", predecessor=auto, start_date=TODAY + 15 * DAY, end_date=TODAY + 380 * DAY)
        run()
        assert run(15).rolled == 0
        auto.refresh_from_db()
        assert auto.renews_itself is False
        assert state_on(auto, TODAY + 15 * DAY, is_renewed=True) == "renewed"


@pytest.mark.django_db
class TestOnce:
    def numbers(self):
        return [model.objects.count() for model in (Renewal, NextStep, Notification, AuditEntry)]

    def test_running_twice_makes_nothing_twice(self, contract, lee, dora):
        for days in (OPENS, OPENS + 14, NOTICE - 14):
            assert run(days)
            before = self.numbers()
            assert not run(days)
            assert self.numbers() == before

    def test_a_dry_run_reports_the_same_and_writes_nothing(self, contract, account):
        make_contract(account, "renewed")
        before = self.numbers()
        dry = run(OPENS, dry_run=True)
        assert self.numbers() == before
        assert dry == run(OPENS)

    def test_a_constant_number_of_statements_for_a_batch(self, account):
        counts = []
        run()
        for number in (2, 20):
            for n in range(number):
                owner = AccountFactory(manager=account.manager, tier="ABC"[n % 3])
                make_contract(owner, "expiring", auto_renewal_months=12 * (n % 2))
            with CaptureQueriesContext(
                connection,
            ) as queries:
                run()
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 60

    def test_the_summary_has_the_next_renewal(self, account, contract):
        later = make_contract(account, end_date=TODAY + 300 * DAY)
        run()
        assert AccountSummary.objects.get(account=account).next_renewal_date == contract.end_date
        make_contract(account, "signed", predecessor=contract, start_date=contract.end_date + DAY,
                      end_date=contract.end_date + 365 * DAY)  # fmt: skip
        run()
        assert AccountSummary.objects.get(account=account).next_renewal_date == later.end_date


@pytest.mark.django_db
class TestCommand:
    def call(self, *args):
        out = StringIO()
        call_command("run_contract_jobs", *args, stdout=out)
        return out.getvalue()

    def test_as_of_a_day_and_dry(self, contract):
        day = str(TODAY + OPENS * DAY)
        assert "Dry run" in self.call("--as-of", day, "--dry-run")
        assert not Renewal.objects.exists()
        assert "renewals opened 1" in self.call("--as-of", day)
        assert AuditEntry.objects.get(action="renewal.opened").via == "command"

    @pytest.mark.parametrize("text", ["2026-13-01", "tomorrow", "1999-12-31"])
    def test_refuses_what_is_no_day(self, text):
        with pytest.raises(CommandError):
            self.call("--as-of", text)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_jobs_make_nothing_twice(self, account, lee, dora):
        require("postgresql")
        for n in range(30):
            owner = AccountFactory(manager=account.manager)
            make_contract(owner, "expiring", auto_renewal_months=12 * (n % 2))
        late = make_contract(account, "in_force", auto_renewal_months=12, notice_days=3)
        Contract.objects.filter(pk=late.pk).update(end_date=TODAY - DAY)
        outcomes = at_once(run, run)
        assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        assert sum(one.opened for one in outcomes) == 30
        assert sum(one.rolled for one in outcomes) == 1
        assert Renewal.objects.count() == 31
        assert NextStep.objects.count() == 30
        assert AuditEntry.objects.filter(action="renewal.opened").count() == 30
        assert Notification.objects.filter(kind="renewal_opened").count() == 30
        assert not run()
