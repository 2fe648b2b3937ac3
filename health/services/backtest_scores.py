"""Health scores and alert rules as scorers of a backtest: what they would have said on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.errors import DomainError
from health.choices import Reason
from health.churn.backtesting import Judged, Scorer
from health.churn.scorers import Walk
from health.conditions import Rule, worst
from health.evidence import facts_of
from health.models import AlertRule, HealthProfile
from health.services.alert_rules import check_rule, compiled_rule, rules_in_force
from health.services.predicting import Predictor
from health.services.profiles import check_profile
from health.services.scoring import Scored, score_all

SCORE, RULES, WHAT_IF, WHAT_IF_RULES = "score", "rules", "what_if", "what_if_rules"
PROFILE_FIELDS = ("name", "groups", "signals", "exceptions", "healthy_from", "watch_from")
RULE_FIELDS = ("name", "reason", "tiers", "any_of", "conditions")
MOST_RULES = 50


class Replay:
    """Scores all accounts anew for a day, once for all that ask about it: by these profiles (None: the current ones),
    and what each set of rules says of them. Only the numbers are kept."""

    def __init__(self, path: Walk, profiles: list[HealthProfile] | None, rules: Sequence[Sequence[Rule]]) -> None:
        self.path, self.profiles, self.rules = path, profiles, rules
        self.day = 0
        self.ids, self.scores, self.strengths = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 0))

    def score(self, day: int) -> Judged:
        """Low is dangerous; who has no score is left out."""
        self._go_to(day)
        known = ~np.isnan(self.scores)
        return Judged(self.ids[known], 100.0 - self.scores[known])

    def fired(self, number: int) -> Scorer:
        """How bad the worst alert of a set of rules is; 0 for whom none fires."""

        def strength(day: int) -> Judged:
            self._go_to(day)
            return Judged(self.ids, self.strengths[:, number])

        return strength

    def _go_to(self, day: int) -> None:
        if day == self.day:
            return
        date = dt.date.fromordinal(day)
        rows = [
            (one.account_id, np.nan if one.result.score is None else one.result.score, *self._said(one))
            for one in score_all(date, self.profiles, Predictor(date, self.path.learnt(day)))
        ]
        table = np.array(rows, dtype=np.float64).reshape(-1, 2 + len(self.rules))
        self.day, self.ids = day, table[:, 0].astype(np.int64)
        self.scores, self.strengths = table[:, 1], table[:, 2:]

    def _said(self, one: Scored) -> list[float]:
        chance = one.prediction
        facts = facts_of(
            one.tier, one.result.score, chance.probability if chance else None,
            chance.drop_probability if chance else None, one.value_at_risk, one.result.parts,
        )  # fmt: skip
        return [max((fired.strength for fired in worst(rules, facts).values()), default=0.0) for rules in self.rules]


def score_scorers(path: Walk, what_if: dict[str, Any]) -> dict[str, Scorer]:
    """The current profiles and alert rules; and those of a what-if beside them."""
    now = rules_in_force()
    current = Replay(path, None, [now])
    found = {SCORE: current.score, RULES: current.fired(0)}
    if what_if:
        profile, rules = profile_from(what_if), rules_from(what_if)
        other = Replay(path, [profile] if profile else None, [rules or now])
        found |= ({WHAT_IF: other.score} if profile else {}) | ({WHAT_IF_RULES: other.fired(0)} if rules else {})
    return found


def profile_from(what_if: dict[str, Any]) -> HealthProfile | None:
    """The profile of a what-if: for every account, with the weights given."""
    given = what_if.get("profile")
    return HealthProfile(**{name: given[name] for name in PROFILE_FIELDS if name in given}) if given else None


def rules_from(what_if: dict[str, Any]) -> list[Rule]:
    """The alert rules of a what-if, as arithmetic."""
    return [compiled_rule(row) for row in _rule_rows(what_if)]


def _rule_rows(what_if: dict[str, Any]) -> list[AlertRule]:
    return [AlertRule(pk=number, **rule) for number, rule in enumerate(what_if.get("rules") or [], start=1)]


def check_what_if(what_if: dict[str, Any]) -> None:
    """Raises ValidationError unless it is empty or names a profile, rules or both that could be saved."""
    if not what_if:
        return
    try:
        _check_shape(what_if)
        profile = profile_from(what_if)
        if profile is not None:
            profile.name = profile.name or "what if"
            check_profile(profile)
        for row in _rule_rows(what_if):
            check_rule(row)
    except ValidationError as error:
        raise ValidationError({"what_if": error.messages}) from error
    except DomainError as error:
        raise ValidationError({"what_if": str(error)}) from error


def _check_shape(what_if: dict[str, Any]) -> None:
    """Raises ValidationError."""
    profile, rules = what_if.get("profile", {}), what_if.get("rules", [])
    if set(what_if) - {"profile", "rules"} or not isinstance(profile, dict) or set(profile) - set(PROFILE_FIELDS):
        known = ", ".join(PROFILE_FIELDS)
        raise ValidationError(_("Name a profile with these fields only: %(fields)s.") % {"fields": known})
    good = isinstance(rules, list) and len(rules) <= MOST_RULES
    if not good or not all(isinstance(rule, dict) and set(rule) <= set(RULE_FIELDS) for rule in rules):
        known = ", ".join(RULE_FIELDS)
        raise ValidationError(_("Name alert rules with these fields only: %(fields)s.") % {"fields": known})
    if any(rule.get("reason") not in Reason.values for rule in rules):
        raise ValidationError(_("A rule has a reason that is not known."))
