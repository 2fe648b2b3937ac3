"""The planner: who visits whom on which day. Pure functions of plain values; no clock, no database, no chance.

Everything decomposes by visitor. A need is one duty at one account; its visits form a chain: each is due a cadence
after the one before it, the first a cadence after the last contact. Of all needs the next due visit goes first, an
urgent one before others, then the higher tier; it takes a day, and its successor joins the queue.

A day is taken by rank, never kept for a lower one: that makes the plan a function of the needs and not of the order in
which they came. Within that freedom the existing plan decides: a visit stays on its day as long as that day is allowed,
has room and is on time, or late (by at most a quarter of the cadence and a week) with the due date that it had before;
a new visit prefers days on which nobody has to move, and otherwise the one whose least urgent visit can wait longest.
Planning the result again repeats every step with the same loads and therefore changes nothing.
"""

import datetime as dt
import heapq
from collections.abc import Iterable, Sequence

from interactions.cadence import early_days
from interactions.desk import Desk
from interactions.plan_values import (
    DAY,
    INACTIVE,
    NOBODY,
    NOT_DUE,
    PAUSED,
    Dropped,
    Gap,
    Horizon,
    Need,
    Person,
    Plan,
    Planned,
)

FAR_SLACK = dt.timedelta(days=31)  # how late one beyond the horizon may be, whose days are not looked at yet
TIER_RANKS = {"A": 0, "B": 1, "C": 2}


class Chain:
    """The visits of one need, one after the other, while they are planned."""

    def __init__(self, need: Need, horizon: Horizon) -> None:
        self.need, self.horizon = need, horizon
        self.anchor = need.last
        ordered = sorted(need.slots, key=lambda slot: (slot.date, slot.pk))
        self.fixed = [slot.date for slot in ordered if slot.fixed]
        self.slots = [slot for slot in ordered if not slot.fixed]
        self.unused = {slot.date: slot for slot in self.slots}
        self.days = 0
        self.due = need.created
        self.placed: list[tuple[dt.date, dt.date, int]] = []
        self.reason = NOT_DUE

    def advance(self) -> bool:
        """Go on to the next visit that is due and that no visit by hand meets; False where no cadence applies."""
        while True:
            days = self.need.cadence.on(max(self.horizon.first, self.anchor or self.horizon.first))
            if days is None:
                return False
            self.days = days
            self.due = self.need.created if self.anchor is None else self.anchor + days * DAY
            while self.fixed and self.anchor is not None and self.fixed[0] <= self.anchor:
                self.fixed.pop(0)
            if not self.fixed or self.fixed[0] >= max(self.due, self.horizon.first) + days * DAY:
                return True
            self.anchor = self.fixed.pop(0)

    @property
    def window(self) -> tuple[dt.date, dt.date]:
        """First and last day on which the visit may lie; not within half a cadence of a visit by hand after it."""
        early, rhythm = early_days(self.days), self.need.cadence.rhythm
        if rhythm.weekday is not None:
            early = max(early, min(6, self.days // 2))
        first = max(self.due - early * DAY, self.horizon.first)
        if self.anchor is not None:
            first = max(first, self.anchor + DAY)
        if rhythm.paused_until is not None:
            first = max(first, rhythm.paused_until + DAY)
        last = self.horizon.last
        if self.fixed:
            last = min(last, self.fixed[0] - (self.days + 1) // 2 * DAY)
        return first, last

    @property
    def slack(self) -> dt.timedelta:
        """How late a visit may be before others have to make room for it."""
        return early_days(self.days) * DAY

    def place(self, day: dt.date) -> None:
        self.placed.append((day, self.due, self.days))
        self.anchor = day

    def rank(self) -> tuple[bool, dt.date, int, int, str]:
        """Urgent first, then most overdue, then the higher tier."""
        need = self.need
        return not (need.urgent and not self.placed), self.due, TIER_RANKS.get(need.tier, 3), need.account, need.duty


class _Planner:
    def __init__(self, person: Person, horizon: Horizon) -> None:
        self.horizon, self.person = horizon, person
        self.desk = Desk(person, horizon)
        self.plan = Plan()
        self.queue: list[tuple[tuple[bool, dt.date, int, int, str], Chain]] = []

    def run(self, needs: Iterable[Need]) -> Plan:
        chains = [Chain(need, self.horizon) for need in sorted(needs, key=lambda need: need.key)]
        for chain in chains:
            for slot in chain.slots:
                self.desk.hold(slot)
        for chain in chains:
            self.follow(chain)
        while self.queue:
            self.step(heapq.heappop(self.queue)[1])
        for chain in chains:
            self.finish(chain)
        return self.plan

    def follow(self, chain: Chain) -> None:
        """Queue what is due next, or let the chain end. Beyond the horizon an existing visit stays where it fits."""
        while chain.advance():
            if chain.due <= self.horizon.last:
                heapq.heappush(self.queue, (chain.rank(), chain))
                return
            first, _last = chain.window
            kept = self.existing(chain, first, chain.due + FAR_SLACK)
            if kept is None:
                return
            self.use(chain, kept)

    def step(self, chain: Chain) -> None:
        """Find a day for what is due. Where there is none it is a gap, from which only a visit by hand goes on."""
        first, last = chain.window
        if first > self.horizon.last:  # paused beyond what is planned
            chain.reason = PAUSED
            return
        if not self.person.active:
            self.give_up(chain, INACTIVE)
            return
        days = self.desk.allowed(chain.need, first, last)
        day = self.stay(chain, days) or self.desk.choose(chain.need, days, chain.due, chain.slack)
        if day is not None:
            self.use(chain, day)
            self.follow(chain)
            return
        self.give_up(chain, self.desk.reason(chain.need, first))
        if chain.fixed:
            chain.anchor = chain.fixed.pop(0)
            self.follow(chain)

    def stay(self, chain: Chain, days: Sequence[dt.date]) -> dt.date | None:
        """The day of an existing visit, if it is allowed, has room, and is on time or nearly so."""
        open_days = [day for day in days if self.desk.has_room(day)]
        if not open_days:
            return None
        possible = max(chain.due, open_days[0])
        allowed = set(open_days)
        for date, slot in chain.unused.items():
            # One that was late when its due date was the same stays; where that has changed, it is to be on time.
            latest = possible + chain.slack if slot.due == chain.due or possible > chain.due else possible
            if date in allowed and date <= latest:
                return date
        return None

    def existing(self, chain: Chain, first: dt.date, last: dt.date) -> dt.date | None:
        """A visit that lies in this span, within the horizon only on an allowed day with room."""
        for date in chain.unused:
            if first <= date <= last and (
                date > self.horizon.last
                or (self.desk.has_room(date) and self.desk.allowed(chain.need, date, date) and self.person.active)
            ):
                return date
        return None

    def use(self, chain: Chain, day: dt.date) -> None:
        if day in chain.unused:
            self.desk.release(chain.unused.pop(day))
        self.desk.take(day, chain.need.city)
        chain.place(day)

    def give_up(self, chain: Chain, reason: str) -> None:
        if chain.reason == NOT_DUE:
            chain.reason = reason
            self.plan.gaps.append(Gap(chain.need, chain.due, reason))

    def finish(self, chain: Chain) -> None:
        """Match the days of the plan with the rows that exist: same day first, then the nearest; the rest goes."""
        if not self.person.active:
            return  # whoever takes over inherits the visits
        rows, used = {slot.date: slot for slot in chain.slots}, {day for day, _due, _days in chain.placed}
        spare = [slot for slot in chain.slots if slot.date not in used]
        for day, due, days in chain.placed:
            slot = rows.get(day)
            if slot is None and spare:
                slot = min(spare, key=lambda one: (abs((one.date - day).days), one.date))
                spare.remove(slot)
            self.plan.visits.append(Planned(chain.need, day, due, days, slot))
        self.plan.dropped += [Dropped(chain.need, slot, chain.reason) for slot in spare]


def plan_person(person: Person, needs: Iterable[Need], horizon: Horizon) -> Plan:
    """Plan all needs of one person. Without a `pk` nobody is responsible: everything that is due is a gap."""
    if person.pk is None:
        return _nobody(needs, horizon)
    return _Planner(person, horizon).run(needs)


def _nobody(needs: Iterable[Need], horizon: Horizon) -> Plan:
    plan = Plan()
    for need in sorted(needs, key=lambda need: need.key):
        chain = Chain(need, horizon)
        if chain.advance() and chain.due <= horizon.last and chain.window[0] <= horizon.last:
            plan.gaps.append(Gap(need, chain.due, NOBODY))
    return plan
