import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from tests.factories.tiers import make_policy
from tiers import services
from tiers.errors import MayNotOwnPolicies
from tiers.models import TierPolicy, TierPolicyVersion

pytestmark = pytest.mark.django_db


def version(**kwargs):
    return TierPolicyVersion(
        **{"method": "pareto", "parameters": {"cut_a": "60", "cut_b": "80"}, "months": 3, **kwargs}
    )


class TestCreatePolicy:
    def test_makes_the_first_version_and_an_audit_entry(self, dora):
        policy = services.create_policy(TierPolicy(code="half", name="半年"), version(note="first"), actor=dora)
        found = policy.current_version
        assert (found.number, found.author, found.parameters["cut_a"]) == (1, dora, "60")
        entry = AuditEntry.objects.of(policy).get()
        assert (entry.action, entry.actor, entry.changes["cut_a"]) == ("tier_policy.created", dora, [None, "60"])

    @pytest.mark.parametrize(
        ("kwargs", "field"),
        [
            ({"months": 0}, "months"),
            ({"currency": "XXX"}, "currency"),
            ({"parameters": {"cut_a": "0"}}, "cut_a"),
            ({"method": "dice"}, "method"),
        ],
    )
    def test_refuses_bad_input_by_field_and_saves_nothing(self, dora, kwargs, field):
        with pytest.raises(ValidationError) as caught:
            services.create_policy(TierPolicy(code="half", name="半年"), version(**kwargs), actor=dora)
        assert field in caught.value.message_dict
        assert not TierPolicy.objects.exists()

    def test_names_the_errors_of_policy_and_version_together(self):
        with pytest.raises(ValidationError) as caught:
            services.create_policy(TierPolicy(code="a b", name=""), version(months=99), actor=None)
        assert set(caught.value.message_dict) == {"code", "name", "months"}

    def test_is_for_directors(self, lee):
        with pytest.raises(MayNotOwnPolicies):
            services.create_policy(TierPolicy(code="half", name="半年"), version(), actor=lee)

    def test_only_one_policy_is_in_force(self):
        make_policy("one", enabled=True)
        with pytest.raises(ValidationError, match="in force already"):
            make_policy("two", enabled=True)


class TestUpdatePolicy:
    def test_other_rules_are_a_new_version(self, dora):
        policy = make_policy()
        services.update_policy(policy, version(note="wider"), actor=dora)
        policy = TierPolicy.objects.get()
        assert [v.number for v in policy.versions.all()] == [2, 1]
        entry = AuditEntry.objects.of(policy).first()
        assert entry.changes["cut_a"] == ["70", "60"]
        assert entry.changes["version"] == [1, 2]
        assert entry.reason == "wider"

    def test_the_same_rules_are_not(self, dora):
        policy = make_policy()
        policy.name = "New name"
        services.update_policy(policy, version(parameters={"cut_a": 70, "cut_b": "90.0"}, months=6), actor=dora)
        assert policy.versions.count() == 1
        assert AuditEntry.objects.of(policy).first().changes == {"name": ["plain", "New name"]}

    def test_is_for_directors(self, alice):
        with pytest.raises(MayNotOwnPolicies):
            services.update_policy(make_policy(), actor=alice)

    def test_versions_are_never_changed(self):
        found = make_policy().current_version
        found.months = 3
        with pytest.raises(TypeError):
            found.save()


class TestDefaultPolicy:
    def test_is_made_once(self):
        policy = services.ensure_default_policy()
        assert services.ensure_default_policy() == policy
        assert policy.enabled
        found = policy.current_version
        assert (found.months, found.parameters["cut_a"], found.parameters["down_runs"]) == (12, "80", 2)
        assert policy.next_due(dt.date(2026, 3, 16)) == dt.date(2026, 7, 5)

    def test_prefers_the_policy_in_force(self):
        make_policy("one")
        two = make_policy("two", enabled=True)
        assert services.ensure_default_policy() == two
