"""The pages of promises and next steps: whose, which first, closed and undone, on the account's overview."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from interactions.models import NextStep
from tests.factories.interactions import make_interaction, make_step

LIST = reverse("interactions:step_list")
HTMX = {"HX-Request": "true"}


def step_of(account, text, days=3, **fields):
    """Due `days` from the real today: pages read the clock."""
    step = make_step(account, text=text, **fields)
    NextStep.objects.filter(pk=step.pk).update(due_date=timezone.localdate() + dt.timedelta(days=days))
    step.refresh_from_db()
    return step


def url(name, step):
    return reverse(f"interactions:step_{name}", args=[step.pk])


class TestList:
    def test_mine_and_open_what_is_overdue_first(self, client_for, alice, ann, account):
        step_of(account, "später", 5)
        step_of(account, "überfällig", -2)
        step_of(account, "von Ann", 1, owner=ann)
        text = client_for(alice).get(LIST).content.decode()

        assert text.index("überfällig") < text.index("später")
        assert "von Ann" not in text
        assert "1 overdue" in text

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"who": "team"}, {"mine", "hers", "late"}),
            ({"who": "all"}, {"mine", "hers", "late"}),
            ({"status": "overdue"}, {"late"}),
            ({"status": "done"}, {"finished"}),
            ({"status": "all"}, {"mine", "late", "finished"}),
            ({"kind": "promise"}, {"late"}),
            ({"q": "min"}, {"mine"}),
            ({"q": "晨光"}, {"mine", "late"}),
        ],
    )
    def test_filters(self, client_for, alice, ann, account, query, expected):
        step_of(account, "mine")
        step_of(account, "hers", owner=ann)
        step_of(account, "late", -1, kind="promise")
        client = client_for(alice)
        client.post(url("complete", step_of(account, "finished")))
        page = client.get(LIST, query).context["page"]

        assert {step.text for step in page} == expected

    def test_of_one_account_are_everybodys(self, client_for, alice, ann, account):
        step_of(account, "hers", owner=ann)
        page = client_for(alice).get(LIST, {"account": account.pk}).context["page"]

        assert [step.text for step in page] == ["hers"]

    def test_a_supervisor_sees_the_team(self, client_for, lee, alice, account):
        step_of(account, "hers")

        assert [step.text for step in client_for(lee).get(LIST, {"who": "team"}).context["page"]] == ["hers"]

    def test_strangers_see_nothing(self, client_for, mallory, account):
        step_of(account, "geheim")
        for query in ({"who": "all"}, {"account": account.pk}, {"q": "geheim", "who": "all"}):
            assert "geheim</a>" not in client_for(mallory).get(LIST, query).content.decode()

    def test_a_fragment_has_no_frame(self, client_for, alice, account):
        step_of(account, "mine")
        text = client_for(alice).get(LIST, headers=HTMX).content.decode()

        assert 'id="rows"' in text
        assert "<html" not in text

    def test_says_why_it_is_empty(self, client_for, alice):
        assert "Nothing is waiting" in client_for(alice).get(LIST).content.decode()
        assert "No step fits" in client_for(alice).get(LIST, {"status": "done"}).content.decode()


class TestClosing:
    def test_done_answers_with_the_row_and_an_undo(self, client_for, alice, account):
        step = step_of(account, "发报价")
        text = client_for(alice).post(url("complete", step), headers=HTMX).content.decode()
        step.refresh_from_db()

        assert (step.status, step.closed_by) == ("done", alice)
        assert f'id="step-{step.pk}"' in text
        assert f'action="{url("reopen", step)}"' in text.split('id="toasts"')[1]

    def test_undone_it_is_open_again(self, client_for, alice, account):
        step, client = step_of(account, "发报价"), client_for(alice)
        client.post(url("complete", step))
        client.post(url("reopen", step))
        step.refresh_from_db()

        assert (step.status, step.closed_at) == ("open", None)

    def test_without_javascript_it_goes_back(self, client_for, alice, account):
        answer = client_for(alice).post(url("complete", step_of(account, "x")), {"next": account.get_absolute_url()})
        away = client_for(alice).post(url("complete", step_of(account, "y")), {"next": "https://evil.example/"})

        assert (answer.url, away.url) == (account.get_absolute_url(), LIST)

    def test_twice_is_a_refusal_in_words(self, client_for, alice, account):
        step, client = step_of(account, "发报价"), client_for(alice)
        answers = [client.post(url("complete", step)).status_code for _ in range(2)]

        assert answers == [302, 409]

    def test_dropping_needs_a_reason(self, client_for, alice, account):
        step, client = step_of(account, "发报价"), client_for(alice)
        refused = client.post(url("drop", step), {"reason": " "})
        step.refresh_from_db()
        assert (refused.status_code, step.status) == (200, "open")
        client.post(url("drop", step), {"reason": "客户取消了项目"})
        step.refresh_from_db()
        assert (step.status, step.closing_note) == ("dropped", "客户取消了项目")

    def test_an_owner_closes_their_own_even_where_they_only_read(self, client_for, ann, account):
        step = step_of(account, "hers", owner=ann)

        assert client_for(ann).post(url("complete", step)).status_code == 302

    def test_a_reader_closes_nobody_elses(self, client_for, ann, account):
        assert client_for(ann).post(url("complete", step_of(account, "hers"))).status_code == 403


class TestForms:
    def data(self, account, **changes):
        day = timezone.localdate() + dt.timedelta(days=2)
        return {"account": account.code, "text": "发报价", "kind": "promise", "due_date": day.isoformat(), **changes}

    def test_a_new_one_is_begun_for_me_in_a_week(self, client_for, alice, account):
        interaction = make_interaction(account)
        form = (
            client_for(alice).get(reverse("interactions:step_create"), {"interaction": interaction.pk}).context["form"]
        )

        assert form["account"].value() == account.code
        assert form["owner"].value() == alice.pk
        assert form["due_date"].value() == timezone.localdate() + dt.timedelta(days=7)

    def test_is_saved_and_its_owner_told(self, client_for, alice, ann, account):
        client_for(alice).post(reverse("interactions:step_create"), self.data(account, owner=ann.pk))
        step = NextStep.objects.get()

        assert (step.text, step.owner, step.kind) == ("发报价", ann, "promise")
        assert "发报价" in ann.notifications.get().sentence

    @pytest.mark.parametrize("changes", [{"text": ""}, {"due_date": "2020-01-01"}, {"owner": "999999"}])
    def test_a_refusal_keeps_what_was_typed(self, client_for, alice, account, changes):
        data = {**self.data(account, owner=alice.pk), **changes}
        response = client_for(alice).post(reverse("interactions:step_create"), data)

        assert response.status_code == 200
        assert response.context["form"].errors
        assert response.context["form"]["kind"].value() == "promise"
        assert not NextStep.objects.exists()

    def test_readers_and_strangers_give_none(self, client_for, ann, mallory, account):
        for person in (ann, mallory):
            response = client_for(person).post(reverse("interactions:step_create"), self.data(account, owner=person.pk))
            assert "account" in response.context["form"].errors
        assert not NextStep.objects.exists()

    def test_is_changed(self, client_for, alice, ann, account):
        step = step_of(account, "alt")
        client_for(alice).post(url("update", step), self.data(account, owner=ann.pk, text="neu"))
        step.refresh_from_db()

        assert (step.text, step.owner, step.account) == ("neu", ann, account)


class TestOverview:
    def test_shows_what_is_open_and_the_last_three(self, client_for, alice, account):
        for days in range(5):
            make_interaction(account, days, title=f"Besuch {days}", minutes="## 结论\n- **提前**备货")
        step_of(account, "发报价", -1)
        client = client_for(alice)
        steps = client.get(reverse("interactions:account_steps", args=[account.pk]), headers=HTMX).content.decode()
        recent = client.get(reverse("interactions:account_recent", args=[account.pk]), headers=HTMX).content.decode()

        assert "发报价" in steps
        assert "Overdue" in steps
        assert [n for n in range(5) if f"Besuch {n}" in recent] == [0, 1, 2]
        assert "结论 提前备货" in recent

    def test_without_javascript_they_are_pages(self, client_for, alice, account):
        client = client_for(alice)

        assert (
            client.get(reverse("interactions:account_steps", args=[account.pk])).url == f"{LIST}?account={account.pk}"
        )
        assert client.get(reverse("interactions:account_recent", args=[account.pk])).status_code == 302
