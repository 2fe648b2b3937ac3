"""The feed of changes: what each person learns of, when rows come and go, and what a cursor is good for."""

import datetime as dt
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.urls import get_resolver
from rest_framework.test import APIClient

from accounts import services as account_services
from accounts.choices import MemberRole
from accounts.models import AccountMember
from accounts.tasks import note_expired_members
from audit import stream
from audit.models import AuditEntry
from audit.services import record
from audit.stream import Position, Snapshot
from contacts.services.merging import merge_contacts
from core.api.resources import RESOURCES
from integrations.feed import FOLLOWED
from orders.services.products import save_product
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.contacts import make_contact
from tests.factories.integrations import make_token
from tests.factories.orders import ProductFactory
from tests.factories.users import TeamFactory, UserFactory
from users.models import Role, Team, User
from users.services.people import update_user

URL = "/api/v1/changes/"


@pytest.fixture
def in_order_of_keys(monkeypatch):
    """A test's own transaction is never over: nothing of it would be settled."""
    monkeypatch.setattr(stream, "by_transaction", lambda: False)


@pytest.fixture
def follow(api_for, in_order_of_keys):
    """`follow(alice)`: what is new to Alice since the last call, as (resource, id, change)."""

    def begin(user, **params):
        client, page = api_for(user), None
        page = client.get(URL, {"start": "now", **params}).json()

        def news():
            nonlocal page
            found = []
            page = {**page, "next": f"{URL}?cursor={page['cursor']}" + "".join(f"&{k}={v}" for k, v in params.items())}
            while page["next"]:
                url = urlsplit(page["next"])
                page = client.get(f"{url.path}?{url.query}").json()
                found += [(row["resource"], row["id"], row["change"]) for row in page["results"]]
            return found

        assert page["results"] == []
        return news

    return begin


@pytest.mark.django_db
class TestWhatIsTold:
    def test_a_change_to_those_who_see_the_row(self, follow, account, alice, ann, lee, dora, mallory):
        news = {user: follow(user) for user in (alice, ann, lee, dora, mallory)}
        account.city = "苏州"
        account_services.update_account(account, actor=alice)
        account_services.update_account(account, actor=alice)  # changes nothing
        for user in (alice, ann, lee, dora):
            assert news[user]() == [("accounts", account.pk, "changed")]
        assert news[mallory]() == []
        assert news[alice]() == []

    def test_several_changes_of_a_row_are_one(self, follow, account, alice):
        news = follow(alice)
        for city in ("a", "b", "c"):
            account.city = city
            account_services.update_account(account, actor=alice)
        assert news() == [("accounts", account.pk, "changed")]

    def test_a_handover_is_a_loss_and_a_gain(self, follow, account, alice, ann, lee, mallory, dora):
        news = {user: follow(user) for user in (alice, ann, lee, mallory, dora)}
        account_services.assign_manager(account, mallory, actor=dora, reason="x", today=TODAY)
        told = {user: found() for user, found in news.items()}
        assert told[alice] == told[lee] == [("accounts", account.pk, "removed")]
        assert told[mallory] == [("accounts", account.pk, "granted")]
        assert told[ann] == told[dora] == [("accounts", account.pk, "changed")]
        account.city = "苏州"
        account_services.update_account(account, actor=dora)
        assert news[alice]() == []  # what is theirs no more is no more told of

    def test_a_team_member_comes_and_goes(self, follow, account, alice, ann, mallory):
        news = {user: follow(user) for user in (alice, mallory)}
        member = AccountMember(account=account, user=mallory, role=MemberRole.SPECIALIST)
        account_services.add_member(member, actor=alice, today=TODAY)
        pk = member.pk
        assert sorted(news[mallory]()) == [("accounts", account.pk, "granted"), ("members", pk, "changed")]
        account_services.remove_member(member, actor=alice)
        assert news[mallory]() == [("accounts", account.pk, "removed")]
        assert news[alice]() == [("members", pk, "removed")]

    def test_a_membership_that_ran_out(self, follow, account, alice, ann, mallory):
        member = AccountMemberFactory(account=account, user=mallory, expires_on=TODAY)
        news = follow(mallory)
        AccountMember.objects.filter(pk=member.pk).update(expires_on=dt.date.today() - dt.timedelta(days=1))  # noqa: DTZ011
        assert (note_expired_members(), note_expired_members()) == (1, 0)
        assert news() == [("accounts", account.pk, "removed")]

    def test_a_merge(self, follow, account, alice, mallory):
        keep, other = make_contact(account), make_contact(account)
        news, others = follow(alice, resource="contacts"), follow(mallory)
        merge_contacts(keep, other, values={}, actor=alice)
        assert sorted(news()) == [("contacts", keep.pk, "changed"), ("contacts", other.pk, "removed")]
        assert others() == []

    def test_own_rights(self, follow, alice, lee, mallory, admin_user, south):
        news = {user: follow(user, resource="orders") for user in (alice, lee, mallory)}
        alice.team = south
        update_user(alice, actor=admin_user)
        reset = [(None, None, "reset")]
        assert [found() for found in news.values()] == [reset, reset, []]

    def test_what_everybody_sees(self, follow, alice, dora):
        news = follow(alice, resource="products")
        product = ProductFactory()
        product.name = "阀"
        save_product(product, actor=dora)
        assert news() == [("products", product.pk, "changed")]

    def test_rows_come_along(self, api_for, account, alice, in_order_of_keys):
        account.city = "苏州"
        account_services.update_account(account, actor=alice)
        page = api_for(alice).get(URL, {"rows": "true", "resource": "accounts"}).json()
        (change,) = [row for row in page["results"] if row["id"] == account.pk]
        assert change["row"] == api_for(alice).get(f"/api/v1/accounts/{account.pk}/").json()
        assert change["account"] == account.pk


@pytest.mark.django_db
class TestCursor:
    @pytest.fixture
    def client(self, api_for, alice, in_order_of_keys):
        return api_for(alice)

    def test_pages_are_whole(self, client, alice, account):
        accounts = [AccountFactory(manager=alice) for _n in range(7)]
        for row in accounts:
            record("account.updated", row, actor=alice)
        page, seen = client.get(URL, {"page_size": 3, "resource": "accounts"}).json(), []
        while page["next"]:
            seen += [row["id"] for row in page["results"]]
            page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
        assert {row.pk for row in accounts} <= set(seen)
        assert client.get(URL, {"cursor": page["cursor"], "resource": "accounts"}).json()["results"] == []

    def test_is_good_for_its_owner_and_choice_only(self, client, api_for, alice, lee):
        cursor = client.get(URL).json()["cursor"]
        assert client.get(URL, {"cursor": cursor}).status_code == 200
        token = make_token(alice, "changes:read", "orders:read")
        bearer = APIClient(headers={"Authorization": f"Bearer {token.text}"})
        for other, params in (
            (api_for(lee), {"cursor": cursor}),
            (bearer, {"cursor": cursor}),
            (client, {"cursor": cursor, "resource": "orders"}),
            (client, {"cursor": cursor[:-1] + ("A" if cursor[-1] != "A" else "B")}),
            (client, {"cursor": "x"}),
            (client, {"cursor": ""}),
        ):
            response = other.get(URL, params)
            assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor"), params

    def test_parameters(self, client):
        for params in (
            {"start": "then"}, {"start": "now", "cursor": "x"}, {"resource": "coverage"}, {"resource": ""},
            {"page_size": "1001"}, {"page_size": "0"}, {"rows": "1"},
        ):  # fmt: skip
            response = client.get(URL, params)
            assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter"), params

    def test_a_token_needs_the_scope_of_each_resource(self, alice, account, in_order_of_keys):
        token = make_token(alice, "changes:read", "orders:read")
        bearer = APIClient(headers={"Authorization": f"Bearer {token.text}"})
        assert bearer.get(URL, {"resource": "contacts"}).json()["code"] == "wrong_scope"
        record("account.updated", account, actor=alice)
        found = bearer.get(URL).json()["results"]
        assert {(row["resource"], row["change"]) for row in found} <= {("accounts", "granted")}

    def test_a_page_looks_through_a_bounded_part(self, client, account, alice, monkeypatch):
        monkeypatch.setattr(stream, "SPAN", 2)
        product = ProductFactory()
        record("product.updated", product, actor=alice)
        for _n in range(5):
            record("account.updated", account, actor=alice)
        page, pages, seen = client.get(URL, {"resource": "products"}).json(), 1, []
        while page["next"]:
            seen += page["results"]
            page, pages = client.get(page["next"]).json(), pages + 1
        assert {row["id"] for row in seen + page["results"] if row["resource"] == "products"} == {product.pk}
        assert pages > 3


def test_what_is_followed_can_be_read():
    get_resolver().url_patterns  # noqa: B018  the router tells what there is
    for name in FOLLOWED:
        assert issubclass(RESOURCES[name].serializer_class.Meta.model, models.Model)


def write(number, teams, person):
    """25 transactions, in every second writer with an id and a key from before the lock; one in seven rolls back."""
    for turn in range(25):
        team = teams[(number + turn) % 3]
        with suppress(ValueError), transaction.atomic():
            if number % 2:
                record("user.updated", person, actor=None)
            Team.objects.select_for_update().get(pk=team.pk)
            count = int(User.objects.get(team=team).phone) + 1
            User.objects.filter(team=team).update(phone=str(count))
            record("team.updated", team, actor=None, changes={"n": (None, count)})
            if turn % 7 == 3:
                raise ValueError
    connection.close()


def read_while(threads):
    """All entries that a reader gets who begins while the writers are at work, and goes on until after their end."""
    seen, position, over = [], Position(), False
    while True:
        batch = stream.read(position, 17, Q())
        seen += batch.entries
        position = Position.unpack(batch.position.pack())
        if not batch.more:
            if over:
                return seen
            over = not any(thread.is_alive() for thread in threads)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
class TestWritersSideBySide:
    """On PostgreSQL, with transactions of their own: keys are given out in another order than that of the commits."""

    def test_an_entry_that_commits_late_is_not_passed_over(self):
        team, late, done = Team.objects.create(name="x"), threading.Event(), threading.Event()

        def slow():
            with transaction.atomic():
                record("team.updated", team, actor=None, reason="slow")
                done.set()
                late.wait(10)
            connection.close()

        thread = threading.Thread(target=slow)
        thread.start()
        assert done.wait(10)
        record("team.updated", team, actor=None, reason="quick")
        first = stream.read(Position(), 10, Q())
        assert [entry.reason for entry in first.entries] == ["quick"]
        late.set()
        thread.join()
        second = stream.read(first.position, 10, Q())
        assert [entry.reason for entry in second.entries] == ["slow"]
        assert second.entries[0].pk < first.entries[0].pk
        assert stream.read(second.position, 10, Q()).entries == []
        assert stream.read(Position.unpack(stream.present().pack()), 10, Q()).entries == []

    def test_nothing_is_lost_and_a_row_keeps_its_order(self):
        """Six writers of three rows against a reader."""
        teams = [Team.objects.create(name=str(n)) for n in range(3)]
        people = [UserFactory(team=team) for team in teams]
        User.objects.update(phone="0")

        args = [(number, teams, people[0]) for number in range(6)]
        threads = [threading.Thread(target=write, args=each) for each in args]
        for thread in threads:
            thread.start()
        seen = read_while(threads)
        assert {entry.pk for entry in seen} == set(AuditEntry.objects.values_list("pk", flat=True))
        assert len(seen) == len({entry.pk for entry in seen})
        for team in teams:
            own = [entry for entry in seen if (entry.object_type, entry.object_id) == ("users.team", team.pk)]
            kept = [entry.changes["n"][1] for entry in own]
            assert kept == sorted(kept)
            assert len(kept) > 20

    def test_a_restore_from_another_server_is_noticed(self):
        team = Team.objects.create(name="x")
        old = record("team.updated", team, actor=None)
        models.QuerySet(AuditEntry).update(xid=F("xid") + 10**12)
        with pytest.raises(stream.StreamOutOfStep):
            stream.read(Position(), 10, Q())
        call_command("settle_changes")
        assert [entry.pk for entry in stream.read(Position(), 10, Q()).entries] == [old.pk]

    def test_over_http_with_a_token(self, settings):
        user = UserFactory(team=TeamFactory(), role=Role.DIRECTOR)
        bearer = APIClient(headers={"Authorization": f"Bearer {make_token(user).text}"})
        cursor = bearer.get(URL, {"start": "now"}).json()["cursor"]
        account = AccountFactory(manager=user)
        record("account.updated", account, actor=user)
        page = bearer.get(URL, {"cursor": cursor}).json()
        assert ("accounts", account.pk) in [(row["resource"], row["id"]) for row in page["results"]]


def test_a_snapshot_knows_what_was_over():
    shot = Snapshot(20, (12, 15))
    assert shot.floor == 12
    assert Snapshot(20).floor == 20
    position = Position(7, shot, Snapshot(30))
    assert Position.unpack(position.pack()) == position
