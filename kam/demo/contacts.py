"""The people at the demo's accounts: rows of contacts, employments and lines of the map, an account at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from contacts.choices import Closeness, Consent, LinkKind
from contacts.fields import to_e164
from kam.demo import talk, words
from kam.demo.names import person

CONTACT_COLUMNS = [
    "id", "name", "name_en", "form_of_address", "mobile", "work_phone", "email", "wechat", "preferred_channel",
    "preferred_language", "birthday_calendar", "birthday_year", "birthday_month", "birthday_day", "birthday_leap_month",
    "consent", "consent_date", "no_phone", "no_email", "no_wechat", "no_surveys", "no_greetings", "notes", "erased",
    "created_at", "updated_at",
]  # fmt: skip
EMPLOYMENT_COLUMNS = [
    "id", "contact", "account", "position", "department", "seniority", "from_date", "until_date", "reports_to",
    "decision_role", "attitude", "influence", "owner", "closeness", "wanted_closeness", "created_at", "updated_at",
]  # fmt: skip
LINK_COLUMNS = ["account", "source", "target", "kind", "note", "created_at", "updated_at"]
BY_TIER = {"A": (4, 7), "B": (3, 5), "C": (1, 3), "": (1, 2)}


@dataclass(slots=True)
class Host:
    """An account as far as its people follow from it."""

    pk: int
    code: str
    tier: str
    region: str
    country: str
    website: str
    manager: int | None

    @property
    def chinese(self) -> bool:
        return self.country in ("中国", "香港", "台灣")


@dataclass(slots=True)
class Person:
    """One of the people: who takes part in interactions, and since when."""

    contact: int
    employment: int
    seniority: int
    gone: dt.date | None = None


@dataclass
class People:
    """Makes contacts and employments with ids of their own; rows gather in the lists until they are taken."""

    seed: int
    today: dt.date
    now: dt.datetime
    contact_pk: int
    employment_pk: int
    contacts: list[tuple[Any, ...]] = field(default_factory=list)
    employments: list[tuple[Any, ...]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)

    def make(self, host: Host) -> list[Person]:
        """The people of one account."""
        rng = Random(f"people/{self.seed}/{host.code}")  # noqa: S311  a demo, no secret
        count = rng.randint(*BY_TIER[host.tier])
        posts = sorted(
            rng.sample(range(len(talk.POSTS)), count), key=lambda post: (talk.POSTS[post].seniority * -1, post)
        )
        made: dict[int, Person] = {}
        for post in posts:
            superior = talk.SUPERIOR[post]
            while superior is not None and superior not in made:
                superior = talk.SUPERIOR[superior]
            boss = None if superior is None or made[superior].gone else made[superior].employment
            made[post] = self._person(host, post, boss, rng)
        people = list(made.values())
        self._lines(host, [one for one in people if not one.gone], rng)
        return people

    def _person(self, host: Host, number: int, boss: int | None, rng: Random) -> Person:
        post = talk.POSTS[number]
        since = self.today - dt.timedelta(days=rng.randint(200, 3000))
        gone = self.today - dt.timedelta(days=rng.randint(5, 150)) if rng.random() < 0.06 and number else None
        one = Person(self.contact_pk, self.employment_pk, post.seniority, gone)
        self.contact_pk += 1
        self.employment_pk += 1
        self.contacts.append(self._contact(one.contact, host, rng))
        closeness = rng.choices(list(Closeness), (2, 4, 4, 2, 1))[0]
        self.employments.append(
            (
                one.employment, one.contact, host.pk, post.chinese if host.chinese else post.english,
                post.department if host.chinese else post.department_en, post.seniority, since, gone, boss,
                rng.choice(post.roles) if rng.random() < 0.85 else "",
                rng.choices(talk.ATTITUDES, talk.ATTITUDE_WEIGHTS)[0],
                post.influence, host.manager if rng.random() < 0.8 else None, closeness,
                min(closeness + rng.choice((0, 1, 1, 2)), Closeness.TRUSTED_ADVISOR), self.now, self.now,
            )
        )  # fmt: skip
        return one

    def _contact(self, pk: int, host: Host, rng: Random) -> tuple[Any, ...]:
        name, english, login = _named(host, rng)
        domain = host.website.removeprefix("https://www.") or "customer.example"
        mobile = to_e164(f"100{rng.randrange(10**8):08d}") if host.chinese else ""
        born = rng.random() < 0.55
        lunar = host.chinese and rng.random() < 0.3
        consent = rng.choices(list(Consent), (5, 12, 1))[0]
        return (
            pk, name, english, _address(name, host), mobile, "", f"{login}{pk}@{domain}",
            f"wx_{login}{pk % 1000}" if host.chinese and rng.random() < 0.7 else "", rng.choice(talk.CHANNELS),
            "zh-hans" if host.country == "中国" else "zh-hant" if host.chinese else "en", "lunar" if lunar else "solar",
            rng.randint(1962, 1995) if born else None, rng.randint(1, 12) if born else None,
            rng.randint(1, 28) if born else None, False, consent,
            self.today - dt.timedelta(days=rng.randint(20, 900)) if consent != Consent.UNKNOWN else None,
            False, rng.random() < 0.05, False, rng.random() < 0.06, rng.random() < 0.04, "", False, self.now, self.now,
        )  # fmt: skip

    def _lines(self, host: Host, people: list[Person], rng: Random) -> None:
        if len(people) < 3 or rng.random() < 0.5:
            return
        source, target, other = rng.sample(people, 3)
        self.links.append((host.pk, source.employment, target.employment, LinkKind.INFLUENCE, "", self.now, self.now))
        if rng.random() < 0.4:
            self.links.append((host.pk, other.employment, target.employment, LinkKind.CONFLICT, "", self.now, self.now))

    def take(self) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
        """(`contacts`, `employments` or `links`, rows) gathered since the last time."""
        for name in ("contacts", "employments", "links"):
            yield name, getattr(self, name)
            setattr(self, name, [])


def _named(host: Host, rng: Random) -> tuple[str, str, str]:
    """Name, English name and the part before the @."""
    if host.chinese:
        name, login = person(rng.randrange(1_000_000))
        if host.country != "中国":
            name = name.translate(words.TRADITIONAL)
        return name, "", login
    first = rng.choice(words.LATIN_FIRST) + rng.choice(words.LATIN_MIDDLE)
    last = rng.choice(words.LATIN_FIRST) + rng.choice(words.LATIN_LAST)
    return f"{first} {last}", "", f"{first}.{last}".lower()


def _address(name: str, host: Host) -> str:
    return f"{name[:2] if name[:2] in ('欧阳', '司徒') else name[:1]}总" if host.chinese else ""
