"""The pages of alert rules and of the health policy."""

import pytest
from django.urls import reverse

from health.models import AlertRule, HealthPolicy, Playbook
from health.rule_words import condition_sentences, known_measures
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import make_alert, make_alert_rule, make_health

LIST, NEW, POLICY = (reverse(f"health:{name}") for name in ("rule_list", "rule_create", "policy_update"))


def typed(*conditions, **fields):
    """A rule as the form sends it; conditions as (measure, op, value)."""
    data = {"name": "高风险", "name_en": "High risk", "reason": "churn_risk", "is_active": "on", "any_of": "", **fields}
    data |= {"form-TOTAL_FORMS": len(conditions), "form-INITIAL_FORMS": 0}
    for number, (measure, op, value) in enumerate(conditions):
        data |= {f"form-{number}-measure": measure, f"form-{number}-op": op, f"form-{number}-value": value}
    return data


class TestWords:
    @pytest.mark.parametrize(
        ("condition", "words"),
        [
            (("probability", "gte", 0.6), "Churn probability ≥ 60%"),
            (("drop_probability", "gte", 0.125), "Probability that spending halves ≥ 12.5%"),
            (("score", "lte", 40.0), "Health score ≤ 40"),
            (("value_at_risk", "gte", 1e5), "Value at risk ≥ CNY 100,000.00"),
        ],
    )
    def test_conditions(self, condition, words):
        names = ("measure", "op", "value")
        rule = AlertRule(conditions=[dict(zip(names, condition, strict=True))])
        assert [text.replace("\u00a0", " ") for text in condition_sentences(rule)] == [words]

    def test_every_measure_has_words(self):
        rule = AlertRule(conditions=[])
        for _group, measures in known_measures():
            for measure, words in measures:
                assert words
                rule.conditions.append({"measure": measure, "op": "gte", "value": 0.5})
        assert len(condition_sentences(rule)) > 30

    def test_a_signal_that_is_gone_is_named_by_its_key(self):
        rule = AlertRule(conditions=[{"measure": "value:forgotten", "op": "gte", "value": 3}])
        assert condition_sentences(rule) == ["forgotten ≥ 3"]


class TestList:
    def test_how_much_each_fires(self, client_for, dora, account, alice):
        rule = make_alert_rule("order_gap", conditions=[{"measure": "probability", "op": "gte", "value": 0.5}])
        make_alert(account, rule=rule)
        make_alert(AccountFactory(manager=alice), status="held", rule=rule)
        make_alert(AccountFactory(manager=alice), status="resolved", rule=rule)
        for _number in range(3):
            make_health(AccountFactory(manager=alice))
        page = client_for(dora).get(LIST)
        (shown,) = page.context["rules"]
        assert (shown.fires, shown.open_now, shown.share) == (2, 1, pytest.approx(2 / 3))
        assert "A rule that fires so often" in page.content.decode()

    def test_managers_read_the_rules_alone(self, client_for, alice, account):
        make_alert_rule()
        html = client_for(alice).get(LIST).content.decode()
        assert "Rule order_gap" in html
        assert "Fires for" not in html
        assert NEW not in html


class TestForm:
    def test_create_in_per_cent(self, client_for, dora):
        data = typed(("probability", "gte", "62.5"), ("value:order_gap", "gte", "3"), tiers=["A", "none"], any_of="1")
        assert client_for(dora).post(NEW, data)["Location"] == LIST
        rule = AlertRule.objects.get()
        assert rule.conditions == [
            {"measure": "probability", "op": "gte", "value": 0.625},
            {"measure": "value:order_gap", "op": "gte", "value": 3.0},
        ]
        assert (rule.tiers, rule.any_of, rule.reason) == (["A", ""], True, "churn_risk")

    def test_what_was_stored_comes_back(self, client_for, dora):
        playbook = Playbook.objects.create(names={"en": "P"})
        rule = make_alert_rule("unhappy", tiers=["", "B"], playbook=playbook, any_of=True)
        page = client_for(dora).get(rule.get_absolute_url())
        form, formset = page.context["form"], page.context["formset"]
        assert sorted(form["tiers"].value()) == ["B", "none"]
        assert form["any_of"].value() == "1"
        assert formset.forms[0]["value"].value() == "50"
        data = typed(("signal:order_gap", "gte", "50"), tiers=["B", "none"], any_of="1", reason="unhappy")
        client_for(dora).post(rule.get_absolute_url(), data | {"playbook": playbook.pk})
        stored = AlertRule.objects.get()
        assert (stored.conditions, sorted(stored.tiers)) == (rule.conditions, ["", "B"])

    @pytest.mark.parametrize(
        ("condition", "error"),
        [
            (("probability", "gte", "101"), "Between 0 and 100 per cent."),
            (("signal:order_gap", "gte", "-1"), "Between 0 and 100 per cent."),
            (("nonsense", "gte", "1"), "Select a valid choice"),
            (("score", "gte", "many"), "Enter a number."),
        ],
    )
    def test_a_wrong_condition_is_said_and_kept(self, client_for, dora, condition, error):
        html = client_for(dora).post(NEW, typed(condition)).content.decode()
        assert error in html
        assert "高风险" in html
        assert not AlertRule.objects.exists()

    def test_without_a_condition(self, client_for, dora):
        page = client_for(dora).post(NEW, typed())
        assert page.context["formset"].non_form_errors()
        assert not AlertRule.objects.exists()

    def test_add_and_remove_save_nothing(self, client_for, dora):
        client = client_for(dora)
        page = client.post(NEW, typed(("score", "lte", "40")) | {"add": "1"})
        assert [form["measure"].value() for form in page.context["formset"]] == ["score", "probability"]
        assert page.context["form"]["name"].value() == "高风险"
        page = client.post(NEW, typed(("score", "lte", "40"), ("probability", "gte", "5")) | {"remove": "0"})
        assert [form["measure"].value() for form in page.context["formset"]] == ["probability"]
        assert not AlertRule.objects.exists()

    def test_reach_needs_no_name(self, client_for, dora, alice):
        for probability in (0.2, 0.7, 0.9):
            make_health(AccountFactory(manager=alice), probability=probability)
        data = typed(("probability", "gte", "60"), name="", reason="") | {"preview": "1"}
        page = client_for(dora).post(NEW, data)
        assert (page.context["reach"].count, page.context["reach"].all) == (2, 3)
        assert "A rule that fires so often" in page.content.decode()
        assert not AlertRule.objects.exists()

    def test_delete_and_what_cannot_be(self, client_for, dora, account):
        used, unused = make_alert_rule(), make_alert_rule("unhappy")
        make_alert(account, rule=used)
        client = client_for(dora)
        for rule in (used, unused):
            assert client.post(reverse("health:rule_delete", args=[rule.pk])).status_code == 302
        assert list(AlertRule.objects.all()) == [used]

    def test_managers_may_not(self, client_for, alice):
        assert client_for(alice).get(NEW).status_code == 403


class TestPolicy:
    def test_change(self, client_for, dora):
        client = client_for(dora)
        data = {
            "open_alerts_per_manager": 10, "due_hours_a": 4, "due_hours_b": 9, "due_hours_c": 18,
            "director_after_hours": 9, "quiet_days": 30, "keep_days": 365, "day_from": "08:30", "day_until": "17:30",
        }  # fmt: skip
        assert client.post(POLICY, data)["Location"] == POLICY
        assert HealthPolicy.objects.get().open_alerts_per_manager == 10
        page = client.post(POLICY, data | {"day_until": "08:00"})
        assert "The working day ends before it begins." in page.content.decode()
        assert HealthPolicy.objects.get().due_hours_a == 4

    def test_managers_may_not(self, client_for, alice):
        assert client_for(alice).get(POLICY).status_code == 403
