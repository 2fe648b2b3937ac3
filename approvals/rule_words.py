"""Rules in words, as their list and the API show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from approvals.choices import Approver, Mode, Subject
from approvals.models import ApprovalRule, ApprovalRuleStep
from approvals.registry import all_kinds
from core import numbers


def conditions(rule: ApprovalRule) -> list[str]:
    """The conditions one by one; nothing where the rule holds for everything."""
    found = []
    if rule.min_amount is not None:
        amount = numbers.short_money(rule.min_amount, settings.REPORTING_CURRENCY, get_language() or "en")
        found.append(_("from %(amount)s, or where the amount is not known") % {"amount": amount})
    if rule.min_discount is not None:
        found.append(_("from a discount of %(percent)s") % {"percent": numbers.percent(rule.min_discount / 100)})
    if rule.tiers:
        tiers = [tier or str(_("no tier")) for tier in rule.tiers]
        found.append(_("tier %(tiers)s") % {"tiers": ", ".join(tiers)})
    if rule.kinds:
        known = all_kinds()
        found.append(_("kind %(kinds)s") % {"kinds": ", ".join(str(known.get(kind, kind)) for kind in rule.kinds)})
    return found


def step_text(step: ApprovalRuleStep) -> str:
    """“Director: one of them”, “Named person: all of them (Lee, Dora)”."""
    people = [str(user) for user in step.people.all()] if step.approver == Approver.PERSON else []
    text = str(Approver(step.approver).label)
    if step.approver != Approver.PERSON or len(people) > 1:
        text = _("%(approver)s: %(mode)s") % {"approver": text, "mode": Mode(step.mode).label}
    return f"{text} ({', '.join(people)})" if people else text


def described(rules: Iterable[ApprovalRule]) -> list[dict[str, Any]]:
    """The rules under their subjects, in their order, each with its parts in words."""
    groups: dict[str, dict[str, Any]] = {}
    for rule in rules:
        group = groups.setdefault(rule.subject, {"label": Subject(rule.subject).label, "rules": []})
        steps = [step_text(step) for step in rule.steps.all()]
        group["rules"].append({"rule": rule, "conditions": conditions(rule), "steps": steps})
    return list(groups.values())
