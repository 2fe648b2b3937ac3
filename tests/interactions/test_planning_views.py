"""The page of the planner: runs, what could not be planned, and the button."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from interactions import tasks
from interactions.models import PlanningRun
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_gap

pytestmark = pytest.mark.django_db
RUNS = reverse("interactions:planning_run_list")
GAPS = reverse("interactions:planning_gap_list")
START = reverse("interactions:planning_start")


def run(**fields):
    return PlanningRun.objects.create(**{"as_of": TODAY, "weeks": 6, "started_at": timezone.now(), **fields})


class TestRuns:
    def test_counts_what_the_reader_sees(self, client_for, alice, dora, account, foreign_account):
        make_gap(account)
        make_gap(foreign_account, reason="on_leave")
        mine, all_of_them = (client_for(user).get(RUNS).context for user in (alice, dora))
        assert (mine["total"], all_of_them["total"]) == (1, 2)
        assert [person["pk"] for person in mine["people"]] == [alice.pk]

    def test_each_number_opens_as_many_rows(self, client_for, dora, account, foreign_account, mallory):
        for reason in ("over_capacity", "over_capacity", "on_leave"):
            make_gap(AccountFactory(manager=mallory), reason=reason)
        make_gap(AccountFactory(), reason="nobody", user=None)
        client = client_for(dora)
        context = client.get(RUNS).context
        for row in context["reasons"]:
            assert len(client.get(GAPS, {"reason": row["reason"].value}).context["page"].rows) == row["number"]
        [person] = context["people"]
        assert len(client.get(GAPS, {"user": person["pk"]}).context["page"].rows) == person["number"] == 3
        for row in person["reasons"]:
            found = client.get(GAPS, {"user": person["pk"], "reason": row["reason"].value})
            assert len(found.context["page"].rows) == row["number"]

    def test_says_how_each_run_stands(self, client_for, alice):
        run(started_at=timezone.now() - dt.timedelta(hours=3))
        run(finished_at=timezone.now(), planned=7)
        run()
        page = client_for(alice).get(RUNS).content.decode()
        assert all(word in page for word in ("Interrupted", "Finished", "Under way"))

    def test_the_button_is_for_leaders(self, client_for, alice, lee):
        assert START not in client_for(alice).get(RUNS).content.decode()
        assert START in client_for(lee).get(RUNS).content.decode()
        assert client_for(alice).post(START).status_code == 403

    def test_planning_starts_in_the_background(self, client_for, lee, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr(tasks.carry_out_planning, "delay", rung.append)
        with django_capture_on_commit_callbacks(execute=True):
            page = client_for(lee).post(START, follow=True).content.decode()
        assert rung == [PlanningRun.objects.get().pk]
        assert "being planned" in page
        assert "Under way" in page


class TestGaps:
    def test_only_accounts_that_the_reader_sees(self, client_for, alice, account, foreign_account):
        make_gap(account)
        make_gap(foreign_account)
        page = client_for(alice).get(GAPS).content.decode()
        assert "晨光机械" in page or "Dawn Machinery" in page
        assert "Southern Trading" not in page

    def test_30_rows_cost_what_3_cost(self, client_for, alice, django_assert_max_num_queries):
        for number in range(30):
            make_gap(AccountFactory(manager=alice), reason=["on_leave", "over_capacity"][number % 2])
        run(finished_at=timezone.now())
        client = client_for(alice)
        for url in (GAPS, RUNS):
            client.get(url)
            with django_assert_max_num_queries(12):
                assert client.get(url).status_code == 200
