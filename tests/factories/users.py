"""Teams and users."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from tests.factories import TODAY
from users.models import Leave, Role, Team, User


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def path(team, create, extracted, **kwargs):  # noqa: N805  factory_boy calls it on the made row
        team.path = f"{team.parent.path if team.parent else ''}{team.step}"
        team.save()


class UserFactory(DjangoModelFactory):
    """An account manager who reads English."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    name = factory.LazyAttribute(lambda user: user.username.title())
    password = factory.django.Password("correct horse battery")
    role = Role.ACCOUNT_MANAGER
    language = "en"


def make_leave(user, days=7, *, length=3, **fields):
    """An absence of `length` days, `days` after TODAY."""
    first = TODAY + dt.timedelta(days=days)
    return Leave.objects.create(user=user, from_date=first, until_date=first + dt.timedelta(days=length - 1), **fields)
