"""The public answer page where it takes nothing: over, forged, too much, too often; and the way out of surveys."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from surveys.models import Campaign, Invitation, Response
from surveys.views import public
from tests.factories.surveys import CampaignFactory, definition, page, question
from tests.surveys.answer_pages import ONE, THREE, text_of

pytestmark = pytest.mark.django_db


class TestOver:
    @pytest.mark.parametrize("status", ["expired", "withdrawn"])
    def test_is_said_kindly(self, client, ask, status):
        response = client.get(ask(status=status))
        assert response.status_code == 410
        assert response["Cache-Control"] == "no-store, private"
        assert "your contact person" in text_of(response)

    def test_after_the_last_day(self, client, ask):
        url = ask(expires_on=timezone.localdate() - timezone.timedelta(days=1))
        for response in (client.get(url), client.post(url, {**ONE, "go": "next"}), client.post(url, {"go": "save"})):
            assert response.status_code == 410
            assert "The time to answer has passed" in text_of(response)
        assert not Response.objects.exists()

    def test_after_the_campaign(self, client, url):
        Campaign.objects.update(status="ended")
        assert "This survey has ended" in text_of(client.get(url))

    def test_speaks_the_persons_language(self, client, ask):
        url = ask(status="expired", language="zh-hans")
        assert 'lang="zh-hans"' in text_of(client.get(url))
        assert 'lang="en"' in text_of(client.get(url, {"lang": "en"}))

    def test_says_who_asked(self, client, ask):
        url = ask(status="expired", campaign=CampaignFactory(sender_name="晨曦 Ltd"))
        assert '<p class="brand" dir="auto">晨曦 Ltd</p>' in text_of(client.get(url))
        assert "晨曦 Ltd" in text_of(client.get(f"{url}/unsubscribe"))

    def test_forged_links_look_all_the_same(self, client, url, account):
        pages = set()
        for mangled in (url[:-1], url[:-1] + "!", url[:3] + "A" * 43, "/s/1", "/s/%00", url[:3] + url[4:] + "A"):
            response = client.get(mangled, {"lang": "en"})
            assert response.status_code == 404
            pages.add(re.sub(r"/s/[^\s\"?]+", "", text_of(response)))
            assert client.post(mangled, ONE).status_code == 404
        assert len(pages) == 1
        assert "This link does not work" in pages.pop()


class TestBounds:
    def test_needs_no_cookie(self, client_for, url):
        """The token is the key: without a session there is nothing to forge a request with."""
        client = client_for(enforce_csrf_checks=True)
        assert client.post(url, {**ONE, "go": "save"}).status_code == 204
        assert client.post(f"{url}/unsubscribe").status_code == 200

    def test_a_megabyte_is_not_read(self, client, url):
        response = client.post(url, {**THREE, "q-comment": "x" * 1_000_000})
        assert response.status_code == 413
        assert "That was too much at once" in text_of(response)

    def test_ten_full_texts_are(self, client, ask):
        texts = [question(f"t{n}", "text") for n in range(10)]
        url = ask(campaign=CampaignFactory(definition=definition(page("p", *texts))))
        body = "&".join(f"q-t{n}={'%E5%AD%97' * 5000}" for n in range(10)) + "&page=p&go=next"
        response = client.post(url, body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 302
        assert len(Response.objects.get().answers["t9"]) == 5000

    def test_one_link_is_asked_so_often(self, client, url, ask, monkeypatch):
        monkeypatch.setattr(public, "LINK_RATE", "3/min")
        codes = [client.get(url).status_code for _ in range(5)]
        assert 429 in codes
        limited = client.get(url)
        assert limited.status_code == 429
        assert int(limited["Retry-After"]) >= 1
        assert "A moment, please" in text_of(limited)
        assert client.get(ask()).status_code == 200

    def test_one_network_asks_so_often(self, client, url, monkeypatch, settings):
        monkeypatch.setattr(public, "NETWORK_RATE", "3/min")
        codes = [client.get("/s/" + "A" * 43).status_code for _ in range(5)]
        assert codes[-1] == 429
        assert client.get(url).status_code == 429
        assert client.get(url, REMOTE_ADDR="10.0.0.9").status_code == 200
        assert client.get(url, headers={"X-Forwarded-For": "10.1.1.1"}).status_code == 429
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert client.get(url, headers={"X-Forwarded-For": "9.9.9.9, 10.1.1.1"}).status_code == 200


class TestUnsubscribe:
    @pytest.fixture
    def way_out(self, url):
        return f"{url}/unsubscribe"

    def test_asks_first(self, client, way_out):
        response = client.get(way_out, {"lang": "en"})
        assert "No more surveys?" in text_of(response)
        assert not Invitation.objects.get().contact.no_surveys

    def test_one_click(self, client, way_out):
        """As mail programs do it (RFC 8058), without cookies."""
        response = client.post(way_out, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert Invitation.objects.get().contact.no_surveys

    def test_after_it_the_link_is_closed(self, client, url, way_out):
        client.post(way_out)
        assert client.get(url).status_code == 410
        assert client.post(way_out, {"lang": "en"}).status_code == 200

    def test_forged(self, client, url):
        forged = reverse("survey_unsubscribe", args=["A" * 43])
        assert client.get(forged).status_code == 404
        assert client.post(forged).status_code == 404
