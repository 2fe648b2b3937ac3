"""How people are reached: choices, robots, quiet hours, working days; read once for many, in a fixed number of
statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from core.workdays import WorkCalendar, country_of, work_calendars
from notifications.channels import CHANNELS
from notifications.choices import EMAIL, EmailMode
from notifications.events import GROUPS, Choice, Group, built_in
from notifications.models import DeliveryRule, NotificationPreference, Robot
from notifications.quiet import LOOK_AHEAD, Hours
from users.models import Leave, User

DAY = dt.timedelta(days=1)


class Desk:
    """For `users`, who come with their `team`, from `now` on."""

    def __init__(self, users: Iterable[User], now: dt.datetime) -> None:
        people = {user.pk: user for user in users}
        self._rules = rules_now()
        preferences = NotificationPreference.objects.order_by().filter(user__in=people)
        self._preferences = {preference.user_id: preference for preference in preferences}
        self._own_robots: dict[int, list[Robot]] = {}
        self._team_robots: list[Robot] = []
        for robot in Robot.objects.active().filter(Q(user__in=people) | Q(team__isnull=False)).select_related("team"):
            if robot.user_id is None:
                self._team_robots.append(robot)
            else:
                self._own_robots.setdefault(robot.user_id, []).append(robot)
        first = (now - DAY).date()
        last = first + dt.timedelta(days=LOOK_AHEAD)
        countries = {country_of(user.time_zone) for user in people.values()} | {country_of(settings.TIME_ZONE)}
        self._calendars = work_calendars(countries, first, last)
        self._leaves: dict[int, list[tuple[dt.date, dt.date]]] = {}
        away = Leave.objects.touching(first, last).filter(user__in=people).order_by()
        for user_id, *days in away.values_list("user_id", "from_date", "until_date"):
            self._leaves.setdefault(user_id, []).append((days[0], days[1]))

    def choice(self, user: User, group: Group) -> Choice:
        """What `user` gets of `group`: their own choice, else the default of the role."""
        return choice_of(self._preferences.get(user.pk), self._rules, user.role, group)

    def copies(self, user: User, group: Group) -> bool:
        """Whether `user`, who leads, is told of what concerns the people below them."""
        return default_of(self._rules, user.role, group).copied

    @property
    def copies_any(self) -> bool:
        return any(choice.copied for choice in self._rules.values())

    def robots(self, user: User, group: Group) -> list[Robot]:
        """The user's own that are to tell them of `group`."""
        wanted = self.choice(user, group).robots
        return [robot for robot in self._own_robots.get(user.pk, ()) if robot.channel in wanted]

    def team_robots(self, user: User, group: Group) -> list[Robot]:
        """Those of the teams that the user is in which tell of `group`."""
        path = user.team.path if user.team else ""
        return [
            robot
            for robot in self._team_robots
            if robot.team is not None and path.startswith(robot.team.path) and group.code in robot.groups
        ]

    def hours(self, user: User) -> Hours:
        """When the user may be disturbed."""
        preference = self._preferences.get(user.pk) or NotificationPreference()
        calendar = self._calendars[country_of(user.time_zone)]
        leaves = self._leaves.get(user.pk, [])
        return _hours(preference, user.time_zone, calendar, leaves)

    def team_hours(self) -> Hours:
        """When robots of teams may speak: by the clock and the calendar of the installation."""
        zone = settings.TIME_ZONE
        return _hours(NotificationPreference(), zone, self._calendars[country_of(zone)], [])

    def urgent_always(self, user: User) -> bool:
        preference = self._preferences.get(user.pk)
        return preference is not None and preference.urgent_always


def rules_now() -> dict[tuple[str, str], Choice]:
    """What administrators decided, by role and group."""
    return {
        (rule.role, rule.group): Choice(rule.email, frozenset(rule.robots), rule.copied)
        for rule in DeliveryRule.objects.order_by()
    }


def default_of(rules: Mapping[tuple[str, str], Choice], role: str, group: Group) -> Choice:
    """Of a role: the administrators' decision, else what comes with KAM."""
    return rules.get((role, group.code)) or built_in(group, CHANNELS)


def choice_of(
    preference: NotificationPreference | None, rules: Mapping[tuple[str, str], Choice], role: str, group: Group
) -> Choice:
    """A user's own choice, else the default of the role."""
    own: dict[str, Any] | None = preference.choices.get(group.code) if preference else None
    if own is None:
        return default_of(rules, role, group)
    return Choice(own.get("email", EmailMode.NEVER), frozenset(own.get("robots", ())))


def choices_of(user: User, preference: NotificationPreference | None) -> dict[str, Choice]:
    """A user's choice for every group."""
    rules = rules_now()
    return {code: choice_of(preference, rules, user.role, group) for code, group in GROUPS.items()}


def robot_channels() -> list[tuple[str, str]]:
    """(code, label) of every channel besides the bell and e-mail."""
    return [(code, str(channel.label)) for code, channel in CHANNELS.items() if code != EMAIL]


def _hours(
    preference: NotificationPreference, zone: str, calendar: WorkCalendar, leaves: list[tuple[dt.date, dt.date]]
) -> Hours:
    def is_working(day: dt.date) -> bool:
        return calendar.is_working(day) and not any(first <= day <= last for first, last in leaves)

    return Hours(
        ZoneInfo(zone), preference.quiet_from, preference.quiet_until, preference.working_days_only, is_working
    )
