"""Which rule a request falls under, and how rules are written."""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from approvals import services
from approvals.choices import Approver
from approvals.errors import CodesWrong, MayNotOwnRules, PeopleMissing, StepsMissing, TooManySteps
from approvals.models import ApprovalRule
from approvals.rules import Facts, first_fitting, holds
from approvals.services import StepPlan
from audit.models import AuditEntry
from tests.factories.approvals import ALL, make_request, make_rule
from tests.factories.users import UserFactory


@dataclass
class Rule:
    """As much of a rule as is looked at."""

    min_amount: Decimal | None = None
    min_discount: Decimal | None = None
    tiers: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


class TestHolds:
    @pytest.mark.parametrize(
        ("rule", "facts", "expected"),
        [
            (Rule(), Facts(), True),
            (Rule(min_amount=Decimal(100)), Facts(amount=Decimal(100)), True),
            (Rule(min_amount=Decimal(100)), Facts(amount=Decimal("99.99")), False),
            (Rule(min_amount=Decimal(100)), Facts(amount=None), True),
            (Rule(min_discount=Decimal(10)), Facts(discount=Decimal(10)), True),
            (Rule(min_discount=Decimal(10)), Facts(discount=Decimal("9.99")), False),
            (Rule(min_discount=Decimal(10)), Facts(discount=None), False),
            (Rule(min_discount=Decimal(0)), Facts(discount=Decimal(0)), True),
            (Rule(tiers=["A", ""]), Facts(tier=""), True),
            (Rule(tiers=["A"]), Facts(tier=""), False),
            (Rule(kinds=["supply"]), Facts(kind="supply"), True),
            (Rule(kinds=["supply"]), Facts(kind="service"), False),
            (Rule(min_amount=Decimal(1), tiers=["A"]), Facts(amount=Decimal(1), tier="B"), False),
        ],
    )
    def test_all_conditions(self, rule, facts, expected):
        assert holds(rule, facts) is expected

    def test_the_first_that_fits_counts(self):
        large, all_of_a, rest = Rule(min_amount=Decimal(1000)), Rule(tiers=["A"]), Rule()
        rules = [large, all_of_a, rest]
        assert first_fitting(rules, Facts(amount=Decimal(5), tier="A")) is all_of_a
        assert first_fitting(rules, Facts(amount=None, tier="C")) is large
        assert first_fitting(rules, Facts(amount=Decimal(5), tier="C")) is rest
        assert first_fitting(rules[:2], Facts(amount=Decimal(5), tier="C")) is None


@pytest.mark.django_db
class TestRuleFor:
    def test_in_force_of_the_subject_by_position(self):
        make_rule(position=1, is_active=False)
        make_rule(position=1, subject="amendment")
        second, first = make_rule(position=3), make_rule(position=2)
        assert services.rule_for("contract", Facts()) == first
        first.delete()
        assert services.rule_for("contract", Facts()) == second
        assert services.rule_for("termination", Facts()) is None


@pytest.mark.django_db
class TestWriting:
    def test_create_is_recorded_with_its_steps(self, dora, lee):
        rule = ApprovalRule(name="大额", subject="contract", tiers=["A", ""])
        services.create_rule(rule, [StepPlan("superior"), StepPlan("person", ALL, [lee, dora])], actor=dora)
        assert [(s.position, s.approver, s.mode) for s in rule.steps.all()] == [
            (1, "superior", "one"),
            (2, "person", "all"),
        ]
        assert set(rule.steps.get(position=2).people.all()) == {lee, dora}
        entry = AuditEntry.objects.of(rule).get()
        assert (entry.action, entry.actor) == ("approval_rule.created", dora)
        assert len(entry.changes["steps"][1]) == 2

    def test_update_records_what_differs(self, dora, alice, owner_app, lee):
        rule = make_rule()
        under_way = make_request(alice)
        rule.name = "新"
        services.update_rule(rule, [StepPlan("director")], actor=dora)
        entry = AuditEntry.objects.of(rule).filter(action="approval_rule.updated").get()
        assert set(entry.changes) == {"name", "steps"}
        assert [step.approver for step in under_way.steps.all()] == ["superior"], "requests keep their steps"
        services.update_rule(rule, None, actor=dora)
        assert AuditEntry.objects.of(rule).filter(action="approval_rule.updated").count() == 1
        assert [step.approver for step in rule.steps.all()] == ["director"]

    def test_delete_leaves_requests(self, dora, alice, lee, owner_app):
        rule = make_rule()
        under_way = make_request(alice)
        services.delete_rule(rule, actor=dora)
        assert not ApprovalRule.objects.exists()
        assert under_way.steps.count() == 1
        assert AuditEntry.objects.filter(action="approval_rule.deleted").count() == 1

    def test_refuses(self, lee, dora):
        rule = ApprovalRule(name="x", subject="contract")
        with pytest.raises(MayNotOwnRules):
            services.create_rule(rule, [StepPlan("superior")], actor=lee)
        with pytest.raises(StepsMissing):
            services.create_rule(rule, [], actor=dora)
        with pytest.raises(TooManySteps):
            services.create_rule(rule, [StepPlan("superior")] * 11, actor=dora)
        for people in ([], [UserFactory(is_active=False)]):
            with pytest.raises(PeopleMissing):
                services.create_rule(rule, [StepPlan(Approver.PERSON, ALL, people)], actor=dora)
        rule.tiers = "A"
        with pytest.raises(CodesWrong):
            services.create_rule(rule, [StepPlan("superior")], actor=dora)
        rule.tiers, rule.min_discount = [], Decimal(101)
        with pytest.raises(ValidationError):
            services.create_rule(rule, [StepPlan("superior")], actor=dora)
        with pytest.raises(MayNotOwnRules):
            services.delete_rule(make_rule(), actor=lee)
