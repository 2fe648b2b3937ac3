"""Contacts over REST."""

import pytest
from django.urls import reverse

from contacts.models import Contact, ContactLink, Employment
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact, make_link

LIST, JOBS, LINKS = (f"/api/v1/{name}/" for name in ("contacts", "employments", "contact-links"))


@pytest.fixture
def contact(account):
    return make_contact(account, mobile="+8613800138000")


class TestContacts:
    def test_create_with_employment(self, api_for, alice, account):
        body = {
            "name": "王建国",
            "mobile": "138 0013 8000",
            "employment": {"account": account.pk, "position": "总监", "decision_role": "decision_maker"},
        }
        answer = api_for(alice).post(LIST, body)
        assert answer.status_code == 201, answer.json()
        data = answer.json()
        assert data["mobile"] == "+8613800138000"
        assert data["employments"][0]["account"] == {"id": account.pk, "name": account.name}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "王"}, "employment"),
            ({"name": "王", "employment": {}}, "employment.account"),
            ({"name": "王", "employment": {"account": 999_999_999}}, "employment.account"),
            ({"name": "王", "employment": None}, "employment"),
            ({"name": "王", "boss": 1}, "boss"),
        ],
    )
    def test_refuses(self, api_for, alice, account, body, field):
        answer = api_for(alice).post(LIST, body)
        assert answer.status_code == 400
        assert field in [error["field"] for error in answer.json()["errors"]]
        assert not Contact.objects.exists()

    def test_somebody_elses_account_is_unknown_and_a_read_one_forbidden(self, api_for, alice, ann, account, mallory):
        body = {"name": "王", "employment": {"account": account.pk}}
        assert api_for(mallory).post(LIST, body).status_code == 400
        answer = api_for(ann).post(LIST, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "account_read_only")

    def test_only_employments_that_are_seen(self, api_for, alice, dora, contact, foreign_account):
        Employment.objects.create(contact=contact, account=foreign_account)
        for person, number in ((alice, 1), (dora, 2)):
            assert len(api_for(person).get(f"{LIST}{contact.pk}/").json()["employments"]) == number
            assert len(api_for(person).get(JOBS, {"contact": contact.pk}).json()["results"]) == number

    def test_change(self, api_for, alice, ann, contact):
        url = f"{LIST}{contact.pk}/"
        assert api_for(alice).patch(url, {"wechat": "wjg"}).json()["wechat"] == "wjg"
        whole = api_for(alice).get(url).json()
        assert api_for(alice).put(url, whole).status_code == 200
        answer = api_for(ann).patch(url, {"wechat": "x"})
        assert (answer.status_code, answer.json()["code"]) == (403, "contact_read_only")

    def test_impossible_birthday(self, api_for, alice, contact):
        answer = api_for(alice).patch(f"{LIST}{contact.pk}/", {"birthday_month": 2, "birthday_day": 30})
        assert answer.status_code == 400
        assert [error["field"] for error in answer.json()["errors"]] == ["birthday_day"]


class TestEmployments:
    def test_create_change_end(self, api_for, alice, contact):
        other = AccountFactory(manager=alice)
        made = api_for(alice).post(JOBS, {"contact": contact.pk, "account": other.pk})
        assert made.status_code == 201
        url = f"{JOBS}{made.json()['id']}/"
        assert api_for(alice).patch(url, {"position": "顾问"}).json()["position"] == "顾问"
        assert api_for(alice).patch(url, {"account": 1}).status_code == 400
        assert api_for(alice).post(f"{url}end/", {"last_day": "2026-01-31"}).json()["until_date"] == "2026-01-31"
        assert api_for(alice).post(f"{url}end/", {"last_day": "2026-02-01"}).json()["code"] == "employment_ended"

    def test_move(self, api_for, alice, contact, foreign_account):
        other, job = AccountFactory(manager=alice), contact.employments.get()
        answer = api_for(alice).post(f"{JOBS}{job.pk}/move/", {"account": other.pk, "position": "副总"})
        assert answer.status_code == 201, answer.json()
        assert answer.json()["account"]["id"] == other.pk
        job.refresh_from_db()
        assert job.until_date is not None
        new = Employment.objects.get(account=other)
        assert api_for(alice).post(f"{JOBS}{new.pk}/move/", {"account": foreign_account.pk}).status_code == 400

    def test_circle(self, api_for, alice, account, contact):
        job = contact.employments.get()
        below = make_contact(account, "下", reports_to=job).employments.get()
        answer = api_for(alice).patch(f"{JOBS}{job.pk}/", {"reports_to": below.pk})
        assert (answer.status_code, answer.json()["code"]) == (400, "reports_to_cycle")

    def test_twice_at_one_account(self, api_for, alice, account, contact):
        answer = api_for(alice).post(JOBS, {"contact": contact.pk, "account": account.pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_employed")

    def test_people_of_others_are_unknown(self, api_for, alice, account, foreign_account):
        hidden = make_contact(foreign_account)
        answer = api_for(alice).post(JOBS, {"contact": hidden.pk, "account": account.pk})
        assert [error["field"] for error in answer.json()["errors"]] == ["contact"]


def test_links(api_for, alice, ann, account, foreign_account, contact):
    link = make_link(contact.employments.get())
    other = make_contact(foreign_account).employments.get()
    body = {"account": account.pk, "source": link.source_id, "target": other.pk, "kind": "conflict"}
    assert api_for(alice).post(LINKS, body).status_code == 400
    assert api_for(alice).post(LINKS, {**body, "target": link.target_id}).status_code == 201
    url = reverse("api:contact-link-detail", args=[link.pk])
    assert api_for(ann).delete(url).status_code == 403
    assert api_for(alice).delete(url).status_code == 204
    assert ContactLink.objects.count() == 1
