"""The REST API of playbooks."""

from __future__ import annotations

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from health.api.playbook_serializers import EffectivenessSerializer, PlaybookSerializer
from health.filters_playbooks import PlaybookFilter
from health.models import Playbook, PlaybookRun
from health.playbook_errors import MayNotOwnPlaybooks, NotForComparing
from health.playbook_results import effects, judged_on, tallies
from health.services import playbooks as services
from users.models import User


def require_owner(user: User) -> None:
    """Raises MayNotOwnPlaybooks unless `user` owns the company's policies."""
    if not user.owns_policies:
        raise MayNotOwnPlaybooks


class PlaybookViewSet(ReadOnlyScopedViewSet):
    """Playbooks. Everybody reads them; directors and administrators change them. What runs at accounts keeps the steps
    that it began with."""

    tag = "Health"
    scope = "health"
    serializer_class = PlaybookSerializer
    filterset_class = PlaybookFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        return Playbook.objects.visible_to(self.request.user).prefetch_related("steps")

    def create(self, request: Request) -> Response:
        """Write a playbook. 400 `playbook_nameless`, `step_untitled`, `step_malformed`, `stage_needed`."""
        require_owner(request.user)
        playbook, steps = self._taken(self.validated())
        saved = services.save_playbook(playbook, steps, actor=request.user)
        return self.shown(saved, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a playbook; `steps` take the place of all its steps."""
        require_owner(request.user)
        playbook, steps = self._taken(self.validated(self.get_object(), partial=partial))
        return self.shown(services.save_playbook(playbook, steps, actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a playbook; without `steps` they stay."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a playbook that never was at work. 409 `playbook_shipped`, `playbook_used`: switch it off instead."""
        require_owner(request.user)
        services.delete_playbook(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=EffectivenessSerializer)
    @action(detail=True, methods=["get"])
    def effectiveness(self, request: Request, pk: int) -> Response:
        """Whether it helped, at the accounts that the caller sees, against similar accounts without it, as the night's
        job judged it. For supervisors and above."""
        if not request.user.leads:
            raise NotForComparing
        playbook, runs = self.get_object(), PlaybookRun.objects.visible_to(request.user)
        tally = tallies([playbook], runs.filter(playbook=playbook))[0]
        found = vars(tally) | {"judged_on": judged_on(request.user), "effects": effects([playbook], runs)[playbook.pk]}
        return Response(EffectivenessSerializer(found).data)

    def _taken(self, serializer: Any) -> tuple[Playbook, Any]:
        playbook, steps = serializer.taken()
        return playbook, services.steps_of(playbook) if steps is None else steps
