"""Writing safely: once for each Idempotency-Key, and only to the row as it was read."""

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from core.idempotency import KEPT, forget_answers
from core.models import KeptAnswer
from orders.models import ProductLine
from tests.factories.integrations import make_token
from tests.factories.users import TeamFactory, UserFactory
from tests.routes import all_routes
from users.models import Role

ACCOUNTS = "/api/v1/accounts/"
API = [route for route in all_routes() if route.is_api and not route.is_public]


def post(client, key, body, url=ACCOUNTS):
    return client.post(url, body, headers={"Idempotency-Key": key})


@pytest.mark.django_db
class TestOnce:
    BODY = {"code": "N1", "name": "新客户"}

    def test_the_same_again_is_answered_as_before(self, api_for, alice):
        first, again = (post(api_for(alice), "k", self.BODY) for _time in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
        assert Account.objects.filter(code="N1").count() == 1

    def test_another_body_or_address_is_refused(self, api_for, alice, account):
        client = api_for(alice)
        post(client, "k", self.BODY)
        for url, body in ((ACCOUNTS, {**self.BODY, "name": "x"}), (f"{ACCOUNTS}{account.pk}/assignments/", self.BODY)):
            response = post(client, "k", body, url)
            assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_reused")

    def test_a_key_is_its_owners(self, api_for, alice, mallory):
        post(api_for(alice), "k", self.BODY)
        bearer = APIClient(headers={"Authorization": f"Bearer {make_token(alice).text}"})
        assert post(api_for(mallory), "k", {**self.BODY, "code": "N2"}).status_code == 201
        assert post(bearer, "k", {**self.BODY, "code": "N3"}).status_code == 201

    def test_what_was_refused_may_be_sent_again(self, api_for, alice):
        client = api_for(alice)
        assert post(client, "k", {"code": "N1"}).status_code == 400
        assert post(client, "k", self.BODY).status_code == 201

    def test_is_kept_for_a_day(self, api_for, alice):
        post(api_for(alice), "k", self.BODY)
        now = timezone.now()
        assert (forget_answers(now), forget_answers(now + KEPT)) == (0, 1)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_the_same_key_in_parallel_is_done_once():
    user = UserFactory(team=TeamFactory(), role=Role.DIRECTOR)
    text, answers = make_token(user).text, []

    def send():
        client = APIClient(headers={"Authorization": f"Bearer {text}"})
        answers.append(post(client, "k", {"code": "L1", "name": "阀"}, "/api/v1/product-lines/"))
        connection.close()

    threads = [threading.Thread(target=send) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 3
    assert (ProductLine.objects.count(), KeptAnswer.objects.count()) == (1, 1)


@pytest.mark.django_db
class TestUnlessChanged:
    def test_a_lost_update_is_refused(self, api_for, alice, account):
        client, url = api_for(alice), f"{ACCOUNTS}{account.pk}/"
        tag = client.get(url)["ETag"]
        first = client.patch(url, {"city": "苏州"}, headers={"If-Match": tag})
        assert (first.status_code, first["ETag"]) == (200, client.get(url)["ETag"])
        late = client.patch(url, {"city": "上海"}, headers={"If-Match": tag})
        assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
        account.refresh_from_db()
        assert account.city == "苏州"
        assert client.patch(url, {"city": "南京"}, headers={"If-Match": f'"x", {first["ETag"]}'}).status_code == 200
        assert client.patch(url, {"city": "北京"}, headers={"If-Match": "*"}).status_code == 200

    def test_deleting(self, api_for, alice, account):
        client, url = api_for(alice), f"/api/v1/members/{account.members.get().pk}/"
        tag = client.get(url)["ETag"]
        client.patch(url, {"right": "edit"})
        assert client.delete(url, headers={"If-Match": tag}).status_code == 412
        assert client.delete(url, headers={"If-Match": client.get(url)["ETag"]}).status_code == 204
        assert client.delete(url, headers={"If-Match": "*"}).status_code == 404


@pytest.mark.embedded
class TestEveryRoute:
    """Whatever is added to the API keeps both promises from its first day."""

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_looks_at_the_header(self, cast, api_for, admin_user, subtests, method):
        client = api_for(admin_user)
        headers = {"Idempotency-Key": "x" * 201} if method == "POST" else {"If-Match": '"x"'}
        for route in [route for route in API if method in route.methods]:
            url = route.url(cast)
            with subtests.test(route=route.name), transaction.atomic():
                code = getattr(client, method.lower())(url, {}, headers=headers).json()["code"]
                transaction.set_rollback(True)
                if method == "POST":
                    assert code == "idempotency_key_invalid"
                else:
                    assert code == "precondition_failed" or (code == "not_found" and route.kind() == "private")
