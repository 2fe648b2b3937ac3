"""What customers wrote: who reads it, search, tags; and that no page of results costs more with more rows."""

from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from surveys.errors import TagEmpty, TooManyTags
from surveys.models import Answer, VerbatimTag
from surveys.services.verbatims import MOST_TAGS, add_tag, remove_tag
from surveys.verbatims import with_words
from tests.factories.surveys import ANSWERS, CampaignFactory, ResponseFactory, VerbatimTagFactory, comment_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return CampaignFactory()


@pytest.fixture
def answered(campaign, account):
    return ResponseFactory(campaign=campaign, account=account)


def say(campaign, account, text, recommend=9, **fields):
    answers = {**ANSWERS, "recommend": recommend, "comment": text}
    return ResponseFactory(campaign=campaign, account=account, answers=answers, **fields)


def read(client, campaign, query=""):
    page = client.get(reverse("surveys:verbatims", args=[campaign.pk]) + query)
    assert page.status_code == 200
    return [row.text for row in page.context["page"]], page


class TestReading:
    def test_newest_first_and_only_ones_own(self, client_for, campaign, account, foreign_account, alice, dora, ann):
        for owner, text in ((account, "一"), (foreign_account, "二"), (account, "三")):
            say(campaign, owner, text)
        texts = {user: read(client_for(user), campaign)[0] for user in (alice, ann, dora)}
        assert texts == {alice: ["三", "一"], ann: ["三", "一"], dora: ["三", "二", "一"]}

    def test_words_beside_other_are_there_and_dates_are_not(self, client_for, campaign, account, alice):
        answers = {"recommend": 9, "since": "2023-05-01", "contact": {"choice": "other", "text": "老地方"}}
        ResponseFactory(campaign=campaign, account=account, answers=answers)
        assert read(client_for(alice), campaign)[0] == ["老地方"]

    def test_search_mood_question_tag_tier(self, client_for, campaign, account, alice):
        low = say(campaign, account, "交货太慢", recommend=2, tier="A")
        say(campaign, account, "服务很好", tier="B")
        comment_of(low).tags.add(VerbatimTagFactory(name="交货"))
        client, tag = client_for(alice), VerbatimTag.objects.get()
        for query in ("q=太慢", "mood=bad", f"tag={tag.pk}", "tier=A", "q=慢&mood=bad&question=comment"):
            assert read(client, campaign, f"?{query}")[0] == ["交货太慢"], query
        assert read(client, campaign, "?question=contact")[0] == []
        assert "No comment fits" in read(client, campaign, "?q=zzz")[1].text

    def test_words_are_found_wherever_they_are(self, client_for, campaign, account, alice):
        texts = ["交货太慢 Delivery is SLOW, 100%_sure", "慢", "Größe passt 😀👍", "太慢交货"]
        for text in texts:
            say(campaign, account, text)
        client = client_for(alice)
        for words, places in {
            "太慢": [0, 3], "交货太慢": [0], "货太": [0], "slow,": [0], "very slow": [], "DELIVERY IS": [0],
            "100%_": [0], "0%": [0], "%%": [], "__": [], "慢": [0, 1, 3], "😀👍": [2], "passt": [2], "'; --": [],
            "慢交": [3], "慢太": [],
        }.items():  # fmt: skip
            found = read(client, campaign, f"?{urlencode({'q': words})}")[0]
            assert sorted(found) == sorted(texts[place] for place in places), words

    @given(texts=st.lists(st.text("abAB交货ß %", max_size=6), min_size=1, max_size=5),
           words=st.text("abAB交货ß %", min_size=1, max_size=4))  # fmt: skip
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_words_are_found_as_without_an_index(self, answered, texts, words):
        Answer.objects.all().delete()
        Answer.objects.bulk_create(
            Answer(response=answered, question=f"q{number}", text=text) for number, text in enumerate(texts)
        )
        found = with_words(Answer.objects.all(), words)
        assert set(found) == set(Answer.objects.filter(text__icontains=words))

    def test_what_is_written_stays_text(self, client_for, campaign, account, alice):
        say(campaign, account, "<script>alert(1)</script> \u202eمرحبا 😀")
        text = read(client_for(alice), campaign)[1].text
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert 'dir="auto"' in text

    def test_anonymous_from_five_texts_up_without_a_trace(self, client_for, account, mallory):
        campaign = CampaignFactory(anonymous=True)
        for number in range(5):
            say(campaign, account, f"意见 {4 - number}" if number else "")
        say(campaign, account, "第六份")
        assert read(client_for(mallory), campaign)[0] == []
        for number in range(4):
            say(campaign, account, f"后来 {number}")
        texts, page = read(client_for(mallory), campaign, "?mood=bad&tier=A")
        assert len(texts) == 9
        assert texts == sorted(texts)
        assert account.local_name not in page.text
        assert set(page.context["filter"].form.fields) == {"q", "question", "tag"}


class TestTags:
    def test_added_once_found_again_taken_away(self, campaign, account, alice):
        answer = comment_of(say(campaign, account, "慢"))
        assert add_tag(answer, "  交货  延迟 ", actor=alice) == add_tag(answer, "交货 延迟", actor=alice)
        entry = AuditEntry.objects.get(action="survey_answer.tagged")
        assert (entry.account_id, entry.changes) == (account.pk, {"tags": ["", "交货 延迟"]})
        remove_tag(answer, VerbatimTag.objects.get(), actor=alice)
        assert not VerbatimTag.objects.exists()
        remove_tag(answer, VerbatimTag(pk=1), actor=alice)
        assert AuditEntry.objects.filter(action="survey_answer.untagged").count() == 1

    def test_refused(self, campaign, account, alice):
        answer = comment_of(say(campaign, account, "慢"))
        with pytest.raises(TagEmpty):
            add_tag(answer, " ", actor=alice)
        for number in range(MOST_TAGS):
            add_tag(answer, f"{number}", actor=alice)
        with pytest.raises(TooManyTags):
            add_tag(answer, "more", actor=alice)

    def test_page_and_fragment(self, client_for, campaign, account, alice, ann, mallory):
        answer = comment_of(say(campaign, account, "慢"))
        url = reverse("surveys:verbatim_tag", args=[answer.pk])
        part = client_for(alice).post(url, {"name": "交货"}, headers={"HX-Request": "true"})
        assert "交货" in part.text
        assert "<html" not in part.text
        assert (
            client_for(alice).post(url, {"name": ""}, headers={"HX-Request": "true"}).text.count("Write the tag") == 1
        )
        assert client_for(ann).post(url, {"name": "x"}).status_code == 403
        assert client_for(mallory).post(url, {"name": "x"}).status_code == 404
        client_for(alice).post(url, {"remove": "交货"})
        assert not answer.tags.exists()

    def test_anonymous_ones_by_who_owns_policies(self, client_for, account, alice, dora):
        campaign = CampaignFactory(anonymous=True)
        for number in range(5):
            say(campaign, account, f"意见 {number}")
        url = reverse("surveys:verbatim_tag", args=[Answer.objects.filter(question="comment").first().pk])
        assert client_for(alice).post(url, {"name": "x"}).status_code == 403
        assert client_for(dora).post(url, {"name": "x"}).status_code == 302
        other = Answer.objects.filter(question="recommend").first()
        assert client_for(dora).post(reverse("surveys:verbatim_tag", args=[other.pk]), {"name": "x"}).status_code == 404


@pytest.mark.parametrize("who", ["alice", "dora"])
def test_pages_cost_the_same_with_more_rows(request, client_for, campaign, account, who):
    user = request.getfixturevalue(who)
    client = client_for(user)
    urls = [
        reverse("surveys:results", args=[campaign.pk]) + "?compare=previous&by=manager",
        reverse("surveys:questionnaire_results", args=[campaign.questionnaire_version.questionnaire_id]),
        reverse("surveys:results_list"),
        reverse("surveys:results_rate", args=[campaign.pk]),
        reverse("surveys:response_list") + f"?campaign={campaign.pk}&question=recommend&low=9",
        reverse("surveys:verbatims", args=[campaign.pk]),
    ]
    counts = []
    for number in (3, 12):
        for _ in range(number):
            comment_of(say(campaign, account, "慢")).tags.add(VerbatimTagFactory())
        found = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12, dict(zip(urls, counts[1], strict=True))
