"""What pages ask for again and again, by themselves."""

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory
from django.urls import reverse

from core.http import is_fragment, live
from core.middleware import HtmxMiddleware
from tests.factories.notifications import make_notification

LIVE = {"X-Live": "1"}
BELL = "notifications:unread_count"


def ask(response, **headers):
    view = live(lambda _request: response)
    return view(RequestFactory().get("/x/", headers=headers))


class TestUnchanged:
    def test_the_same_answer_is_304_without_a_body(self):
        first = ask(HttpResponse("7 open"), **LIVE)
        again = ask(HttpResponse("7 open"), **LIVE, **{"If-None-Match": first["ETag"]})

        assert (first.status_code, first.content, first["Cache-Control"]) == (200, b"7 open", "private, no-store")
        assert (again.status_code, again.content) == (304, b"")

    def test_another_one_is_told(self):
        first = ask(HttpResponse("7 open"), **LIVE)
        assert ask(HttpResponse("8 open"), **LIVE, **{"If-None-Match": first["ETag"]}).content == b"8 open"

    def test_only_for_who_asks_so_and_only_what_went_well(self):
        assert "ETag" not in ask(HttpResponse("7 open"))
        assert "ETag" not in ask(HttpResponse("no", status=500), **LIVE)

    def test_a_part_of_the_page_is_asked_for(self):
        assert is_fragment(RequestFactory().get("/x/", headers=LIVE))


class TestSessions:
    def test_an_ended_one_is_401_and_not_the_login(self, client):
        response = client.get(reverse(BELL), headers=LIVE)
        assert (response.status_code, response.content) == (401, b"")
        assert client.get(reverse(BELL)).status_code == 302

    def test_asking_does_not_extend_it(self, client_for, alice):
        client = client_for(alice)
        session = client.session
        before = session.get_expiry_date()
        stored = type(session)(session.session_key)
        make_notification(alice)
        response = client.get(reverse(BELL), headers=LIVE)

        assert "Set-Cookie" not in response
        assert not response.cookies
        assert abs((stored.get_expiry_date() - before).total_seconds()) < 60

    def test_other_redirects_stay(self):
        request = RequestFactory().get("/x/", headers=LIVE)
        assert HtmxMiddleware(lambda _request: HttpResponseRedirect("/accounts/"))(request).status_code == 302


class TestToasts:
    @pytest.mark.parametrize("headers", [LIVE, {**LIVE, "HX-Request": "true"}])
    def test_wait_for_somebody_who_reads_them(self, headers):
        request = RequestFactory().get("/x/", headers=headers)
        request.user, request.session = AnonymousUser(), {}
        request._messages = messages.storage.default_storage(request)
        messages.success(request, "Saved")
        response = HtmxMiddleware(lambda _request: HttpResponse("<b>7</b>"))(request)

        assert response.content == b"<b>7</b>"
        assert len(messages.get_messages(request)) == 1
