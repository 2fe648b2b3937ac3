"""The REST API of accounts, assignments, team members and tier history."""

import datetime as dt

import pytest

from accounts.choices import TierSource
from accounts.models import Account, AccountMember
from accounts.services import TierMove, change_tiers
from audit.models import AuditEntry
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, TagFactory

pytestmark = pytest.mark.django_db

ACCOUNTS = "/api/v1/accounts/"
ASSIGNMENTS = "/api/v1/assignments/"
MEMBERS = "/api/v1/members/"
HISTORY = "/api/v1/tier-history/"


def codes(response):
    """The response's errors as {field: code}."""
    return {error["field"]: error["code"] for error in response.json()["errors"]}


@pytest.fixture
def mine(alice):
    """Five more accounts of Alice's, with revenue 1 to 5."""
    accounts = [AccountFactory(code=f"N{n}", name=f"北方{n}", manager=alice) for n in range(1, 6)]
    for n, account in enumerate(accounts, 1):
        account.summary.revenue_12m_amount = n
        account.summary.save()
    return accounts


class TestAccountReading:
    def test_times_are_utc_whatever_the_caller_s_zone(self, api_for, alice, account):
        alice.time_zone = "America/New_York"
        alice.save()
        moment = dt.datetime(2026, 3, 16, 9, 30, tzinfo=dt.UTC)
        Account.objects.filter(pk=account.pk).update(created_at=moment)
        assert api_for(alice).get(f"{ACCOUNTS}{account.pk}/").json()["created_at"] == "2026-03-16T09:30:00Z"

    def test_shows_what_the_caller_sees(self, api_for, alice, ann, lee, dora, account, foreign_account):
        def seen(user):
            return {row["code"] for row in api_for(user).get(ACCOUNTS).json()["results"]}

        assert seen(alice) == seen(ann) == seen(lee) == {"ALICE-1"}
        assert seen(dora) == {"ALICE-1", "MALLORY-1"}

    def test_is_not_found_by_others(self, api_for, mallory, account):
        response = api_for(mallory).get(f"{ACCOUNTS}{account.pk}/")
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["code"] == "not_found"

    def test_shows_the_row(self, api_for, alice, account):
        account.tags.add(TagFactory(name="vip"))
        row = api_for(alice).get(f"{ACCOUNTS}{account.pk}/").json()
        assert row["code"] == "ALICE-1"
        assert row["manager"] == {"id": alice.pk, "name": "Alice"}
        assert row["parent"] is None
        assert row["status"] == "active"
        assert row["tags"] == ["vip"]
        assert (row["revenue_12m_amount"], row["revenue_currency"]) == ("0.00", "CNY")

    def test_pages_are_stable_while_rows_are_added(self, api_for, alice, mine):
        client = api_for(alice)
        first = client.get(ACCOUNTS, {"ordering": "-revenue", "page_size": 2}).json()
        AccountFactory(manager=alice).summary.__class__.objects.update_or_create(
            account=AccountFactory(manager=alice), defaults={"revenue_12m_amount": 100}
        )
        second = client.get(first["next"]).json()
        assert [row["code"] for row in first["results"]] == ["N5", "N4"]
        assert [row["code"] for row in second["results"]] == ["N3", "N2"]
        assert [row["code"] for row in client.get(second["previous"]).json()["results"]] == ["N5", "N4"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"ordering": "name"}, ["N1", "N2", "N3", "N4", "N5"]),
            ({"ordering": "-code"}, ["N5", "N4", "N3", "N2", "N1"]),
            ({"ordering": "code", "tier": "A"}, ["N2"]),
            ({"ordering": "code", "tier": ["A", "none"]}, ["N1", "N2", "N3", "N4", "N5"]),
            ({"ordering": "code", "status": "prospect"}, []),
        ],
    )
    def test_filters_and_orders(self, api_for, alice, mine, query, expected):
        Account.objects.filter(code="N2").update(tier="A")
        rows = api_for(alice).get(ACCOUNTS, query).json()["results"]
        assert [row["code"] for row in rows] == expected

    def test_searches(self, api_for, alice, account, mine):
        rows = api_for(alice).get(ACCOUNTS, {"q": "晨光"}).json()["results"]
        assert [row["code"] for row in rows] == ["ALICE-1"]

    @pytest.mark.parametrize(
        ("query", "code", "field"),
        [
            ({"colour": "red"}, "unknown_parameter", "colour"),
            ({"tier": "Z"}, "invalid", "tier"),
            ({"manager": "x"}, "invalid", "manager"),
            ({"manager": "99999999999999999999"}, "invalid", "manager"),
            ({"q": "a\0b"}, "invalid", "q"),
            ({"ordering": "password"}, "invalid_parameter", "ordering"),
            ({"page_size": "0"}, "invalid_parameter", "page_size"),
            ({"page_size": "9" * 5000}, "invalid_parameter", "page_size"),
        ],
    )
    def test_refuses_wrong_parameters(self, api_for, alice, account, query, code, field):
        response = api_for(alice).get(ACCOUNTS, query)
        assert response.status_code == 400
        assert response.json()["code"] == code
        assert field in codes(response)

    def test_refuses_a_wrong_cursor(self, api_for, alice, account):
        response = api_for(alice).get(ACCOUNTS, {"cursor": "x"})
        assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor")

    def test_takes_no_parameters_on_one_row(self, api_for, alice, account):
        response = api_for(alice).get(f"{ACCOUNTS}{account.pk}/", {"tier": "A"})
        assert response.json()["code"] == "unknown_parameter"

    def test_costs_the_same_for_3_and_30_rows(self, api_for, dora, alice, django_assert_max_num_queries):
        for n in range(30):
            AccountFactory(manager=alice).tags.add(TagFactory(name=f"t{n}"))
        client = api_for(dora)
        for size in (3, 30):
            with django_assert_max_num_queries(8):
                assert len(client.get(ACCOUNTS, {"page_size": size}).json()["results"]) == size


class TestAccountWriting:
    def test_creates_an_account_of_the_caller(self, api_for, alice):
        body = {"code": "NEW-1", "name": "新客户", "tags": ["vip", "2026"], "region": "east"}
        response = api_for(alice).post(ACCOUNTS, body)
        assert response.status_code == 201
        row = response.json()
        assert row["manager"]["name"] == "Alice"
        assert row["tags"] == ["2026", "vip"]
        created = Account.objects.get(pk=row["id"])
        assert created.assignments.get().manager == alice
        assert AuditEntry.objects.of(created).filter(action="account.created").get().actor == alice

    def test_leaders_name_the_manager(self, api_for, dora, alice):
        response = api_for(dora).post(ACCOUNTS, {"code": "NEW-1", "name": "新客户", "manager": alice.pk})
        assert response.json()["manager"]["id"] == alice.pk

    def test_others_do_not(self, api_for, alice, ann):
        response = api_for(alice).post(ACCOUNTS, {"code": "NEW-1", "name": "新客户", "manager": ann.pk})
        assert (response.status_code, response.json()["code"]) == (403, "leaders_only")
        assert not Account.objects.filter(code="NEW-1").exists()

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({"name": "x"}, "code", "required"),
            ({"code": "ALICE-1", "name": "x"}, "code", "unique"),
            ({"code": "a b", "name": "x"}, "code", "invalid"),
            ({"code": "N", "name": "x", "colour": "red"}, "colour", "unknown_field"),
            ({"code": "N", "name": "x", "tier": "A"}, "tier", "read_only"),
            ({"code": "N", "name": "x", "region": "moon"}, "region", "invalid_choice"),
            ({"code": "N", "name": "x", "credit_code": "91350211M000100Y44"}, "credit_code", "credit_code"),
            ({"code": "N", "name": "x", "founded_on": "2026-02-31"}, "founded_on", "invalid"),
            ({"code": "N", "name": "x", "employees": 10**30}, "employees", "max_value"),
            ({"code": "N", "name": "x", "parent": 10**30}, "parent", "does_not_exist"),
            ({"code": "N", "name": "x", "parent": True}, "parent", "incorrect_type"),
            ({"code": "N", "name": "x", "status": "terminated"}, "status", "status_not_settable"),
            ({"code": "N", "name": "x", "tags": ["x" * 41]}, "tags.0", "max_length"),
            (
                {"code": "N", "name": "x", "annual_purchase_amount": "5.00"},
                "annual_purchase_currency",
                "invalid",
            ),
            ({"code": "N", "name": "x", "annual_purchase_amount": "NaN"}, "annual_purchase_amount", "invalid"),
        ],
    )
    def test_refuses_bad_input(self, api_for, alice, account, body, field, code):
        response = api_for(alice).post(ACCOUNTS, body)
        assert response.status_code == 400
        assert codes(response)[field] == code
        assert Account.objects.count() == 1

    def test_another_ones_account_is_no_parent(self, api_for, alice, account, foreign_account):
        response = api_for(alice).patch(f"{ACCOUNTS}{account.pk}/", {"parent": foreign_account.pk})
        assert codes(response) == {"parent": "does_not_exist"}

    def test_changes_some_fields(self, api_for, alice, account):
        response = api_for(alice).patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州", "tags": ["vip"]})
        assert response.status_code == 200
        assert (response.json()["city"], response.json()["tags"]) == ("苏州", ["vip"])
        entry = AuditEntry.objects.of(account).first()
        assert (entry.action, entry.changes["city"]) == ("account.updated", ["", "苏州"])

    def test_puts_back_what_it_got(self, api_for, alice, account):
        url = f"{ACCOUNTS}{account.pk}/"
        row = api_for(alice).get(url).json()
        response = api_for(alice).put(url, row | {"city": "苏州"})
        assert response.status_code == 200
        assert response.json()["city"] == "苏州"

    def test_does_not_ignore_a_changed_tier(self, api_for, alice, account):
        response = api_for(alice).patch(f"{ACCOUNTS}{account.pk}/", {"tier": "A"})
        assert codes(response) == {"tier": "read_only"}

    def test_refuses_a_circle(self, api_for, alice, account):
        child = AccountFactory(manager=alice, parent=account)
        response = api_for(alice).patch(f"{ACCOUNTS}{account.pk}/", {"parent": child.pk})
        assert (response.status_code, response.json()["code"]) == (400, "group_cycle")

    def test_a_reader_does_not_write(self, api_for, ann, account):
        response = api_for(ann).patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州"})
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")

    def test_is_not_found_by_others(self, api_for, mallory, account):
        assert api_for(mallory).patch(f"{ACCOUNTS}{account.pk}/", {"city": "苏州"}).status_code == 404

    def test_is_never_deleted(self, api_for, dora, account):
        response = api_for(dora).delete(f"{ACCOUNTS}{account.pk}/")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


class TestAssignments:
    def test_a_supervisor_assigns(self, api_for, lee, ann, account):
        body = {"account": account.pk, "manager": ann.pk, "reason": "Region split"}
        response = api_for(lee).post(ASSIGNMENTS, body)
        assert response.status_code == 201
        assert response.json()["manager"] == {"id": ann.pk, "name": "Ann"}
        account.refresh_from_db()
        assert account.manager == ann

    def test_also_under_the_account(self, api_for, lee, alice, ann, account):
        url = f"{ACCOUNTS}{account.pk}/assignments/"
        assert api_for(lee).post(url, {"manager": ann.pk, "reason": "Region split"}).status_code == 201
        rows = api_for(lee).get(url).json()["results"]
        assert {row["manager"]["name"] for row in rows} == {"Alice", "Ann"}

    def test_needs_a_reason(self, api_for, lee, ann, account):
        response = api_for(lee).post(ASSIGNMENTS, {"account": account.pk, "manager": ann.pk, "reason": " "})
        assert codes(response) == {"reason": "blank"}

    def test_refuses_the_same_manager(self, api_for, lee, alice, account):
        response = api_for(lee).post(ASSIGNMENTS, {"account": account.pk, "manager": alice.pk, "reason": "x"})
        assert (response.status_code, response.json()["code"]) == (409, "same_manager")

    def test_refuses_managers(self, api_for, alice, ann, account):
        response = api_for(alice).post(ASSIGNMENTS, {"account": account.pk, "manager": ann.pk, "reason": "x"})
        assert (response.status_code, response.json()["code"]) == (403, "leaders_only")

    def test_someone_elses_account_does_not_exist(self, api_for, mallory, account):
        body = {"account": account.pk, "manager": mallory.pk, "reason": "x"}
        assert codes(api_for(mallory).post(ASSIGNMENTS, body)) == {"account": "does_not_exist"}
        assert api_for(mallory).get(f"{ACCOUNTS}{account.pk}/assignments/").status_code == 404

    def test_lists_and_filters(self, api_for, dora, lee, ann, account, foreign_account):
        api_for(lee).post(ASSIGNMENTS, {"account": account.pk, "manager": ann.pk, "reason": "Split"})
        client = api_for(dora)
        assert len(client.get(ASSIGNMENTS).json()["results"]) == 3
        rows = client.get(ASSIGNMENTS, {"account": account.pk, "open": "true"}).json()["results"]
        assert [row["reason"] for row in rows] == ["Split"]


class TestMembers:
    def test_lives_through_its_life(self, api_for, alice, lee, account):
        client = api_for(alice)
        body = {"account": account.pk, "user": lee.pk, "role": "executive_sponsor", "right": "edit"}
        created = client.post(MEMBERS, body)
        assert created.status_code == 201
        url = f"{MEMBERS}{created.json()['id']}/"
        changed = client.patch(url, {"right": "read", "expires_on": "2030-01-01"})
        assert (changed.json()["right"], changed.json()["expires_on"]) == ("read", "2030-01-01")
        assert client.put(url, changed.json()).status_code == 200
        assert client.delete(url).status_code == 204
        assert client.get(url).status_code == 404

    def test_refuses_a_person_twice(self, api_for, alice, ann, account):
        response = api_for(alice).post(MEMBERS, {"account": account.pk, "user": ann.pk})
        assert response.status_code == 400
        assert response.json()["code"] == "invalid"

    def test_another_person_is_another_member(self, api_for, alice, ann, lee, account):
        response = api_for(alice).patch(f"{MEMBERS}{account.members.get().pk}/", {"user": lee.pk})
        assert codes(response) == {"user": "read_only"}

    @pytest.mark.parametrize("method", ["patch", "delete"])
    def test_a_reader_does_not_write(self, api_for, ann, account, method):
        response = getattr(api_for(ann), method)(f"{MEMBERS}{account.members.get().pk}/", {"right": "edit"})
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")
        assert AccountMember.objects.get().right == "read"

    def test_is_not_found_by_others(self, api_for, mallory, account):
        member = account.members.get()
        assert api_for(mallory).get(f"{MEMBERS}{member.pk}/").status_code == 404
        assert api_for(mallory).delete(f"{MEMBERS}{member.pk}/").status_code == 404
        assert api_for(mallory).get(MEMBERS).json()["results"] == []
        body = {"account": account.pk, "user": mallory.pk, "right": "edit"}
        assert codes(api_for(mallory).post(MEMBERS, body)) == {"account": "does_not_exist"}


class TestTierHistory:
    def test_lists_the_changes(self, api_for, alice, mallory, dora, account):
        moves = [TierMove(account.pk, "A", "Top of the curve")]
        change_tiers(moves, source=TierSource.POLICY, actor=dora, today=TODAY)
        row = api_for(alice).get(HISTORY, {"account": account.pk, "since_after": "2026-01-01"}).json()["results"][0]
        assert (row["tier"], row["previous_tier"], row["reason"]) == ("A", "", "Top of the curve")
        assert row["decided_by"]["name"] == "Dora"
        assert api_for(mallory).get(HISTORY).json()["results"] == []
        assert api_for(mallory).get(f"{HISTORY}{row['id']}/").status_code == 404
        assert api_for(alice).post(HISTORY, {}).status_code == 405
