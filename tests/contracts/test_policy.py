"""The contract policy: defaults, changes, the page, the API."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from audit.models import AuditEntry
from contracts.errors import MayNotOwnContractPolicy, RuleTwice
from contracts.models import Contract, ContractPolicy, DunningRule, RenewalRule
from contracts.services.policy import ensure_contract_policy, policy_now, rules_of, update_contract_policy
from tests.factories import TODAY
from tests.factories.contracts import make_contract

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 16, 4, 0, tzinfo=dt.UTC)
URL = "/api/v1/contract-policy/"


def update(policy, renewal_rules=(), dunning_rules=(), *, actor=None):
    return update_contract_policy(policy, renewal_rules, dunning_rules, actor=actor, today=TODAY, now=NOW)


def form_data(**changes):
    """What the page sends: two rules of each kind."""
    data = {
        "our_party": "我方有限公司", "plan_mismatch": "refuse", "escalate_after": "7", "alert_before": "21",
        "renewal-TOTAL_FORMS": "2", "renewal-INITIAL_FORMS": "0",
        "renewal-0-tier": "A", "renewal-0-min_amount": "0", "renewal-0-open_days": "200",
        "renewal-1-tier": "", "renewal-1-min_amount": "5000.5", "renewal-1-open_days": "30",
        "dunning-TOTAL_FORMS": "1", "dunning-INITIAL_FORMS": "0",
        "dunning-0-tier": "", "dunning-0-level": "1", "dunning-0-days_overdue": "9",
    }  # fmt: skip
    return {**data, **changes}


class TestService:
    def test_defaults_once(self):
        assert policy_now().pk is None
        policy = ensure_contract_policy()
        assert ensure_contract_policy() == policy
        days = dict(RenewalRule.objects.values_list("tier", "open_days"))
        assert days == {"A": 180, "B": 120, "C": 90, "": 90}
        assert list(DunningRule.objects.filter(tier="").values_list("days_overdue", flat=True)) == [7, 21, 45]
        assert list(DunningRule.objects.filter(tier="A").values_list("days_overdue", flat=True)) == [14, 30, 60]
        assert AuditEntry.objects.get().action == "contract_policy.created"

    def test_a_change_is_recorded_and_the_dates_follow(self, account, dora):
        contract = make_contract(account)
        policy = ensure_contract_policy()
        policy.escalate_after = 5
        update(policy, [RenewalRule(tier="", open_days=10)], rules_of(policy)[1], actor=dora)
        contract.refresh_from_db()
        assert contract.renewal_date == contract.notice_date - dt.timedelta(days=10)
        entry = AuditEntry.objects.get(action="contract_policy.updated")
        assert entry.actor == dora
        assert entry.changes["escalate_after"] == [14, 5]
        assert entry.changes["renewal_rules"] == [["* 0: 90", "A 0: 180", "B 0: 120", "C 0: 90"], ["* 0: 10"]]
        assert "dunning_rules" not in entry.changes
        update(ContractPolicy.objects.get(), *rules_of(policy), actor=dora)
        assert AuditEntry.objects.filter(action="contract_policy.updated").count() == 1

    def test_refuses(self, lee):
        policy = ensure_contract_policy()
        with pytest.raises(MayNotOwnContractPolicy):
            update(policy, actor=lee)
        with pytest.raises(RuleTwice):
            update(policy, [RenewalRule(tier="A", open_days=1), RenewalRule(tier="A", open_days=2)])
        with pytest.raises(ValidationError) as caught:
            update(policy, [RenewalRule(tier="X", open_days=0)], [DunningRule(level=10, days_overdue=1)])
        assert set(caught.value.error_dict) == {
            "renewal_rules.0.tier", "renewal_rules.0.open_days", "dunning_rules.0.level",
        }  # fmt: skip


class TestPage:
    def test_shows_the_defaults_and_writes_nothing(self, client_for, dora):
        response = client_for(dora).get(reverse("contracts:policy_update"))
        assert response.status_code == 200
        assert [form.initial["open_days"] for form in response.context["renewal_rules"]] == [180, 120, 90, 90]
        assert not ContractPolicy.objects.exists()

    def test_saves(self, client_for, dora):
        response = client_for(dora).post(reverse("contracts:policy_update"), form_data())
        assert response.status_code == 302
        policy = ContractPolicy.objects.get()
        assert (policy.our_party, policy.plan_mismatch, policy.alert_before) == ("我方有限公司", "refuse", 21)
        found = set(policy.renewal_rules.values_list("tier", "min_amount", "open_days"))
        assert found == {("A", 0, 200), ("", 5000.5, 30)}
        assert policy.dunning_rules.get().days_overdue == 9
        page = client_for(dora).get(reverse("contracts:policy_update"))
        assert "5000.5" in page.content.decode()

    def test_invalid_input_stays_and_nothing_is_saved(self, client_for, dora):
        bad = form_data(**{"renewal-1-open_days": "0", "our_party": "新公司", "escalate_after": ""})
        response = client_for(dora).post(reverse("contracts:policy_update"), bad)
        html = response.content.decode()
        assert response.status_code == 200
        assert "新公司" in html
        assert response.context["form"].errors.keys() == {"escalate_after"}
        assert not ContractPolicy.objects.exists()
        twice = form_data(**{"renewal-1-tier": "A", "renewal-1-min_amount": "0.000"})
        response = client_for(dora).post(reverse("contracts:policy_update"), twice)
        assert "keep one of the two" in response.content.decode()

    def test_rows_are_added_and_removed_without_saving(self, client_for, dora):
        url = reverse("contracts:policy_update")
        added = client_for(dora).post(url, form_data(add="dunning"))
        assert len(added.context["dunning_rules"].forms) == 2
        removed = client_for(dora).post(url, form_data(remove="renewal-0", our_party="还没保存"))
        assert [form["open_days"].value() for form in removed.context["renewal_rules"]] == ["30"]
        assert "还没保存" in removed.content.decode()
        assert not ContractPolicy.objects.exists()

    def test_for_owners_of_policies_only(self, client_for, lee, alice):
        for user in (lee, alice):
            assert client_for(user).get(reverse("contracts:policy_update")).status_code == 403


class TestApi:
    def test_everybody_reads_owners_write(self, api_for, alice, dora):
        shown = api_for(alice).get(URL).json()
        assert (shown["escalate_after"], len(shown["renewal_rules"]), len(shown["dunning_rules"])) == (14, 4, 6)
        body = {**shown, "escalate_after": 3, "renewal_rules": [{"tier": "A", "min_amount": "10", "open_days": 99}]}
        body.pop("updated_at")
        refused = api_for(alice).put(URL, body, format="json")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_policy_owner")
        answer = api_for(dora).put(URL, body, format="json")
        assert answer.status_code == 200, answer.json()
        assert answer.json()["renewal_rules"] == [{"tier": "A", "min_amount": "10.000", "open_days": 99}]
        assert api_for(alice).get(URL).json()["escalate_after"] == 3
        again = api_for(dora).put(URL, api_for(dora).get(URL).json(), format="json")
        assert again.status_code == 200, again.json()

    def test_refuses_what_is_wrong(self, api_for, dora):
        rules = [{"tier": "A", "open_days": 5}, {"tier": "A", "open_days": 6}]
        body = {"our_party": "", "escalate_after": 3, "alert_before": 3, "renewal_rules": rules, "dunning_rules": []}
        twice = api_for(dora).put(URL, body, format="json")
        assert (twice.status_code, twice.json()["code"]) == (400, "rule_twice")
        body["renewal_rules"] = [{"tier": "A", "open_days": 0}]
        assert api_for(dora).put(URL, body, format="json").status_code == 400
        assert not Contract.objects.exists()
