"""Who is asked: people by their place in the tree of teams, never the person who asks. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from approvals.choices import Approver
from users.models import Leave, Role, User


@dataclass(frozen=True)
class Ladder:
    """Those above somebody: `levels` has the supervisors team by team, from the nearest up, teams without one left out.

    Directors and administrators have no levels above them, only the other directors.
    """

    levels: Sequence[Sequence[User]]
    directors: Sequence[User]
    administrators: Sequence[User]

    def people(self, approver: str, named: Collection[User]) -> list[User]:
        """Who fits a step; nobody where the tree is not that high."""
        if approver == Approver.PERSON:
            return list(named)
        if approver == Approver.DIRECTOR:
            return list(self.directors)
        level = 0 if approver == Approver.SUPERIOR else 1
        return list(self.levels[level]) if level < len(self.levels) else []

    def instead(self) -> list[User]:
        """Who is asked where nobody fits: the directors; without any the administrators."""
        return list(self.directors or self.administrators)

    def upwards(self) -> Iterator[Sequence[User]]:
        """Level by level to the very top, empty ones left out."""
        yield from (level for level in (*self.levels, self.directors, self.administrators) if level)


def ladder_of(user: User, *, without: Collection[int] = ()) -> Ladder:
    """The active people above `user`, themselves and those in `without` left out; one query, or two."""
    path = [int(step) for step in user.team.path.split(".")[:-1]] if user.team and not user.sees_everything else []
    if user.role == Role.SUPERVISOR:
        path = path[:-1]  # the other supervisors of the own team are no superiors
    above = Q(role=Role.SUPERVISOR, team__in=path) | Q(role__in=(Role.DIRECTOR, Role.ADMINISTRATOR))
    people = User.objects.active().filter(above).exclude(pk__in={user.pk, *without}).order_by("pk")
    levels: dict[int, list[User]] = {}
    top: dict[str, list[User]] = {Role.DIRECTOR: [], Role.ADMINISTRATOR: []}
    for person in people:
        if person.role in top:
            top[person.role].append(person)
        else:
            levels.setdefault(person.team_id, []).append(person)
    found = [levels[team] for team in reversed(path) if team in levels]
    return Ladder(found, top[Role.DIRECTOR], top[Role.ADMINISTRATOR])


def stand_ins(voters: Collection[int], now: dt.datetime) -> list[tuple[User, User]]:
    """(stand-in, the one who is away) today for those of `voters` who named an active one."""
    today = timezone.localdate(now)
    leaves = Leave.objects.touching(today, today).filter(user__in=voters, delegate__is_active=True)
    return [(leave.delegate, leave.user) for leave in leaves.select_related("delegate", "user").order_by("pk")]


def represented_by(actor: User, now: dt.datetime) -> set[int]:
    """The ids of those for whom `actor` decides today, themselves included."""
    today = timezone.localdate(now)
    away = Leave.objects.touching(today, today).filter(delegate=actor).order_by()
    return {actor.pk, *away.values_list("user", flat=True)}
