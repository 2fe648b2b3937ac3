"""The demo's accounts, one by one from a number, and the rows beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from random import Random
from typing import Any

from accounts.choices import Category, InterruptionReason, MemberRole, Region, Right, Size, Source, Stage, Status
from kam.demo import names, words
from kam.demo.people import Staff

GROUP = 25  # every 25th company heads a group or stands alone
OVERSEAS, STRAIT = 0.08, 0.03
BIGGEST = 1500.0


class Course(Enum):
    """How an account's business goes over the two years."""

    STEADY = "steady"
    GROWING = "growing"
    DECLINING = "declining"
    GONE = "gone"
    NEW = "new"
    PROSPECT = "prospect"


COURSES = (Course.STEADY, Course.GROWING, Course.DECLINING, Course.GONE, Course.NEW, Course.PROSPECT)
COURSE_WEIGHTS = (46, 19, 13, 8, 8, 6)
COURSE_LIMITS = [sum(COURSE_WEIGHTS[: i + 1]) for i in range(len(COURSE_WEIGHTS))]


@dataclass(slots=True)
class Customer:
    """One account of the demo and what its orders follow from. `size` is 1 for the smallest, Pareto-distributed."""

    pk: int
    number: int
    parent: int | None
    path: str
    name: names.Named
    country: str
    city: str
    address: str
    region: str
    industry: str
    season: str
    division: str
    dialling: str
    currency: str
    manager: int | None
    course: Course
    turn: int  # the month, counted back from today, in which the account went or came
    size: float
    rng: Random


class Customers:
    """Makes `Customer` number 0, 1, 2 …; the same for the same seed."""

    def __init__(self, seed: int, base: int, staff: Staff, today: dt.date) -> None:
        self.seed, self.base, self.staff, self.today = seed, base, staff, today
        self.turns: dict[int, int] = {}
        self.heads: dict[int, int] = {}

    def make(self, count: int) -> Iterator[Customer]:
        """The first `count` customers."""
        return (self._customer(number) for number in range(count))

    def _customer(self, number: int) -> Customer:
        rng = Random((self.seed << 40) + number)  # noqa: S311  a demo, no secret
        head = self._head(number)
        size = min(rng.paretovariate(0.92), BIGGEST)
        if head == number:
            size = min(size * 3, BIGGEST)
        course = rng.choices(COURSES, cum_weights=COURSE_LIMITS)[0]
        if size > 20 and course is Course.PROSPECT:
            course = Course.STEADY
        place = self._place(number, head, rng)
        region = place["region"]
        pk = self.base + number
        parents = [] if head is None else self._parents(number, head)
        return Customer(
            pk=pk,
            number=number,
            parent=parents[-1] if parents else None,
            path="".join(f"{member}." for member in (*parents, pk)),
            manager=self._manager(region, course, rng),
            course=course,
            turn=rng.randint(4, 12),
            size=size,
            rng=rng,
            **place,
        )

    def _head(self, number: int) -> int | None:
        """The number of the head of the group that `number` is in; None for one that stands alone."""
        block = number - number % GROUP
        rng = Random((self.seed << 41) + block)  # noqa: S311
        members = rng.choice((0, 0, 2, 3, 5))
        return block if members and number - block <= members else None

    def _parents(self, number: int, head: int) -> list[int]:
        """From the top down; the fourth and fifth member of a group are below the first."""
        if number == head:
            return []
        return [self.base + head, self.base + head + 1] if number - head > 3 else [self.base + head]

    def _manager(self, region: str, course: Course, rng: Random) -> int | None:
        if course is Course.PROSPECT and rng.random() < 0.5:
            return None
        # All the regions of an area share its managers, and one counter.
        key = id(self.staff.managers[region])
        self.turns[key] = self.turns.get(key, -1) + 1
        return self.staff.manager_for(region, self.turns[key])

    def _place(self, number: int, head: int | None, rng: Random) -> dict[str, Any]:
        if head is None:
            kind = rng.random()
            if kind < OVERSEAS:
                return self._abroad(number, rng)
            if kind < OVERSEAS + STRAIT:
                return self._across_the_strait(number, rng)
            named = names.domestic(number, self.seed, rng)
        elif head == number:
            named = names.group_head(number, self.seed)
        else:
            named = names.subsidiary(head, number, self.seed)
        city, trade = names.place_and_trade(number, self.seed)
        return {
            "name": named,
            "country": "中国",
            "city": city.name,
            "address": f"{rng.choice(words.ROADS)}路{rng.randint(1, 999)}号",
            "region": city.region.value,
            "industry": trade.industry.value,
            "season": trade.season,
            "division": city.division,
            "dialling": city.code,
            "currency": "CNY",
        }

    def _abroad(self, number: int, rng: Random) -> dict[str, Any]:
        country = rng.choice(words.COUNTRIES)
        trade = rng.choice(words.TRADES)
        return {
            "name": names.overseas(number, self.seed, country),
            "country": country.name,
            "city": rng.choice(country.cities),
            "address": "",
            "region": country.region.value,
            "industry": trade.industry.value,
            "season": trade.season,
            "division": "",
            "dialling": "",
            "currency": country.currency,
        }

    def _across_the_strait(self, number: int, rng: Random) -> dict[str, Any]:
        _city, trade = names.place_and_trade(number, self.seed)
        country, city = rng.choice((("香港", "香港"), ("台灣", "台北"), ("台灣", "高雄"), ("台灣", "新竹")))
        return {
            "name": names.strait(number, self.seed),
            "country": country,
            "city": city,
            "address": "",
            "region": Region.HK_MO_TW.value,
            "industry": trade.industry.value,
            "season": trade.season,
            "division": "",
            "dialling": "",
            "currency": "USD" if country == "台灣" else "CNY",
        }


ACCOUNT_COLUMNS = [
    "id", "code", "name", "name_en", "credit_code", "parent", "path", "manager", "tier", "status", "stage",
    "interruption_reason", "category", "industry", "region", "country", "city", "address", "size", "source",
    "customer_since", "legal_representative", "founded_on", "registered_capital_amount", "registered_capital_currency",
    "employees", "website", "phone", "business_scope", "profile", "annual_purchase_amount", "annual_purchase_currency",
    "potential", "strategic_fit", "payment_behaviour", "created_at", "updated_at",
]  # fmt: skip
ASSIGNMENT_COLUMNS = ["account", "manager", "from_date", "until_date", "reason", "assigned_by", "created_at"]
MEMBER_COLUMNS = ["account", "user", "role", "right", "expires_on", "created_at", "updated_at"]
_SIZES = ((60.0, Size.LARGE), (12.0, Size.MEDIUM), (2.5, Size.SMALL), (0.0, Size.MICRO))
_EMPLOYEES = {Size.LARGE: (800, 9000), Size.MEDIUM: (200, 800), Size.SMALL: (20, 200), Size.MICRO: (3, 20)}


class Profile:
    """The rows of one customer: account, assignments, team."""

    def __init__(self, customer: Customer, staff: Staff, today: dt.date, now: dt.datetime) -> None:
        self.customer, self.staff, self.today, self.now = customer, staff, today, now
        self.rng = customer.rng
        self.size = next(size for bound, size in _SIZES if customer.size >= bound)
        self.status = self._status()

    @cached_property
    def since(self) -> dt.date | None:
        """The day of the first contact."""
        course = self.customer.course
        if course is Course.PROSPECT:
            return None
        days = self.rng.randint(760, 3600)
        return self.today - dt.timedelta(days=self.customer.turn * 30 if course is Course.NEW else days)

    def account(self) -> tuple[Any, ...]:
        """The values of ACCOUNT_COLUMNS."""
        c, rng = self.customer, self.rng
        capital = Decimal(rng.choice((50, 100, 200, 500, 1000, 3000))) * 10_000 * (5 if self.size == Size.LARGE else 1)
        founded = self.today - dt.timedelta(days=rng.randint(3700, 11000))
        judged = c.size > 5 or rng.random() < 0.3
        purchase = self._annual_purchase() if judged else None
        return (
            c.pk, f"KA{c.number + 1:07d}", c.name.name, c.name.english if c.name.english != c.name.name else "",
            names.credit_code(c.number, c.division) if c.division else None, c.parent, c.path, c.manager, "",
            self.status.value, self._stage().value, self._interruption(), self._category(), c.industry, c.region,
            c.country, c.city, c.address, self.size.value, rng.choice(Source.values[:6]), self.since,
            names.person(rng.randrange(100_000))[0] if c.division else "", founded, capital if c.division else None,
            "CNY" if c.division else "", rng.randint(*_EMPLOYEES[self.size]),
            f"https://www.{c.name.brand.lower()}-{c.number + 1}.example",
            f"{c.dialling}-5550{rng.randrange(10_000):04d}" if c.dialling else "", "", "", purchase,
            c.currency if purchase is not None else "", self._score(judged), self._score(judged), self._score(judged),
            self.now, self.now,
        )  # fmt: skip

    def assignments(self) -> Iterator[tuple[Any, ...]]:
        """The values of ASSIGNMENT_COLUMNS: the open one, and for some an earlier one."""
        c, rng = self.customer, self.rng
        if c.manager is None:
            return
        start = self.since or self.today - dt.timedelta(days=rng.randint(10, 200))
        managers = self.staff.managers[c.region]
        earlier = rng.choice(managers)
        if self.since and earlier != c.manager and (self.today - start).days > 400 and rng.random() < 0.15:
            handed = self.today - dt.timedelta(days=rng.randint(60, 380))
            yield (c.pk, earlier, start, handed, "新客户", self.staff.director, self.now)
            start = handed
            yield (c.pk, c.manager, start, None, "区域调整", self.staff.director, self.now)
            return
        yield (c.pk, c.manager, start, None, "新客户", self.staff.director, self.now)

    def members(self) -> Iterator[tuple[Any, ...]]:
        """The values of MEMBER_COLUMNS. Most of the big ones have a deputy and a sponsor, not all."""
        c, rng, staff = self.customer, self.rng, self.staff
        if c.manager is None:
            return
        colleagues = [pk for pk in staff.teams[c.manager] if pk != c.manager]
        if c.manager == staff.alice and rng.random() < 0.4:
            yield self._member(staff.deputy, MemberRole.DEPUTY, Right.READ)
        elif c.size > 4 and colleagues and rng.random() < 0.8:
            yield self._member(rng.choice(colleagues), MemberRole.DEPUTY, rng.choice((Right.READ, Right.EDIT)))
        if c.size > 15 and rng.random() < 0.75:
            sponsor = staff.director if c.size > 80 else staff.supervisor_of.get(c.manager, staff.director)
            yield self._member(sponsor, MemberRole.EXECUTIVE_SPONSOR, Right.READ)
        if c.size > 8 and rng.random() < 0.15:
            until = self.today + dt.timedelta(days=rng.randint(-60, 240))
            yield self._member(staff.administrator, MemberRole.SPECIALIST, Right.READ, until)

    def tags(self) -> list[int]:
        """Indexes of words.TAGS."""
        if self.rng.random() > 0.3:
            return []
        return self.rng.sample(range(len(words.TAGS)), self.rng.choice((1, 1, 2)))

    def _member(self, user: int, role: MemberRole, right: Right, until: dt.date | None = None) -> tuple[Any, ...]:
        return (self.customer.pk, user, role.value, right.value, until, self.now, self.now)

    def _status(self) -> Status:
        course = self.customer.course
        if course is Course.PROSPECT:
            return Status.PROSPECT
        if course is Course.GONE:
            return self.rng.choices((Status.ACTIVE, Status.INTERRUPTED, Status.TERMINATED), (4, 4, 2))[0]
        return Status.ACTIVE

    def _stage(self) -> Stage:
        if self.status in (Status.INTERRUPTED, Status.TERMINATED):
            return Stage.INTERRUPTED
        if self.customer.course is Course.PROSPECT:
            return Stage.GESTATION
        if self.customer.course is Course.NEW:
            return Stage.EARLY
        if self.customer.size > 25:
            return Stage.STRATEGIC_PARTNER
        return self.rng.choice((Stage.EARLY, Stage.MID, Stage.MID))

    def _interruption(self) -> str:
        interrupted = self.status in (Status.INTERRUPTED, Status.TERMINATED)
        return self.rng.choice(InterruptionReason.values) if interrupted else ""

    def _category(self) -> str:
        size, course = self.customer.size, self.customer.course
        if size > 60:
            return Category.CORE
        if size > 20:
            return self.rng.choice((Category.HIGH_VALUE, Category.PARTNER))
        return Category.POTENTIAL if course is Course.GROWING and size > 3 else ""

    def _annual_purchase(self) -> Decimal:
        return Decimal(round(self.customer.size * self.rng.uniform(0.12, 0.6))) * 1_000_000 / 10 + 50_000

    def _score(self, known: bool) -> int | None:  # noqa: FBT001  one private switch
        return self.rng.randint(20, 98) if known and self.rng.random() < 0.8 else None
