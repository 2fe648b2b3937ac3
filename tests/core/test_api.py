"""What the whole API has in common: problems, strict JSON, scopes, paging, throttling."""

import json

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import get_resolver

from accounts.api.views import AccountViewSet
from core.api.parsers import MAX_BODY_BYTES
from core.api.throttling import TokenThrottle
from core.api.views import ScopedViewSet
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db

ACCOUNTS = "/api/v1/accounts/"


def assert_problem(response, status, code):
    """The response is a problem with all members of RFC 9457 that we promise."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:kam:problem:{code}")
    assert body["title"]
    assert body["detail"]
    return body


def views():
    """The view class of every route of the API; without actions it is public: answers by token."""
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "api/v1/":
            for route in pattern.url_patterns:
                if hasattr(route.callback, "actions"):
                    yield route.callback.cls


class TestEveryRoute:
    """What each asks for, tests/test_access.py says."""

    def test_is_a_view_set_of_ours(self):
        found = list(views())
        assert len(found) > 40
        assert all(issubclass(view, ScopedViewSet) and view.tag for view in found)


class TestProblems:
    @pytest.mark.parametrize(
        "path", ["/api/v1/nothing/", "/api/nothing", "/api/v1/accounts/x/", f"{ACCOUNTS}{10**30}/"]
    )
    def test_unknown_addresses(self, api_for, alice, path):
        assert_problem(api_for(alice).get(path), 404, "not_found")

    def test_an_address_without_its_slash_keeps_the_method(self, api_for, alice):
        response = api_for(alice).post(ACCOUNTS.rstrip("/"), {"code": "N1", "name": "x"})
        assert (response.status_code, response["Location"]) == (308, ACCOUNTS)
        assert api_for(alice).post(ACCOUNTS.rstrip("/"), {"code": "N1", "name": "x"}, follow=True).status_code == 201

    def test_pages_keep_their_own_404(self, client_for, alice):
        response = client_for(alice).get("/nothing/")
        assert response.status_code == 404
        assert response["Content-Type"].startswith("text/html")

    def test_methods(self, api_for, alice):
        response = api_for(alice).delete(ACCOUNTS)
        assert_problem(response, 405, "method_not_allowed")
        assert "GET" in response["Allow"]

    def test_formats_that_we_do_not_have(self, api_for, alice):
        assert_problem(api_for(alice).get(ACCOUNTS, headers={"Accept": "text/csv"}), 406, "not_acceptable")

    def test_formats_that_we_do_not_read(self, api_for, alice):
        response = api_for(alice).post(ACCOUNTS, data="a=b", content_type="application/x-www-form-urlencoded")
        assert_problem(response, 415, "unsupported_media_type")

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b'{"name": NaN}',
            b'{"name": 1e999}',
            b'{"name": "a\\u0000b"}',
            b'{"a\\u0000b": 1}',
            b'{"name": "\\ud800"}',
            b"[" * 100_000,
            b'{"name": ' + b"9" * 10_000 + b"}",
        ],
    )
    def test_what_is_not_json(self, api_for, alice, body):
        response = api_for(alice).generic("POST", ACCOUNTS, body, content_type="application/json")
        assert response.status_code == 400
        assert response.json()["code"] in ("parse_error", "invalid")

    @pytest.mark.parametrize("body", ["[]", "null", "5", '"x"'])
    def test_what_is_not_an_object(self, api_for, alice, body):
        response = api_for(alice).generic("POST", ACCOUNTS, body, content_type="application/json")
        assert_problem(response, 400, "invalid")

    def test_what_is_too_large(self, api_for, alice):
        body = b'"' + b"x" * MAX_BODY_BYTES + b'"'
        response = api_for(alice).generic("POST", ACCOUNTS, body, content_type="application/json")
        assert_problem(response, 413, "too_large")

    def test_nested_fields_have_a_path(self, api_for, alice):
        body = assert_problem(api_for(alice).post(ACCOUNTS, {"tags": ["x", "y" * 41]}), 400, "invalid")
        assert "tags.1" in [error["field"] for error in body["errors"]]

    def test_a_race_that_the_database_decides(self, api_for, alice, monkeypatch):
        def collide(*args):
            raise IntegrityError("unique")

        monkeypatch.setattr(AccountViewSet, "create", collide)
        assert_problem(api_for(alice).post(ACCOUNTS, {}), 409, "conflict")

    def test_a_fault_of_ours_says_nothing_about_itself(self, alice, monkeypatch):
        def fail(*args):
            raise RuntimeError("secret")

        monkeypatch.setattr(AccountViewSet, "list", fail)
        client = Client(raise_request_exception=False)
        client.force_login(alice)
        response = client.get(ACCOUNTS)
        assert_problem(response, 500, "server_error")
        assert b"secret" not in response.content

    def test_speak_the_language_that_is_asked_for(self, api_for, alice):
        alice.language = "zh-hans"
        alice.save()
        body = api_for(alice).get(f"{ACCOUNTS}99/").json()
        assert body["code"] == "not_found"
        json.dumps(body)


class TestPaging:
    @pytest.fixture
    def accounts(self, alice):
        return [AccountFactory(code=f"N{n:02d}", name="同名", manager=alice) for n in range(7)]

    @pytest.mark.parametrize("ordering", ["name", "-name", "revenue", "-last_order", "id", "-code"])
    def test_every_row_comes_once_in_both_directions(self, api_for, alice, accounts, ordering):
        client = api_for(alice)
        page = client.get(ACCOUNTS, {"ordering": ordering, "page_size": 3}).json()
        assert page["previous"] is None
        forward = [page]
        while page["next"]:
            page = client.get(page["next"]).json()
            forward.append(page)
        seen = [row["code"] for part in forward for row in part["results"]]
        assert sorted(seen) == [account.code for account in accounts]
        assert [len(part["results"]) for part in forward] == [3, 3, 1]
        back = [row["code"] for row in client.get(page["previous"]).json()["results"]]
        assert back == seen[3:6]


class TestThrottle:
    def test_counts_people_and_starts_anew_with_the_window(self, api_for, alice, lee, monkeypatch):
        now = [1_000_000.0]
        monkeypatch.setattr(TokenThrottle, "THROTTLE_RATES", {"token": "2/min"})
        monkeypatch.setattr(TokenThrottle, "timer", lambda self: now[0])
        client = api_for(alice)
        assert [client.get(ACCOUNTS).status_code for _call in range(3)] == [200, 200, 429]
        response = client.get(ACCOUNTS)
        assert_problem(response, 429, "throttled")
        assert response["Retry-After"] == "21"  # 1,000,000 s is 40 s into its minute
        assert api_for(lee).get(ACCOUNTS).status_code == 200
        now[0] += 21
        assert client.get(ACCOUNTS).status_code == 200
