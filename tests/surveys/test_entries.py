"""Answers that staff enter: by phone, on paper; marked, once, of accounts that they may change."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from surveys.errors import (
    AnsweredAlready,
    AnswersRefused,
    CampaignNotStarted,
    ContactElsewhere,
    EntryAnonymous,
    EntryDateWrong,
    EntrySourceWrong,
)
from surveys.models import AskedContact, FollowUp, Invitation, Response, SurveyPolicy
from surveys.services import entries
from surveys.services.audience import preview
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.surveys import (
    ANSWERS,
    NOW,
    CampaignFactory,
    InvitationFactory,
    LoopRuleFactory,
    ResponseFactory,
    answer,
    make_mail,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def campaign(db):
    return CampaignFactory()


@pytest.fixture
def contact(account):
    return make_contact(account)


@pytest.fixture
def enter(campaign, account, contact, alice):
    def enter(given=ANSWERS, *, key="", actor=alice, now=NOW, **fields):
        fields = {"campaign": campaign, "account": account, "contact": contact, "source": "phone", **fields}
        response = Response(**{"language": "zh-hans", **fields})
        return entries.enter_response(response, given, actor=actor, now=now, key=key)

    return enter


class TestEnter:
    def test_is_marked_and_whole(self, enter, alice, account, contact, campaign):
        LoopRuleFactory(campaign=campaign)
        row = enter({"recommend": "2", "reasons": ["price"]}, source="paper", date=TODAY - 3 * DAY)
        row.refresh_from_db()
        assert (row.status, row.source, row.entered_by, row.date) == ("complete", "paper", alice, TODAY - 3 * DAY)
        assert (row.account, row.contact, row.manager, row.team) == (account, contact, alice, alice.team)
        assert row.answer_rows.get(question="recommend").value == 2
        entry = AuditEntry.objects.get(action="survey_response.entered")
        assert (entry.actor, entry.account_id) == (alice, account.pk)
        assert FollowUp.objects.get().account == account

    def test_of_somebody_not_known(self, enter):
        assert enter(contact=None).contact is None
        assert enter(contact=None).date == TODAY
        assert Response.objects.count() == 2

    def test_answers_the_open_invitation(self, enter, account, contact, campaign):
        invitation = InvitationFactory(account=account, contact=contact, campaign=campaign, status="expired")
        mail = make_mail(invitation, kind="reminder")
        begun = Response.objects.create(campaign=campaign, invitation=invitation, account=account, contact=contact)
        row = enter()
        assert (row.pk, row.invitation) == (begun.pk, invitation)
        invitation.refresh_from_db()
        mail.refresh_from_db()
        assert (invitation.status, invitation.answered_on, mail.status) == ("answered", TODAY, "dropped")
        with pytest.raises(AnsweredAlready):
            enter()

    def test_without_invitation_once(self, enter, campaign):
        enter()
        with pytest.raises(AnsweredAlready):
            enter(date=TODAY - DAY)
        campaign.timing = "recurring"
        campaign.save()
        assert enter(date=TODAY - DAY).pk
        with pytest.raises(AnsweredAlready):
            enter(date=TODAY - DAY)

    def test_a_form_sent_twice_is_one_answer(self, enter):
        assert enter(contact=None, key="k") == enter({"recommend": 1}, contact=None, key="k")
        assert Response.objects.count() == 1

    def test_who_was_asked_by_phone_was_asked(self, enter, contact):
        enter(date=TODAY - DAY)
        assert AskedContact.objects.get().asked_on == TODAY - DAY
        SurveyPolicy.objects.update(min_days_between=30)
        other, policy = CampaignFactory(channel="link"), SurveyPolicy.objects.get()
        for day, reason in ((TODAY + 28 * DAY, {"recently": 1}), (TODAY + 29 * DAY, {})):
            assert preview(other, day, policy).not_asked == reason

    @pytest.mark.parametrize("source", ["phone", "paper"])
    def test_who_was_invited_before_was_asked_on_the_day_of_the_interview(self, enter, campaign, contact, source):
        InvitationFactory(campaign=campaign, contact=contact, account=contact.employments.get().account)
        AskedContact.objects.create(contact=contact, asked_on=TODAY - 20 * DAY)
        enter(source=source)
        assert AskedContact.objects.get().asked_on == TODAY

    def test_an_old_interview_never_moves_the_guard_back(self, enter, contact):
        AskedContact.objects.create(contact=contact, asked_on=TODAY)
        enter(date=TODAY - DAY)
        assert AskedContact.objects.get().asked_on == TODAY

    def test_somebody_at_the_account_is_no_contact_that_was_asked(self, enter):
        enter(contact=None)
        assert not AskedContact.objects.exists()

    def test_refuses(self, enter, account, campaign, foreign_account):
        stranger = make_contact(foreign_account)
        for error, fields in [
            (EntryAnonymous, {"campaign": CampaignFactory(anonymous=True)}),
            (CampaignNotStarted, {"campaign": CampaignFactory(status="draft")}),
            (EntryDateWrong, {"date": TODAY + DAY}),
            (EntryDateWrong, {"date": campaign.start_date - DAY}),
            (EntrySourceWrong, {"source": "link"}),
            (ContactElsewhere, {"contact": stranger}),
            (AnswersRefused, {"given": {"recommend": 11}}),
            (AnswersRefused, {"given": {}}),
        ]:
            with pytest.raises(error):
                enter(**fields)
        assert not Response.objects.exists()

    def test_late_paper_after_the_end(self, enter, campaign):
        campaign.status = "ended"
        campaign.save()
        assert enter().pk


class TestPage:
    @pytest.fixture
    def url(self, account):
        return f"{reverse('surveys:entry_create')}?account={account.pk}"

    @pytest.fixture
    def form(self, account, contact, campaign):
        return {
            "step": "save", "account": account.pk, "campaign": campaign.pk, "contact": contact.pk, "language": "en",
            "source": "phone", "date": timezone.localdate().isoformat(), "key": "x", "q-recommend": "9",
        }  # fmt: skip

    def test_from_the_account_to_the_answer(self, client_for, alice, url, form, account, foreign_account):
        client = client_for(alice)
        make_contact(foreign_account, "别家的人")
        first = client.get(url).content.decode()
        assert "王建国" in first
        assert "别家的人" not in first
        assert "Question recommend" not in first
        chosen = client.post(url, {**form, "step": "choose"}).content.decode()
        assert "Question recommend" in chosen
        assert "Question comment" in chosen
        done = client.post(url, form, follow=True).content.decode()
        assert "The answer was saved." in done
        assert "Entered by staff: by phone" in done
        assert Response.objects.get().entered_by == alice

    def test_asks_for_the_account_first(self, client_for, alice, account, foreign_account):
        text = client_for(alice).get(reverse("surveys:entry_create")).content.decode()
        assert account.name in text
        assert foreign_account.name not in text

    def test_from_an_invitation(self, client_for, alice, account, contact, campaign, foreign_account):
        client = client_for(alice)
        invitation = InvitationFactory(account=account, contact=contact, campaign=campaign, language="en")
        text = client.get(reverse("surveys:entry_create"), {"invitation": invitation.pk}).content.decode()
        assert "Question recommend" in text
        assert f'value="{contact.pk}" selected' in text
        foreign = InvitationFactory(account=foreign_account)
        assert client.get(reverse("surveys:entry_create"), {"invitation": foreign.pk}).status_code == 404

    def test_from_a_contact(self, client_for, alice, account, contact, foreign_account):
        url = reverse("surveys:entry_create")
        text = client_for(alice).get(url, {"contact": contact.pk}).content.decode()
        assert f'value="{contact.pk}" selected' in text
        stranger = make_contact(foreign_account, "别家的人")
        text = client_for(alice).get(url, {"contact": stranger.pk}).content.decode()
        assert "别家的人" not in text
        assert f'name="contact" value="{stranger.pk}"' in text  # it is asked which account

    def test_what_is_wrong_stays(self, client_for, alice, url, form):
        text = client_for(alice).post(url, {**form, "q-recommend": "11", "q-comment": "<b>"}).content.decode()
        assert "Choose a number from 0 to 10." in text
        assert "&lt;b&gt;" in text
        response = client_for(alice).post(url, {**form, "date": "2020-01-01"})
        assert response.status_code == 422
        assert "between the start of the campaign and today" in response.content.decode()
        assert not Response.objects.exists()

    def test_shows_what_an_answer_opens(self, client_for, alice, url, form):
        given = {**form, "q-recommend": "2", "seen": "recommend satisfied"}
        text = client_for(alice).post(url, given).content.decode()
        assert "An answer opens another question." in text
        assert not Response.objects.exists()

    @pytest.mark.parametrize(("user", "status"), [("ann", 403), ("mallory", 404), ("lee", 200)])
    def test_is_for_who_may_change_the_account(self, request, client_for, url, form, user, status):
        client = client_for(request.getfixturevalue(user))
        assert client.get(url).status_code == status
        assert client.post(url, form).status_code == (302 if status == 200 else status)

    def test_nonsense_in_the_address(self, client_for, alice):
        for query in ("account=x", "account=9999999999999999999", "invitation=-1"):
            assert client_for(alice).get(f"{reverse('surveys:entry_create')}?{query}").status_code == 404

    def test_anonymous_campaigns_are_not_offered(self, client_for, alice, url):
        CampaignFactory(anonymous=True, name="geheim")
        CampaignFactory(status="draft", name="entwurf")
        text = client_for(alice).get(url).content.decode()
        assert "geheim" not in text
        assert "entwurf" not in text


class TestDetail:
    def test_in_words(self, client_for, alice, account, contact, campaign):
        invitation = InvitationFactory(account=account, contact=contact, campaign=campaign)
        row = answer(invitation, answers={
            "recommend": 3, "reasons": {"choices": ["price", "other"], "text": "<i>晚</i>"}, "comment": "<b>很好</b>",
        })  # fmt: skip
        text = client_for(alice).get(row.get_absolute_url()).content.decode()
        for words in (
            "Question recommend",
            "Choice price; Choice other: &lt;i&gt;晚&lt;/i&gt;",
            "&lt;b&gt;很好&lt;/b&gt;",
        ):
            assert words in text
        assert "1. Choice quality; 2. Choice price; 3. Choice speed" in text

    def test_what_was_begun(self, client_for, alice, account):
        row = ResponseFactory(account=account, status="partial", answers={"recommend": 3})
        text = client_for(alice).get(row.get_absolute_url()).content.decode()
        assert "Begun, not sent yet" in text
        assert "no answer" in text

    def test_only_with_the_account(self, client_for, mallory, dora, account):
        row = ResponseFactory(account=account)
        assert client_for(mallory).get(row.get_absolute_url()).status_code == 404
        anonymous = ResponseFactory(campaign=CampaignFactory(anonymous=True))
        assert client_for(dora).get(anonymous.get_absolute_url()).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
class TestAtOnce:
    def test_two_colleagues_enter_the_same_answer(self, enter):
        found = []

        def work():
            try:
                found.append(enter())
            except AnsweredAlready as error:
                found.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert Response.objects.count() == 1
        assert not Invitation.objects.exists()
