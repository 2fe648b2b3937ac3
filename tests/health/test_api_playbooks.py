"""Playbooks, those at work and their tasks over REST."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from health.models import Playbook, PlaybookRun
from tests.factories.health_alerts import make_alert
from tests.factories.health_playbooks import make_playbook, make_run

BODY = {
    "names": {"zh-hans": "停单", "en": "Orders stop"},
    "reasons": ["order_gap"],
    "steps": [
        {"titles": {"en": "Call"}, "due_days": 0, "checklist": [{"en": "Ask"}]},
        {"titles": {"en": "Agree"}, "role": "supervisor"},
    ],
}


def url(name, *args):
    return reverse(f"api:health-playbook{name}", args=args)


@pytest.mark.django_db
class TestPlaybooks:
    def test_are_written_by_owners_of_policies(self, api_for, dora, lee):
        assert api_for(lee).post(url("-list"), BODY, format="json").status_code == 403
        made = api_for(dora).post(url("-list"), BODY, format="json")
        assert made.status_code == 201, made.json()
        assert made.json()["name"] == "Orders stop"
        assert [step["due_days"] for step in made.json()["steps"]] == [0, 1]
        key = made.json()["id"]
        patched = api_for(dora).patch(url("-detail", key), {"is_active": False}, format="json").json()
        assert (patched["is_active"], len(patched["steps"])) == (False, 2)
        read = api_for(dora).get(url("-detail", key)).json()
        back = api_for(dora).put(url("-detail", key), read, format="json")
        assert back.status_code == 200, back.json()
        assert api_for(dora).delete(url("-detail", key)).status_code == 204

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"names": {"en": " "}}, "playbook_nameless"),
            ({"steps": [{"titles": {"en": ""}}]}, "step_untitled"),
            ({"steps": [{"titles": {"fr": "x"}}]}, "step_malformed"),
            ({"starts_at_stage": True}, "stage_needed"),
        ],
    )
    def test_refuse_what_is_not_whole(self, api_for, dora, change, code):
        answer = api_for(dora).post(url("-list"), BODY | change, format="json")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert not Playbook.objects.exists()

    def test_are_filtered_by_reason_and_stage(self, api_for, alice):
        make_playbook("a", reasons=["unhappy"])
        make_playbook("b", stages=["early"])
        api = api_for(alice)
        assert [row["name"] for row in api.get(url("-list"), {"reason": "unhappy"}).json()["results"]] == ["a (en)"]
        assert [row["name"] for row in api.get(url("-list"), {"stage": "early"}).json()["results"]] == ["b (en)"]

    def test_effectiveness_is_for_leaders(self, api_for, alice, lee, account):
        run = make_run(account)
        assert api_for(alice).get(url("-effectiveness", run.playbook.pk)).status_code == 403
        found = api_for(lee).get(url("-effectiveness", run.playbook.pk)).json()
        assert (found["started"], found["running"]) == (1, 1)
        assert [row["days"] for row in found["effects"]] == [30, 60, 90]


@pytest.mark.django_db
class TestRuns:
    def test_are_started_and_stopped(self, api_for, alice, ann, mallory, account):
        playbook, alert = make_playbook(), make_alert(account)
        body = {"playbook": playbook.pk, "account": account.pk, "alert": alert.pk}
        assert api_for(ann).post(url("-run-list"), body, format="json").status_code == 403
        assert api_for(mallory).post(url("-run-list"), body, format="json").status_code == 400
        made = api_for(alice).post(url("-run-list"), body, format="json")
        assert made.status_code == 201, made.json()
        assert [task["title"] for task in made.json()["tasks"]] == ["Call purchasing", "Agree inside"]
        again = api_for(alice).post(url("-run-list"), body, format="json")
        assert (again.status_code, again.json()["code"]) == (409, "playbook_running")
        key = made.json()["id"]
        assert api_for(mallory).post(url("-run-stop", key), {"reason": "x"}, format="json").status_code == 404
        stopped = api_for(alice).post(url("-run-stop", key), {"reason": "x"}, format="json").json()
        assert stopped["status"] == "stopped"
        assert PlaybookRun.objects.count() == 1


@pytest.mark.django_db
class TestTasks:
    def test_are_worked_on(self, api_for, alice, lee, account):
        today = timezone.localdate()
        run, api = make_run(account, today=today), api_for(alice)
        first, second = run.tasks.order_by("position")
        ticked = api.post(url("-task-tick", first.pk), {"item": 1}, format="json").json()
        assert [row["done"] for row in ticked["checklist"]] == [False, True]
        assert api.post(url("-task-done", first.pk), {"note": "x"}, format="json").json()["status"] == "done"
        assert api.post(url("-task-reopen", first.pk)).json()["status"] == "open"
        refused = api.post(url("-task-skip", first.pk), {}, format="json")
        assert (refused.status_code, refused.json()["code"]) == (400, "skip_reason_needed")
        day = (today + dt.timedelta(days=20)).isoformat()
        moved = api.patch(url("-task-detail", first.pk), {"owner": lee.pk, "due_date": day}, format="json").json()
        assert (moved["owner"]["name"], moved["due_date"] >= day) == (str(lee), True)
        left = api.get(url("-task-list"), {"open_only": "true", "owner": lee.pk}).json()["results"]
        assert {row["id"] for row in left} == {first.pk, second.pk}

    def test_readers_work_on_their_own(self, api_for, ann, account):
        task = make_run(account).tasks.get(position=1)
        answer = api_for(ann).post(url("-task-done", task.pk), {}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "account_read_only")
