"""What a user answers for in the apps above this one.

Users lie below the accounts and may not know them, yet a user with open duties must not be deactivated, and a person's
page says how much they look after. So apps describe their duties in `<app>/duties.py`, found at start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from users.models import User


@dataclass(frozen=True)
class DutySource:
    """One kind of duty.

    `count(user_ids, viewer)` gives duties by user id, those that `viewer` may see (None: all of them); `describe(n)`
    completes "Chen still is …"; `url(user)` is the list of exactly these rows.
    """

    label: str | Promise
    count: Callable[[Collection[int], User | None], dict[int, int]]
    describe: Callable[[int], str]
    url: Callable[[User], str]


@dataclass(frozen=True)
class Duty:
    """How many duties of one kind a user has."""

    source: DutySource
    user: User
    count: int

    @property
    def label(self) -> str | Promise:
        return self.source.label

    @property
    def url(self) -> str:
        return self.source.url(self.user)

    def __str__(self) -> str:
        return self.source.describe(self.count)


_sources: list[DutySource] = []
_heirs: list[Callable[[User, dt.datetime], object]] = []


def register(source: DutySource) -> None:
    """Make a kind of duty known; called once, when the app's `duties` module is loaded."""
    _sources.append(source)


def register_heir(hand_over: Callable[[User, dt.datetime], object]) -> None:
    """What is handed on by itself when somebody leaves, in the transaction of their deactivation: `hand_over(user,
    now)`. Duties are what somebody has to hand over by hand before."""
    _heirs.append(hand_over)


def hand_on(user: User, now: dt.datetime) -> None:
    """Let every app hand on what it registered for those who leave."""
    for hand_over in _heirs:
        hand_over(user, now)


def duties_of(user: User, viewer: User | None = None) -> list[Duty]:
    """The duties of one user by kind, none left out: a count may be 0."""
    return [Duty(source, user, source.count([user.pk], viewer).get(user.pk, 0)) for source in _sources]


def counts_by_user(user_ids: Collection[int], viewer: User) -> Iterator[tuple[str | Promise, dict[int, int]]]:
    """For each kind: its label, and the number that `viewer` sees by user id (0 left out). One query a kind."""
    for source in _sources:
        yield source.label, source.count(user_ids, viewer)
