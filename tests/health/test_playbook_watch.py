"""The night: playbooks start at stages, tasks follow the manager, ended relationships stop them; twice is once."""

import datetime as dt

import pytest
import time_machine

from accounts import services as account_services
from audit.models import AuditEntry
from health.models import Playbook, PlaybookRun, PlaybookTask
from health.playbook_steps import Step
from health.services import playbook_tasks as tasks
from health.services.playbook_runs import stop_playbook
from health.services.playbook_watch import hand_over_tasks, watch_playbooks
from health.services.shipped_playbooks import ensure_playbooks
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.health_playbooks import CALL, make_playbook, make_run
from tests.factories.users import UserFactory

NIGHT = dt.datetime(2026, 3, 16, 18, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def clock():
    """The evening before the night: rows and audit entries are made at this time."""
    with time_machine.travel(NIGHT - 8 * dt.timedelta(hours=1), tick=False) as traveller:
        yield traveller


def enter(account, stage, actor=None):
    account.stage = stage
    account.interruption_reason = "quality" if stage == "interrupted" else ""
    account_services.update_account(account, actor=actor)


def watch(clock, at=NIGHT):
    clock.move_to(at)
    return watch_playbooks(at.date() + DAY, at)


@pytest.fixture
def onboarding(db, clock):
    """Starts at the early stage; made a month before."""
    clock.move_to(NIGHT - 40 * DAY)
    row = make_playbook("起步", stages=["early"], starts_at_stage=True)
    clock.move_to(NIGHT - dt.timedelta(hours=8))
    return row


@pytest.mark.django_db
class TestStages:
    def test_starts_once_where_an_account_has_entered_the_stage(self, account, onboarding, clock):
        enter(account, "early")
        assert watch(clock).started == 1
        run = PlaybookRun.objects.get(playbook=onboarding)
        assert (run.account, run.started_by, run.started_on) == (account, None, NIGHT.date() + DAY)
        assert watch(clock).started == 0
        assert watch(clock, NIGHT + 5 * DAY).started == 0

    def test_one_that_was_stopped_is_not_started_again_for_the_same_time(self, account, onboarding, clock, alice):
        enter(account, "early")
        watch(clock)
        stop_playbook(PlaybookRun.objects.get(playbook=onboarding), "x", actor=alice, now=NIGHT)
        assert watch(clock, NIGHT + DAY).started == 0
        enter(account, "mid")
        enter(account, "early")
        watch(clock, NIGHT + 2 * DAY)
        assert PlaybookRun.objects.filter(playbook=onboarding).count() == 2

    def test_not_where_the_account_has_gone_on_meanwhile(self, account, onboarding, clock):
        enter(account, "early")
        enter(account, "mid")
        assert watch(clock).started == 0

    def test_after_a_standstill_of_weeks(self, account, onboarding, clock):
        enter(account, "early")
        assert watch(clock, NIGHT + 20 * DAY).started == 1

    def test_accounts_made_in_the_stage_have_not_entered_it(self, onboarding, clock, alice):
        account_services.create_account(
            AccountFactory.build(code="NEW-1", stage="early"), actor=alice, manager=alice, today=TODAY
        )
        assert watch(clock).started == 0

    def test_a_playbook_made_later_leaves_them_alone(self, account, clock):
        enter(account, "early")
        clock.move_to(NIGHT - dt.timedelta(hours=1))
        make_playbook("later", stages=["early"], starts_at_stage=True)
        assert watch(clock).started == 0

    def test_neither_off_nor_terminated(self, account, onboarding, clock, dora):
        enter(account, "early")
        Playbook.objects.filter(pk=onboarding.pk).update(is_active=False)
        assert watch(clock).started == 0
        Playbook.objects.filter(pk=onboarding.pk).update(is_active=True)
        account.status = "terminated"
        account_services.update_account(account, actor=dora)
        assert watch(clock).started == 0

    def test_many_in_one_night_in_a_fixed_number_of_statements(
        self, onboarding, clock, alice, django_assert_max_num_queries
    ):
        accounts = [AccountFactory(code=f"MANY-{number}", manager=alice) for number in range(30)]
        for account in accounts:
            enter(account, "early")
        clock.move_to(NIGHT)
        ensure_playbooks()
        with django_assert_max_num_queries(45):
            assert watch_playbooks(NIGHT.date(), NIGHT).started == 30


@pytest.mark.django_db
class TestHandOver:
    def test_open_tasks_follow_the_manager(self, account, alice, mallory, lee):
        run = make_run(account)
        first = run.tasks.get(position=1)
        other = make_run(account, make_playbook("y", CALL)).tasks.get()
        tasks.complete_task(other, actor=alice, now=NIGHT)
        account_services.assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        assert hand_over_tasks(TODAY) == 1
        first.refresh_from_db()
        other.refresh_from_db()
        assert (first.owner, other.owner) == (mallory, alice)
        assert run.tasks.get(position=2).owner == lee
        assert AuditEntry.objects.of(first).first().action == "playbook_task.handed_over"
        assert Notification.objects.filter(user=mallory, kind="playbook_inherited").count() == 1
        assert hand_over_tasks(TODAY) == 0

    def test_what_was_given_to_somebody_on_purpose_stays(self, account, alice, mallory, lee):
        helper = UserFactory()
        AccountMemberFactory(account=account, user=helper)
        task = make_run(account).tasks.get(position=1)
        tasks.reassign_task(task, helper, actor=alice, today=TODAY)
        account_services.assign_manager(account, mallory, actor=None, reason="x", today=TODAY)
        assert hand_over_tasks(TODAY) == 0
        task.refresh_from_db()
        assert task.owner == helper

    def test_the_new_manager_takes_over_from_who_stood_in(self, alice, lee, clock):
        account = AccountFactory(code="POOL-1", manager=None)
        task = make_run(account, make_playbook("x", CALL)).tasks.get()
        standing_in = task.owner
        clock.move_to(NIGHT)
        account_services.assign_manager(account, alice, actor=None, reason="x", today=TODAY)
        hand_over_tasks(TODAY)
        task.refresh_from_db()
        assert task.owner == alice
        assert standing_in != alice

    def test_of_who_has_left(self, account, ann, alice):
        task = make_run(account, make_playbook("x", Step({"en": "Look"}, "deputy"))).tasks.get()
        assert task.owner == ann
        ann.is_active = False
        ann.save()
        assert hand_over_tasks(TODAY) == 1
        task.refresh_from_db()
        assert task.owner == alice


@pytest.mark.django_db
class TestEndedRelationships:
    def test_stop_what_runs(self, account, clock):
        run = make_run(account)
        account.status = "terminated"
        account.save()
        assert watch(clock).stopped == 1
        run.refresh_from_db()
        assert (run.status, run.ended_at) == ("stopped", NIGHT)
        assert AuditEntry.objects.of(run).first().action == "playbook_run.stopped"
        assert watch(clock) == (0, 0, 0)
        assert not PlaybookTask.objects.open().exists()
