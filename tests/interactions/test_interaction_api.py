"""Interactions, files and next steps over REST."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from interactions.models import Interaction, InteractionFile, NextStep
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_file, make_interaction, make_step, make_visit

pytestmark = pytest.mark.django_db
LIST, STEPS, FILES = "/api/v1/interactions/", "/api/v1/next-steps/", "/api/v1/interaction-files/"
KEY = "9c0b3d8e-52d7-4c0e-8a55-0f4ce7b1c0de"


@pytest.fixture(autouse=True)
def _old_account(account):
    Account.objects.update(customer_since=dt.date(2015, 1, 1))
    account.refresh_from_db()


@pytest.fixture
def body(account):
    return {"account": account.pk, "kind": "visit", "occurred_at": "2026-03-16T10:00:00+08:00", "title": "季度回顾"}


def due(days):
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def codes(answer):
    return {error["field"]: error["code"] for error in answer.json().get("errors", [])}


class TestCreate:
    def test_with_everything(self, api_for, account, alice, ann, body):
        contact, visit = make_contact(account, "王芳"), make_visit(account)
        body |= {
            "minutes": "**好**", "outcome": "good", "mood": 5, "topics": ["交期"], "contacts": [contact.pk],
            "colleagues": [ann.pk], "visit": visit.pk, "client_key": KEY, "duration_minutes": 45, "direction": "in",
            "check_in": {"latitude": "31.2", "longitude": "121.5", "checked_in_at": "2026-03-16T02:00:00Z"},
            "next_steps": [{"kind": "promise", "text": "报价", "due_date": due(3)},
                           {"text": "样品", "owner": ann.pk, "due_date": due(5)}],
        }  # fmt: skip
        answer = api_for(alice).post(LIST, body)
        found = answer.json()
        assert answer.status_code == 201, found
        assert found["date"] == "2026-03-16"
        assert found["occurred_at"] == "2026-03-16T02:00:00Z"
        assert found["contacts"] == [{"id": contact.pk, "name": "王芳"}]
        assert found["author"]["id"] == alice.pk
        assert (found["visit"], found["topics"], found["client_key"]) == (visit.pk, ["交期"], KEY)
        assert [(step["text"], step["owner"]["id"]) for step in found["next_steps"]] == [
            ("报价", alice.pk),
            ("样品", ann.pk),
        ]
        assert found["check_in"]["latitude"] == "31.20000"

    def test_the_same_key_again_answers_with_the_first(self, api_for, alice, body):
        client = api_for(alice)
        first = client.post(LIST, {**body, "client_key": KEY})
        again = client.post(LIST, {**body, "client_key": KEY, "title": "anders"})
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == again.json()["id"]
        assert again.json()["title"] == "季度回顾"
        assert Interaction.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"occurred_at": "2099-01-01T00:00:00Z"}, {"occurred_at": "in_future"}),
            ({"occurred_at": "2014-12-31T00:00:00Z"}, {"occurred_at": "before_account"}),
            ({"occurred_at": "0001-01-01T00:00:00+14:00"}, {"occurred_at": "overflow"}),
            ({"occurred_at": "gestern"}, {"occurred_at": "invalid"}),
            ({"kind": "dinner"}, {"kind": "invalid_choice"}),
            ({"minutes": "x" * 50_001}, {"minutes": "max_length"}),
            ({"mood": 9}, {"mood": "invalid_choice"}),
            ({"duration_minutes": 1441}, {"duration_minutes": "max_value"}),
            ({"topics": ["x" * 41]}, {"topics.0": "max_length"}),
            ({"contacts": [999_999]}, {"contacts": "does_not_exist"}),
            ({"client_key": "x"}, {"client_key": "invalid"}),
            ({"author": 1}, {"author": "read_only"}),
            ({"colour": 1}, {"colour": "unknown_field"}),
            ({"next_steps": [{"text": "x", "due_date": "2020-01-01"}]}, {"next_steps.0.due_date": "due_too_early"}),
            ({"next_steps": [{"text": "x"}]}, {"next_steps.0.due_date": "required"}),
            ({"check_in": {"latitude": "91"}}, {}),
        ],
    )
    def test_refuses(self, api_for, alice, body, change, code):
        answer = api_for(alice).post(LIST, {**body, **change})
        assert answer.status_code == 400
        assert code.items() <= codes(answer).items()
        assert not Interaction.objects.exists()

    def test_people_of_another_account(self, api_for, alice, body):
        stranger = make_contact(AccountFactory(manager=alice))
        assert codes(api_for(alice).post(LIST, {**body, "contacts": [stranger.pk]})) == {
            "contacts": "contact_elsewhere"
        }

    def test_a_foreign_account_is_no_account(self, api_for, alice, body, foreign_account):
        refused = api_for(alice).post(LIST, {**body, "account": foreign_account.pk})
        unknown = api_for(alice).post(LIST, {**body, "account": 999_999})
        assert codes(refused) == codes(unknown) == {"account": "does_not_exist"}

    def test_a_reader_may_not(self, api_for, ann, body):
        answer = api_for(ann).post(LIST, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "account_read_only")


class TestList:
    def test_filters(self, api_for, account, alice, ann, lee):
        contact = make_contact(account)
        talk = make_interaction(account, 3, kind="call", contacts=[contact], colleagues=[lee], outcome="good")
        make_interaction(account, 8, author=ann)
        client = api_for(alice)
        for params in (
            {"kind": "call"},
            {"contact": contact.pk},
            {"colleague": lee.pk},
            {"outcome": "good"},
            {"date_after": "2026-03-12"},
            {"colleague": alice.pk},
        ):
            rows = client.get(LIST, params).json()["results"]
            assert [row["id"] for row in rows] == [talk.pk], params
        assert len(client.get(LIST, {"account": account.pk}).json()["results"]) == 2
        assert client.get(LIST, {"colour": "red"}).status_code == 400

    def test_newest_first(self, api_for, account, alice):
        rows = [make_interaction(account, days) for days in (5, 1, 3)]
        found = api_for(alice).get(LIST).json()["results"]
        assert [row["id"] for row in found] == [rows[1].pk, rows[2].pk, rows[0].pk]


class TestChange:
    def test_patch_replaces_lists_as_a_whole(self, api_for, account, alice, ann):
        row = make_interaction(account, contacts=[make_contact(account)], colleagues=[ann])
        answer = api_for(alice).patch(f"{LIST}{row.pk}/", {"contacts": [], "topics": ["新"], "outcome": "bad"})
        found = answer.json()
        assert answer.status_code == 200, found
        assert (found["contacts"], found["topics"], found["outcome"]) == ([], ["新"], "bad")
        assert [person["id"] for person in found["colleagues"]] == [ann.pk]

    def test_what_was_read_can_be_put(self, api_for, account, alice):
        row = make_interaction(account, title="a")
        client = api_for(alice)
        found = client.get(f"{LIST}{row.pk}/").json()
        answer = client.put(f"{LIST}{row.pk}/", {**found, "title": "b"})
        assert (answer.status_code, answer.json()["title"]) == (200, "b"), answer.json()

    def test_a_reader_may_not(self, api_for, account, ann):
        row = make_interaction(account)
        assert api_for(ann).patch(f"{LIST}{row.pk}/", {"title": "x"}).status_code == 403

    def test_delete_needs_a_reason_and_the_right(self, api_for, account, alice, lee):
        row = make_interaction(account)
        url = f"{LIST}{row.pk}/"
        Interaction.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
        assert api_for(alice).delete(url).status_code == 400
        assert api_for(alice).delete(url, {"reason": "x"}).json()["code"] == "not_deletable"
        assert api_for(lee).delete(url, {"reason": "doppelt"}).status_code == 204
        assert api_for(lee).get(url).status_code == 404


class TestSteps:
    def test_add_change_and_close(self, api_for, account, alice, ann):
        client = api_for(alice)
        step = client.post(STEPS, {"account": account.pk, "text": "报价", "due_date": due(2)})
        assert (step.status_code, step.json()["owner"]["id"]) == (201, alice.pk)
        url = f"{STEPS}{step.json()['id']}/"
        assert client.patch(url, {"owner": ann.pk}).json()["owner"]["id"] == ann.pk
        assert client.patch(url, {"status": "done"}).status_code == 400
        assert client.post(f"{url}complete/", {"note": "ok"}).json()["status"] == "done"
        again = client.post(f"{url}complete/")
        assert (again.status_code, again.json()["code"]) == (409, "step_closed")
        assert client.patch(url, {"text": "x"}).status_code == 409
        assert client.post(f"{url}reopen/").json()["closed_at"] is None
        assert codes(client.post(f"{url}drop/")) == {"reason": "required"}
        assert client.post(f"{url}drop/", {"reason": "x"}).json()["status"] == "dropped"

    def test_an_owner_closes_a_step_of_a_foreign_account(self, api_for, account, mallory):
        own, other = make_step(account, owner=mallory), make_step(account)
        client = api_for(mallory)
        assert [row["id"] for row in client.get(STEPS).json()["results"]] == [own.pk]
        assert client.post(f"{STEPS}{own.pk}/complete/").status_code == 200
        assert client.post(f"{STEPS}{other.pk}/complete/").status_code == 404
        assert NextStep.objects.get(pk=other.pk).status == "open"

    def test_filters(self, api_for, account, alice, ann):
        step = make_step(account, 3, owner=ann, interaction=make_interaction(account))
        make_step(account, 30)
        client = api_for(alice)
        params = ({"owner": ann.pk}, {"due_date_before": (TODAY + dt.timedelta(days=5)).isoformat()},
                  {"interaction": step.interaction_id})  # fmt: skip
        for query in params:
            assert [row["id"] for row in client.get(STEPS, query).json()["results"]] == [step.pk], query
        assert client.get(STEPS, {"status": "done"}).json()["results"] == []


class TestFiles:
    @pytest.fixture(autouse=True)
    def _folder(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

    def upload(self, client, interaction, name="a.txt", content=b"12"):
        body = {"interaction": interaction.pk, "file": SimpleUploadedFile(name, content)}
        return client.post(FILES, body, format="multipart")

    def test_upload_read_and_delete(self, api_for, account, alice):
        row, client = make_interaction(account), api_for(alice)
        made = self.upload(client, row, "报价.txt")
        assert (made.status_code, made.json()["name"], made.json()["size"]) == (201, "报价.txt", 2)
        assert client.get(f"{LIST}{row.pk}/").json()["files"][0]["content"] == made.json()["content"]
        content = client.get(made.json()["content"])
        assert b"".join(content.streaming_content) == b"12"
        assert client.delete(f"{FILES}{made.json()['id']}/").status_code == 204
        assert not InteractionFile.objects.exists()

    def test_refuses(self, api_for, account, alice, ann, mallory):
        row = make_interaction(account)
        assert codes(self.upload(api_for(alice), row, "a.exe")) == {"files": "file_type"}
        assert codes(self.upload(api_for(alice), row, "a.jpg", b"broken")) == {"files": "bad_photo"}
        assert self.upload(api_for(ann), row).status_code == 403
        assert codes(self.upload(api_for(mallory), row)) == {"interaction": "does_not_exist"}
        assert codes(api_for(alice).post(FILES, {"interaction": row.pk, "file": "text"})) == {"file": "invalid"}
        assert not InteractionFile.objects.exists()

    def test_files_of_one_account(self, api_for, account, alice):
        file = make_file(make_interaction(account))
        other = make_file(make_interaction(AccountFactory(manager=alice)))
        client = api_for(alice)
        assert {row["id"] for row in client.get(FILES).json()["results"]} == {file.pk, other.pk}
        assert [row["id"] for row in client.get(FILES, {"account": account.pk}).json()["results"]] == [file.pk]


def test_the_address_of_a_file_is_that_of_the_api(account):
    file = make_file(make_interaction(account))
    assert reverse("api:interaction-file-content", args=[file.pk]) == f"{FILES}{file.pk}/content/"
