"""The REST API of users and teams: read only; people are managed on the pages."""

from __future__ import annotations

from typing import Any

from django.db import models

from core.api.views import ReadOnlyScopedViewSet
from core.paging import Sort
from users.api.serializers import TeamSerializer, UserSerializer
from users.filters import DEFAULT_SORT, SORTS, UserFilter
from users.models import Team, User


class TeamViewSet(ReadOnlyScopedViewSet):
    """The tree of teams."""

    tag = "People"
    scope = "teams"
    serializer_class = TeamSerializer
    sorts = {"path": Sort("path"), "name": Sort("name"), "id": Sort("pk")}
    default_sort = "path"

    def get_queryset(self) -> models.QuerySet[Any]:
        return Team.objects.visible_to(self.request.user)


class UserViewSet(ReadOnlyScopedViewSet):
    """Users. The list has active users only, unless `active` asks for the others (`false`) or for `all`."""

    tag = "People"
    scope = "users"
    serializer_class = UserSerializer
    filterset_class = UserFilter
    sorts = SORTS
    default_sort = DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return User.objects.visible_to(self.request.user).select_related("team")
