"""What a change of tier means: every app's own rules, where a tier is decided."""

import pytest
from django.urls import reverse

from core.tier_effects import effects_of
from health.models import AlertRule, HealthPolicy
from health.services.alert_rules import ensure_defaults
from health.services.profiles import ensure_default_profiles
from tests.factories.approvals import make_rule
from tests.factories.interactions import make_contact_policy
from tests.factories.tiers import make_fact, make_run

pytestmark = pytest.mark.django_db
PAGE = reverse("accounts:tier_effects")


def told(before, after):
    return {effect.label: tuple(effect.words) for effect in effects_of((before, after))}


class TestEffects:
    def test_alerts_and_bounds(self):
        ensure_defaults()
        ensure_default_profiles()
        HealthPolicy.objects.update_or_create(pk=1, defaults={"due_hours_a": 4, "due_hours_b": 9})

        found = told("B", "A")

        assert found["To act on an alert"] == ("9 working hours", "4 working hours")
        assert found["Alert “Likely to leave”"] == ("Churn probability ≥ 50%", "Churn probability ≥ 40%")
        assert found["Health profile"] == ("General", "Tier A")
        bounds = [words for label, words in found.items() if label.endswith(": bad from")]
        assert any(old != new for old, new in bounds)

    def test_a_tier_without_a_rule(self):
        AlertRule.objects.create(
            name="x", reason="neglected", tiers=["A"], conditions=[{"measure": "score", "op": "lte", "value": 40}]
        )

        assert told("C", "A")["Alert “No contact within the cadence”"] == ("no rule", "Health score ≤ 40")

    def test_cadence_renewal_approvals_surveys(self):
        make_contact_policy()
        make_rule(name="x", name_en="Large ones", tiers=["A"])

        found = told("C", "A")

        assert found["Contact cadence: Account manager"][0] != found["Contact cadence: Account manager"][1]
        assert found["Renewal opens"] == ("90 days before the notice date", "180 days before the notice date")
        assert found["Approval rules of its own"][0] == "none"
        assert found["Approval rules of its own"][1].endswith(": Large ones")
        assert found["To answer an unhappy customer"] == ("40 working hours", "16 working hours")


class TestPage:
    def test_says_what_differs_and_names_the_rest(self, client_for, alice):
        page = client_for(alice).get(PAGE, {"before": "C", "after": "A"}).content.decode()

        assert "What C → A changes" in page
        assert "180 days before the notice date" in page
        assert "The same for both: " in page

    def test_no_such_tier(self, client_for, alice):
        assert client_for(alice).get(PAGE, {"before": "X", "after": "A"}).status_code == 404

    def test_stands_where_a_tier_is_decided(self, client_for, lee, account):
        make_fact(account, 100)
        proposal = make_run().proposals.get(account=account)

        page = client_for(lee).get(proposal.get_absolute_url()).content.decode()

        assert f"{PAGE}?before={proposal.tier_before}&amp;after={proposal.proposed_tier}" in page
