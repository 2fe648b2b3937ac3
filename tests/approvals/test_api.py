"""Approvals and their rules over REST."""

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import services
from approvals.models import ApprovalRule
from tests.factories.approvals import ALL, facts, make_request, make_rule
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_app")]
LIST, RULES = "api:approval-list", "api:approval-rule-list"


def url(name, pk):
    return reverse(f"api:approval-{name}", args=[pk])


@pytest.fixture
def asked(alice, lee, dora):
    make_rule("superior", "director")
    return make_request(alice, now=timezone.now(), given=facts("1234.5", discount="12.5"))


class TestRead:
    def test_with_the_course(self, api_for, asked, alice, lee, dora, owner_app):
        services.approve(asked, actor=lee, now=timezone.now(), comment="好")
        services.add_comment(asked, actor=dora, now=timezone.now(), text="später")
        row = api_for(alice).get(url("detail", asked.pk)).json()
        assert (row["title"], row["status"], row["requested_by"]["name"]) == ("合同 1", "pending", "Alice")
        assert row["facts"]["amount"] == "1234.500"
        assert [step["status"] for step in row["steps"]] == ["approved", "open"]
        [vote] = row["steps"][0]["votes"]
        assert (vote["user"]["name"], vote["decided_by"]["name"], vote["comment"]) == ("Lee", "Lee", "好")
        assert row["comments"][0]["text"] == "später"
        assert (row["url"], row["row_url"]) == (asked.get_absolute_url(), "")
        owner_app.readers = {alice.pk}
        assert api_for(alice).get(url("detail", asked.pk)).json()["row_url"] == "/contracts/"

    def test_list_of_ones_own_and_what_waits(self, api_for, asked, alice, lee, dora, mallory):
        def found(user, **query):
            return [row["id"] for row in api_for(user).get(reverse(LIST), query).json()["results"]]

        other = make_request(lee, 2)
        assert found(alice) == [asked.pk]
        assert found(dora) == [other.pk, asked.pk]
        assert found(mallory) == []
        assert found(lee, to_decide="true") == [asked.pk]
        assert found(lee, to_decide="false") == [other.pk]
        assert found(dora, status="pending", subject="contract", object_id=1) == [asked.pk]
        assert found(dora, requested_by=alice.pk) == [asked.pk]

    def test_costs_the_same_for_many(self, api_for, asked, alice, lee, django_assert_max_num_queries):
        for number in range(2, 30):
            services.add_comment(make_request(alice, number), actor=lee, now=timezone.now(), text="x")
        client = api_for(alice)
        with django_assert_max_num_queries(6):
            client.get(reverse(LIST))


class TestAct:
    def test_approve_to_the_end(self, api_for, asked, lee, dora, owner_app):
        first = api_for(lee).post(url("approve", asked.pk), {"comment": "ok", "step": 1})
        assert (first.status_code, first.json()["status"]) == (200, "pending")
        late = api_for(lee).post(url("approve", asked.pk), {"step": 1})
        assert (late.status_code, late.json()["code"]) == (409, "step_moved")
        again = api_for(lee).post(url("approve", asked.pk), {})
        assert (again.status_code, again.json()["code"]) == (409, "step_decided")
        done = api_for(dora).post(url("approve", asked.pk), {})
        assert done.json()["status"] == "approved"
        assert owner_app.told[0][0] == "approved"
        closed = api_for(dora).post(url("send-back", asked.pk), {"comment": "x"})
        assert (closed.status_code, closed.json()["code"]) == (409, "approval_closed")

    def test_send_back_needs_a_comment(self, api_for, asked, lee):
        for body in ({}, {"comment": " "}):
            refused = api_for(lee).post(url("send-back", asked.pk), body)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "comment")
        assert api_for(lee).post(url("send-back", asked.pk), {"comment": "x"}).json()["status"] == "sent_back"

    def test_comment_and_withdraw(self, api_for, asked, alice, lee):
        made = api_for(lee).post(url("comment", asked.pk), {"text": "warum?"})
        assert (made.status_code, made.json()["comments"][0]["text"]) == (201, "warum?")
        refused = api_for(lee).post(url("withdraw", asked.pk))
        assert (refused.status_code, refused.json()["code"]) == (403, "not_requester")
        assert api_for(alice).post(url("withdraw", asked.pk)).json()["status"] == "withdrawn"

    def test_refuses_others(self, api_for, asked, alice, dora, mallory):
        for user, code in ((alice, "own_request"), (dora, "not_asked")):
            refused = api_for(user).post(url("approve", asked.pk), {})
            assert (refused.status_code, refused.json()["code"]) == (403, code)
        for name in ("approve", "send-back", "comment", "withdraw"):
            assert api_for(mallory).post(url(name, asked.pk), {"comment": "x", "text": "x"}).status_code == 404

    def test_who_sees_the_row_reads_and_comments(self, api_for, asked, ann, owner_app):
        assert api_for(ann).get(url("detail", asked.pk)).status_code == 404
        owner_app.readers = {ann.pk}
        assert api_for(ann).get(url("detail", asked.pk)).status_code == 200
        assert api_for(ann).post(url("comment", asked.pk), {"text": "x"}).status_code == 201
        assert api_for(ann).post(url("approve", asked.pk), {}).status_code == 403


class TestRules:
    BODY = {"name": "大额", "subject": "contract", "min_amount": "500000", "tiers": ["A", ""], "kinds": ["supply"]}

    def test_write_and_read(self, api_for, alice, dora, lee):
        steps = [{"approver": "superior"}, {"approver": "person", "mode": "all", "people": [lee.pk, dora.pk]}]
        made = api_for(dora).post(reverse(RULES), {**self.BODY, "steps": steps})
        assert made.status_code == 201, made.json()
        row = api_for(alice).get(url("rule-detail", made.json()["id"])).json()
        assert row["tiers"] == ["A", ""]
        assert [step["mode"] for step in row["steps"]] == ["one", "all"]
        assert {user["name"] for user in row["steps"][1]["people"]} == {"Lee", "Dora"}
        same = api_for(dora).put(url("rule-detail", row["id"]), row)
        assert same.status_code == 200, same.json()
        assert {**same.json(), "updated_at": ""} == {**row, "updated_at": ""}

    def test_patch_leaves_the_steps(self, api_for, dora, lee):
        rule = make_rule("superior", ("person", ALL, [lee]))
        changed = api_for(dora).patch(url("rule-detail", rule.pk), {"is_active": False})
        assert (changed.json()["is_active"], len(changed.json()["steps"])) == (False, 2)
        assert api_for(dora).patch(url("rule-detail", rule.pk), {"steps": []}).json()["code"] == "steps_missing"
        assert api_for(dora).delete(url("rule-detail", rule.pk)).status_code == 204
        assert not ApprovalRule.objects.exists()

    def test_refuses(self, api_for, alice, lee, dora):
        rule = make_rule()
        for user in (alice, lee):
            for answer in (
                api_for(user).post(reverse(RULES), {}),
                api_for(user).put(url("rule-detail", rule.pk), {}),
                api_for(user).patch(url("rule-detail", rule.pk), {}),
                api_for(user).delete(url("rule-detail", rule.pk)),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "may_not_own_approval_rules")
        gone = UserFactory(is_active=False)
        for wrong in (
            {"steps": [{"approver": "person", "people": [gone.pk]}]},
            {"steps": [{"approver": "person"}]},
            {"steps": [{"approver": "nobody"}]},
            {"steps": [{"approver": "superior", "x": 1}]},
            {"steps": "x"},
            {"tiers": ["Z"]},
            {"tiers": "A"},
            {"min_discount": "101"},
            {"subject": "holiday"},
        ):
            body = {**self.BODY, "steps": [{"approver": "superior"}], **wrong}
            assert api_for(dora).post(reverse(RULES), body).status_code == 400, wrong
        assert ApprovalRule.objects.count() == 1
