"""A year of contact history of the demo's accounts: interactions, topics, next steps, visits that were done."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from interactions.choices import Direction, Kind, Outcome, StepKind, StepStatus
from kam.demo import talk
from kam.demo.contacts import Host, Person

INTERACTION_COLUMNS = [
    "id", "account", "kind", "direction", "occurred_at", "date", "duration_minutes", "place", "title", "minutes",
    "outcome", "mood", "top_seniority", "author", "client_key", "created_at", "updated_at",
]  # fmt: skip
STEP_COLUMNS = [
    "account", "interaction", "kind", "text", "owner", "due_date", "status", "closed_at", "closed_by", "closing_note",
    "created_at", "updated_at",
]  # fmt: skip
VISIT_COLUMNS = [
    "account", "owner", "duty", "planned_date", "duration_minutes", "purpose", "source", "pinned", "status",
    "interaction", "closed_at", "closed_by", "closing_note", "uid", "sequence", "created_at", "updated_at",
]  # fmt: skip
PARTS = ("interactions", "with_contacts", "with_colleagues", "with_topics", "steps", "visits")
# Days between contacts as the demo's managers manage them, and how far back an account may have been forgotten.
RHYTHM = {"A": 15, "B": 32, "C": 80, "": 60}
ZONE = ZoneInfo("Asia/Shanghai")
YEAR = 365


@dataclass
class History:
    """Makes what happened with one account after the other; rows gather in the lists until they are taken."""

    seed: int
    today: dt.date
    now: dt.datetime
    interaction_pk: int
    topics: dict[str, int]
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {part: [] for part in PARTS})

    def make(self, host: Host, people: list[Person], created: dt.date | None) -> None:
        """The contact history of one account; nothing without a manager."""
        if host.manager is None:
            return
        rng = Random(f"history/{self.seed}/{host.code}")  # noqa: S311  a demo, no secret
        for day in self._days(host, created, rng):
            self._interaction(host, [one for one in people if not one.gone or one.gone >= day], day, rng)

    def _days(self, host: Host, created: dt.date | None, rng: Random) -> Iterator[dt.date]:
        """Working days back from a day that most accounts had lately, and some long ago."""
        rhythm = RHYTHM[host.tier]
        neglect = rng.choices((0.5, 1.0, 1.6, 3.0), (50, 25, 15, 10))[0]
        back = max(1, round(rng.uniform(0.1, 1.0) * rhythm * neglect))
        first = created or self.today - dt.timedelta(days=YEAR)
        while back < YEAR:
            day = self.today - dt.timedelta(days=back)
            day -= dt.timedelta(days=max(0, day.weekday() - 4))
            if day < first:
                return
            yield day
            back += max(2, round(rhythm * rng.uniform(0.6, 1.5)))

    def _interaction(self, host: Host, people: list[Person], day: dt.date, rng: Random) -> None:
        pk, kind = self.interaction_pk, rng.choices(talk.KINDS, talk.KIND_WEIGHTS)[0]
        self.interaction_pk += 1
        said = rng.choice(talk.CHINESE if host.chinese else talk.ENGLISH)
        moment = dt.datetime.combine(day, dt.time(rng.randint(9, 17), rng.choice((0, 15, 30))), ZONE)
        there = rng.sample(people, min(len(people), rng.choice((1, 1, 2)))) if people else []
        missed = kind == Kind.CALL and rng.random() < 0.12
        outcome = Outcome.NOT_REACHED if missed else rng.choices(Outcome.values[:3], (55, 35, 10))[0]
        self.rows["interactions"].append(
            (
                pk, host.pk, kind, rng.choices(Direction.values, (70, 30))[0], moment, day,
                rng.choice((15, 30, 60, 90)), "", said.subject, "" if missed else said.minutes, outcome,
                None if missed else rng.choices((2, 3, 4, 5), (1, 4, 6, 2))[0],
                max((one.seniority for one in there), default=0), host.manager, self._uuid(rng), self.now, self.now,
            )
        )  # fmt: skip
        self.rows["with_contacts"] += [(pk, one.contact) for one in there]
        self.rows["with_colleagues"].append((pk, host.manager))
        self.rows["with_topics"].append((pk, self.topics[said.topic]))
        if rng.random() < 0.35 and not missed:
            self._step(host, pk, said.step, day, rng)
        if kind == Kind.VISIT:
            self._visit(host, pk, said.subject, day, moment, rng)

    def _step(self, host: Host, pk: int, text: str, day: dt.date, rng: Random) -> None:
        due = day + dt.timedelta(days=rng.choice((3, 7, 14, 30)))
        recent = due > self.today - dt.timedelta(days=20)
        still_open = recent and rng.random() < (0.75 if due >= self.today else 0.35)
        closed = None if still_open else dt.datetime.combine(min(due, self.today), dt.time(15), ZONE)
        self.rows["steps"].append(
            (
                host.pk, pk, rng.choice(StepKind.values), text, host.manager, due,
                StepStatus.OPEN if still_open else StepStatus.DONE, closed, None if still_open else host.manager, "",
                self.now, self.now,
            )
        )  # fmt: skip

    def _visit(self, host: Host, pk: int, purpose: str, day: dt.date, moment: dt.datetime, rng: Random) -> None:
        self.rows["visits"].append(
            (
                host.pk, host.manager, "manager", day, 60, purpose, "manual", False, "done", pk, moment, host.manager,
                "", self._uuid(rng), 1, self.now, self.now,
            )
        )  # fmt: skip

    def _uuid(self, rng: Random) -> uuid.UUID:
        return uuid.UUID(int=rng.getrandbits(128), version=4)

    def take(self) -> Iterable[tuple[str, list[tuple[Any, ...]]]]:
        """(name, rows) gathered since the last time, in the order in which they refer to each other."""
        taken, self.rows = self.rows, {part: [] for part in PARTS}
        return taken.items()
