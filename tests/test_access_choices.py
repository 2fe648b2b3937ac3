"""Somebody else's id as the value of a field: refused exactly like an id that does not exist."""

import pytest
from django.urls import reverse

from accounts.models import Account, AccountMember, ManagerAssignment
from orders.models import Order
from tests.routes import MISSING


def page(response) -> str:
    return response.content.decode()


class TestChoices:
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
                assert "Dawn Machinery" in page(client_for(alice).get(reverse(name), {"q": text})), (name, text)
                found = page(client_for(mallory).get(reverse(name), {"q": text}))
                assert "Dawn Machinery" not in found
                assert "晨光机械" not in found
