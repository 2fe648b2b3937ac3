"""Approval rules: written by directors and administrators, read by everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from approvals.choices import Approver, Mode
from approvals.errors import CodesWrong, MayNotOwnRules, PeopleMissing, StepsMissing, TooManySteps
from approvals.models import ApprovalRule, ApprovalRuleStep
from audit.services import diff, record, snapshot
from users.models import User

MAX_STEPS = 10
MAX_CODES = 50


@dataclass(frozen=True)
class StepPlan:
    """A step of a rule before it is saved; `people` only for named persons."""

    approver: str
    mode: str = Mode.ONE
    people: Sequence[User] = field(default_factory=tuple)

    def __str__(self) -> str:
        words = [str(Approver(self.approver).label), str(Mode(self.mode).label)]
        return ": ".join([*words, ", ".join(str(user) for user in self.people)]).removesuffix(": ")


@transaction.atomic
def create_rule(rule: ApprovalRule, steps: Sequence[StepPlan], *, actor: User | None) -> ApprovalRule:
    """Save a new rule with its steps. Raises MayNotOwnRules, StepsMissing, TooManySteps, PeopleMissing,
    ValidationError."""
    _check(rule, steps, actor)
    rule.save()
    _write_steps(rule, steps)
    shown = {"name": (None, rule.name), "subject": (None, rule.subject), "steps": (None, _words(steps))}
    record("approval_rule.created", rule, actor=actor, changes=shown)
    return rule


@transaction.atomic
def update_rule(rule: ApprovalRule, steps: Sequence[StepPlan] | None, *, actor: User | None) -> ApprovalRule:
    """Save a changed rule; `steps` None leaves them. Requests under way keep the steps they were made with."""
    stored = ApprovalRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    before = plans_of(stored)
    steps = before if steps is None else steps
    _check(rule, steps, actor)
    rule.save()
    changes: dict[str, Any] = diff(snapshot(stored), rule)
    if _keys(before) != _keys(steps):
        _write_steps(rule, steps)
        changes["steps"] = (_words(before), _words(steps))
    if changes:
        record("approval_rule.updated", rule, actor=actor, changes=changes)
    return rule


@transaction.atomic
def delete_rule(rule: ApprovalRule, *, actor: User | None) -> None:
    """Take a rule away; requests under way go on. Raises MayNotOwnRules."""
    _require_owner(actor)
    shown = {"name": (rule.name, None), "steps": (_words(plans_of(rule)), None)}
    record("approval_rule.deleted", rule, actor=actor, changes=shown)
    ApprovalRule.objects.filter(pk=rule.pk).delete()


def plans_of(rule: ApprovalRule) -> list[StepPlan]:
    """The steps as they are saved."""
    steps = rule.steps.prefetch_related("people").order_by("position")
    return [StepPlan(step.approver, step.mode, list(step.people.all())) for step in steps]


def _check(rule: ApprovalRule, steps: Sequence[StepPlan], actor: User | None) -> None:
    _require_owner(actor)
    rule.full_clean()
    for codes in (rule.tiers, rule.kinds):
        texts = isinstance(codes, list) and all(isinstance(code, str) and len(code) <= 40 for code in codes)
        if not texts or len(codes) > MAX_CODES:
            raise CodesWrong
    if not steps:
        raise StepsMissing
    if len(steps) > MAX_STEPS:
        raise TooManySteps(limit=MAX_STEPS)
    for number, step in enumerate(steps, 1):
        named = step.approver == Approver.PERSON
        if named and not (step.people and all(user.is_active for user in step.people)):
            raise PeopleMissing(number=number)


def _require_owner(actor: User | None) -> None:
    """None is the system itself (a command, the demo) and may."""
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnRules


def _write_steps(rule: ApprovalRule, steps: Sequence[StepPlan]) -> None:
    rule.steps.all().delete()
    for number, step in enumerate(steps, 1):
        row = ApprovalRuleStep.objects.create(rule=rule, position=number, approver=step.approver, mode=step.mode)
        row.people.set(step.people if step.approver == Approver.PERSON else [])


def _keys(steps: Sequence[StepPlan]) -> list[tuple[str, str, list[int]]]:
    return [(step.approver, step.mode, sorted(user.pk for user in step.people)) for step in steps]


def _words(steps: Sequence[StepPlan]) -> list[str]:
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]
