"""Alert rules: written, deleted, the ones that an installation begins with, and how much one of them fires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Tier
from audit.models import AuditEntry
from audit.services import diff, record, snapshot
from health.conditions import MAX_CONDITIONS, Rule, compiled, order_signals, problem
from health.default_rules import DEFAULT_RULES, DefaultRule
from health.errors import RuleConditionsWrong, RuleInUse, RuleTiersUnknown, RuleWithoutConditions
from health.evidence import facts_of
from health.models import AccountHealth, Alert, AlertRule, Playbook
from health.services.policy import check_owner, locked_policy
from health.services.shipped_playbooks import ensure_playbooks
from health.signals import all_signals
from users.models import User

TIERS = (*Tier.values, "")
CHUNK = 2000
FACTS = ("account__tier", "score", "probability", "drop_probability", "value_at_risk_amount", "parts")


@dataclass(frozen=True)
class Reach:
    """How many of all scored accounts a rule would fire for, by the scores of the last night."""

    count: int
    all: int

    @property
    def share(self) -> float | None:
        """None where no account was scored yet."""
        return self.count / self.all if self.all else None


@transaction.atomic
def save_rule(rule: AlertRule, *, actor: User | None) -> AlertRule:
    """Store a new or a changed rule; it counts from the next night on. The same twice changes nothing.

    Raises MayNotOwnHealth, RuleWithoutConditions, RuleConditionsWrong (field `conditions`), RuleTiersUnknown (field
    `tiers`), ValidationError.
    """
    check_owner(actor)
    is_new = rule.pk is None
    before = {} if is_new else snapshot(AlertRule.objects.select_for_update().get(pk=rule.pk))
    check_rule(rule)
    rule.full_clean()
    changes: dict[str, Any] = {} if is_new else diff(before, rule)
    if is_new or changes:
        rule.save()
        record("alert_rule.created" if is_new else "alert_rule.updated", rule, actor=actor, changes=changes)
    return rule


@transaction.atomic
def delete_rule(rule: AlertRule, *, actor: User | None) -> None:
    """Take away a rule that has never opened an alert. Raises MayNotOwnHealth, RuleInUse."""
    check_owner(actor)
    rule = AlertRule.objects.select_for_update().get(pk=rule.pk)
    if Alert.objects.filter(rule=rule).exists():
        raise RuleInUse
    record("alert_rule.deleted", rule, actor=actor)
    rule.delete()


def rule_reach(rule: AlertRule) -> Reach:
    """What an unsaved or changed rule would do; nothing is written. A rule that cannot be saved reaches nobody."""
    try:
        check_rule(rule)
    except (RuleWithoutConditions, RuleConditionsWrong, RuleTiersUnknown):
        return Reach(0, AccountHealth.objects.count())
    ready, count, total = compiled_rule(rule), 0, 0
    rows = AccountHealth.objects.order_by("pk").values_list(*FACTS)
    for tier, score, probability, drop, at_risk, parts in rows.iterator(CHUNK):
        total += 1
        count += ready.fires(facts_of(tier, score, probability, drop, at_risk, parts)) is not None
    return Reach(count, total)


def rules_in_force() -> list[Rule]:
    """The active rules as arithmetic, the oldest first."""
    return [compiled_rule(row) for row in AlertRule.objects.active()]


def compiled_rule(row: AlertRule) -> Rule:
    return compiled(row, order_signals({key: signal.group for key, signal in all_signals().items()}))


@transaction.atomic
def ensure_defaults() -> int:
    """Give an installation that never had a rule those that it begins with; returns how many.

    What the company took away stays away. Asked any number of times, by several at once.
    """
    if _had_rules():
        return 0
    ensure_playbooks()
    locked_policy()
    if _had_rules():
        return 0
    playbooks = dict(Playbook.objects.filter(code__isnull=False).order_by().values_list("code", "pk"))
    return sum(_store(default, playbooks) for default in DEFAULT_RULES)


def _had_rules() -> bool:
    """There is a rule, or was one: the log knows. (The policy is no sign: scoring makes it before.)"""
    return AlertRule.objects.exists() or AuditEntry.objects.filter(object_type=AlertRule._meta.label_lower).exists()


def _store(default: DefaultRule, playbooks: dict[str, int]) -> bool:
    rule = AlertRule(
        reason=default.reason, name=default.name, name_hant=default.name_hant, name_en=default.name_en,
        conditions=default.conditions, tiers=default.tiers, any_of=default.any_of,
        playbook_id=playbooks.get(default.playbook),
    )  # fmt: skip
    save_rule(rule, actor=None)
    return True


def check_rule(rule: AlertRule) -> None:
    """Raises RuleWithoutConditions, RuleConditionsWrong, RuleTiersUnknown."""
    conditions = rule.conditions
    if not isinstance(conditions, list) or not 0 < len(conditions) <= MAX_CONDITIONS:
        raise RuleWithoutConditions(field="conditions", most=MAX_CONDITIONS)
    for number, condition in enumerate(conditions, 1):
        if wrong := problem(condition, all_signals()):
            raise RuleConditionsWrong(field="conditions", number=number, problem=_problem_words(wrong))
    unknown = [tier for tier in rule.tiers if tier not in TIERS] if isinstance(rule.tiers, list) else [rule.tiers]
    if unknown:
        raise RuleTiersUnknown(field="tiers", tier=unknown[0])


def _problem_words(wrong: str) -> str:
    return {
        "form": _("it consists of a measure, a comparison and a value."),
        "measure": _("there is no such measure."),
        "op": _("the comparison is “gte” (at least) or “lte” (at most)."),
        "value": _("the value is a number; of a probability or a signal’s severity one from 0 to 1."),
    }[wrong]
