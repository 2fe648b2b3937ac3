"""The REST API of alert rules."""

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
from health.api.rule_serializers import AlertRuleSerializer, ReachSerializer
from health.errors import MayNotOwnHealth
from health.models import AlertRule
from health.services import alert_rules as services
from users.models import User


def require_owner(user: User) -> None:
    """Raises MayNotOwnHealth unless `user` owns the company's policies."""
    if not user.owns_policies:
        raise MayNotOwnHealth


class AlertRuleViewSet(ReadOnlyScopedViewSet):
    """Alert rules. Everybody reads them; directors and administrators change them. They count from the next night."""

    tag = "Health"
    scope = "health"
    serializer_class = AlertRuleSerializer
    sorts = {"reason": Sort("reason"), "id": Sort("pk")}
    default_sort = "id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return AlertRule.objects.visible_to(self.request.user).select_related("playbook")

    def create(self, request: Request) -> Response:
        """Make a rule. 400 `rule_conditions_wrong` names the first condition that is none."""
        require_owner(request.user)
        rule = services.save_rule(self.validated().build(), actor=request.user)
        return self.shown(rule, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a rule; `conditions` take the place of all its conditions."""
        require_owner(request.user)
        serializer = self.validated(self.get_object(), partial=partial)
        return self.shown(services.save_rule(serializer.apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a rule."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take a rule away that has never opened an alert. 409 `rule_in_use`: deactivate it instead."""
        require_owner(request.user)
        services.delete_rule(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=AlertRuleSerializer, responses={200: ReachSerializer})
    @action(detail=False, methods=["post"])
    def reach(self, request: Request) -> Response:
        """For how many accounts a rule would fire; nothing is saved. For those who own the policies."""
        require_owner(request.user)
        found = services.rule_reach(self.validated().build())
        return Response({"count": found.count, "all": found.all, "share": found.share})
