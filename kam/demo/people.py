"""The demo's teams and those who log in: a tree of five regions, its size by the number of accounts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from accounts.choices import Region
from core.bulk import copy_rows, next_pk, reset_sequence
from kam.demo.names import person
from kam.demo_cast import DEMO_PASSWORD
from users.models import Role, Team, User

ACCOUNTS_PER_MANAGER = 200
FEWEST_MANAGERS = 12
MANAGERS_PER_TEAM = 8
NO_PASSWORD = "!demo"  # noqa: S105  Django's mark of an account that cannot log in


class Area(NamedTuple):
    """A sales region of the demo company with its share of the managers."""

    name: str
    english: str
    share: float
    regions: frozenset[str]


AREAS = (
    Area("华东大区", "East China", 0.33, frozenset({Region.EAST})),
    Area("华南大区", "South China", 0.18, frozenset({Region.SOUTH, Region.HK_MO_TW})),
    Area("北方大区", "North China", 0.18, frozenset({Region.NORTH, Region.NORTHEAST})),
    Area("中西部大区", "Central and West China", 0.24, frozenset({Region.CENTRAL, Region.SOUTHWEST, Region.NORTHWEST})),
    Area(
        "海外事业部",
        "Overseas",
        0.07,
        frozenset({Region.ASIA_PACIFIC, Region.EUROPE, Region.AMERICAS, Region.MIDDLE_EAST_AFRICA}),
    ),
)


@dataclass
class Staff:
    """Who works at the demo company: the ids that accounts are given to."""

    director: int
    administrator: int
    deputy: int
    alice: int
    managers: dict[str, list[int]] = field(default_factory=dict)
    supervisor_of: dict[int, int] = field(default_factory=dict)
    teams: dict[int, list[int]] = field(default_factory=dict)

    def manager_for(self, region: str, number: int) -> int:
        """The `number`-th manager of the area that `region` is in, round and round."""
        managers = self.managers[region]
        return managers[number % len(managers)]


def make_staff(accounts: int, now: dt.datetime) -> Staff:
    """Insert teams and users for so many accounts."""
    builder = _Builder(accounts, now)
    copy_rows(Team, ["id", "name", "name_en", "parent", "path", "created_at", "updated_at"], builder.teams)
    copy_rows(User, _Builder.columns, builder.users)
    reset_sequence(Team, User)
    return builder.staff


class _Builder:
    columns = [
        "id", "username", "name", "email", "role", "team", "language", "time_zone", "password", "phone", "may_export",
        "is_active", "is_staff", "is_superuser", "date_joined",
    ]  # fmt: skip

    def __init__(self, accounts: int, now: dt.datetime) -> None:
        self.now = now
        self.teams: list[tuple[object, ...]] = []
        self.users: list[tuple[object, ...]] = []
        self.team_pk, self.user_pk = next_pk(Team), next_pk(User)
        self.number = 0
        self.password = make_password(DEMO_PASSWORD)
        self.logins: dict[str, int] = {}
        self._build(max(FEWEST_MANAGERS, round(accounts / ACCOUNTS_PER_MANAGER)))

    def _build(self, managers: int) -> None:
        root = self._team("禾序工业", "Hexu Industries", None, "")
        sales = self._team("销售中心", "Sales", *root)
        director = self._user("dora", Role.DIRECTOR, sales[0], "en")
        administrator = self._user("admin", Role.ADMINISTRATOR, root[0], "en")
        self.staff = Staff(director, administrator, deputy=0, alice=0)
        for area in AREAS:
            self._area(area, sales, max(1, round(managers * area.share)))

    def _area(self, area: Area, parent: tuple[int, str], managers: int) -> None:
        top = self._team(area.name, area.english, *parent)
        first = area is AREAS[0]
        supervisor = self._user("lee" if first else None, Role.SUPERVISOR, top[0], "zh-hans")
        members: list[int] = []
        for number in range(-(-managers // MANAGERS_PER_TEAM)):
            team = self._team(f"{area.name[:-2]}{number + 1}组", f"{area.english}, team {number + 1}", *top)
            size = min(MANAGERS_PER_TEAM, managers - number * MANAGERS_PER_TEAM)
            leader = self._user(None, Role.SUPERVISOR, team[0], "zh-hans") if managers > 1 else supervisor
            if first and number == 0:
                self.staff.alice = self._user("alice", Role.ACCOUNT_MANAGER, team[0], "zh-hans")
                self.staff.deputy = self._user("ann", Role.ACCOUNT_MANAGER, team[0], "zh-hant")
                members.append(self.staff.alice)
                size -= 1
            for _manager in range(size):
                members.append(self._user(None, Role.ACCOUNT_MANAGER, team[0], self._language(area)))
            colleagues = members[-size - (first and number == 0) :]
            self.staff.teams |= dict.fromkeys(colleagues, colleagues)
            self.staff.supervisor_of |= dict.fromkeys(colleagues, leader)
        for region in area.regions:
            self.staff.managers[region] = members

    def _language(self, area: Area) -> str:
        return "en" if area is AREAS[-1] else "zh-hans"

    def _team(self, name: str, english: str, parent: int | None, parent_path: str) -> tuple[int, str]:
        pk = self.team_pk
        self.team_pk += 1
        path = f"{parent_path}{pk:06d}."
        self.teams.append((pk, name, english, parent, path, self.now, self.now))
        return pk, path

    def _user(self, username: str | None, role: Role, team: int, language: str) -> int:
        name, login = person(self.number)
        self.number += 1
        if username is None:
            self.logins[login] = self.logins.get(login, 0) + 1
            username = login if self.logins[login] == 1 else f"{login}{self.logins[login]}"
            password = NO_PASSWORD
        else:
            password = self.password
        pk = self.user_pk
        self.user_pk += 1
        administrates = role == Role.ADMINISTRATOR
        self.users.append(
            (
                pk,
                username,
                name,
                f"{username}@hexu.example",
                role.value,
                team,
                language,
                "Asia/Shanghai",
                password,
                f"400-000-{pk % 10000:04d}",
                role != Role.ACCOUNT_MANAGER,
                True,
                administrates,
                administrates,
                self.now,
            )
        )
        return pk
