"""The follow-up rules of a campaign: which answers open a follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from surveys import closing
from surveys.choices import CampaignStatus
from surveys.definition import Definition, read
from surveys.errors import CampaignWrongStatus, MayNotOwnSurveys, RuleUnfit, TooManyRules
from surveys.models import Campaign, LoopRule
from users.models import User

MAX_RULES = 50


def definition_of(campaign: Campaign) -> Definition:
    """What the campaign asks: its frozen copy, before the start the questionnaire as it is."""
    return read(campaign.definition or campaign.questionnaire_version.definition)


@transaction.atomic
def set_rules(campaign: Campaign, rules: Sequence[closing.Rule], *, actor: User | None) -> None:
    """Let exactly these rules hold; answers given before stay as they were judged.

    Raises MayNotOwnSurveys, CampaignWrongStatus (ended), TooManyRules, RuleUnfit (a question that is not there or not
    rated, a range beyond its scale or the wrong way round).
    """
    if actor is not None and not actor.owns_policies:
        raise MayNotOwnSurveys
    if campaign.status == CampaignStatus.ENDED:
        raise CampaignWrongStatus(status=campaign.get_status_display())
    if len(rules) > MAX_RULES:
        raise TooManyRules(most=MAX_RULES)
    asked = definition_of(campaign)
    for number, rule in enumerate(rules, start=1):
        if fault := fault_of(rule, asked):
            raise RuleUnfit(row=_("Rule %(number)s") % {"number": number}, number=number, error=fault)
    # The campaign's row is what two people who save at once wait for.
    Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    _replace(campaign, list(dict.fromkeys(rules)), actor)


@transaction.atomic
def set_default_rules(campaign: Campaign, *, actor: User | None) -> None:
    """The rules of a new campaign, from the kinds of its questions; an anonymous one can have none: nobody would know
    whom to call."""
    rules = [] if campaign.anonymous else closing.default_rules(definition_of(campaign).questions)
    _replace(campaign, rules[:MAX_RULES], actor)


@transaction.atomic
def keep_rules_fitting(campaign: Campaign, *, actor: User | None) -> None:
    """The campaign asks another version now: rules of questions that are gone go, of an anonymous one all. Where none
    is left, the default rules hold again."""
    asked = definition_of(campaign)
    kept = [] if campaign.anonymous else [rule for rule in rules_of(campaign) if not fault_of(rule, asked)]
    _replace(
        campaign, kept or ([] if campaign.anonymous else closing.default_rules(asked.questions)[:MAX_RULES]), actor
    )


def rules_of(campaign: Campaign) -> list[closing.Rule]:
    """The rules as they are, in their order."""
    rows = LoopRule.objects.filter(campaign=campaign).order_by("pk")
    return [closing.Rule(row.question, row.low, row.high, row.kind) for row in rows]


def fault_of(rule: closing.Rule, asked: Definition) -> str:
    """What is wrong with a rule, in words; "" where nothing is."""
    question = asked.by_key.get(rule.question)
    if question is None or question.kind not in closing.RATINGS or question.scale is None:
        return _("Choose a question that is rated.")
    low, high = question.scale
    if rule.low > rule.high:
        return _("The range ends before it begins.")
    if rule.low < low or rule.high > high:
        return _("The answers to this question go from %(low)s to %(high)s.") % {"low": low, "high": high}
    return ""


def _replace(campaign: Campaign, rules: Iterable[closing.Rule], actor: User | None) -> None:
    before, after = rules_of(campaign), list(rules)
    if before == after:
        return
    LoopRule.objects.filter(campaign=campaign).delete()
    LoopRule.objects.bulk_create(LoopRule(campaign=campaign, **rule._asdict()) for rule in after)
    changes: dict[str, tuple[Any, Any]] = {"rules": (_in_words(before), _in_words(after))}
    record("survey_campaign.rules_changed", campaign, actor=actor, changes=changes)


def _in_words(rules: Sequence[closing.Rule]) -> str:
    """Short, for the audit: `recommend 0–6 recovery`."""
    return "; ".join(f"{rule.question} {rule.low}–{rule.high} {rule.kind}" for rule in rules)
