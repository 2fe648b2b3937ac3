"""The REST API of alerts, rules and the policy."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.choices import Right
from accounts.models import AccountMember
from health.models import Alert, AlertRule
from tests.factories.health_alerts import make_alert, make_alert_rule, make_comment, make_health

pytestmark = pytest.mark.django_db
ALERTS, RULES, POLICY = "/api/v1/health-alerts/", "/api/v1/health-alert-rules/", "/api/v1/health-policy/"


def tomorrow(days=1):
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


@pytest.fixture
def alert(account):
    return make_alert(account)


def post(api, alert, verb, **body):
    return api.post(f"{ALERTS}{alert.pk}/{verb}/", body, format="json")


class TestRead:
    def test_a_list_is_ranked_and_says_nothing_of_the_evidence(self, api_for, alice, account, foreign_account):
        small, large = (make_alert(account, reason, rank=rank) for reason, rank in [("unhappy", 5), ("order_gap", 9)])
        make_alert(foreign_account)
        rows = api_for(alice).get(ALERTS).json()["results"]
        assert [row["id"] for row in rows] == [large.pk, small.pk]
        assert "evidence" not in rows[0]
        assert rows[0]["account"]["name"]

    def test_one_tells_its_evidence_and_comments(self, api_for, alice, alert):
        make_comment(alert)
        body = api_for(alice).get(f"{ALERTS}{alert.pk}/").json()
        assert body["evidence"]["signals"][0]["signal"] == "order_gap"
        assert body["comments"][0]["text"] == "明天打电话"
        assert body["value_at_risk_amount"] == "86400.00"

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("state=active", 1), ("state=held", 1), ("state=unresolved", 2), ("state=resolved", 1),
            ("reason=unhappy&reason=other", 2), ("min_severity=4", 0), ("outcome=saved", 1), ("tier=none", 3),
            ("owner=0", None), ("state=nothing", None),
        ],
    )  # fmt: skip
    def test_is_filtered_as_the_inbox(self, api_for, alice, account, query, found):
        make_alert(account)
        make_alert(account, "unhappy", status="held")
        make_alert(account, "other", status="resolved")
        answer = api_for(alice).get(f"{ALERTS}?{query}")
        if found is None:
            assert answer.status_code == 400
        else:
            assert len(answer.json()["results"]) == found

    def test_statements_do_not_grow(self, api_for, alice, account, django_assert_max_num_queries):
        api = api_for(alice)
        for reason in ("order_gap", "unhappy", "other", "neglected", "contact_left"):
            make_alert(account, reason)
        with django_assert_max_num_queries(8):
            api.get(ALERTS)


class TestVerbs:
    def test_acknowledge(self, api_for, alice, alert):
        body = post(api_for(alice), alert, "acknowledge").json()
        assert (body["status"], body["acknowledged_by"]["id"]) == ("acknowledged", alice.pk)
        again = post(api_for(alice), alert, "acknowledge")
        assert (again.status_code, again.json()["code"]) == (409, "alert_acknowledged")

    def test_snooze_and_wake(self, api_for, alice, alert):
        assert post(api_for(alice), alert, "snooze", until=tomorrow()).json()["status"] == "snoozed"
        assert post(api_for(alice), alert, "wake").json()["status"] == "open"
        wrong = post(api_for(alice), alert, "snooze", until=tomorrow(-1))
        assert wrong.json()["errors"][0]["field"] == "until"

    def test_comment(self, api_for, alice, alert):
        answer = post(api_for(alice), alert, "comment", text="x")
        assert (answer.status_code, answer.json()["comments"][0]["text"]) == (201, "x")

    def test_resolve_and_reopen(self, api_for, alice, alert):
        refused = post(api_for(alice), alert, "resolve", outcome="lost")
        assert refused.json()["code"] == "lost_cause_needed"
        body = post(api_for(alice), alert, "resolve", outcome="lost", lost_cause="price", resolution="涨价").json()
        assert (body["outcome"], body["lost_cause"], body["resolution"]) == ("lost", "price", "涨价")
        assert post(api_for(alice), alert, "reopen").json()["status"] == "open"

    def test_nobody_withdraws(self, api_for, alice, alert):
        assert post(api_for(alice), alert, "resolve", outcome="withdrawn").json()["code"] == "outcome_unknown"

    def test_reassign(self, api_for, alice, ann, alert):
        assert post(api_for(alice), alert, "reassign", owner=ann.pk).json()["code"] == "alert_owner_unfit"
        AccountMember.objects.update(right=Right.EDIT)
        assert post(api_for(alice), alert, "reassign", owner=ann.pk).json()["owner"]["id"] == ann.pk

    @pytest.mark.parametrize("verb", ["acknowledge", "snooze", "wake", "comment", "resolve", "reopen", "reassign"])
    def test_who_may_only_read_is_refused(self, api_for, ann, mallory, alert, verb):
        assert post(api_for(ann), alert, verb).status_code == 403
        assert post(api_for(mallory), alert, verb).status_code == 404


class TestBulk:
    def test_each_is_done_or_refused_by_itself(self, api_for, alice, account, foreign_account):
        done, taken = make_alert(account), make_alert(account, "unhappy", status="acknowledged")
        foreign = make_alert(foreign_account)
        ids = [done.pk, taken.pk, foreign.pk, done.pk]
        body = api_for(alice).post(f"{ALERTS}bulk/", {"ids": ids, "verb": "acknowledge"}, format="json").json()
        assert body["done"] == 1
        assert [(row["id"], row["code"]) for row in body["results"]] == [
            (done.pk, ""), (taken.pk, "alert_acknowledged"), (foreign.pk, "not_found"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("values", "status"),
        [
            ({"verb": "wake"}, "open"),
            ({"verb": "resolve", "outcome": "false_alarm"}, "resolved"),
        ],
    )
    def test_other_verbs(self, api_for, alice, account, values, status):
        alert = make_alert(account, status="snoozed")
        body = api_for(alice).post(f"{ALERTS}bulk/", {"ids": [alert.pk], **values}, format="json").json()
        assert body["done"] == 1
        assert Alert.objects.get().status == status

    def test_snooze_and_reassign(self, api_for, alice, lee, alert):
        for values in ({"verb": "reassign", "owner": lee.pk}, {"verb": "snooze", "until": tomorrow()}):
            body = api_for(alice).post(f"{ALERTS}bulk/", {"ids": [alert.pk], **values}, format="json").json()
            assert body["done"] == 1
        alert.refresh_from_db()
        assert (alert.owner, alert.status) == (lee, "snoozed")

    @pytest.mark.parametrize(
        "values",
        [
            {"verb": "snooze"}, {"verb": "resolve"}, {"verb": "reassign"}, {"verb": "reopen"}, {"ids": []},
            {"ids": list(range(1, 202))}, {"verb": "wake", "more": 1},
        ],
    )  # fmt: skip
    def test_refuses_what_is_incomplete(self, api_for, alice, values):
        body = {"ids": [1], "verb": "acknowledge", **values}
        assert api_for(alice).post(f"{ALERTS}bulk/", body, format="json").status_code == 400

    def test_one_who_may_only_read_does_nothing(self, api_for, ann, alert):
        body = api_for(ann).post(f"{ALERTS}bulk/", {"ids": [alert.pk], "verb": "acknowledge"}, format="json").json()
        assert (body["done"], body["results"][0]["code"]) == (0, "account_read_only")


class TestRules:
    BODY = {
        "name": "停单", "reason": "order_gap", "tiers": ["A", ""],
        "conditions": [{"measure": "signal:order_gap", "op": "gte", "value": 0.5}],
    }  # fmt: skip

    def test_are_made_changed_and_taken_away_by_directors(self, api_for, dora):
        api = api_for(dora)
        made = api.post(RULES, self.BODY, format="json")
        assert made.status_code == 201
        url = f"{RULES}{made.json()['id']}/"
        assert api.patch(url, {"is_active": False}, format="json").json()["is_active"] is False
        assert api.put(url, {**self.BODY, "any_of": True}, format="json").json()["any_of"] is True
        assert api.delete(url).status_code == 204
        assert not AlertRule.objects.exists()

    def test_are_read_by_all_and_changed_by_none_else(self, api_for, alice):
        rule = make_alert_rule()
        api = api_for(alice)
        assert api.get(RULES).json()["results"][0]["id"] == rule.pk
        assert api.post(RULES, self.BODY, format="json").status_code == 403
        assert api.delete(f"{RULES}{rule.pk}/").status_code == 403

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"conditions": [{"measure": "weather", "op": "gte", "value": 1}]}, "rule_conditions_wrong"),
            ({"conditions": []}, "min_length"),
            ({"conditions": [{"measure": "score", "op": "is", "value": 1}]}, "invalid_choice"),
            ({"conditions": [{"measure": "score", "op": "gte", "value": "NaN"}]}, "invalid"),
            ({"tiers": ["D"]}, "invalid_choice"),
            ({"reason": "weather"}, "invalid_choice"),
            ({"playbook": 99}, "does_not_exist"),
        ],
    )
    def test_refuse_what_is_wrong(self, api_for, dora, change, code):
        answer = api_for(dora).post(RULES, {**self.BODY, **change}, format="json")
        assert answer.status_code == 400
        assert code in {answer.json()["code"], *(error["code"] for error in answer.json().get("errors", []))}

    def test_a_rule_that_opened_alerts_stays(self, api_for, dora, alert):
        answer = api_for(dora).delete(f"{RULES}{alert.rule_id}/")
        assert (answer.status_code, answer.json()["code"]) == (409, "rule_in_use")

    def test_reach_is_counted_without_saving(self, api_for, dora, alice, account):
        make_health(account)
        body = api_for(dora).post(f"{RULES}reach/", {**self.BODY, "tiers": []}, format="json").json()
        assert body == {"count": 1, "all": 1, "share": 1.0}
        assert not AlertRule.objects.exists()
        assert api_for(alice).post(f"{RULES}reach/", self.BODY, format="json").status_code == 403


class TestPolicy:
    def test_is_read_by_all_and_changed_by_directors(self, api_for, alice, dora):
        policy = api_for(alice).get(POLICY).json()
        assert policy["open_alerts_per_manager"] == 25
        changed = {**policy, "open_alerts_per_manager": 10}
        assert api_for(alice).put(POLICY, changed, format="json").status_code == 403
        assert api_for(dora).put(POLICY, changed, format="json").json()["open_alerts_per_manager"] == 10
        wrong = api_for(dora).put(POLICY, {**policy, "day_from": "19:00"}, format="json")
        assert wrong.status_code == 400
