"""Which contracts the demo's accounts have: chains of terms, from two years ago to a year ahead. No rows yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from accounts.choices import Status
from contracts import terms
from contracts.choices import ContractKind, Phase

DAY = dt.timedelta(days=1)
BACK = 730
# How many chains of contracts an account has, by tier.
CHAINS = {"A": (1, 2, 2, 3), "B": (1, 1, 2), "C": (1,), "": (1,)}
KINDS = (ContractKind.FRAMEWORK, ContractKind.SUPPLY, ContractKind.SERVICE)
KIND_WEIGHTS = {"A": (5, 3, 3), "B": (4, 4, 2), "C": (1, 6, 3), "": (1, 6, 3)}
# Part of a year's revenue that a contract is about, and months of its term.
SIZES = {ContractKind.FRAMEWORK: (0.3, 0.8), ContractKind.SUPPLY: (0.1, 0.35), ContractKind.SERVICE: (0.02, 0.08)}
MONTHS = {ContractKind.FRAMEWORK: (12, 12, 12, 24), ContractKind.SUPPLY: (6, 12, 12), ContractKind.SERVICE: (12,)}
SMALLEST = 20_000.0
RENEWED, RENEWED_BY_INTERRUPTED = 0.86, 0.3


@dataclass(slots=True)
class Client:
    """An account as far as its contracts follow from it. `revenue` is that of twelve months in CNY."""

    pk: int
    code: str
    name: str
    tier: str
    country: str
    status: str
    manager: int
    since: dt.date | None
    revenue: float

    @property
    def abroad(self) -> bool:
        return self.country not in {"中国", "香港", "台灣"}


@dataclass(slots=True)
class Deal:
    """One contract: its term and what became of it. Number and key are given once all are known."""

    client: Client
    key: str
    kind: ContractKind
    drafted_on: dt.date
    signed_on: dt.date
    start: dt.date
    end: dt.date
    value: float
    phase: Phase = Phase.SIGNED
    auto_months: int = 0
    notice_days: int = 30
    notice_given_on: dt.date | None = None
    terminated_on: dt.date | None = None
    predecessor: Deal | None = None
    successor: Deal | None = None
    pk: int = 0
    sequence: int = 0

    @property
    def year(self) -> int:
        return self.drafted_on.year

    @property
    def is_signed(self) -> bool:
        return self.phase in (Phase.SIGNED, Phase.TERMINATED)

    def end_on(self, today: dt.date) -> dt.date:
        """The end of the term that runs, as contracts.services keeps it."""
        if not self.is_signed:
            return self.end
        if self.notice_given_on is not None:
            return terms.end_after_notice(self.end, self.auto_months, self.notice_days, self.notice_given_on)
        return terms.running_term_end(self.end, self.auto_months, today)


@dataclass
class Deals:
    """Makes the contracts of one client after the other."""

    seed: int
    today: dt.date
    made: list[Deal] = field(default_factory=list)

    def make(self, client: Client) -> None:
        rng = Random(f"contracts/{self.seed}/{client.code}")  # noqa: S311  a demo, no secret
        for chain in range(rng.choice(CHAINS[client.tier])):
            self._chain(client, f"{client.code}/{chain}", rng)
        if rng.random() < 0.1:
            self._new_one(client, rng)

    def numbered(self, first_pk: int) -> list[Deal]:
        """All of them in the order in which they were drafted, with keys and numbers without gaps."""
        self.made.sort(key=lambda deal: (deal.drafted_on, deal.key))
        last: dict[int, int] = {}
        for pk, deal in enumerate(self.made, first_pk):
            deal.pk = pk
            deal.sequence = last[deal.year] = last.get(deal.year, 0) + 1
        return self.made

    def _chain(self, client: Client, key: str, rng: Random) -> None:
        """Terms that follow one another until today, or until one is not renewed."""
        kind = rng.choices(KINDS, KIND_WEIGHTS[client.tier])[0]
        months = rng.choice(MONTHS[kind])
        value = max(client.revenue * rng.uniform(*SIZES[kind]) * months / 12, SMALLEST * rng.uniform(1, 3))
        start = (self.today - dt.timedelta(days=rng.randint(30, BACK))).replace(day=1)
        if client.since and start < client.since < self.today:
            start = client.since
        renewed = RENEWED_BY_INTERRUPTED if client.status == Status.INTERRUPTED else RENEWED
        auto = 12 if months == 12 and rng.random() < (0.5 if kind == ContractKind.SERVICE else 0.12) else 0
        deal = self._deal(client, f"{key}/0", kind, start, months, value, rng)
        deal.auto_months = auto
        number = 0
        while True:
            self.made.append(deal)
            if auto or deal.end >= self.today or rng.random() > renewed:
                break
            number += 1
            value *= rng.uniform(0.9, 1.2)
            deal = self._follow(deal, f"{key}/{number}", months, value, rng)
        self._finish(deal, f"{key}/{number + 1}", months, rng)

    def _finish(self, deal: Deal, key: str, months: int, rng: Random) -> None:
        """What becomes of the last one: ended early, notice given, the next one on its way."""
        last = min(self.today, deal.end)
        early = deal.start + dt.timedelta(days=60)
        if rng.random() < 0.05 and early < last:
            deal.phase = Phase.TERMINATED
            deal.terminated_on = early + (last - early) * rng.random()
        elif deal.auto_months and rng.random() < 0.12:
            deal.notice_given_on = max(self.today - dt.timedelta(days=rng.randint(5, 90)), deal.signed_on)
        elif not deal.auto_months and 0 <= (deal.end - self.today).days < 75 and rng.random() < 0.45:
            following = self._follow(deal, key, months, deal.value * rng.uniform(0.9, 1.25), rng)
            following.drafted_on = self.today - dt.timedelta(days=rng.randint(3, 25))
            following.phase = rng.choice((Phase.DRAFT, Phase.APPROVED, Phase.SIGNED))
            following.signed_on = max(following.drafted_on, self.today - dt.timedelta(days=rng.randint(0, 3)))
            self.made.append(following)

    def _new_one(self, client: Client, rng: Random) -> None:
        """Something new that is not signed yet, or came to nothing."""
        kind = rng.choices(KINDS, KIND_WEIGHTS[client.tier])[0]
        start = terms.add_months(self.today.replace(day=1), rng.randint(1, 2))
        value = max(client.revenue * rng.uniform(*SIZES[kind]), SMALLEST * rng.uniform(1, 3))
        deal = self._deal(client, f"{client.code}/new", kind, start, rng.choice(MONTHS[kind]), value, rng)
        deal.drafted_on = self.today - dt.timedelta(days=rng.randint(1, 40))
        deal.phase = rng.choices((Phase.DRAFT, Phase.APPROVED, Phase.DISCARDED), (6, 2, 1))[0]
        self.made.append(deal)

    def _follow(self, deal: Deal, key: str, months: int, value: float, rng: Random) -> Deal:
        following = self._deal(deal.client, key, deal.kind, deal.end + DAY, months, value, rng)
        following.predecessor, deal.successor = deal, following
        return following

    def _deal(
        self, client: Client, key: str, kind: ContractKind, start: dt.date, months: int, value: float, rng: Random
    ) -> Deal:
        end = terms.add_months(start, months) - DAY
        drafted = min(start - dt.timedelta(days=rng.randint(20, 45)), self.today)
        signed = start - dt.timedelta(days=rng.randint(1, 15))
        return Deal(client, key, kind, drafted, signed, start, end, value, notice_days=rng.choice((30, 30, 30, 60)))
