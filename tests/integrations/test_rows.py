"""Whole resources as lines of JSON: the same rows as the list, in batches, for those who may, as long as they may."""

import json

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import AuditEntry
from integrations.api import rows
from integrations.services.tokens import revoke_token
from tests.factories.accounts import AccountFactory
from tests.factories.integrations import make_token
from tests.factories.orders import make_order

URL = "/api/v1/accounts/export/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(alice, account, foreign_account, monkeypatch):
    """Six of Alice's, in batches of two."""
    monkeypatch.setattr(rows, "BATCH", 2)
    alice.may_export = True
    alice.save()
    return [account, *(AccountFactory(manager=alice, city="苏州") for _n in range(5))]


def bearer(token):
    return APIClient(headers={"Authorization": f"Bearer {token.text}"})


def ended():
    return AuditEntry.objects.get(action="rows.export_ended").changes


def test_gives_what_the_list_gives(api_for, alice, accounts):
    response = api_for(alice).get(URL)
    assert (response.status_code, response["Content-Type"]) == (200, "application/x-ndjson")
    found = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    listed = api_for(alice).get("/api/v1/accounts/", {"ordering": "id"}).json()["results"]
    assert found == listed
    assert [row["id"] for row in found] == [account.pk for account in accounts]
    assert ended() == {"resource": [None, "accounts"], "rows": [None, 6], "complete": [None, True]}


def test_is_narrowed_by_the_filters_of_the_list(api_for, alice, accounts):
    client = api_for(alice)
    lines = b"".join(client.get(URL, {"q": accounts[0].code}).streaming_content).splitlines()
    assert [json.loads(line)["id"] for line in lines] == [accounts[0].pk]
    for params in ({"cursor": "x"}, {"page_size": 5}, {"tear": "A"}):
        assert client.get(URL, params).json()["code"] == "unknown_parameter"
    assert client.get(URL, {"tier": "Z"}).json()["code"] == "invalid"


def test_is_for_those_who_may(api_for, alice, lee, accounts):
    assert api_for(lee).get(URL).json()["code"] == "may_not_export"
    assert bearer(make_token(alice, "exports:read")).get(URL).json()["code"] == "wrong_scope"
    assert bearer(make_token(alice, "accounts:read")).get(URL).json()["code"] == "wrong_scope"
    assert bearer(make_token(alice, "exports:read", "accounts:read")).get(URL).status_code == 200
    for resource in ("coverage", "tiles", "changes", "nothing"):
        assert api_for(alice).get(f"/api/v1/{resource}/export/").json()["code"] == "not_found"


@pytest.mark.parametrize("end", ["revoked", "expired", "right gone", "user gone"])
def test_ends_with_the_right(alice, accounts, end):
    token = make_token(alice)
    stream = iter(bearer(token).get(URL).streaming_content)
    assert len(next(stream).splitlines()) == 2
    if end == "revoked":
        revoke_token(token, actor=alice, now=timezone.now())
    elif end == "expired":
        type(token).objects.update(expires_at=timezone.now())
    else:
        type(alice).objects.filter(pk=alice.pk).update(**{"may_export" if end == "right gone" else "is_active": False})
    with pytest.raises(rows.Cut):
        next(stream)
    assert ended() == {"resource": [None, "accounts"], "rows": [None, 2], "complete": [None, False]}
    assert AuditEntry.objects.get(action="rows.export_ended").via == f"api:{token.prefix}"


@pytest.fixture
def begun(monkeypatch):
    """`begun(client, url)`: the lines that an export is about to give. Who stops half-way has to close them, as the
    server does: else their end is noted whenever they are collected, in the midst of another test."""
    made, lines = [], rows.lines
    monkeypatch.setattr(rows, "lines", lambda *args: made.append(lines(*args)) or made[-1])

    def begin(client, url):
        assert client.get(url).status_code == 200
        return made[-1]

    return begin


def test_a_client_that_hangs_up(api_for, alice, accounts, begun):
    stream = begun(api_for(alice), URL)
    next(stream)
    stream.close()
    assert (ended()["rows"], ended()["complete"]) == ([None, 2], [None, False])


def test_a_batch_costs_the_same_however_large(api_for, alice, accounts, begun, monkeypatch, django_assert_num_queries):
    for number in range(4):
        make_order(accounts[0], 100 + number)
    for batch in (1, 3):
        monkeypatch.setattr(rows, "BATCH", batch)
        stream = begun(api_for(alice), "/api/v1/orders/export/")
        with django_assert_num_queries(2):
            next(stream)
        stream.close()
