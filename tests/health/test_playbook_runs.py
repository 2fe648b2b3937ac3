"""A playbook at work: started, its tasks worked on, stopped, finished."""

import datetime as dt

import pytest

from accounts.choices import MemberRole, Right
from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from core.models import CalendarDay
from health.models import PlaybookRun
from health.playbook_errors import (
    AlertElsewhere,
    NoSuchItem,
    OwnerSeesNothing,
    PlaybookInactive,
    PlaybookRunning,
    RunEnded,
    SkipReasonNeeded,
    StopReasonNeeded,
    TaskDueInPast,
    TaskDueTooFar,
    TaskNotOpen,
    TaskOpen,
)
from health.playbook_steps import Step
from health.services import playbook_runs as services
from health.services import playbook_tasks as tasks
from health.services.playbooks import save_playbook
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountMemberFactory
from tests.factories.health_alerts import make_alert, make_health
from tests.factories.health_playbooks import CALL, TALK, make_playbook, make_run
from tests.factories.users import UserFactory

NOW = dt.datetime(2026, 3, 16, 6, tzinfo=dt.UTC)


def actions(row):
    return list(AuditEntry.objects.of(row).order_by("pk").values_list("action", flat=True))


@pytest.mark.django_db
class TestStart:
    def test_each_step_becomes_a_task_of_its_role_with_a_working_day(self, account, alice, lee):
        make_health(account, 38)
        alert = make_alert(account)
        CalendarDay.objects.create(country="CN", date=TODAY + dt.timedelta(days=1), name="x", working=False)
        run = make_run(account, alert=alert, actor=alice)
        found = [(task.position, str(task), task.owner, task.due_date.day) for task in run.tasks.order_by("position")]
        assert found == [(1, "Call purchasing", alice, 18), (2, "Agree inside", lee, 23)]
        assert (run.score_at_start, run.alert, run.started_by, run.started_on) == (38, alert, alice, TODAY)
        assert run.tasks.first().checklist[0] == {"text": CALL.checklist[0], "done": False}
        assert actions(run) == ["playbook_run.started"]

    def test_tells_others_once_and_not_the_one_who_started_it(self, account, alice, lee):
        make_run(account, make_playbook("x", TALK, Step({"en": "Again"}, "supervisor", 9)), actor=alice)
        assert [note.user for note in Notification.objects.all()] == [lee]
        assert Notification.objects.get().params["task"] == "Agree inside"

    def test_roles_of_the_team_and_the_manager_for_want_of_them(self, account, alice, ann, today):
        sponsor, late = UserFactory(), UserFactory()
        AccountMemberFactory(account=account, user=sponsor, role=MemberRole.EXECUTIVE_SPONSOR, right=Right.READ)
        AccountMemberFactory(
            account=account, user=late, role=MemberRole.SPECIALIST, expires_on=today - dt.timedelta(days=1)
        )
        roles = ["deputy", "executive_sponsor", "specialist", "liaison", "manager"]
        run = make_run(account, make_playbook("x", *(Step({"en": role}, role) for role in roles)))
        assert [task.owner for task in run.tasks.order_by("position")] == [ann, sponsor, alice, alice, alice]

    def test_without_a_manager_a_supervisor_stands_in(self, account, alice, lee):
        alice.is_active = False
        alice.save()
        assert [task.owner for task in make_run(account).tasks.all()] == [lee, lee]

    def test_once_at_a_time(self, account, alice):
        run = make_run(account, actor=alice)
        with pytest.raises(PlaybookRunning):
            services.start_playbook(run.playbook, account, actor=alice, today=TODAY)
        services.stop_playbook(run, "x", actor=alice, now=NOW)
        services.start_playbook(run.playbook, account, actor=alice, today=TODAY)
        assert PlaybookRun.objects.count() == 2

    def test_refuses(self, account, foreign_account, alice, ann, mallory):
        off, on = make_playbook("off", is_active=False), make_playbook("on")
        with pytest.raises(PlaybookInactive):
            services.start_playbook(off, account, actor=alice, today=TODAY)
        with pytest.raises(AlertElsewhere):
            services.start_playbook(on, account, alert=make_alert(foreign_account), actor=alice, today=TODAY)
        for actor in (ann, mallory):
            with pytest.raises(AccountReadOnly):
                services.start_playbook(on, account, actor=actor, today=TODAY)
        account.status = "terminated"
        account.save()
        for actor in (alice, None):
            with pytest.raises(AccountReadOnly):
                services.start_playbook(on, account, actor=actor, today=TODAY)
        assert not PlaybookRun.objects.exists()

    def test_a_later_edit_changes_nothing_here(self, account, dora):
        run = make_run(account)
        save_playbook(run.playbook, [Step({"en": "Something else"})], actor=dora)
        assert [str(task) for task in run.tasks.order_by("position")] == ["Call purchasing", "Agree inside"]


@pytest.mark.django_db
class TestTasks:
    def test_the_last_one_ends_the_playbook(self, account, alice, lee):
        run = make_run(account)
        first, second = run.tasks.order_by("position")
        tasks.complete_task(first, "called", actor=alice, now=NOW)
        run.refresh_from_db()
        assert run.status == "running"
        tasks.skip_task(second, "not needed", actor=lee, now=NOW)
        run.refresh_from_db()
        assert (run.status, run.ended_at) == ("done", NOW)
        assert (first.status, first.note, first.done_by, first.done_at) == ("done", "called", alice, NOW)
        assert actions(second) == ["playbook_task.skipped"]
        assert actions(run) == ["playbook_run.started", "playbook_run.finished"]
        with pytest.raises(RunEnded):
            tasks.reopen_task(first, actor=alice)

    def test_whose_task_it_is_may_work_on_it_with_the_right_to_read(self, account, ann):
        run = make_run(account, make_playbook("x", Step({"en": "Look"}, "deputy"), CALL))
        own, other = run.tasks.order_by("position")
        tasks.complete_task(own, actor=ann, now=NOW)
        with pytest.raises(AccountReadOnly):
            tasks.complete_task(other, actor=ann, now=NOW)
        with pytest.raises(AccountReadOnly):
            tasks.move_task(own, TODAY, actor=ann, today=TODAY)

    def test_who_left_the_team_may_not_any_more(self, account, ann):
        run = make_run(account, make_playbook("x", Step({"en": "Look"}, "deputy")))
        account.members.all().delete()
        with pytest.raises(AccountReadOnly):
            tasks.complete_task(run.tasks.get(), actor=ann, now=NOW)

    def test_opened_again_while_it_runs(self, account, alice):
        task = make_run(account).tasks.get(position=1)
        with pytest.raises(TaskOpen):
            tasks.reopen_task(task, actor=alice)
        tasks.complete_task(task, actor=alice, now=NOW)
        with pytest.raises(TaskNotOpen):
            tasks.complete_task(task, actor=alice, now=NOW)
        tasks.reopen_task(task, actor=alice)
        assert (task.status, task.done_at, task.done_by) == ("open", None, None)

    def test_ticks(self, account, alice):
        task = make_run(account).tasks.get(position=1)
        for _twice in range(2):
            tasks.tick_item(task, 1, done=True, actor=alice)
        task.refresh_from_db()
        assert [row["done"] for row in task.checklist] == [False, True]
        assert actions(task) == ["playbook_task.ticked"]
        for number in (2, -1):
            with pytest.raises(NoSuchItem):
                tasks.tick_item(task, number, done=True, actor=alice)

    def test_given_to_somebody_who_sees_the_account(self, account, alice, lee, mallory):
        task = make_run(account).tasks.get(position=1)
        with pytest.raises(OwnerSeesNothing):
            tasks.reassign_task(task, mallory, actor=alice, today=TODAY)
        tasks.reassign_task(task, lee, actor=alice, today=TODAY)
        assert task.owner == lee
        assert Notification.objects.filter(user=lee, kind="playbook_task_given").count() == 1

    def test_moved_to_a_working_day(self, account, alice):
        task = make_run(account).tasks.get(position=1)
        tasks.move_task(task, dt.date(2026, 3, 21), actor=alice, today=TODAY)
        assert task.due_date == dt.date(2026, 3, 23)
        with pytest.raises(TaskDueInPast):
            tasks.move_task(task, TODAY - dt.timedelta(days=1), actor=alice, today=TODAY)
        with pytest.raises(TaskDueTooFar):
            tasks.move_task(task, TODAY + dt.timedelta(days=900), actor=alice, today=TODAY)

    def test_reasons_are_needed(self, account, alice):
        run = make_run(account)
        with pytest.raises(SkipReasonNeeded):
            tasks.skip_task(run.tasks.first(), " ", actor=alice, now=NOW)
        with pytest.raises(StopReasonNeeded):
            services.stop_playbook(run, " ", actor=alice, now=NOW)


@pytest.mark.django_db
class TestStop:
    def test_what_is_open_stays_as_it_is(self, account, alice, ann):
        run = make_run(account)
        with pytest.raises(AccountReadOnly):
            services.stop_playbook(run, "x", actor=ann, now=NOW)
        services.stop_playbook(run, "bought by the group now", actor=alice, now=NOW)
        assert (run.status, run.ended_at) == ("stopped", NOW)
        assert AuditEntry.objects.of(run).first().reason == "bought by the group now"
        with pytest.raises(RunEnded):
            services.stop_playbook(run, "x", actor=alice, now=NOW)
        with pytest.raises(RunEnded):
            tasks.complete_task(run.tasks.first(), actor=alice, now=NOW)
