"""Whose day and which: what the address of a page of My day says, as a question and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.http import urlencode

from core.agenda import Question
from users.models import User

TEAM = "team"
FARTHEST = dt.timedelta(days=3660)


@dataclass(frozen=True)
class Day:
    """The day that a page is about. `team`: of the people whom the viewer leads; `person`: of one of them.

    `people` are those to choose from (for a view of the team), by name.
    """

    viewer: User
    today: dt.date
    date: dt.date
    team: bool = False
    person: User | None = None
    people: Sequence[User] = ()

    @property
    def question(self) -> Question:
        return Question(self.viewer, self._asked(), self.date, self.today)

    def _asked(self) -> list[int] | None:
        if not self.team:
            return [self.viewer.pk]
        if self.person:
            return [self.person.pk]
        return None if self.viewer.sees_everything else [user.pk for user in self.people]

    @property
    def is_today(self) -> bool:
        return self.date == self.today

    @property
    def manager(self) -> User | None:
        """Whose portfolio it is; None: that of the whole team."""
        return self.person if self.team else self.viewer

    @property
    def before(self) -> Day:
        return replace(self, date=self.date - dt.timedelta(days=1))

    @property
    def after(self) -> Day:
        return replace(self, date=self.date + dt.timedelta(days=1))

    @property
    def now(self) -> Day:
        return replace(self, date=self.today)

    @property
    def own(self) -> Day:
        return replace(self, team=False, person=None)

    @property
    def of_team(self) -> Day:
        return replace(self, team=True, person=None)

    @property
    def query(self) -> dict[str, str]:
        """The words of the address; nothing where it is the viewer's own today."""
        found = {} if self.is_today else {"day": self.date.isoformat()}
        if self.team:
            found["view"] = TEAM
        if self.team and self.person:
            found["person"] = str(self.person.pk)
        return found

    def address(self, name: str = "", **query: str) -> str:
        """A page about this day; My day itself, which is the home of those who lead nobody."""
        words = {**query, **self.query}
        name = name or ("dashboards:my_day" if self.viewer.leads else "home")
        return reverse(name) + (f"?{urlencode(words)}" if words else "")

    @property
    def url(self) -> str:
        return self.address()


def parse_date(text: str, today: dt.date) -> dt.date:
    """The day that `text` names; today where it names none, or one too far to be meant."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return date if abs(date - today) <= FARTHEST else today
