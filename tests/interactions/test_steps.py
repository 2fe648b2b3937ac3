"""Promises and next steps: who owes what to whom, until it is done."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from interactions import services
from interactions.duties import count_open, describe, step_list_url
from interactions.errors import (
    DueTooEarly,
    InteractionElsewhere,
    ReasonNeeded,
    StepClosed,
    StepOpen,
    StepOwnerInactive,
)
from interactions.models import NextStep
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_interaction, make_step
from tests.factories.users import UserFactory
from tests.services import require
from tests.tiers.test_decisions import in_threads
from users import services as user_services
from users.errors import OpenDuties

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def add(account, actor, owner=None, days=3, **fields):
    step = NextStep(account=account, text="报价", owner=owner or actor, due_date=TODAY + days * DAY, **fields)
    return services.add_step(step, actor=actor, now=NOW)


class TestAdd:
    def test_is_recorded_and_its_owner_told(self, account, alice, ann):
        step = add(account, alice, ann, kind="promise")
        assert AuditEntry.objects.of(step).get().action == "step.added"
        told = Notification.objects.get()
        assert (told.user, told.kind, told.params["text"]) == (ann, "promise_assigned", "报价")

    def test_nobody_is_told_of_their_own_deeds(self, account, alice):
        add(account, alice)
        assert not Notification.objects.exists()

    def test_refuses(self, account, alice, foreign_account):
        with pytest.raises(DueTooEarly):
            add(account, alice, days=-1)
        with pytest.raises(StepOwnerInactive):
            add(account, alice, UserFactory(is_active=False))
        with pytest.raises(InteractionElsewhere):
            add(account, alice, interaction=make_interaction(foreign_account))
        with pytest.raises(ValidationError):
            add(account, alice, kind="wish")
        account.status = Status.TERMINATED
        with pytest.raises(AccountReadOnly):
            add(account, alice)
        assert not NextStep.objects.exists()

    def test_what_follows_from_something_old_may_be_due_since(self, account, alice):
        talk = make_interaction(account, 10)
        assert add(account, alice, days=-9, interaction=talk).is_overdue(TODAY)
        with pytest.raises(DueTooEarly):
            add(account, alice, days=-11, interaction=talk)

    def test_today_is_that_of_who_adds_it(self, account, alice):
        alice.time_zone = "America/New_York"
        assert add(account, alice, days=-1), "there it is still yesterday"


class TestUpdate:
    def test_keeps_what_it_was(self, account, alice, ann):
        step = add(account, alice)
        step.text, step.owner, step.due_date = "新报价", ann, TODAY + 9 * DAY
        services.update_step(step, actor=alice, now=NOW)
        changes = AuditEntry.objects.of(step).latest("pk").changes
        assert set(changes) == {"text", "owner", "due_date"}
        assert Notification.objects.get().user == ann

    def test_an_overdue_step_may_get_other_words(self, account, alice):
        step = make_step(account, -5)
        step.text = "x"
        services.update_step(step, actor=alice, now=NOW)
        step.due_date = TODAY - DAY
        with pytest.raises(DueTooEarly):
            services.update_step(step, actor=alice, now=NOW)

    def test_refuses_what_is_closed(self, account, alice):
        step = services.complete_step(add(account, alice), actor=alice, now=NOW)
        with pytest.raises(StepClosed):
            services.update_step(step, actor=alice, now=NOW)


class TestClose:
    def test_done_by_somebody_else_tells_the_owner(self, account, alice, ann):
        step = add(account, alice, ann)
        services.complete_step(step, actor=alice, now=NOW, note="已发送")
        step.refresh_from_db()
        assert (step.status, step.closed_at, step.closed_by, step.closing_note) == ("done", NOW, alice, "已发送")
        assert AuditEntry.objects.of(step).latest("pk").action == "step.completed"
        assert set(Notification.objects.values_list("user__username", "kind")) == {
            ("ann", "step_assigned"),
            ("ann", "step_done"),
        }

    def test_dropping_needs_a_reason(self, account, alice):
        step = add(account, alice)
        with pytest.raises(ReasonNeeded):
            services.drop_step(step, actor=alice, now=NOW, reason="  ")
        services.drop_step(step, actor=alice, now=NOW, reason="客户取消")
        assert AuditEntry.objects.of(step).latest("pk").reason == "客户取消"

    def test_closed_once_and_opened_again(self, account, alice):
        step = add(account, alice)
        with pytest.raises(StepOpen):
            services.reopen_step(step, actor=alice, now=NOW)
        services.complete_step(step, actor=alice, now=NOW)
        with pytest.raises(StepClosed):
            services.drop_step(NextStep.objects.get(pk=step.pk), actor=alice, now=NOW, reason="x")
        services.reopen_step(step, actor=alice, now=NOW)
        step.refresh_from_db()
        assert (step.status, step.closed_at, step.closed_by) == ("open", None, None)


class TestDuties:
    def test_who_owes_steps_is_not_deactivated(self, account, ann, root):
        make_step(account, owner=ann)
        with pytest.raises(OpenDuties) as refusal:
            user_services.deactivate_user(ann, actor=root, now=NOW)
        assert "owner of 1 open next step" in str(refusal.value)

    def test_counts_open_ones_that_the_viewer_sees(self, account, alice, ann, mallory):
        make_step(account, owner=ann)
        make_step(account, owner=ann)
        make_step(account, owner=ann, status="done", closed_at=NOW)
        assert count_open([ann.pk, alice.pk], None) == {ann.pk: 2}
        assert count_open([ann.pk], alice) == {ann.pk: 2}
        assert count_open([ann.pk], mallory) == {}
        assert describe(2) == "owner of 2 open next steps"

    def test_the_list_behind_the_number_has_these_rows(self, account, alice, ann, client_for):
        make_step(account, owner=ann, text="给安的任务")
        page = client_for(alice).get(step_list_url(ann)).content.decode()
        assert "给安的任务" in page


class TestOwn:
    def test_an_owner_sees_and_closes_a_step_of_an_account_they_do_not_see(self, account, mallory, alice):
        step = add(account, alice, mallory)
        other = make_step(account)
        for rows in (NextStep.objects.visible_to(mallory), NextStep.objects.editable_by(mallory)):
            assert list(rows) == [step]
        assert other not in NextStep.objects.visible_to(mallory)

    def test_a_reader_of_the_account_closes_their_own_only(self, account, alice, ann):
        make_step(account)
        own = make_step(account, owner=ann)
        assert list(NextStep.objects.editable_by(ann)) == [own]

    @pytest.mark.parametrize("widely", [True, False])
    def test_a_supervisor_sees_those_of_their_people_and_their_own(
        self, account, foreign_account, lee, mallory, widely
    ):
        lee.leads_widely = widely  # chooses the shape of the query, never its rows
        below, own = make_step(account), make_step(foreign_account, owner=lee)
        make_step(foreign_account, owner=mallory)
        assert set(NextStep.objects.visible_to(lee)) == {below, own}
        lee.is_active = False
        assert not NextStep.objects.visible_to(lee).exists()

    def test_who_is_deactivated_sees_nothing(self, account, alice):
        gone = UserFactory(is_active=False)
        make_step(account, owner=gone)
        assert not NextStep.objects.visible_to(gone).exists()
        assert not NextStep.objects.editable_by(gone).exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_done_by_four_at_once_is_done_once(self, account, alice):
        require("postgresql")
        step = make_step(account)

        def close():
            return services.complete_step(NextStep.objects.get(pk=step.pk), actor=None, now=NOW).status

        results = in_threads(close, close, close, close)
        assert results.count("done") == 1, results
        assert sum(isinstance(result, StepClosed) for result in results) == 3, results
        assert AuditEntry.objects.filter(action="step.completed").count() == 1


def test_another_account(account, alice):
    other = AccountFactory(manager=alice)
    assert add(other, alice).account == other
