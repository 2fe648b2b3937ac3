"""The pages of playbooks and of playbooks at work."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from health.models import Playbook, PlaybookRun, PlaybookTask
from health.services.playbook_comparing import compare_playbooks
from health.services.playbooks import mark_of, steps_of
from tests.factories.health_alerts import make_alert, make_health_run
from tests.factories.health_playbooks import CALL, make_playbook, make_point, make_run

HTMX = {"HX-Request": "true"}


@pytest.fixture
def today():
    return timezone.localdate()


def step_data(number, title, *, order=None, days="1", role="manager", **more):
    names = {"title_en": title, "role": role, "due_days": days, "ORDER": order or number + 1, **more}
    return {f"steps-{number}-{name}": value for name, value in names.items()}


def sent(*steps, **fields):
    data = {"name_en": "Orders stop", "is_active": "on", "steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for step in steps:
        data |= step
    return data | fields


@pytest.mark.django_db
class TestList:
    def test_brings_those_of_the_product_and_counts_runs(self, client_for, alice, account):
        make_run(account, make_playbook("ours"))
        page = client_for(alice).get(reverse("health:playbook_list"))
        assert "When orders stop" in page.content.decode()
        assert Playbook.objects.filter(code__isnull=False).count() == 9
        assert "ours (en)" in page.content.decode()

    def test_filters_by_reason(self, client_for, alice):
        client = client_for(alice)
        client.get(reverse("health:playbook_list"))
        page = client.get(reverse("health:playbook_list"), {"reason": "overdue_payment"}, headers=HTMX)
        assert "When payment is overdue" in page.content.decode()
        assert "When orders stop" not in page.content.decode()


@pytest.mark.django_db
class TestBuilder:
    def test_writes_a_playbook_in_the_order_given(self, client_for, dora):
        lists = {"checklist_en": "One\n\nTwo", "checklist_zh-hans": "一\n二"}
        data = sent(step_data(0, "Second", order=2, **lists), step_data(1, "First", order=1, days="0"))
        page = client_for(dora).post(reverse("health:playbook_create"), data | {"reasons": ["unhappy"]})
        row = Playbook.objects.get()
        assert page.url == row.get_absolute_url()
        first, second = steps_of(row)
        assert (first.titles, first.due_days, second.titles) == ({"en": "First"}, 0, {"en": "Second"})
        assert second.checklist == [{"zh-hans": "一", "en": "One"}, {"zh-hans": "二", "en": "Two"}]
        assert row.reasons == ["unhappy"]

    def test_keeps_what_was_typed_and_says_what_is_wrong(self, client_for, dora):
        wrong = {"checklist_en": "One\nTwo", "checklist_zh-hans": "一"}
        data = sent(step_data(0, "First", **wrong), step_data(1, "", days="3"), starts_at_stage="on")
        page = client_for(dora).post(reverse("health:playbook_create"), data)
        html = page.content.decode()
        assert "The checklist has not the same number of lines in each language" in html
        assert "Give the step a title in at least one language." in html
        assert 'value="First"' in html
        assert not Playbook.objects.exists()

    def test_a_refusal_of_the_service_stays_on_the_page(self, client_for, dora):
        page = client_for(dora).post(
            reverse("health:playbook_create"), sent(step_data(0, "First"), starts_at_stage="on")
        )
        assert "Choose the stages that start the playbook." in page.content.decode()

    def test_adds_a_step_without_a_script(self, client_for, dora):
        page = client_for(dora).post(
            reverse("health:playbook_create"), sent(step_data(0, "First"), add="1", name_en="")
        )
        assert 'name="steps-1-title_en"' in page.content.decode()
        assert not Playbook.objects.exists()

    def test_removes_a_step_and_does_not_overwrite(self, client_for, dora):
        row = make_playbook()
        url, client = reverse("health:playbook_update", args=[row.pk]), client_for(dora)
        assert "Call purchasing" in client.get(url).content.decode()
        data = sent(
            step_data(0, "Call", DELETE="on"), step_data(1, "Agree"),
            **{"seen": mark_of(row), "steps-INITIAL_FORMS": 2},
        )  # fmt: skip
        assert client.post(url, data).status_code == 302
        assert [step.titles["en"] for step in steps_of(row)] == ["Agree"]
        assert "Somebody else has changed this playbook meanwhile" in client.post(url, data).content.decode()

    @pytest.mark.parametrize("name", ["playbook_create", "playbook_update"])
    def test_is_closed_to_others(self, client_for, lee, name):
        row = make_playbook()
        url = reverse(f"health:{name}", args=[] if name == "playbook_create" else [row.pk])
        assert client_for(lee).get(url).status_code == 403


@pytest.mark.django_db
class TestOne:
    def test_shows_steps_and_where_it_is_at_work(self, client_for, alice, account):
        run = make_run(account)
        html = client_for(alice).get(run.playbook.get_absolute_url()).content.decode()
        assert "Call purchasing" in html
        assert "Dawn Machinery" in html
        assert "within 4 working days" in html

    def test_others_accounts_are_not_named(self, client_for, mallory, account):
        run = make_run(account)
        assert "Dawn Machinery" not in client_for(mallory).get(run.playbook.get_absolute_url()).content.decode()

    def test_is_copied_switched_and_deleted(self, client_for, dora):
        row, client = make_playbook(), client_for(dora)
        assert client.post(reverse("health:playbook_copy", args=[row.pk])).status_code == 302
        client.post(reverse("health:playbook_switch", args=[row.pk]), {"off": "1"})
        row.refresh_from_db()
        assert not row.is_active
        assert client.post(reverse("health:playbook_delete", args=[row.pk])).url == reverse("health:playbook_list")
        assert Playbook.objects.count() == 1


@pytest.mark.django_db
class TestStart:
    def test_from_an_alert(self, client_for, alice, account):
        fitting = make_playbook("fitting", reasons=["order_gap"])
        make_playbook("other")
        alert = make_alert(account)
        url = f"{reverse('health:playbook_run_create')}?alert={alert.pk}"
        html = client_for(alice).get(url).content.decode()
        assert html.index("fitting (en)") < html.index("other (en)")
        assert "fits this alert" in html
        data = {"account": account.pk, "playbook": fitting.pk, "alert": alert.pk}
        page = client_for(alice).post(url, data)
        run = PlaybookRun.objects.get()
        assert page.url == run.get_absolute_url()
        assert (run.alert, run.started_by) == (alert, alice)

    def test_by_hand_and_not_twice(self, client_for, alice, account):
        playbook, client = make_playbook(), client_for(alice)
        data = {"account": account.pk, "playbook": playbook.pk}
        client.post(reverse("health:playbook_run_create"), data)
        html = client.post(reverse("health:playbook_run_create"), data).content.decode()
        assert "This playbook is at work at this account already." in html
        assert PlaybookRun.objects.count() == 1

    def test_others_accounts_and_alerts_do_not_exist(self, client_for, alice, ann, account, foreign_account):
        playbook, url = make_playbook(), reverse("health:playbook_run_create")
        assert client_for(alice).get(url, {"alert": make_alert(foreign_account).pk}).status_code == 404
        assert client_for(alice).get(url, {"account": foreign_account.pk}).status_code == 404
        data = {"account": foreign_account.pk, "playbook": playbook.pk}
        assert client_for(alice).post(url, data).status_code == 200
        assert client_for(ann).post(url, data | {"account": account.pk}).status_code == 403
        assert not PlaybookRun.objects.exists()


@pytest.mark.django_db
class TestRun:
    def test_ticks_and_settles_in_place(self, client_for, alice, account, today):
        run, client = make_run(account, today=today), client_for(alice)
        first = run.tasks.get(position=1)
        tick = client.post(
            reverse("health:playbook_task_tick", args=[first.pk]), {"item": 1, "done": "1"}, headers=HTMX
        )
        assert 'aria-checked="true"' in tick.content.decode()
        assert "<html" not in tick.content.decode()
        done = reverse("health:playbook_task_settle", args=[first.pk])
        assert "1 of 2 done" in client.post(done, {"note": "called"}, headers=HTMX).content.decode()
        twice = client.post(done, {"note": ""}, follow=True)
        assert "This task is done or skipped already." in twice.content.decode()
        again = reverse("health:playbook_task_reopen", args=[first.pk])
        assert client.post(again).url == first.get_absolute_url()
        assert PlaybookTask.objects.get(pk=first.pk).status == "open"

    def test_skipping_needs_a_reason(self, client_for, alice, account, today):
        task = make_run(account, today=today).tasks.get(position=1)
        url = reverse("health:playbook_task_settle", args=[task.pk])
        page = client_for(alice).post(url, {"skip": "1", "note": ""}, headers=HTMX)
        assert "Say why the task is skipped." in page.content.decode()
        assert client_for(alice).post(url, {"skip": "1", "note": "x"}).status_code == 302

    def test_readers_work_on_their_own_tasks_only(self, client_for, ann, account, today):
        run = make_run(account, make_playbook("x", CALL.__class__({"en": "Look"}, "deputy"), CALL), today=today)
        own, other = run.tasks.order_by("position")
        client = client_for(ann)
        html = client.get(run.get_absolute_url()).content.decode()
        assert reverse("health:playbook_task_settle", args=[own.pk]) in html
        assert reverse("health:playbook_task_settle", args=[other.pk]) not in html
        assert client.post(reverse("health:playbook_task_settle", args=[own.pk]), {"note": ""}).status_code == 302
        assert client.post(reverse("health:playbook_task_settle", args=[other.pk]), {"note": ""}).status_code == 403

    def test_moves_and_gives_away(self, client_for, alice, lee, account, today):
        task = make_run(account, today=today).tasks.get(position=1)
        url, client = reverse("health:playbook_task_update", args=[task.pk]), client_for(alice)
        assert client.get(url).status_code == 200
        day = today + dt.timedelta(days=14)
        assert client.post(url, {"owner": lee.pk, "due_date": day.isoformat()}).url == task.get_absolute_url()
        task.refresh_from_db()
        assert (task.owner, task.due_date >= day) == (lee, True)
        past = client.post(url, {"owner": lee.pk, "due_date": (today - dt.timedelta(days=1)).isoformat()})
        assert "The new day lies in the past." in past.content.decode()

    def test_stops_with_a_reason(self, client_for, alice, account, today):
        run, client = make_run(account, today=today), client_for(alice)
        url = reverse("health:playbook_run_stop", args=[run.pk])
        assert "Say why the playbook is stopped." in client.post(url, {"note": ""}).content.decode()
        assert client.post(url, {"note": "merged"}).url == run.get_absolute_url()
        assert "merged" in client.get(run.get_absolute_url()).content.decode()


@pytest.mark.django_db
class TestLists:
    def test_at_work_with_the_next_task(self, client_for, alice, account, today):
        make_run(account, today=today - dt.timedelta(days=30))
        html = client_for(alice).get(reverse("health:playbook_run_list")).content.decode()
        assert "Call purchasing" in html
        assert "days late" in html
        done = client_for(alice).get(reverse("health:playbook_run_list"), {"status": "done"}).content.decode()
        assert "No playbook at work fits these filters." in done

    def test_panel_of_the_account(self, client_for, ann, account, today):
        make_run(account, today=today)
        url = reverse("health:account_playbooks", args=[account.pk])
        part = client_for(ann).get(url, headers=HTMX).content.decode()
        assert "0 of 2 done" in part
        assert "Start a playbook" not in part
        assert "<html" in client_for(ann).get(url).content.decode()

    def test_my_day_has_the_tasks(self, client_for, alice, account, today):
        make_run(account, today=today - dt.timedelta(days=30))
        html = client_for(alice).get(reverse("home")).content.decode()
        assert "Overdue tasks of playbooks" in html
        assert "Call purchasing" in html


@pytest.mark.django_db
class TestEffectiveness:
    def test_is_for_leaders(self, client_for, alice, dora, account, foreign_account, today):
        start = today - dt.timedelta(days=40)
        make_run(account, today=start)
        for row, after in ((account, 60), (foreign_account, 46)):
            make_point(row, start, 45)
            make_point(row, start + dt.timedelta(days=30), after)
        assert client_for(alice).get(reverse("health:effectiveness")).status_code == 403
        make_health_run(today)
        compare_playbooks(today)
        html = client_for(dora).get(reverse("health:effectiveness")).content.decode()
        assert "+100 points" in html
        assert "Too few to say" in html
        assert f'Judged in the night to <time datetime="{today}"' in html
