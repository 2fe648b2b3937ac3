"""What htmx answers need."""

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from core.middleware import HtmxMiddleware

FRAGMENT = '<div id="rows"></div>'


def answer(response, htmx=True, message="", **headers):
    request = RequestFactory().get("/accounts/", headers={"HX-Request": "true", **headers} if htmx else headers)
    request.user = AnonymousUser()
    request.session = {}
    request._messages = messages.storage.default_storage(request)
    if message:
        messages.success(request, message)
    return HtmxMiddleware(lambda _request: response)(request)


class TestToasts:
    def test_travel_with_a_fragment(self):
        html = answer(HttpResponse(FRAGMENT), message="Saved <b>").content.decode()

        assert html.startswith(FRAGMENT)
        assert '<div id="toasts" hx-swap-oob="beforeend">' in html
        assert "Saved &lt;b&gt;" in html

    @pytest.mark.parametrize(
        "response",
        [
            HttpResponse("<!doctype html><html></html>"),
            HttpResponse("{}", content_type="application/json"),
            HttpResponse(status=204),
            HttpResponse(FRAGMENT, status=422),
        ],
    )
    def test_wait_for_a_page_that_shows_them(self, response):
        before = response.content

        assert answer(response, message="Saved").content == before

    def test_nothing_is_added_without_one(self):
        assert answer(HttpResponse(FRAGMENT)).content.decode() == FRAGMENT


class TestRedirects:
    def test_an_ended_session_takes_the_whole_page_to_the_login_and_back(self):
        response = answer(
            HttpResponseRedirect("/auth/login/?next=/accounts/3/team/"),
            **{"HX-Current-URL": "http://testserver/accounts/?tier=A"},
        )

        assert response.status_code == 204
        assert response["HX-Redirect"] == "/auth/login/?next=%2Faccounts%2F%3Ftier%3DA"

    def test_other_redirects_stay(self):
        assert answer(HttpResponseRedirect("/accounts/")).status_code == 302

    def test_a_page_is_left_alone(self):
        response = answer(HttpResponseRedirect("/auth/login/"), htmx=False)

        assert response.status_code == 302


class TestCaches:
    def test_keep_pages_and_fragments_apart(self):
        assert "HX-Request" in answer(HttpResponse(FRAGMENT), htmx=False)["Vary"]


class TestAddressesOfForms:
    def test_opened_as_a_page_say_that_nothing_was_done(self, client_for, alice):
        response = client_for(alice).get("/integrations/tokens/1/revoke/")

        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert "Nothing was changed." in response.content.decode()

    def test_of_the_api_answer_as_the_api_does(self, api_for, alice):
        response = api_for(alice).delete("/api/v1/accounts/1/")

        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
