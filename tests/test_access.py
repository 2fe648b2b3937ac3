"""Who may do what, over every route × method: a new URL is covered the moment it exists (see routes.py)."""

from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from integrations.scopes import SCOPES
from tests.factories.integrations import make_token
from tests.route_rights import FORMS, PUBLIC, RESTRICTED
from tests.routes import BODIES, MISSING, PARAMETERS, all_routes

ROUTES = all_routes()
CLOSED = [route for route in ROUTES if not route.is_public]
# The document of the API is the same for everybody, and takes seconds to make: tests/core/test_api_docs.py reads it.
CALLS = [(route, method) for route in CLOSED for method in route.methods if route.name != "schema"]
API_CALLS = [(route, method) for route, method in CALLS if route.is_api]
SECRETS = ("晨光机械", "Dawn Machinery", "ALICE-1")
OWNERS = {"own": ("alice", "admin_user"), "lee's": ("lee", "admin_user"), "private": ("alice",)}  # and nobody else
DONE = {200, 201, 202, 204, 302, 400, 409}
"""Let in: done, shown again with errors, or refused by a rule of the domain."""


def in_parts(calls: list, size: int = 25) -> list:
    """The people and Alice's account are made once for so many calls: made anew for each they would take longer than
    the calls. Each is a sub-test of its own, with rows of its own (see `alone`)."""
    parts = [calls[begin : begin + size] for begin in range(0, len(calls), size)]
    return [pytest.param(part, id=f"{n}") for n, part in enumerate(parts)]


@pytest.fixture
def ask(cast, client_for, api_for):
    """`ask(route, "POST", alice)`: the answer; whatever the call wrote is undone."""
    clients = {}

    def ask(route, method, user, pk=None, **headers):
        url = route.url(cast, pk)
        if (route.is_api, user) not in clients:
            client = (api_for if route.is_api else client_for)(user)
            client.raise_request_exception = False
            clients[route.is_api, user] = client
        body = BODIES.get(route.name, lambda cast: {})(cast) if method not in ("GET", "DELETE") else None
        cache.clear()  # nobody asks so often that they are slowed down
        with transaction.atomic():
            response = getattr(clients[route.is_api, user], method.lower())(url, body, headers=headers)
            transaction.set_rollback(True)
        assert response.status_code < 500, f"{method} {url} as {user}: {response.status_code}"
        return response

    ask.forget = clients.clear
    return ask


@pytest.fixture
def alone(subtests, cast, ask, admin_user, lee, dora, mallory, sid, scorecard):
    """`with alone(route, "POST"):` a sub-test that leaves nothing behind; the people stay."""

    @contextmanager
    def alone(route, method):
        with subtests.test(route=route.name, method=method), transaction.atomic():
            yield
            transaction.set_rollback(True)
        cast.forget()
        ask.forget()

    return alone


def text_of(response) -> str:
    return response.content.decode() if not response.streaming else ""


class TestRegistry:
    """What the tables in routes.py say exists, so that they cannot go stale."""

    def test_public_and_restricted_routes_exist(self):
        names = {route.name for route in ROUTES}
        assert not (PUBLIC | FORMS | {name.split(" ")[0] for name in RESTRICTED}) - names
        for begin, parameter in PARAMETERS:
            if not begin.startswith("orders:"):
                assert any(r.name.startswith(begin) and parameter in r.parameters for r in ROUTES), (begin, parameter)

    def test_every_parameter_is_known(self, cast):
        for route in CLOSED:
            assert route.url(cast)


@pytest.mark.embedded
class TestAnonymous:
    @pytest.mark.parametrize("calls", in_parts(CALLS, 100))
    def test_is_sent_to_the_login(self, ask, calls, alone):
        for route, method in calls:
            with alone(route, method):
                self.check_login(route, ask(route, method, None))

    def check_login(self, route, response):
        if route.is_api:
            assert response.status_code == 401
            assert response["Content-Type"] == "application/problem+json"
            assert response.json()["status"] == 401
            assert response["WWW-Authenticate"].startswith("Bearer")
        else:
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("account_login"))
        assert not any(secret in text_of(response) for secret in SECRETS)

    @pytest.mark.parametrize("name", sorted(PUBLIC))
    def test_public_pages_work(self, client, db, name):
        kwargs = {"uidb36": "1", "key": "x-y"} if name.endswith("from_key") else None
        # The address is the key: without the right one there is nothing.
        if name in {"calendar_feed", "survey_answer", "survey_unsubscribe"}:
            assert client.get(reverse(name, args=["A" * 43])).status_code == 404
            return
        if name == "api:survey-answer":  # so is its token
            assert client.get(reverse(name), {"token": "A" * 43}).status_code == 404
            return
        assert client.get(reverse(name, kwargs=kwargs)).status_code in {200, 302, 405, 503}

    def test_admin_is_for_administrators(self, client_for, alice, lee, dora, admin_user):
        for user in (None, alice, lee, dora):
            assert client_for(user).get("/admin/").status_code in {302, 403, 404}
            assert client_for(user).get("/admin/accounts/account/").status_code in {302, 403, 404}
        assert client_for(admin_user).get("/admin/").status_code == 200


@pytest.mark.embedded
class TestRights:
    """Each person of the cast at each route: 404 for who does not see the row, 403 for who lacks the right."""

    def expected(self, route, method, person, user) -> set[int]:
        kind, right = route.kind(), route.right(method)
        outsider = person in ("mallory", "sid")
        if kind == "account" and outsider:
            return {404} if not right or getattr(user, right) else {403, 404}
        if kind in OWNERS and person not in OWNERS[kind]:
            return {404} if not right or getattr(user, right) else {403, 404}
        if kind in ("person", "asked") and person in ("ann", "mallory", "sid"):
            return {404} if not right or getattr(user, right) else {403, 404}
        if kind == "asked" and method != "GET":
            return DONE | {403}
        if right and not getattr(user, right):
            # A body that names a row which they do not see may be refused first, as any unknown row is.
            return {403, 400} if outsider and route.name in BODIES else {403}
        if kind == "account" and person == "ann" and (method != "GET" or route.name in FORMS):
            return {403, 404}
        return DONE

    @pytest.mark.parametrize("calls", in_parts(CALLS))
    def test_each_person(self, request, ask, calls, alone):
        for route, method in calls:
            with alone(route, method):
                self.check_each_person(request, ask, route, method)

    def check_each_person(self, request, ask, route, method):
        answers = {}
        for person in ("admin_user", "alice", "ann", "lee", "dora", "mallory", "sid"):
            user = request.getfixturevalue(person)
            response = ask(route, method, user)
            answers[person] = response.status_code
            if person in ("mallory", "sid"):
                assert not any(secret in text_of(response) for secret in SECRETS), f"{person} reads of Alice's account."
                if route.parameters and route.kind() != "company":
                    missing = ask(route, method, user, MISSING).status_code
                    assert missing == response.status_code, "Somebody else's row differs from one that does not exist."
        if answers["admin_user"] == 405:
            assert set(answers.values()) <= {403, 404, 405}
            assert method == "GET" or "GET" in route.methods
            return
        for person, status in answers.items():
            allowed = self.expected(route, method, person, request.getfixturevalue(person))
            assert status in allowed, (
                f"{method} {route.name} as {person}: {status}, not {sorted(allowed)}. If the route asks for a right, "
                f"say so in tests/routes.py, RESTRICTED. All: {answers}"
            )

    def test_numbers_that_are_no_row(self, ask, admin_user):
        """Larger than any key of a database; a key that is merely missing is asked for above."""
        for route in CLOSED:
            if route.parameters:
                for method in route.methods:
                    assert ask(route, method, admin_user, 2**63).status_code in {404, 405}, (method, route.name)


@pytest.mark.embedded
class TestNonsense:
    """Query strings that no page makes: a page, a redirect or a problem, never a server error."""

    QUERIES = (
        "q=%00&sort=%00&cursor=%00&move=%00",
        "q=%ED%A0%80&sort=-&cursor=AAAA&page_size=0&ordering=x&move=x-y",
        "q=%25_%5C'%22&tier=zzz&manager=x&team=99999999999999999999&tag=-1&account=99999999999999999999999",
        "cursor=WyJuIiwiXHUwMDAwIiwxXQ&currency=XXX&date_after=31.02.2026&month=2026-13&state=%00",
        "q=" + "客" * 3000,
    )

    @pytest.mark.parametrize("routes", in_parts([route for route, method in CALLS if method == "GET"]))
    def test_is_answered(self, cast, client_for, dora, routes, alone):
        client = client_for(dora)
        client.raise_request_exception = False
        for route in routes:
            with alone(route, "GET"):
                self.check_answers(cast, client, route)

    def check_answers(self, cast, client, route):
        for number, query in enumerate(self.QUERIES):  # as a page and as htmx asks, in turn
            cache.clear()
            with transaction.atomic():
                response = client.get(
                    f"{route.url(cast)}?{query}", headers={"HX-Request": "true"} if number % 2 else {}
                )
                transaction.set_rollback(True)
            assert response.status_code < 500, query


@pytest.mark.embedded
class TestTokens:
    """A token opens exactly what its scopes name."""

    def bearer(self, token):
        return {"Authorization": f"Bearer {token.text}"}

    @pytest.mark.parametrize("calls", in_parts(API_CALLS))
    def test_scope(self, ask, admin_user, calls, alone):
        for route, method in calls:
            with alone(route, method):
                self.check_scope(ask, admin_user, route, method)

    def check_scope(self, ask, admin_user, route, method):
        action = "read" if method in ("GET", "HEAD", "OPTIONS") else "write"
        # An action under another scope than its view says so in the route's own arguments.
        scope = getattr(route.callback, "initkwargs", {}).get("scope") or route.callback.cls.scope
        needed = f"{scope}:{action}"
        assert needed in SCOPES
        others = [name for name in SCOPES if name != needed]
        refused = ask(route, method, None, **self.bearer(make_token(admin_user, *others)))
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_scope")
        allowed = ask(route, method, None, **self.bearer(make_token(admin_user, needed)))
        # What waits for others, is private, or needs the right to export besides, is refused for another reason.
        beyond = route.kind() in ("asked", "private") or route.right(method) == "may_export"
        assert allowed.status_code in DONE or (beyond and allowed.json()["code"] != "wrong_scope")

    @pytest.mark.parametrize("calls", in_parts(API_CALLS))
    def test_sees_no_more_than_its_owner(self, ask, mallory, calls, alone):
        headers = self.bearer(make_token(mallory))
        for route, method in calls:
            with alone(route, method):
                response = ask(route, method, None, **headers)
                assert not any(secret in text_of(response) for secret in SECRETS)
                if route.kind() == "account":
                    assert response.status_code in ({403, 404} if route.right(method) else {404})

    def test_is_no_login_for_pages(self, ask, admin_user, cast):
        token = make_token(admin_user)
        for route in CLOSED:
            if not route.is_api and route.name != "schema":
                assert ask(route, "GET", None, **self.bearer(token)).status_code == 302
