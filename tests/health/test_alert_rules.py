"""Alert rules and the policy: saved, refused, deleted, and what they would reach."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from audit.models import AuditEntry
from health.default_rules import DEFAULT_RULES
from health.errors import MayNotOwnHealth, RuleConditionsWrong, RuleInUse, RuleTiersUnknown, RuleWithoutConditions
from health.models import AlertRule, HealthPolicy
from health.services.alert_rules import delete_rule, ensure_defaults, rule_reach, save_rule
from health.services.policy import policy_now, update_policy
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_alert, make_alert_rule, make_health

pytestmark = pytest.mark.django_db
GAP = {"measure": "signal:order_gap", "op": "gte", "value": 0.5}


def rule(**fields):
    return AlertRule(**{"name": "停单", "name_en": "Stopped", "reason": "order_gap", "conditions": [GAP], **fields})


class TestSave:
    def test_a_new_one(self, dora):
        saved = save_rule(rule(tiers=["A", ""]), actor=dora)
        assert AlertRule.objects.get() == saved
        assert AuditEntry.objects.of(saved).get().action == "alert_rule.created"

    def test_a_change_says_what(self, dora):
        saved = save_rule(rule(), actor=dora)
        saved.any_of = True
        save_rule(saved, actor=dora)
        save_rule(saved, actor=dora)
        entry = AuditEntry.objects.of(saved).filter(action="alert_rule.updated").get()
        assert entry.changes == {"any_of": [False, True]}

    def test_refuses_who_owns_no_policies(self, alice, lee):
        for actor in (alice, lee):
            with pytest.raises(MayNotOwnHealth):
                save_rule(rule(), actor=actor)

    @pytest.mark.parametrize("conditions", [[], None, {}, "x", [GAP] * 13])
    def test_refuses_none_and_too_many_conditions(self, dora, conditions):
        with pytest.raises(RuleWithoutConditions) as error:
            save_rule(rule(conditions=conditions), actor=dora)
        assert error.value.field == "conditions"

    def test_names_the_condition_that_is_wrong(self, dora):
        with pytest.raises(RuleConditionsWrong, match="Condition 2: there is no such measure"):
            save_rule(rule(conditions=[GAP, {**GAP, "measure": "signal:weather"}]), actor=dora)

    @pytest.mark.parametrize("tiers", [["D"], "A", [1], {}])
    def test_refuses_tiers_that_are_none(self, dora, tiers):
        with pytest.raises(RuleTiersUnknown):
            save_rule(rule(tiers=tiers), actor=dora)

    @pytest.mark.parametrize("fields", [{"name": ""}, {"reason": "weather"}, {"name": "x" * 121}])
    def test_refuses_what_the_row_refuses(self, dora, fields):
        with pytest.raises(ValidationError):
            save_rule(rule(**fields), actor=dora)


class TestDelete:
    def test_one_that_never_fired(self, dora):
        saved = save_rule(rule(), actor=dora)
        delete_rule(saved, actor=dora)
        assert not AlertRule.objects.exists()
        assert AuditEntry.objects.filter(action="alert_rule.deleted").exists()

    def test_not_one_that_opened_an_alert(self, dora, account):
        alert = make_alert(account)
        with pytest.raises(RuleInUse):
            delete_rule(alert.rule, actor=dora)

    def test_refuses_who_owns_no_policies(self, lee):
        with pytest.raises(MayNotOwnHealth):
            delete_rule(make_alert_rule(), actor=lee)


class TestReach:
    def test_counts_for_whom_it_would_fire(self, alice):
        for probability in (0.2, 0.6, 0.9, None):
            make_health(AccountFactory(manager=alice), probability=probability)
        found = rule_reach(rule(conditions=[{"measure": "probability", "op": "gte", "value": 0.6}]))
        assert (found.count, found.all, found.share) == (2, 4, 0.5)

    def test_one_that_cannot_be_saved_reaches_nobody(self, account):
        make_health(account)
        assert rule_reach(rule(conditions=[])).count == 0

    def test_before_the_first_night_no_share(self, db):
        assert rule_reach(rule()).share is None


class TestDefaults:
    def test_each_can_be_saved_and_has_a_name_in_each_language(self, db):
        assert ensure_defaults() == len(DEFAULT_RULES)
        assert all(row.name and row.name_hant and row.name_en for row in AlertRule.objects.all())
        assert ensure_defaults() == 0
        said = {}
        for language in ("zh-hans", "zh-hant", "en"):
            with override(language):
                said[language] = str(AlertRule.objects.get(reason="contact_left"))
        assert said == {"zh-hans": "关键联系人离职", "zh-hant": "關鍵聯絡人離職", "en": "Key contact left"}
        with override("zh-hant"):
            assert str(rule()) == "停单"

    def test_not_beside_rules_of_the_company_s_own(self, dora):
        save_rule(rule(), actor=dora)
        assert ensure_defaults() == 0


class TestPolicy:
    def test_is_one_row_with_its_history(self, dora):
        policy = policy_now()
        policy.quiet_days = 30
        update_policy(policy, actor=dora)
        assert HealthPolicy.objects.get().quiet_days == 30
        assert AuditEntry.objects.of(HealthPolicy.objects.get()).get().changes == {"quiet_days": [60, 30]}
        update_policy(policy_now(), actor=dora)
        assert HealthPolicy.objects.count() == 1
        assert AuditEntry.objects.filter(action="health_policy.updated").count() == 1

    def test_refuses_who_owns_no_policies(self, lee):
        with pytest.raises(MayNotOwnHealth):
            update_policy(HealthPolicy(), actor=lee)

    @pytest.mark.parametrize(
        "fields",
        [
            {"open_alerts_per_manager": 0}, {"open_alerts_per_manager": 1001}, {"quiet_days": 366}, {"keep_days": 10},
            {"day_from": dt.time(18), "day_until": dt.time(9)},
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be(self, dora, fields):
        with pytest.raises(ValidationError):
            update_policy(HealthPolicy(**fields), actor=dora)
