"""Who may do what, over every route × method: a new URL is covered the moment it exists (see routes.py)."""

from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse

from accounts import services as account_services
from accounts.choices import TierSource
from accounts.models import Account, AccountMember, ManagerAssignment
from core.models import CalendarDay, ExchangeRate
from integrations.scopes import SCOPES
from orders.models import Order
from tests.factories import TODAY
from tests.factories.approvals import make_approval, make_rule
from tests.factories.contact_imports import make_contact_import
from tests.factories.contacts import make_contact, make_link
from tests.factories.contract_imports import make_contract_import
from tests.factories.contracts import make_contract, make_document, make_receipt, make_renewal, make_template
from tests.factories.imports import make_import, make_profile_row
from tests.factories.integrations import make_token
from tests.factories.interactions import (
    make_contact_policy,
    make_file,
    make_gap,
    make_greeting,
    make_interaction,
    make_step,
    make_visit,
)
from tests.factories.notifications import make_notification
from tests.factories.orders import ProductFactory, make_order
from tests.factories.surveys import (
    CampaignFactory,
    FollowUpFactory,
    InvitationFactory,
    answer,
    comment_of,
    make_earlier,
    make_mail,
)
from tests.factories.tiers import make_policy, make_run
from tests.factories.users import UserFactory, make_leave
from tests.routes import BODIES, FORMS, MISSING, PARAMETERS, PUBLIC, RESTRICTED, all_routes
from tiers.models import TierOverride, TierProposal
from users.models import Role

ROUTES = all_routes()
CLOSED = [route for route in ROUTES if not route.is_public]
CALLS = [pytest.param(route, method, id=f"{method} {route.name}") for route in CLOSED for method in route.methods]
API_CALLS = [pytest.param(r, m, id=f"{m} {r.name}") for r in CLOSED if r.is_api for m in r.methods]
SECRETS = ("晨光机械", "Dawn Machinery", "ALICE-1")
OWNERS = {"own": ("alice", "admin_user"), "lee's": ("lee", "admin_user"), "private": ("alice",)}  # and nobody else
DONE = {200, 201, 202, 204, 302, 400, 409}
"""Let in: done, shown again with errors, or refused by a rule of the domain."""


@pytest.fixture
def cast(request, account, alice):
    """`cast("order")`: the row of that name that belongs to Alice's account, or the person."""
    make = {
        "member": lambda: account.members.get(),
        "assignment": lambda: account.assignments.get(),
        "tier_change": lambda: account.tier_history.first(),
        "order": lambda: account.orders.get(),
        "product": lambda: ProductFactory(code="ACCESS"),
        "product_line": lambda: cast("product").line,
        "rate": lambda: ExchangeRate.objects.create(currency="EUR", valid_from=TODAY, rate=8),
        "policy": lambda: cast("run").version.policy,
        "run": lambda: make_run(make_policy()),
        "proposal": lambda: TierProposal.objects.get(run=cast("run"), account=account),
        "override": lambda: TierOverride.objects.create(account=account, tier="A", reason="x", expires_on="2099-01-01"),
        "token": lambda: make_token(alice),
        "import_job": lambda: make_import(request.getfixturevalue("dora")),
        "contact_import": lambda: make_contact_import(alice),
        "contract_import": lambda: make_contract_import(request.getfixturevalue("lee")),
        "import_profile": make_profile_row,
        "leave": lambda: make_leave(alice),
        "contact_policy": lambda: make_contact_policy(status="draft"),
        "china": lambda: SimpleNamespace(pk="CN"),
        "calendar_year": lambda: SimpleNamespace(pk=2026),
        "calendar_day": lambda: CalendarDay.objects.create(country="CN", date=TODAY, name="x"),
        "greeting": lambda: make_greeting(cast("contact")),
        "contact": lambda: make_contact(account),
        "employment": lambda: cast("contact").employments.get(),
        "contact_link": lambda: make_link(cast("employment")),
        "interaction": lambda: make_interaction(account, 1),
        "interaction_file": lambda: make_file(cast("interaction")),
        "notification": lambda: make_notification(alice),
        "step": lambda: make_step(account),
        "visit": lambda: make_visit(account),
        "planning_gap": lambda: make_gap(account),
        "contract": lambda: make_contract(account),
        "renewal": lambda: make_renewal(make_contract(account, "expiring")),
        "instalment": lambda: cast("contract").instalments.get(),
        "contract_document": lambda: make_document(cast("contract")),
        "document_template": make_template,
        "receipt": lambda: make_receipt(cast("contract")),
        "contract_version": lambda: cast("contract").version,
        "contract_line": lambda: cast("contract").version.lines.get(),
        "version_number": lambda: SimpleNamespace(pk=1),
        "campaign": lambda: CampaignFactory(owner=request.getfixturevalue("dora")),
        "questionnaire": lambda: cast("campaign").questionnaire_version.questionnaire,
        "questionnaire_version": lambda: cast("campaign").questionnaire_version,
        "invitation": lambda: InvitationFactory(campaign=cast("campaign"), account=account),
        "survey_response": lambda: answer(cast("invitation")),
        "survey_mail": lambda: make_mail(cast("invitation"), status="uncertain"),
        "survey_comment": lambda: comment_of(cast("survey_response")),
        "earlier_import": lambda: make_earlier(cast("questionnaire_version"), request.getfixturevalue("dora")),
        "follow_up": lambda: FollowUpFactory(campaign=cast("campaign"), account=account),
        "approval_rule": make_rule,
        "approval": lambda: make_approval(request, alice, note="Dawn Machinery"),
    }
    made = {}
    account_services.change_tiers(
        [account_services.TierMove(account.pk, "B", "x")], source=TierSource.IMPORT, actor=None, today=TODAY
    )
    make_order(account, 500)

    def cast(name):
        if name not in made:
            made[name] = make[name]() if name in make else request.getfixturevalue(name)
        return made[name]

    return cast


@pytest.fixture
def sid(south):
    """Supervisor of the other team: leads, but not here."""
    return UserFactory(username="sid", team=south, role=Role.SUPERVISOR)


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
        with transaction.atomic():
            response = getattr(clients[route.is_api, user], method.lower())(url, body, headers=headers)
            transaction.set_rollback(True)
        assert response.status_code < 500, f"{method} {url} as {user}: {response.status_code}"
        return response

    return ask


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
    @pytest.mark.parametrize(("route", "method"), CALLS)
    def test_is_sent_to_the_login(self, ask, route, method):
        response = ask(route, method, None)
        if route.is_api or route.name == "schema":
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

    @pytest.mark.parametrize(("route", "method"), CALLS)
    def test_each_person(self, request, ask, route, method):
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

    @pytest.mark.parametrize("pk", [0, MISSING, 2**31, 2**63, 2**70])
    def test_numbers_that_are_no_row(self, ask, admin_user, pk):
        for route in CLOSED:
            if route.parameters and pk:
                for method in route.methods:
                    assert ask(route, method, admin_user, pk).status_code in {404, 405}, (method, route.name)


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

    @pytest.mark.parametrize("route", [r for r in CLOSED if "GET" in r.methods], ids=lambda route: route.name)
    def test_is_answered(self, cast, client_for, dora, route):
        client = client_for(dora)
        client.raise_request_exception = False
        for query in self.QUERIES:
            for headers in ({}, {"HX-Request": "true"}):
                with transaction.atomic():
                    response = client.get(f"{route.url(cast)}?{query}", headers=headers)
                    transaction.set_rollback(True)
                assert response.status_code < 500, query


@pytest.mark.embedded
class TestTokens:
    """A token opens exactly what its scopes name."""

    def bearer(self, token):
        return {"Authorization": f"Bearer {token.text}"}

    @pytest.mark.parametrize(("route", "method"), API_CALLS)
    def test_scope(self, ask, admin_user, cast, route, method):
        action = "read" if method in ("GET", "HEAD", "OPTIONS") else "write"
        # An action under another scope than its view says so in the route's own arguments.
        scope = getattr(route.callback, "initkwargs", {}).get("scope") or route.callback.cls.scope
        needed = f"{scope}:{action}"
        assert needed in SCOPES
        others = [name for name in SCOPES if name != needed]
        refused = ask(route, method, None, **self.bearer(make_token(admin_user, *others)))
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_scope")
        allowed = ask(route, method, None, **self.bearer(make_token(admin_user, needed)))
        assert allowed.status_code in DONE or (route.kind() == "asked" and allowed.json()["code"] != "wrong_scope")

    @pytest.mark.parametrize(("route", "method"), API_CALLS)
    def test_sees_no_more_than_its_owner(self, ask, mallory, cast, route, method):
        response = ask(route, method, None, **self.bearer(make_token(mallory)))
        assert not any(secret in text_of(response) for secret in SECRETS)
        if route.kind() == "account":
            assert response.status_code in ({403, 404} if route.right(method) else {404})

    def test_is_no_login_for_pages(self, ask, admin_user, cast):
        token = make_token(admin_user)
        for route in CLOSED:
            if not route.is_api and route.name != "schema":
                assert ask(route, "GET", None, **self.bearer(token)).status_code == 302


class TestChoices:
    """Somebody else's id as the value of a field: refused exactly like an id that does not exist."""

    def test_parent_in_the_form(self, client_for, alice, account, foreign_account):
        for code in (foreign_account.code, "NO-SUCH-CODE"):
            response = client_for(alice).post(
                reverse("accounts:account_create"),
                {"code": "N", "name": "N", "status": "prospect", "stage": "early", "parent": code},
            )
            assert response.status_code == 200
            assert list(response.context["form"].errors) == ["parent"]
        assert not Account.objects.filter(code="N").exists()

    @pytest.mark.parametrize("name", ["pk", "code"])
    def test_parent_in_the_api(self, api_for, alice, account, foreign_account, name):
        url = reverse("api:account-detail", args=[account.pk])
        refused = api_for(alice).patch(url, {"parent": getattr(foreign_account, name)})
        unknown = api_for(alice).patch(url, {"parent": MISSING if name == "pk" else "NO-SUCH-CODE"})
        assert (refused.status_code, unknown.status_code) == (400, 400)
        assert refused.json()["errors"][0]["code"] == unknown.json()["errors"][0]["code"]
        account.refresh_from_db()
        assert account.parent is None

    @pytest.mark.parametrize("route", ["api:member-list", "api:assignment-list"])
    @pytest.mark.parametrize("name", ["pk", "code"])
    def test_account_in_the_api(self, api_for, account, foreign_account, alice, ann, lee, route, name):
        body = {"user": ann.pk, "role": "deputy", "right": "edit", "manager": ann.pk, "reason": "x"}
        body = {key: value for key, value in body.items() if (key in ("manager", "reason")) == ("assign" in route)}
        for person in (alice, lee):
            answer = api_for(person).post(reverse(route), {**body, "account": getattr(foreign_account, name)})
            unknown = api_for(person).post(reverse(route), {**body, "account": MISSING if name == "pk" else "NO-SUCH"})
            assert (answer.status_code, unknown.status_code) == (400, 400)
            assert [e["field"] for e in answer.json()["errors"]] == ["account"]
            assert answer.json()["errors"][0]["code"] == unknown.json()["errors"][0]["code"]
        assert AccountMember.objects.filter(account=foreign_account).count() == 0
        assert ManagerAssignment.objects.get(account=foreign_account).until_date is None

    @pytest.mark.parametrize("route", ["assignment", "member", "tier-history", "order", "tier-proposal"])
    def test_account_as_a_filter(self, api_for, cast, account, mallory, route):
        url = reverse(f"api:{route}-list")
        answers = [api_for(mallory).get(url, {"account": pk}) for pk in (account.pk, MISSING)]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].content.replace(str(account.pk).encode(), b"") == answers[1].content.replace(
            str(MISSING).encode(), b""
        )

    def test_orders_for_somebody_elses_account(self, api_for, account, mallory, ann):
        def push(user, code):
            order = {
                "external_id": f"X-{code}",
                "account": code,
                "order_date": "2026-03-01",
                "currency": "CNY",
                "lines": [{"product": "P-1", "quantity": "1", "unit_price": "5"}],
            }
            body = {"source": "erp", "orders": [order]}
            return api_for(user).post(reverse("api:order-bulk-upsert"), body).json()["results"][0]

        refused, unknown, read_only = push(mallory, account.code), push(mallory, "NO-SUCH"), push(ann, account.code)
        assert [row["status"] for row in (refused, unknown, read_only)] == ["rejected"] * 3
        assert refused["code"] == unknown["code"]
        assert not Order.objects.exists()

    def test_somebody_elses_order_is_not_taken_over(self, api_for, cast, foreign_account, mallory):
        """The same number in the same source, but for an own account."""
        order = cast("order")
        body = {
            "external_id": order.external_id,
            "account": foreign_account.code,
            "order_date": "2026-03-01",
            "currency": "CNY",
            "lines": [{"product": "P-1", "quantity": "1", "unit_price": "5"}],
        }
        answer = api_for(mallory).post(reverse("api:order-bulk-upsert"), {"source": order.source, "orders": [body]})
        assert answer.json()["results"][0]["status"] == "rejected"
        order.refresh_from_db()
        assert (order.account, order.total_amount) == (cast("account"), 500)

    def test_proposals_of_other_teams_in_bulk(self, api_for, client_for, cast, sid):
        proposal = cast("proposal")
        for pks in ([proposal.pk], [MISSING], [2**70], ["x"]):
            answer = api_for(sid).post(reverse("api:tier-proposal-approve-many"), {"ids": pks})
            assert answer.status_code in {200, 400, 404}
            page = client_for(sid).post(
                reverse("tiers:run_decide", args=[proposal.run_id]),
                {"scope": "ids", "ids": pks, "action": "approve"},
            )
            assert page.status_code == 302
        client_for(sid).post(reverse("tiers:run_decide", args=[proposal.run_id]), {"scope": "all", "action": "approve"})
        proposal.refresh_from_db()
        assert proposal.is_pending

    def test_search_finds_only_the_own(self, client_for, cast, alice, mallory):
        for name in ("search:search", "search:suggest", "accounts:account_lookup"):
            for text in ("晨光", "Dawn", "ALICE", "cgjx"):
                assert "Dawn Machinery" in text_of(client_for(alice).get(reverse(name), {"q": text})), (name, text)
                found = text_of(client_for(mallory).get(reverse(name), {"q": text}))
                assert "Dawn Machinery" not in found
                assert "晨光机械" not in found
