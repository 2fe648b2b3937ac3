"""Whose reports, runs, schedules and exports somebody sees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from dashboards.choices import ExportStatus, Sharing
from users.models import User

if TYPE_CHECKING:
    from dashboards.models import ExportJob  # noqa: F401  named by the query set


def _above(path: str) -> list[str]:
    """The paths of a team and of the teams above it."""
    steps = path.split(".")[:-1]
    return [".".join(steps[: number + 1]) + "." for number in range(len(steps))]


class ReportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """One's own, and what is shared with one's team or with everyone. What a report shows is another matter: each
        reader sees their own rows."""
        if not user.is_active:
            return self.none()
        found = Q(owner=user) | Q(sharing=Sharing.EVERYONE)
        if user.team is not None:
            found |= Q(sharing=Sharing.TEAM, owner__team__path__in=_above(user.team.path))
        return self.filter(found)

    def editable_by(self, user: User) -> Self:
        """One's own; administrators also tidy up what is shared with everyone."""
        own = Q(owner=user)
        if user.is_administrator:
            own |= Q(sharing=Sharing.EVERYONE)
        return self.filter(own) if user.is_active else self.none()


class RunQuerySet(models.QuerySet[Any]):
    """What somebody asked for in the background: theirs alone."""

    def visible_to(self, user: User) -> Self:
        return self.filter(viewer=user) if user.is_active else self.none()


class ScheduleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The owner's alone."""
        return self.filter(owner=user) if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)


class ExportJobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """People see their own exports and nobody else's: the rows in them are those that they may see."""
        return self.filter(user=user) if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """Whoever sees an export may stop it."""
        return self.visible_to(user)

    def due(self, now: dt.datetime, lease: dt.timedelta) -> Self:
        """Exports that a worker may claim: waiting, or under a worker that gave no sign of life for `lease`."""
        dead = Q(status=ExportStatus.RUNNING, heartbeat_at__lt=now - lease)
        return self.filter(Q(status=ExportStatus.QUEUED) | dead)

    def open(self) -> Self:
        """Waiting or running."""
        return self.filter(status__in=[ExportStatus.QUEUED, ExportStatus.RUNNING])

    def outdated(self, now: dt.datetime) -> Self:
        """Ready, and no longer to be kept."""
        return self.filter(status=ExportStatus.DONE, expires_at__lte=now)


class CompanyQuerySet(models.QuerySet[Any]):
    """Sums over the whole company: for those who see all of it."""

    def visible_to(self, user: User) -> Self:
        return self if user.is_active and user.sees_everything else self.none()

    def managed_for(self, user: User) -> Self:
        """Of cells with a manager those that add up to accounts that one sees: one's own, for those who lead those of
        their people, for directors all."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        own = Q(manager_id=user.pk)
        if user.leads and user.team is not None:
            people = User.objects.led_by(user).order_by()
            own |= Q(manager_id__in=people.values("pk"))
        return self.filter(own)


def _seen(user: User, path: str = "") -> Q | None:
    """Which scorecards a user sees; None for all."""
    own = Q(**{f"{path}person": user})
    if user.sees_everything:
        return None
    if not user.leads or user.team is None:
        return own
    people = Q(**{f"{path}person__team__path__startswith": user.team.path})
    teams = Q(**{f"{path}person__isnull": True, f"{path}team__path__startswith": user.team.path})
    return own | people | teams


class ScorecardQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """One's own; for those who lead, those of the people and teams below them; for directors all."""
        if not user.is_active:
            return self.none()
        seen = _seen(user)
        return self if seen is None else self.filter(seen)

    def editable_by(self, user: User) -> Self:
        """Of those a supervisor or above; never one's own, nor that of the team that one leads."""
        if not user.is_active or not user.leads:
            return self.none()
        rows = self.visible_to(user).exclude(person=user)
        return rows if user.sees_everything else rows.exclude(person__isnull=True, team=user.team_id)

    def beside(self, card: Any) -> Self:
        """The cards of people of the same team and period."""
        return self.filter(person__isnull=False, team=card.team_id, kind=card.kind, first_day=card.first_day)


class ScorecardPartQuerySet(models.QuerySet[Any]):
    """What belongs to a scorecard is as visible as it is."""

    def visible_to(self, user: User) -> Self:
        if not user.is_active:
            return self.none()
        seen = _seen(user, "scorecard__")
        return self if seen is None else self.filter(seen)
