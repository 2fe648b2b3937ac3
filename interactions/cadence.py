"""How often somebody is to be in contact with an account, and until when the next contact is within it.

Pure: values in, values out; no clock and no database. The planner, the dates of the account summary and coverage all
ask here, so they cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DEFAULT_CHANNELS = frozenset({"visit", "meeting", "call"})
EVERY_CHANNEL = frozenset({"visit", "call", "meeting", "email", "wechat", "gift", "training", "liaison"})
MANAGER, SPONSOR = "manager", "sponsor"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the contact policy; empty tier, stage and region mean any."""

    cadence_days: int
    duty: str = MANAGER
    tier: str = ""
    stage: str = ""
    region: str = ""
    channels: frozenset[str] = DEFAULT_CHANNELS
    minimum_seniority: int = 0
    pk: int = 0

    def __post_init__(self) -> None:
        """Raises ValueError for a cadence below one day: every visit would ask for the next one on the same day."""
        if self.cadence_days < 1:
            raise ValueError(f"A cadence of {self.cadence_days} days: it must be 1 or more.")

    @property
    def specificity(self) -> int:
        return 4 * bool(self.tier) + 2 * bool(self.stage) + bool(self.region)

    def fits(self, tier: str, stage: str, region: str) -> bool:
        """Every field that the rule names is the account's."""
        return self.tier in ("", tier) and self.stage in ("", stage) and self.region in ("", region)

    def counts(self, kind: str, seniority: int) -> bool:
        """Whether an interaction of this kind with people up to this level is a contact."""
        return kind in self.channels and seniority >= self.minimum_seniority


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What one account wants otherwise than the policy says (AccountRhythm)."""

    own_days: int | None = None
    own_until: dt.date | None = None
    paused_until: dt.date | None = None
    weekday: int | None = None

    def own_on(self, day: dt.date) -> int | None:
        """The account's own cadence, if it has one on that day."""
        if self.own_days and (self.own_until is None or self.own_until >= day):
            return self.own_days
        return None

    def is_paused(self, day: dt.date) -> bool:
        return self.paused_until is not None and self.paused_until >= day


PLAIN = Rhythm()


@dataclass(frozen=True, slots=True)
class Cadence:
    """The days between two contacts of one duty at one account, on any day."""

    rule_days: int | None
    rhythm: Rhythm = PLAIN

    def on(self, day: dt.date) -> int | None:
        """None: no cadence applies on that day."""
        return self.rhythm.own_on(day) or self.rule_days


def rule_for(rules: Iterable[Rule], duty: str, tier: str, stage: str, region: str) -> Rule | None:
    """The most specific rule of this duty that fits (tier before stage before region; of equals the oldest)."""
    fitting = [rule for rule in rules if rule.duty == duty and rule.fits(tier, stage, region)]
    return min(fitting, key=lambda rule: (-rule.specificity, rule.pk)) if fitting else None


class RuleBook:
    """The rules of a policy, looked up once per combination of tier, stage and region."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._found: dict[tuple[str, str, str, str], Rule | None] = {}

    def rule_for(self, duty: str, tier: str, stage: str, region: str) -> Rule | None:
        """As the function of this name."""
        key = (duty, tier, stage, region)
        if key not in self._found:
            self._found[key] = rule_for(self.rules, *key)
        return self._found[key]


def cadence_of(rule: Rule | None, rhythm: Rhythm, duty: str) -> Cadence:
    """The cadence of one account: its own replaces the manager's; a sponsor's comes from the policy alone.

    An own cadence counts also where no rule fits.
    """
    return Cadence(rule.cadence_days if rule else None, rhythm if duty == MANAGER else PLAIN)


def last_contact(rule: Rule | None, contacts: Mapping[tuple[str, int], dt.date]) -> dt.date | None:
    """The newest date that counts, of `(kind, highest level present) -> newest date`.

    Without a rule every channel counts, whoever took part; a note never does.
    """
    counting = [
        date
        for (kind, seniority), date in contacts.items()
        if (rule.counts(kind, seniority) if rule else kind in EVERY_CHANNEL)
    ]
    return max(counting, default=None)


def due_date(last: dt.date | None, created: dt.date, days: int) -> dt.date:
    """The last day on which the next contact is within the cadence; for who never had one, the day it became known."""
    return created if last is None else last + dt.timedelta(days=days)


def contact_due(cadence: Cadence, last: dt.date | None, created: dt.date, today: dt.date) -> dt.date | None:
    """The due date as of `today`; None where no cadence applies or the account is paused."""
    days = cadence.on(today)
    if days is None or cadence.rhythm.is_paused(today):
        return None
    return due_date(last, created, days)


def early_days(days: int) -> int:
    """How many days before it is due a visit may lie: a week, and at most a quarter of the cadence."""
    return min(7, days // 4)
