"""How many visits a contact policy asks of each person: the arithmetic of the what-if. Pure: values in, values out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from interactions.cadence import MANAGER, SPONSOR, Rhythm, RuleBook, cadence_of, contact_due

WEEK = 7
# Visits that are overdue are caught up within the weeks that are planned ahead.
CATCH_UP_WEEKS = 6


class Group(NamedTuple):
    """Accounts of one manager (None: of nobody) that no rule tells apart, and how many of them are overdue."""

    manager: int | None
    tier: str
    stage: str
    region: str
    accounts: int
    overdue: int


class Single(NamedTuple):
    """An account with a rhythm of its own."""

    manager: int | None
    tier: str
    stage: str
    region: str
    rhythm: Rhythm
    last_contact: dt.date | None
    created: dt.date


@dataclass
class Load:
    """What a policy asks of one person in a week, once it has settled; `overdue` comes on top in the first weeks."""

    accounts: int = 0
    per_week: float = 0.0
    overdue: int = 0

    def add(self, days: int, accounts: int, overdue: int) -> None:
        self.accounts += accounts
        self.per_week += accounts * WEEK / days
        self.overdue += overdue

    def __iadd__(self, other: Load) -> Load:
        self.accounts += other.accounts
        self.per_week += other.per_week
        self.overdue += other.overdue
        return self

    @property
    def at_first(self) -> float:
        """Visits a week while what is overdue is caught up."""
        return self.per_week + self.overdue / CATCH_UP_WEEKS


NOTHING = Load()
Loads = dict[int | None, Load]


def manager_loads(book: RuleBook, groups: Iterable[Group], singles: Iterable[Single], today: dt.date) -> Loads:
    """The load of each manager; under None that of the accounts that nobody manages."""
    loads: Loads = {}
    for group in groups:
        rule = book.rule_for(MANAGER, group.tier, group.stage, group.region)
        if rule is not None:
            loads.setdefault(group.manager, Load()).add(rule.cadence_days, group.accounts, group.overdue)
    for one in singles:
        rule = book.rule_for(MANAGER, one.tier, one.stage, one.region)
        cadence = cadence_of(rule, one.rhythm, MANAGER)
        due = contact_due(cadence, one.last_contact, one.created, today)
        days = cadence.on(today)
        if due is not None and days is not None:
            loads.setdefault(one.manager, Load()).add(days, 1, int(due < today))
    return loads


def sponsor_loads(book: RuleBook, sponsored: Mapping[tuple[int | None, str, str, str], int]) -> Loads:
    """The load of each executive sponsor, from accounts by (sponsor, tier, stage, region); None: without a sponsor.

    When a sponsor was last in contact is not counted here, so nothing is overdue.
    """
    loads: Loads = {}
    for (sponsor, tier, stage, region), accounts in sponsored.items():
        rule = book.rule_for(SPONSOR, tier, stage, region)
        if rule is not None:
            loads.setdefault(sponsor, Load()).add(rule.cadence_days, accounts, 0)
    return loads
