"""Sets of users and teams, and who may see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models

if TYPE_CHECKING:
    from users.models import Team, User


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> TeamQuerySet:
        """Everybody sees the tree of teams: names are needed to hand work over."""
        return self if user.is_active else self.none()

    def subtree(self, team: Team) -> TeamQuerySet:
        """`team` and all teams below it."""
        return self.filter(path__startswith=team.path)

    def above(self, team: Team) -> TeamQuerySet:
        """The teams that `team` is in, from the top down."""
        steps = team.path.split(".")[:-1]
        return self.filter(path__in=[".".join(steps[:n]) + "." for n in range(1, len(steps))]).order_by("path")


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: User) -> UserQuerySet:
        """Colleagues are known by name to everybody who logs in."""
        return self if user.is_active else self.none()

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def with_login(self, text: str) -> UserQuerySet:
        """The one whose user name or e-mail is `text` in lower case (the user name first, if that is two people)."""
        by_name = models.Case(models.When(username=text, then=0), default=1)
        return self.filter(models.Q(username=text) | models.Q(email=text)).order_by(by_name)

    def led_by(self, user: User) -> UserQuerySet:
        """The people in the subtree of `user`'s team; nobody where the user has no team."""
        if user.team is None:
            return self.none()
        return self.filter(team__path__startswith=user.team.path)

    def planned_by(self, user: User) -> UserQuerySet:
        """Those about whose work `user` decides: the people in the subtree, for directors everybody."""
        if not user.is_active or not user.leads:
            return self.none()
        if user.sees_everything:
            return self
        return self.filter(team__path__startswith=user.team.path) if user.team else self.none()

    def whose_leave_is_editable_by(self, user: User) -> UserQuerySet:
        """Oneself; for those who lead, the people whom they lead; for directors everybody."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        if not user.leads or user.team is None:
            return self.filter(pk=user.pk)
        return self.filter(models.Q(pk=user.pk) | models.Q(team__path__startswith=user.team.path))


class LeaveQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> LeaveQuerySet:
        """Own leave; for those who lead, that of the people whom they lead; for directors everybody's."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        if not user.leads or user.team is None:
            return self.filter(user=user)
        return self.filter(models.Q(user=user) | models.Q(user__team__path__startswith=user.team.path))

    def editable_by(self, user: User) -> LeaveQuerySet:
        """Who sees an absence plans with it, and may correct it."""
        return self.visible_to(user)

    def touching(self, first: dt.date, last: dt.date) -> LeaveQuerySet:
        """Leave with at least one day in `first` to `last`."""
        return self.filter(from_date__lte=last, until_date__gte=first)


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager (create_user) with our sets."""

    def create_user(self, username: str, email: str | None = None, password: str | None = None, **fields: Any) -> User:
        return super().create_user(username.lower(), (email or "").lower(), password, **fields)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """Whoever may do everything in Django is an administrator here."""
        fields.setdefault("role", "administrator")
        return super().create_superuser(username.lower(), (email or "").lower(), password, **fields)
