"""The pages of approvals and of their rules."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from approvals import services
from approvals.models import ApprovalRequest, ApprovalRule
from approvals.pages import history_of
from core.errors import Conflict
from tests.factories.approvals import ALL, HOUR, make_request, make_rule
from tests.factories.users import UserFactory
from users.models import Leave

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_app")]
FRAGMENT = {"HX-Request": "true"}


def page_of(name, *args):
    return reverse(f"approvals:{name}", args=args)


@pytest.fixture
def asked(alice, lee, dora):
    make_rule("superior", "director")
    return make_request(alice, now=timezone.now())


class TestList:
    def titles(self, client, name, **query):
        page = client.get(page_of(name), query)
        assert page.status_code == 200
        return [row.title for row in page.context["page"]]

    def test_tabs(self, client_for, asked, alice, ann, lee, dora):
        make_request(alice, 2, now=timezone.now())
        services.approve(asked, actor=lee, now=timezone.now())
        mine, director, boss = client_for(alice), client_for(dora), client_for(lee)
        assert self.titles(mine, "request_list") == []
        assert self.titles(mine, "request_asked") == ["合同 2", "合同 1"]
        assert self.titles(boss, "request_list") == ["合同 2"]
        assert self.titles(boss, "request_decided") == ["合同 1"]
        assert self.titles(boss, "request_all") == ["合同 2", "合同 1"]
        assert self.titles(director, "request_list") == ["合同 1"]
        for name in ("request_list", "request_asked", "request_decided", "request_all"):
            assert self.titles(client_for(ann), name) == []

    def test_filters_and_fragment(self, client_for, asked, alice, lee):
        make_request(alice, 22, now=timezone.now())
        client = client_for(alice)
        assert self.titles(client, "request_asked", q="22") == ["合同 22"]
        assert self.titles(client, "request_asked", subject="amendment") == []
        assert self.titles(client, "request_asked", sort="title") == ["合同 1", "合同 22"]
        page = client.get(page_of("request_asked"), {"status": "pending"}, headers=FRAGMENT)
        assert "<html" not in page.text
        assert "合同 22" in page.text
        assert "Lee" in page.text, "whose turn it is"

    def test_pages_of_fifty(self, client_for, asked, alice):
        for number in range(2, 60):
            make_request(alice, number)
        page = client_for(alice).get(page_of("request_asked"))
        assert len(page.context["page"].rows) == 50
        following = client_for(alice).get(page_of("request_asked"), {"cursor": page.context["page"].next_cursor})
        assert len(following.context["page"].rows) == 9


class TestRequestPage:
    def test_says_who_said_what(self, client_for, asked, alice, lee, dora, ann):
        services.approve(asked, actor=lee, now=timezone.now(), comment="价格合理")
        services.add_comment(asked, actor=dora, now=timezone.now(), text="明天看")
        text = client_for(alice).get(asked.get_absolute_url()).text
        for words in ("请审批", "价格合理", "明天看", "Step 1: Superior", "Waits for Dora", "100,000"):
            assert words in text, words
        assert 'name="decision"' not in text
        assert client_for(ann).get(asked.get_absolute_url()).status_code == 404

    def test_the_row_is_linked_for_who_sees_it(self, client_for, asked, lee, owner_app, ann):
        hidden = client_for(lee).get(asked.get_absolute_url()).text
        assert "Open what it is about" not in hidden
        assert "合同 1" in hidden
        owner_app.readers = {lee.pk, ann.pk}
        assert "Open what it is about" in client_for(lee).get(asked.get_absolute_url()).text
        assert client_for(ann).get(asked.get_absolute_url()).status_code == 200, "who sees the row reads its approval"

    def test_decide(self, client_for, asked, lee, dora):
        client = client_for(lee)
        page = client.get(asked.get_absolute_url())
        assert page.context["step_now"] == 1
        url = page_of("request_decide", asked.pk)
        assert client.post(url, {"decision": "approve", "step": 1}).status_code == 302
        again = client.post(url, {"decision": "approve", "step": 1, "comment": "noch"})
        assert again.status_code == 200
        assert "Somebody was quicker" in again.text
        assert asked.steps.get(position=2).status == "open"

    def test_send_back_keeps_what_was_typed(self, client_for, asked, lee):
        client, url = client_for(lee), page_of("request_decide", asked.pk)
        refused = client.post(url, {"decision": "send_back", "step": 1, "comment": " "})
        assert "Say in a comment" in refused.text
        too_long = client.post(url, {"decision": "send_back", "step": 1, "comment": "x" * 2001})
        assert "x" * 2001 in too_long.text
        assert client.post(url, {"step": 1, "comment": "bleibt"}).text.count("bleibt") == 1
        assert client.post(url, {"decision": "send_back", "step": 1, "comment": "低一点"}).status_code == 302
        asked.refresh_from_db()
        assert asked.status == "sent_back"

    def test_a_refusal_of_the_rows_app_is_shown(self, client_for, asked, alice, lee, dora, owner_app):
        services.approve(asked, actor=lee, now=timezone.now())
        owner_app.refusal = Conflict("The row says no.")
        page = client_for(dora).post(
            page_of("request_decide", asked.pk), {"decision": "approve", "step": 2, "comment": "bleibt"}
        )
        assert "The row says no." in page.text
        assert "bleibt" in page.text
        asked.refresh_from_db()
        assert asked.is_pending

    def test_who_may_not_decide_is_told(self, client_for, asked, alice):
        page = client_for(alice).post(page_of("request_decide", asked.pk), {"decision": "approve", "step": 1})
        assert "Nobody decides on what they have asked for themselves." in page.text

    def test_the_stand_in_is_told_for_whom(self, client_for, asked, lee, mallory):
        today = timezone.localdate()
        Leave.objects.create(user=lee, from_date=today, until_date=today, delegate=mallory)
        page = client_for(mallory).get(asked.get_absolute_url())
        assert "You decide in place of Lee." in page.text
        client_for(mallory).post(page_of("request_decide", asked.pk), {"decision": "approve", "step": 1})
        text = client_for(lee).get(asked.get_absolute_url()).text
        assert "decided by Mallory as stand-in" in text

    def test_comment_and_withdraw(self, client_for, asked, alice, lee, ann):
        client = client_for(alice)
        assert client.post(page_of("request_comment", asked.pk), {"text": ""}).status_code == 200
        assert client.post(page_of("request_comment", asked.pk), {"text": "bitte"}).status_code == 302
        assert asked.comments.get().text == "bitte"
        assert client_for(ann).post(page_of("request_comment", asked.pk), {"text": "x"}).status_code == 404
        client_for(lee).post(page_of("request_withdraw", asked.pk))
        asked.refresh_from_db()
        assert asked.is_pending
        client.post(page_of("request_withdraw", asked.pk))
        asked.refresh_from_db()
        assert asked.status == "withdrawn"

    def test_costs_the_same_for_many_steps(self, client_for, alice, lee, dora, django_assert_max_num_queries):
        make_rule("superior", *[("person", ALL, [lee, dora])] * 9)
        asked = make_request(alice)
        for number in range(20):
            services.add_comment(asked, actor=lee, now=timezone.now(), text=f"{number}")
        client = client_for(lee)
        with django_assert_max_num_queries(12):
            client.get(asked.get_absolute_url())


class TestRules:
    URL = "approvals:rule_create"
    STEPS = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "0",
        "form-0-approver": "superior",
        "form-0-mode": "one",
        "form-1-approver": "person",
        "form-1-mode": "all",
    }

    def data(self, *people, **fields):
        own = {"name": "大额合同", "subject": "contract", "position": "1", "is_active": "on", "min_amount": "500000"}
        return {**own, **self.STEPS, "form-1-people": [user.pk for user in people], **fields}

    def test_everybody_reads_and_owners_write(self, client_for, alice, dora):
        make_rule("superior", ("person", ALL, [dora, alice]), min_amount=1_000_000, min_discount=15, tiers=["A", ""])
        text = client_for(alice).get(page_of("rule_list")).text
        for words in ("规则 1", "15.0%", "tier A, no tier", "Superior: One of them", "Named person: All of them"):
            assert words in text, words
        assert "New rule" not in text
        assert "New rule" in client_for(dora).get(page_of("rule_list")).text
        for name in ("rule_create", "rule_update", "rule_delete"):
            args = [] if name == "rule_create" else [ApprovalRule.objects.get().pk]
            assert client_for(alice).post(page_of(name, *args)).status_code == 403

    def test_create_with_steps(self, client_for, dora, lee):
        answer = client_for(dora).post(
            page_of("rule_create"), self.data(lee, dora, tiers=["A", "none"], kinds=["supply"])
        )  # fmt: skip
        assert answer.status_code == 302
        rule = ApprovalRule.objects.get()
        assert (rule.min_amount, rule.tiers, rule.kinds) == (500_000, ["A", ""], ["supply"])
        assert [step.approver for step in rule.steps.all()] == ["superior", "person"]
        assert set(rule.steps.get(position=2).people.all()) == {lee, dora}

    def test_add_and_remove_a_step_keep_what_was_typed(self, client_for, dora, lee):
        added = client_for(dora).post(page_of("rule_create"), self.data(lee, add="1", tiers=["none"]))
        assert len(added.context["formset"].forms) == 3
        assert "大额合同" in added.text
        assert added.context["form"]["tiers"].value() == ["none"]
        removed = client_for(dora).post(page_of("rule_create"), self.data(lee, remove="0"))
        assert [form["approver"].value() for form in removed.context["formset"].forms] == ["person"]
        assert removed.context["formset"].forms[0]["people"].value() == [str(lee.pk)]
        assert not ApprovalRule.objects.exists()

    def test_invalid_input_is_kept(self, client_for, dora):
        page = client_for(dora).post(page_of("rule_create"), self.data(name="x" * 121))
        assert page.status_code == 200
        assert "x" * 121 in page.text
        assert "Name at least one person." in page.text
        none = client_for(dora).post(page_of("rule_create"), self.data(**{"form-TOTAL_FORMS": "0"}))
        assert "A rule needs at least one step." in none.text
        for total in ("", "x", "99", "-1", "1" * 30):
            assert (
                client_for(dora).post(page_of("rule_create"), self.data(**{"form-TOTAL_FORMS": total})).status_code
                == 200
            )
            found = client_for(dora).post(page_of("rule_create"), self.data(add="1", **{"form-TOTAL_FORMS": total}))
            assert found.status_code == 200
        gone = UserFactory(is_active=False)
        assert client_for(dora).post(page_of("rule_create"), self.data(gone)).status_code == 200
        assert not ApprovalRule.objects.exists()

    def test_update_and_delete(self, client_for, dora, lee):
        rule = make_rule("superior", tiers=["B", ""], kinds=["frame", "old_code"])
        page = client_for(dora).get(page_of("rule_update", rule.pk))
        assert page.context["form"]["tiers"].value() == ["B", "none"]
        assert "old_code" in page.text
        data = self.data(lee, name="新名", kinds=["old_code"])
        assert client_for(dora).post(page_of("rule_update", rule.pk), data).status_code == 302
        rule.refresh_from_db()
        assert (rule.name, rule.kinds, rule.tiers, rule.steps.count()) == ("新名", ["old_code"], [], 2)
        client_for(dora).post(page_of("rule_delete", rule.pk))
        assert not ApprovalRule.objects.exists()


class TestMyDay:
    def test_the_number_is_that_of_the_rows(self, client_for, asked, alice, lee, mallory):
        make_request(alice, 2)
        lists = self.lists(client_for(lee))
        assert lists["approvals"].count == len(lists["approvals"].items) == 2
        assert lists["approvals"].items[0].actions[0].url.endswith("#decide")
        assert "approvals" not in self.lists(client_for(alice))
        today = timezone.localdate()
        Leave.objects.create(user=lee, from_date=today, until_date=today + dt.timedelta(days=1), delegate=mallory)
        assert self.lists(client_for(mallory))["approvals"].count == 2
        services.approve(asked, actor=mallory, now=timezone.now() + HOUR)
        assert self.lists(client_for(lee))["approvals"].count == 1
        assert ApprovalRequest.objects.count() == 2

    def lists(self, client):
        parts = client.get("/dashboards/").context["parts"]
        return {found.kind.code: found for _part, lists in parts for found in lists}


class TestHistory:
    def test_three_statements_for_many_rounds(self, alice, lee, django_assert_num_queries):
        make_rule()
        for number in range(4):
            asked = make_request(alice)
            services.add_comment(asked, actor=alice, now=timezone.now(), text=f"{number}")
            services.send_back(asked, actor=lee, now=timezone.now(), comment="x")
        with django_assert_num_queries(3):
            rounds = history_of("contract", 1)
            shown = [
                (r.request.requested_by.name, r.turns[0].votes[0].decided_by.name, r.comments[0].text) for r in rounds
            ]
        assert shown == [("Alice", "Lee", str(number)) for number in (3, 2, 1, 0)]
        with django_assert_num_queries(1):
            assert history_of("contract", 2) == []
