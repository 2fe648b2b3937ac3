"""The REST API of approvals and their rules."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from approvals import desk, services
from approvals.api.serializers import (
    ApprovalLineSerializer,
    ApprovalRuleSerializer,
    ApprovalSerializer,
    ApproveSerializer,
    CommentTextSerializer,
    SendBackSerializer,
)
from approvals.errors import MayNotOwnRules
from approvals.filters import DEFAULT_SORT, RULE_SORTS, SORTS, RequestFilter, RuleFilter
from approvals.models import ApprovalRequest, ApprovalRule
from approvals.querysets import course
from core.api.views import ReadOnlyScopedViewSet
from users.models import User


def require_rule_owner(user: User) -> None:
    """Raises MayNotOwnRules unless `user` owns the company's policies."""
    if not user.owns_policies:
        raise MayNotOwnRules


class ApprovalViewSet(ReadOnlyScopedViewSet):
    """Requests for approval that the caller has a part in; directors and administrators see all."""

    tag = "Approvals"
    scope = "approvals"
    serializer_class = ApprovalSerializer
    filterset_class = RequestFilter
    sorts = SORTS
    default_sort = DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return ApprovalRequest.objects.visible_to(self.request.user).with_course()

    def get_serializer_class(self) -> type[Serializer]:
        return ApprovalLineSerializer if self.action == "list" else ApprovalSerializer

    @extend_schema(request=ApproveSerializer, responses={200: ApprovalSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Agree, for oneself and for whom one stands in. With the last step what was asked for happens."""
        asked, values = self._asked(pk), self._values(ApproveSerializer)
        return self.shown(services.approve(asked, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=SendBackSerializer, responses={200: ApprovalSerializer})
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: int) -> Response:
        """Send it back with a comment that says what should be different."""
        asked, values = self._asked(pk), self._values(SendBackSerializer)
        return self.shown(services.send_back(asked, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=None, responses={200: ApprovalSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Take one's own request back."""
        return self.shown(services.withdraw(self._asked(pk), actor=request.user, now=timezone.now()))

    @extend_schema(request=CommentTextSerializer, responses={201: ApprovalSerializer})
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: int) -> Response:
        """Say something without deciding."""
        asked, values = self._asked(pk), self._values(CommentTextSerializer)
        services.add_comment(asked, **values, actor=request.user, now=timezone.now())
        return self.shown(asked, status.HTTP_201_CREATED)

    def get_object(self) -> Any:
        """Also for whoever sees the row that it is about."""
        found = self._asked(int(self.kwargs["pk"]))
        models.prefetch_related_objects([found], *course())
        return found

    def _asked(self, pk: int) -> ApprovalRequest:
        found = desk.find_request(self.request.user, pk)
        if found is None:
            raise Http404
        return found

    def _values(self, serializer_class: type[Serializer]) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class ApprovalRuleViewSet(ReadOnlyScopedViewSet):
    """Approval rules. Everybody reads them; directors and administrators change them."""

    tag = "Approvals"
    scope = "approvals"
    serializer_class = ApprovalRuleSerializer
    filterset_class = RuleFilter
    sorts = RULE_SORTS
    default_sort = "id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return ApprovalRule.objects.visible_to(self.request.user).prefetch_related("steps__people")

    def create(self, request: Request) -> Response:
        """Make a rule with its steps."""
        require_rule_owner(request.user)
        serializer = self.validated()
        plans = serializer.plans() or []
        rule = services.create_rule(serializer.build(), plans, actor=request.user)
        return self.shown(rule, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a rule; `steps` take the place of all its steps. Requests under way keep theirs."""
        require_rule_owner(request.user)
        serializer = self.validated(self.get_object(), partial=partial)
        plans = serializer.plans()
        return self.shown(services.update_rule(serializer.apply(), plans, actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a rule."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take a rule away; requests under way go on."""
        require_rule_owner(request.user)
        services.delete_rule(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
