"""The public answer page: one request, no login, no script needed, nothing about the account, kind when it is over."""

import re

import pytest
from django.utils import timezone

from surveys.models import Invitation, Response
from tests.factories.surveys import CampaignFactory, choices, definition, page, question
from tests.surveys.answer_pages import ONE, THREE, TWO, text_of, to

pytestmark = pytest.mark.django_db


class TestPage:
    def test_shows_the_first_page_to_whoever_has_the_link(self, client, url):
        response = client.get(url)
        text = text_of(response)
        assert response.status_code == 200
        for words in ("Satisfaction survey", "One minute, please.", "Question recommend", "Page 1 of 3"):
            assert words in text
        assert "Question easy" not in text
        assert not response.cookies
        assert Invitation.objects.get().status == "opened"

    def test_says_nothing_of_account_or_person(self, client, url):
        pages = [text_of(client.get(url, {"page": key})) for key in ("one", "two", "three")]
        pages.append(text_of(client.post(url, {**ONE, "go": "next"}, follow=True)))
        invitation = Invitation.objects.get()
        for text in pages:
            for secret in ("晨光", "Dawn", "ALICE-1", "王建国", "wang@", str(invitation.campaign)):
                assert secret not in text

    def test_is_closed_to_everything_else(self, client, url):
        response = client.get(url)
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response["X-Frame-Options"] == "DENY"

    def test_loads_nothing_more(self, client, url):
        text = text_of(client.get(url))
        assert not re.findall(r"""(?:src|href)=["'](?!data:,|\?|#|/s/)""", text)
        assert len(text.encode()) < 60 * 1024

    def test_a_long_questionnaire_stays_small(self, client, ask):
        kinds = [question(f"n{n}", "nps", required=True) for n in range(20)]
        url = ask(campaign=CampaignFactory(definition=definition(page("p", *kinds))))
        assert len(client.get(url).content) < 60 * 1024

    def test_only_opening_it_marks_it(self, client, url):
        assert client.head(url).status_code == 200
        assert Invitation.objects.get().status == "sent"
        assert client.put(url).status_code == 405

    def test_order_of_choices_is_each_ones_own_and_stays(self, client, ask):
        many = choices(*"abcdefghij", "other", other=("other",))
        campaign = CampaignFactory(
            definition=definition(page("p", question("pick", "multiple", choices=many, randomise=True)))
        )
        orders = []
        for url in (ask(campaign=campaign), ask(campaign=campaign)):
            found = [re.findall(r'name="q-pick" value="(\w+)"', text_of(client.get(url))) for _ in range(2)]
            assert found[0] == found[1]
            assert found[0][-1] == "other"
            orders.append(found[0])
        assert orders[0] != orders[1]
        assert sorted(orders[0]) == sorted(orders[1])


class TestSteps:
    def test_goes_through_to_the_thanks(self, client, url):
        assert to(client.post(url, {**ONE, "go": "next"})) == "lang=en&page=two"
        assert to(client.post(url, {**TWO, "go": "next"})) == "lang=en&page=three"
        done = client.post(url, {**THREE, "go": "next"}, follow=True)
        assert "Thank you." in text_of(done)
        assert "another 24 hours" in text_of(done)
        row = Response.objects.get()
        assert row.status == "complete"
        assert row.answers == {
            "recommend": 9, "satisfied": 4, "easy": 6, "aspects": {"product": 5, "delivery": 3, "people": 4},
            "contact": {"choice": "visit"}, "order": {"choices": ["quality", "price", "speed"]}, "years": "3",
            "since": "2023-05-01", "comment": "好",
        }  # fmt: skip

    def test_comes_back_where_it_was_left(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        text = text_of(client.get(url))
        assert "Question easy" in text
        assert 'name="q-recommend" value="9" checked' in text_of(client.get(url, {"page": "one"}))

    def test_an_answer_opens_a_question_on_the_same_page(self, client, url):
        response = client.post(url, {**ONE, "q-recommend": "3", "go": "next"})
        text = text_of(response)
        assert response.status_code == 200
        assert "Your answer opens another question." in text
        assert re.search(r'id="q-reasons"(?![^>]*hidden)', text)
        again = {**ONE, "q-recommend": "3", "q-reasons": ["price", "quality"], "seen": "recommend reasons satisfied"}
        assert to(client.post(url, {**again, "go": "next"})) == "lang=en&page=two"
        assert Response.objects.get().answers["reasons"] == {"choices": ["quality", "price"]}

    def test_a_hidden_question_waits_in_the_page(self, client, url):
        text = text_of(client.get(url))
        assert re.search(r'id="q-reasons"[^>]*data-show="{[^"]*&quot;:&quot;recommend&quot;[^>]* hidden', text)

    def test_what_is_wrong_stays_as_it_was_typed(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        response = client.post(url, {**THREE, "q-years": "many <b>", "q-comment": "很" * 1001, "go": "next"})
        text = text_of(response)
        assert response.status_code == 422
        assert 'value="many &lt;b&gt;"' in text
        assert "很" * 1001 in text
        assert "Enter a number." in text
        assert "At most 1000 characters; these are 1001." in text
        assert Response.objects.get().answers["since"] == "2023-05-01"

    def test_ranks_given_twice(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        response = client.post(url, {**TWO, "q-order-rank-price": "1", "go": "next"})
        assert "Put every item into your order." in text_of(response)
        assert text_of(response).count("<option selected>1</option>") == 2

    def test_required_ones_are_asked_for(self, client, url):
        response = client.post(url, {"page": "one", "q-satisfied": "4", "seen": "recommend satisfied", "go": "next"})
        assert response.status_code == 422
        assert "Please answer this question." in text_of(response)
        assert Response.objects.get().answers == {"satisfied": 4}

    def test_the_end_leads_back_to_what_is_missing(self, client, url):
        client.post(url, {**TWO, "go": "next"})
        response = client.post(url, {**THREE, "go": "next"})
        assert to(response) == "lang=en&page=one&check=1"
        text = text_of(client.get(response["Location"]))
        assert "Please answer this question." in text
        assert Response.objects.get().status == "partial"

    def test_back_keeps_what_was_answered(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        assert to(client.post(url, {**TWO, "go": "back"})) == "lang=en&page=one"
        assert Response.objects.get().answers["easy"] == 6

    def test_what_is_saved_meanwhile(self, client, url):
        assert client.post(url, {**ONE, "go": "save"}).status_code == 204
        assert Response.objects.get().answers == {"recommend": 9, "satisfied": 4}

    def test_unknown_questions_are_refused(self, client, url):
        response = client.post(url, {**ONE, "q-nonsense": "1", "go": "next"})
        assert response.status_code == 422
        assert "a question that this survey does not have" in text_of(response)

    def test_values_out_of_range(self, client, url):
        for value in ("11", "-1", "9.5", "nine", "9" * 5000, "٩٩"):
            response = client.post(url, {**ONE, "q-recommend": value, "go": "next"})
            assert response.status_code == 422
            assert "Choose a number from 0 to 10." in text_of(response)

    def test_html_stays_text(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        client.post(url, {**THREE, "q-comment": "</textarea><script>alert(1)</script>", "go": "save"})
        text = text_of(client.get(url, {"page": "three"}))
        assert "<script>alert" not in text
        assert "&lt;/textarea&gt;&lt;script&gt;" in text

    def test_characters_that_no_database_takes(self, client, url):
        client.post(url, {**ONE, "go": "next"})
        body = "page=three&go=next&q-comment=a%00b%ED%A0%80c%FF&q-years=%00"
        response = client.post(url, body, content_type="application/x-www-form-urlencoded")
        assert "Enter a number." in text_of(response)
        assert Response.objects.get().answers["comment"].startswith("ab")

    def test_emoji_and_right_to_left(self, client, url):
        words = "😀👍🏽 مرحبا \u202eabc"
        client.post(url, {**ONE, "go": "next"})
        client.post(url, {**THREE, "q-comment": words, "go": "next"})
        assert Response.objects.get().answers["comment"] == words

    def test_a_whole_answer_in_one_form(self, client, url):
        """What a client sends that does not know of pages."""
        given = {name: value for name, value in {**ONE, **TWO, **THREE}.items() if name.startswith("q-")}
        assert client.post(url, given).status_code == 302
        assert Response.objects.get().status == "complete"

    def test_a_page_that_was_closed_meanwhile_wipes_nothing(self, client, ask):
        campaign = CampaignFactory(
            definition=definition(
                page("one", question("first", "csat")),
                page("two", question("second", "csat"), show_if={"question": "first", "op": "le", "value": 2}),
            )
        )
        url = ask(campaign=campaign)
        client.post(url, {"page": "one", "q-first": "1", "go": "next", "seen": "first"})
        client.post(url, {"page": "one", "q-first": "5", "go": "save", "seen": "first"})  # in another window
        assert to(client.post(url, {"page": "two", "q-second": "3", "go": "next", "seen": "second"})) == "lang=en"
        assert Response.objects.get().answers == {"first": 5}


class TestLanguage:
    def test_is_that_of_the_invitation(self, client, ask):
        response = client.get(ask(language="zh-hans"), headers={"Accept-Language": "en"})
        assert response["Content-Language"] == "zh-hans"
        assert 'lang="zh-hans"' in text_of(response)
        assert "问题 recommend" in text_of(response)

    def test_switching_keeps_what_was_typed(self, client, url):
        response = client.post(url, {**ONE, "q-recommend": "8", "go": "lang-zh-hans", "lang": "en"})
        text = text_of(response)
        assert "问题 recommend" in text
        assert 'name="q-recommend" value="8" checked' in text
        assert response["Content-Language"] == "zh-hans"
        assert 'name="lang" value="zh-hans"' in text
        assert to(client.post(url, {**ONE, "lang": "zh-hans", "go": "next"})) == "lang=zh-hans&page=two"
        assert Response.objects.get().language == "zh-hans"
        assert "问题 easy" in text_of(client.get(url))

    def test_unknown_ones_are_ignored(self, client, url):
        assert client.get(url, {"lang": "xx"})["Content-Language"] == "en"
        assert client.post(url, {**ONE, "go": "lang-xx"}).status_code == 302


class TestChange:
    @pytest.fixture
    def url(self, client, ask):
        url = ask()
        for step in (ONE, TWO, THREE):
            client.post(url, {**step, "go": "next"})
        return url

    def test_everything_on_one_page(self, client, url):
        assert "Change my answer" in text_of(client.get(url))
        text = text_of(client.get(url, {"edit": "1"}))
        for key in ("recommend", "easy", "comment"):
            assert f"Question {key}" in text
        given = {**ONE, **TWO, **THREE, "q-recommend": "10", "page": "", "seen": "", "edit": "1", "go": "next"}
        assert to(client.post(url, given)) == "lang=en"
        assert Response.objects.get().answers["recommend"] == 10

    def test_what_is_missing_changes_nothing(self, client, url):
        given = {**TWO, **THREE, "page": "", "edit": "1", "go": "next"}
        response = client.post(url, given)
        assert response.status_code == 422
        assert "Please answer this question." in text_of(response)
        assert Response.objects.get().answers["recommend"] == 9

    def test_a_form_sent_again_shows_the_thanks(self, client, url):
        assert to(client.post(url, {**THREE, "q-comment": "anders", "go": "next"})) == "lang=en"
        assert client.post(url, {**THREE, "go": "save"}).status_code == 409
        assert Response.objects.get().answers["comment"] == "好"

    def test_not_after_a_day(self, client, url):
        Response.objects.update(completed_at=timezone.now() - timezone.timedelta(hours=24))
        for response in (client.get(url), client.post(url, {**ONE, "edit": "1"}), client.get(url, {"edit": "1"})):
            assert response.status_code == 410
            assert "You have answered this survey" in text_of(response)


class TestAnonymous:
    def test_says_so_and_keeps_it(self, client, ask):
        url = ask(campaign=CampaignFactory(anonymous=True))
        assert "Your answer is anonymous" in text_of(client.get(url))
        for step in (ONE, TWO, THREE):
            client.post(url, {**step, "go": "next"})
        assert "Thank you." in text_of(client.get(url))
        assert "another 24 hours" in text_of(client.get(url))
        assert Response.objects.get().account is None
