"""Visits and what could not be planned, over REST."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Account
from contacts.models import Contact
from interactions.models import Visit
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.integrations import make_token
from tests.factories.interactions import make_contact_policy, make_gap, make_interaction, make_visit

pytestmark = pytest.mark.django_db
VISITS = "/api/v1/visits/"
GAPS = "/api/v1/planning-gaps/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def monday():
    """A Monday to come, without holidays around it."""
    return dt.date(2099, 6, 1)


@pytest.fixture
def api(api_for, alice):
    return api_for(alice)


@pytest.fixture
def visit(account, monday):
    visit = make_visit(account)
    Visit.objects.filter(pk=visit.pk).update(planned_date=monday)
    visit.refresh_from_db()
    return visit


class TestRead:
    def test_only_of_accounts_that_the_caller_sees(self, api, visit, foreign_account):
        foreign = make_visit(foreign_account)
        [row] = api.get(VISITS).json()["results"]
        assert (row["id"], row["account"]["id"], row["status"], row["warnings"]) == (
            visit.pk,
            visit.account_id,
            "planned",
            [],
        )
        assert api.get(f"{VISITS}{foreign.pk}/").status_code == 404

    def test_filters_and_unknown_ones(self, api, visit):
        assert len(api.get(VISITS, {"status": "planned"}).json()["results"]) == 1
        assert api.get(VISITS, {"status": "done"}).json()["results"] == []
        assert api.get(VISITS, {"colour": "red"}).json()["code"] == "unknown_parameter"
        assert api.get(VISITS, {"owner": 999_999}).status_code == 400

    def test_gaps(self, api, account, foreign_account):
        make_gap(foreign_account)
        gap = make_gap(account)
        [row] = api.get(GAPS).json()["results"]
        assert (row["id"], row["reason"], row["user"]["id"]) == (gap.pk, "over_capacity", account.manager_id)
        assert api.get(GAPS, {"reason": "on_leave"}).json()["results"] == []
        assert api.post(GAPS, {}).status_code == 405

    @pytest.mark.parametrize(("scope", "reads", "writes"), [("accounts:read", 403, 403), ("visits:read", 200, 403)])
    def test_the_scope_of_a_token(self, api_for, alice, visit, scope, reads, writes):
        client = api_for()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(alice, scope).text}")
        assert client.get(VISITS).status_code == reads
        assert client.post(f"{VISITS}{visit.pk}/cancel/", {"reason": "x"}).status_code == writes


class TestPlan:
    def test_on_a_working_day(self, api, account, alice, monday):
        person = make_contact(account)
        body = {"account": account.pk, "planned_date": f"{monday}", "start_time": "14:00", "contacts": [person.pk]}
        answer = api.post(VISITS, body)
        assert answer.status_code == 201, answer.json()
        row = answer.json()
        assert (row["source"], row["pinned"], row["owner"]["id"], row["warnings"]) == ("manual", True, alice.pk, [])
        assert [contact["id"] for contact in row["contacts"]] == [person.pk]

    def test_on_a_sunday_with_a_warning(self, api, account, monday):
        answer = api.post(VISITS, {"account": account.pk, "planned_date": f"{monday - DAY}"})
        assert (answer.status_code, len(answer.json()["warnings"])) == (201, 1)

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"planned_date": "2001-01-01"}, 400, "visit_in_past"),
            ({"planned_date": "2026-02-30"}, 400, "invalid"),
            ({"planned_date": "2099-06-01", "duration_minutes": 0}, 400, "invalid"),
            ({"planned_date": "2099-06-01", "status": "done"}, 400, "invalid"),
        ],
    )
    def test_refuses(self, api, account, body, status, code):
        answer = api.post(VISITS, {"account": account.pk, **body})
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
        assert not Visit.objects.exists()

    def test_not_where_the_caller_only_reads(self, api_for, ann, account, monday):
        answer = api_for(ann).post(VISITS, {"account": account.pk, "planned_date": f"{monday}"})
        assert answer.status_code == 403

    def test_only_people_of_the_account(self, api, account, alice, monday):
        other = make_contact(AccountFactory(manager=alice))
        answer = api.post(VISITS, {"account": account.pk, "planned_date": f"{monday}", "contacts": [other.pk]})
        assert (answer.status_code, answer.json()["code"]) == (400, "contact_elsewhere")
        assert Contact.objects.count() == 1

    def test_not_at_a_terminated_account(self, api, account, monday):
        Account.objects.update(status="terminated")
        answer = api.post(VISITS, {"account": account.pk, "planned_date": f"{monday}"})
        assert answer.status_code == 403


class TestChange:
    def test_the_details(self, api, visit):
        answer = api.patch(f"{VISITS}{visit.pk}/", {"purpose": "新报价", "duration_minutes": 90})
        assert (answer.status_code, answer.json()["purpose"]) == (200, "新报价")
        assert api.patch(f"{VISITS}{visit.pk}/", {"planned_date": "2099-06-09"}).status_code == 400

    def test_move(self, api, visit, monday):
        answer = api.post(f"{VISITS}{visit.pk}/move/", {"planned_date": f"{monday + DAY}", "start_time": "09:30"})
        row = answer.json()
        assert (row["planned_date"], row["start_time"], row["pinned"], row["sequence"]) == (
            f"{monday + DAY}",
            "09:30:00",
            True,
            1,
        )
        assert api.post(f"{VISITS}{visit.pk}/move/", {}).status_code == 400

    def test_cancel_needs_a_reason(self, api, visit):
        assert api.post(f"{VISITS}{visit.pk}/cancel/", {}).status_code == 400
        answer = api.post(f"{VISITS}{visit.pk}/cancel/", {"reason": "customer is ill"})
        assert (answer.json()["status"], answer.json()["closing_note"]) == ("cancelled", "customer is ill")


class TestComplete:
    def test_answers_with_what_follows(self, api, account, visit):
        make_contact_policy()
        Account.objects.update(tier="A", created_at=timezone.now() - 99 * DAY)
        Visit.objects.update(planned_date=timezone.localdate())
        answer = api.post(f"{VISITS}{visit.pk}/complete/", {})
        row = answer.json()
        assert answer.status_code == 200, row
        assert row["visit"]["status"] == "done"
        assert row["next_visit"]["due_date"] == f"{timezone.localdate() + 14 * DAY}"
        assert row["next_due_date"] is None

    def test_the_second_one_gets_a_conflict(self, api, api_for, lee, visit):
        assert api.post(f"{VISITS}{visit.pk}/complete/", {}).status_code == 200
        answer = api_for(lee).post(f"{VISITS}{visit.pk}/complete/", {})
        assert (answer.status_code, answer.json()["code"]) == (409, "visit_closed")

    def test_with_an_interaction_of_the_account_only(self, api, visit, account, foreign_account):
        foreign = make_interaction(foreign_account, 1)
        assert api.post(f"{VISITS}{visit.pk}/complete/", {"interaction": foreign.pk}).status_code == 400
        mine = make_interaction(account, 1)
        answer = api.post(f"{VISITS}{visit.pk}/complete/", {"interaction": mine.pk})
        assert answer.json()["visit"]["interaction"] == mine.pk
