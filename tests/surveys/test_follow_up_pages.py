"""The pages of follow-ups, the account's panel, My day."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from core import agenda
from interactions.models import Interaction
from surveys.models import AskedContact
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction
from tests.factories.surveys import (
    ANSWERS,
    CampaignFactory,
    FollowUpFactory,
    ResponseFactory,
)

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
LIST = reverse("surveys:follow_up_list")


@pytest.fixture
def now():
    """Pages read the clock."""
    return timezone.now()


@pytest.fixture
def follow_up(account, now):
    return FollowUpFactory(
        account=account, campaign=CampaignFactory(name="Yearly survey"), opened_at=now - HOUR, due_at=now + DAY
    )


class TestList:
    def test_shows_what_is_unfinished_the_earliest_first(self, client_for, alice, account, follow_up, now):
        urgent = FollowUpFactory(account=account, due_at=now - DAY)
        FollowUpFactory(account=account, status="closed")
        found = client_for(alice).get(LIST)
        assert [row.pk for row in found.context["page"]] == [urgent.pk, follow_up.pk]
        html = found.content.decode()
        assert "NPS <strong>3</strong>" in html
        assert "Win back satisfaction" in html
        assert html.count('class="overdue"') == 1

    def test_of_several_answers_the_worst_is_shown(self, client_for, alice, account, follow_up):
        for value in (1, 5):
            answers = {**ANSWERS, "recommend": value}
            response = ResponseFactory(campaign=follow_up.campaign, account=account, answers=answers)
            follow_up.reasons.create(response=response, question="recommend", value=value)
        (row,) = client_for(alice).get(LIST).context["page"]
        assert [reason.value for reason in row.shown_reasons] == [1]
        assert row.answers_count == 3

    @pytest.mark.parametrize(
        ("state", "found"),
        [
            ("", ["open", "contacted", "late"]),
            ("late", ["late"]),
            ("escalated", ["late"]),
            ("open", ["open", "late"]),
            ("contacted", ["contacted"]),
            ("closed", ["in_time", "too_late"]),
            ("in_time", ["in_time"]),
            ("too_late", ["too_late"]),
            ("all", ["open", "contacted", "late", "in_time", "too_late"]),
        ],
    )
    def test_states(self, client_for, alice, account, now, state, found):
        later, before = now + DAY, now - DAY
        rows = {
            "open": FollowUpFactory(account=account, due_at=later),
            "contacted": FollowUpFactory(account=account, due_at=later, status="contacted"),
            "late": FollowUpFactory(account=account, due_at=before, escalated_at=before),
            "in_time": FollowUpFactory(account=account, due_at=now, status="closed", closed_at=before),
            "too_late": FollowUpFactory(account=account, due_at=before, status="closed", closed_at=now),
        }
        shown = {row.pk for row in client_for(alice).get(LIST, {"state": state}).context["page"]}
        assert shown == {rows[name].pk for name in found}

    def test_others_see_nothing(self, client_for, mallory, follow_up):
        assert len(client_for(mallory).get(LIST).context["page"]) == 0

    def test_the_fragment_alone(self, client_for, alice, follow_up):
        html = client_for(alice).get(LIST, headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith('<div id="rows">')


class TestDetail:
    def test_shows_what_was_said_and_how_to_reach_them(self, client_for, alice, account, now):
        wang = make_contact(account, "王芳", mobile="+8613800138000", email="wang@example.com")
        answers = {**ANSWERS, "recommend": 2, "comment": "<b>交期</b>太慢"}
        response = ResponseFactory(account=account, contact=wang, answers=answers)
        follow_up = FollowUpFactory(campaign=response.campaign, account=account, response=response, due_at=now + DAY)
        html = client_for(alice).get(follow_up.get_absolute_url()).content.decode()
        assert "&lt;b&gt;交期&lt;/b&gt;太慢" in html
        assert 'href="tel:+8613800138000"' in html
        assert "NPS <strong>2</strong>" in html
        assert "Log the contact" in html

    def test_whoever_wants_no_calls_is_not_offered_to_be_called(self, client_for, alice, account):
        wang = make_contact(account, "王芳", mobile="+8613800138000", no_phone=True)
        response = ResponseFactory(account=account, contact=wang, answers={**ANSWERS, "recommend": 2})
        follow_up = FollowUpFactory(campaign=response.campaign, account=account, response=response)
        assert "tel:" not in client_for(alice).get(follow_up.get_absolute_url()).content.decode()

    def test_a_corrected_answer_shows(self, client_for, alice, follow_up):
        response = follow_up.responses.get()
        response.answers["recommend"] = 9
        response.save()
        assert "corrected since to 9" in client_for(alice).get(follow_up.get_absolute_url()).content.decode()

    def test_a_reader_sees_no_forms(self, client_for, ann, follow_up):
        html = client_for(ann).get(follow_up.get_absolute_url()).content.decode()
        assert reverse("surveys:follow_up_close", args=[follow_up.pk]) not in html
        assert reverse("surveys:follow_up_contact", args=[follow_up.pk]) not in html

    def test_asking_an_unhappy_account_for_a_reference_is_warned_of(self, client_for, alice, account, follow_up):
        reference = FollowUpFactory(account=account, kind="reference")
        html = client_for(alice).get(reference.get_absolute_url()).content.decode()
        assert "not content at the moment" in html
        assert follow_up.get_absolute_url() in html


class TestActions:
    def contact(self, client, follow_up, **data):
        url = reverse("surveys:follow_up_contact", args=[follow_up.pk])
        key = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
        return client.post(url, {"client_key": key, "kind": "call"} | data)

    def test_a_call_is_logged_once(self, client_for, alice, account, follow_up):
        wang = make_contact(account, "王芳")
        client = client_for(alice)
        for _time in range(2):
            assert self.contact(client, follow_up, contacts=[wang.pk], minutes="道歉").status_code == 302
        interaction = Interaction.objects.get()
        assert (interaction.minutes, list(interaction.contacts.all())) == ("道歉", [wang])
        follow_up.refresh_from_db()
        assert (follow_up.status, follow_up.interaction) == ("contacted", interaction)

    def test_times_are_those_of_the_readers_clock(self, client_for, alice, follow_up, now):
        at = timezone.localtime(now).replace(second=0, microsecond=0)
        self.contact(client_for(alice), follow_up, occurred_at=at.strftime("%Y-%m-%dT%H:%M"))
        assert Interaction.objects.get().occurred_at == at

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, client_for, alice, follow_up):
        answer = self.contact(client_for(alice), follow_up, occurred_at="2001-01-01T10:00", minutes="已致电")
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "before the customer answered" in html
        assert "已致电" in html
        assert not Interaction.objects.exists()

    @pytest.mark.parametrize(
        "bad",
        [
            {"contacts": "9" * 30},
            {"interaction": "9" * 30},
            {"occurred_at": "0001-01-01T00:00"},
            {"occurred_at": "9999-12-31T23:59"},
            {"occurred_at": "gestern"},
            {"kind": "note"},
            {"kind": "x"},
            {"client_key": "x"},
            {"minutes": "长" * 50_001},
            {"minutes": "\x00"},
        ],
    )
    def test_nonsense_is_refused(self, client_for, alice, account, follow_up, bad):
        make_contact(account, "王芳")
        make_interaction(account)
        Interaction.objects.update(occurred_at=timezone.now())
        assert self.contact(client_for(alice), follow_up, **bad).status_code == 200
        assert Interaction.objects.count() == 1
        follow_up.refresh_from_db()
        assert follow_up.status == "open"

    def test_a_logged_interaction_is_linked(self, client_for, alice, account, follow_up, now):
        logged = make_interaction(account)
        Interaction.objects.update(occurred_at=now)
        self.contact(client_for(alice), follow_up, interaction=logged.pk)
        follow_up.refresh_from_db()
        assert follow_up.interaction == logged

    def test_close_says_what_is_missing_and_keep_keeps(self, client_for, alice, follow_up):
        client, url = client_for(alice), reverse("surveys:follow_up_close", args=[follow_up.pk])
        self.contact(client, follow_up)
        typed = {"cause": "price", "action": "核对报价", "outcome": "solved"}
        html = client.post(url, typed).content.decode()
        assert "This is needed to close the follow-up." in html
        assert "核对报价" in html
        assert client.post(url, {**typed, "keep": "1"}).status_code == 302
        follow_up.refresh_from_db()
        assert (follow_up.cause, follow_up.status) == ("price", "contacted")
        assert client.post(url, {**typed, "customer_told": "on"}).status_code == 302
        follow_up.refresh_from_db()
        assert follow_up.status == "closed"
        again = client.post(url, typed, follow=True)
        assert "closed already" in again.content.decode()

    def test_open_again(self, client_for, alice, account):
        closed = FollowUpFactory(account=account, status="closed")
        url = reverse("surveys:follow_up_reopen", args=[closed.pk])
        assert "Say why." in client_for(alice).post(url, {"reason": ""}).content.decode()
        client_for(alice).post(url, {"reason": "还没解决"})
        closed.refresh_from_db()
        assert closed.status == "contacted"

    def test_readers_may_not(self, client_for, ann, follow_up):
        assert self.contact(client_for(ann), follow_up).status_code == 403


class TestAccountPanel:
    def panel(self, client, account, **headers):
        return client.get(reverse("surveys:account_panel", args=[account.pk]), headers=headers)

    def test_scores_by_quarter(self, client_for, alice, account):
        today = timezone.localdate()
        campaign = CampaignFactory()
        for value, days in ((10, 0), (9, 0), (3, 0), (0, 200)):
            at = timezone.now() - days * DAY
            answers = {**ANSWERS, "recommend": value, "satisfied": 4 if value > 5 else 2}
            ResponseFactory(campaign=campaign, account=account, answers=answers, completed_at=at)
        rows = [row for row, _link in self.panel(client_for(alice), account).context["quarters"]]
        newest, oldest = rows[0], rows[-1]
        assert newest.first <= today <= newest.last
        assert (newest.nps.n, round(newest.nps.value, 4)) == (3, 33.3333)
        assert round(newest.csat.value, 4) == 66.6667
        assert (oldest.nps.n, oldest.nps.value) == (1, -100)
        assert all(row.is_empty for row in rows[1:-1])

    def test_shows_follow_ups_answers_and_whom_to_ask_when(self, client_for, alice, account, follow_up):
        today = timezone.localdate()
        asked = make_contact(account, "王芳")
        AskedContact.objects.create(contact=asked, asked_on=today - 30 * DAY)
        make_contact(account, "李强", no_surveys=True)
        make_contact(account, "陈静", consent="withdrawn")
        make_contact(account, "赵敏")
        context = self.panel(client_for(alice), account).context
        assert list(context["follow_ups"]) == [follow_up]
        assert [(row.contact.name, row.allowed_on, row.why_not) for row in context["people"]] == [
            ("赵敏", today, ""),
            ("王芳", today + 60 * DAY, ""),
            ("李强", None, "wants no surveys"),
            ("陈静", None, "has withdrawn consent"),
        ]
        assert context["next_allowed"] == today

    def test_is_a_fragment_in_other_pages(self, client_for, alice, account):
        html = self.panel(client_for(alice), account, **{"HX-Request": "true"}).content.decode()
        assert "<html" not in html
        assert "Nobody at this account has answered" in html

    def test_of_an_ended_relationship_nobody_is_asked(self, client_for, dora, account):
        make_contact(account, "赵敏")
        account.status = "terminated"
        account.save()
        context = self.panel(client_for(dora), account).context
        assert (context["people"], context["next_allowed"]) == ([], None)

    def test_is_closed_to_others(self, client_for, mallory, account):
        assert self.panel(client_for(mallory), account).status_code == 404


class TestMyDay:
    def test_overdue_due_and_soon(self, alice, account, now):
        midnight = timezone.make_aware(dt.datetime.combine(timezone.localdate(now), dt.time()))
        late = FollowUpFactory(account=account, due_at=midnight - HOUR, escalated_at=now)
        due = FollowUpFactory(account=account, due_at=midnight + 15 * HOUR)
        soon = FollowUpFactory(account=account, due_at=midnight + 3 * DAY, kind="reference")
        FollowUpFactory(account=account, due_at=midnight + 30 * DAY)
        FollowUpFactory(account=account, due_at=midnight, status="closed")
        FollowUpFactory(account=AccountFactory(manager=alice, status="terminated"), due_at=midnight)
        today = timezone.localdate(now)
        found = {row.kind.code: row for row in agenda.read(agenda.Question(alice, [alice.pk], today, today), 10)}
        assert [item.url for item in found["follow_ups_overdue"].items] == [late.get_absolute_url()]
        assert [item.url for item in found["follow_ups"].items] == [due.get_absolute_url()]
        assert [item.url for item in found["follow_ups_soon"].items] == [soon.get_absolute_url()]
        assert found["follow_ups_overdue"].items[0].overdue
        assert [action.name for action in found["follow_ups"].items[0].actions] == ["contact"]
        tomorrow = agenda.read(agenda.Question(alice, [alice.pk], today + 3 * DAY, today), 10)
        assert [row.count for row in tomorrow if row.kind.code == "follow_ups"] == [1]

    def test_readers_are_offered_no_buttons(self, ann, account, now):
        FollowUpFactory(account=account, owner=ann, due_at=now)
        today = timezone.localdate(now)
        lists = agenda.read(agenda.Question(ann, [ann.pk], today, today), 10)
        (item,) = [item for row in lists for item in row.items if row.kind.code.startswith("follow_ups")]
        assert item.actions == ()

    def test_the_page_shows_them(self, client_for, alice, follow_up):
        html = client_for(alice).get(reverse("home"), follow=True).content.decode()
        assert follow_up.get_absolute_url() in html
