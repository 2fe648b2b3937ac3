"""Sets of users and teams, and who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: User) -> UserQuerySet:
        """Colleagues are known by name to everybody who logs in."""
        return self if user.is_active else self.none()

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def led_by(self, user: User) -> UserQuerySet:
        """The people in the subtree of `user`'s team; nobody where the user has no team."""
        if user.team is None:
            return self.none()
        return self.filter(team__path__startswith=user.team.path)


class UserManager(DjangoUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's manager (create_user) with our sets."""
