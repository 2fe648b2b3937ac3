"""Whom the demo's campaigns have asked, and when: by period, after visits, once, after complaints; nobody twice within
the policy's days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from random import Random

from contracts.terms import add_months
from surveys.choices import Event

DAY = dt.timedelta(days=1)
MIN_DAYS = 90
PERIODS = {"A": 6, "B": 12}
VISITS_ASKED = 0.15
COMPLAINTS = 0.12
"""Of the accounts, how many have had a complaint in the last half-year."""


@dataclass(slots=True)
class Guest:
    """Somebody at an account who may be asked, with the facts that answers keep."""

    account: int
    code: str
    tier: str
    region: str
    country: str
    manager: int
    team: int | None
    contact: int
    email: str
    language: str
    role: str
    since: dt.date
    mood: float


@dataclass(slots=True)
class Asking:
    """One contact is asked on a day."""

    day: dt.date
    campaign: str
    guest: Guest
    occasion: str = ""
    external_id: str = ""


@dataclass
class Rounds:
    """Every asking up to `today`; `visits` are (guest, interaction, day) of visits that contacts took part in; `counts`
    and `decides` the roles that are asked twice a year and once."""

    guests: list[Guest]
    visits: list[tuple[Guest, int, dt.date]]
    starts: Mapping[str, dt.date]
    counts: Collection[str]
    decides: Collection[str]
    today: dt.date
    rng: Random

    def asked(self) -> list[Asking]:
        """In the order of their days."""
        wanted = [*self._relationship(), *self._visits(), *self._yearly(), *self._delivery(), *self._complaints()]
        wanted.sort(key=lambda asking: (asking.day, asking.campaign, asking.guest.contact))
        last: dict[int, dt.date] = {}
        found = []
        for asking in wanted:
            before = last.get(asking.guest.contact)
            recently = before is not None and asking.day < before + MIN_DAYS * DAY
            if asking.guest.since <= asking.day <= self.today and not recently:
                last[asking.guest.contact] = asking.day
                found.append(asking)
        return found

    def _relationship(self) -> Iterator[Asking]:
        start = self.starts["relationship"]
        for guest in self.guests:
            months = PERIODS.get(guest.tier) if guest.role in self.counts else None
            for number in range(0, 25, months) if months else ():
                first = add_months(start, number)
                yield Asking(first + DAY, "relationship", guest, first.isoformat())

    def _visits(self) -> Iterator[Asking]:
        for guest, interaction, day in self.visits:
            if day >= self.starts["visit"] and self.rng.random() < VISITS_ASKED:
                yield Asking(day + 2 * DAY, "visit", guest, f"{Event.VISIT_DONE}:{interaction}")

    def _yearly(self) -> Iterator[Asking]:
        for guest in self.guests:
            if guest.tier in ("A", "B") and guest.role in self.decides:
                yield Asking(self.starts["yearly"], "yearly", guest)

    def _delivery(self) -> Iterator[Asking]:
        for guest in self.guests:
            if guest.tier == "C" or self.rng.random() < 0.3:
                yield Asking(self.starts["delivery"], "delivery", guest)

    def _complaints(self) -> Iterator[Asking]:
        start, seen = self.starts["complaint"], set()
        for guest in self.guests:
            if guest.account not in seen and self.rng.random() < COMPLAINTS:
                seen.add(guest.account)
                number = f"T-{4000 + len(seen)}"
                day = start + self.rng.randrange((self.today - start).days) * DAY
                yield Asking(day, "complaint", guest, f"{Event.CASE_CLOSED}:{number}", number)
