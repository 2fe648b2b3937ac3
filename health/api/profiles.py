"""The REST API of health profiles."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from core.paging import Sort
from health.api.rules import require_owner
from health.api.score_serializers import HealthProfileSerializer, HealthWhatIfSerializer
from health.models import HealthProfile
from health.services import profiles as services


class HealthProfileViewSet(ReadOnlyScopedViewSet):
    """How accounts are scored: the first active profile by `position` that fits an account. Everybody reads them;
    directors and administrators change them. Scores follow with the next night."""

    tag = "Health"
    scope = "health"
    serializer_class = HealthProfileSerializer
    sorts = {"position": Sort("position"), "id": Sort("pk")}
    default_sort = "position"

    def get_queryset(self) -> models.QuerySet[Any]:
        return HealthProfile.objects.visible_to(self.request.user)

    def create(self, request: Request) -> Response:
        """Make a profile. 400 names unknown signals, weights that sum to 0 and bands that are not in order."""
        require_owner(request.user)
        profile = services.save_profile(self.validated().build(), actor=request.user)
        return self.shown(profile, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a profile; `groups`, `signals` and `exceptions` take the place of all that it has."""
        require_owner(request.user)
        serializer = self.validated(self.get_object(), partial=partial)
        return self.shown(services.save_profile(serializer.apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a profile."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take a profile away that no score stands on. 409 `health_profile_in_use`: deactivate it instead."""
        require_owner(request.user)
        services.delete_profile(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=HealthProfileSerializer, responses={200: HealthWhatIfSerializer})
    @action(detail=False, methods=["post"], url_path="what-if")
    def what_if(self, request: Request) -> Response:
        """What a new profile would do to the scores of the last night; nothing is saved."""
        require_owner(request.user)
        found = services.what_if(self.validated().build())
        return Response(HealthWhatIfSerializer(found).data)

    @extend_schema(request=HealthProfileSerializer, responses={200: HealthWhatIfSerializer})
    @action(detail=True, methods=["post"], url_path="what-if-changed")
    def what_if_changed(self, request: Request, pk: int) -> Response:
        """What a change of this profile would do; fields that are left out stay. Nothing is saved."""
        require_owner(request.user)
        found = services.what_if(self.validated(self.get_object(), partial=True).apply())
        return Response(HealthWhatIfSerializer(found).data)
