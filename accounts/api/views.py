"""The REST API of accounts and what belongs to them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api.access import require_editable, require_leader
from accounts.api.serializers import (
    AccountAssignmentSerializer,
    AccountCreateSerializer,
    AccountSerializer,
    AssignmentSerializer,
    MemberSerializer,
    MemberUpdateSerializer,
    TierHistorySerializer,
)
from accounts.filters import (
    DEFAULT_SORT,
    SORTS,
    AccountFilter,
    AssignmentFilter,
    MemberFilter,
    TierHistoryFilter,
)
from accounts.models import Account, AccountMember, ManagerAssignment, TierHistory
from core.api.views import ReadOnlyScopedViewSet
from core.paging import Sort

ACCOUNT_EXAMPLE = OpenApiExample(
    "A manufacturer",
    request_only=True,
    value={
        "code": "C00042",
        "name": "海棠泵业有限公司",
        "name_en": "Begonia Pumps",
        "status": "active",
        "industry": "C",
        "region": "east",
        "city": "苏州",
        "tags": ["2026"],
        "annual_purchase_amount": "1200000.00",
        "annual_purchase_currency": "CNY",
    },
)


class AccountViewSet(ReadOnlyScopedViewSet):
    """Accounts that the caller sees."""

    tag = "Accounts"
    scope = "accounts"
    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    sorts = SORTS
    default_sort = DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return Account.objects.visible_to(self.request.user).with_list_columns().prefetch_related("tags")

    @extend_schema(request=AccountCreateSerializer, responses={201: AccountSerializer}, examples=[ACCOUNT_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Make an account."""
        serializer = AccountCreateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        tags = serializer.validated_data.pop("tags", ())
        manager = serializer.validated_data.pop("manager", None if request.user.sees_everything else request.user)
        if manager != request.user:
            require_leader(request.user)
        account = services.create_account(
            serializer.build(), actor=request.user, today=timezone.localdate(), manager=manager, tags=tags
        )
        return self.shown(account, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change an account. Fields that are left out keep their values or, with PUT, are required."""
        account = self.get_object()
        require_editable(request.user, account.pk)
        serializer = self.validated(account, partial=partial)
        tags = serializer.validated_data.pop("tags", None)
        services.update_account(serializer.apply(), actor=request.user, tags=tags)
        return self.shown(account)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of an account."""
        return self.update(request, pk, partial=True)

    @extend_schema(responses=AccountAssignmentSerializer(many=True))
    @action(
        detail=True,
        scope="assignments",
        paginated=True,
        serializer_class=AccountAssignmentSerializer,
        sorts={"from_date": Sort("from_date"), "id": Sort("pk")},
        default_sort="-from_date",
    )
    def assignments(self, request: Request, pk: int) -> Response:
        """Who was the account's manager, newest first."""
        account = self.get_object()
        return self.page_of(AssignmentViewSet.rows(request).filter(account=account))

    @extend_schema(request=AccountAssignmentSerializer, responses={201: AccountAssignmentSerializer})
    @assignments.mapping.post
    def assign(self, request: Request, pk: int) -> Response:
        """Give the account to a manager, from today on."""
        account = self.get_object()
        return assign(self, account, **self.validated().validated_data)


def assign(view: ReadOnlyScopedViewSet, account: Account, **values: Any) -> Response:
    """Hand `account` over and answer with the new assignment."""
    request = view.request
    require_editable(request.user, account.pk)
    require_leader(request.user)
    services.assign_manager(account, **values, actor=request.user, today=timezone.localdate())
    row = ManagerAssignment.objects.select_related("account", "manager", "assigned_by").get(
        account=account, until_date__isnull=True
    )
    return Response(view.get_serializer(row).data, status=status.HTTP_201_CREATED)


class AssignmentViewSet(ReadOnlyScopedViewSet):
    """Account managers: who was responsible for which account, from when until when, and why."""

    tag = "Accounts"
    scope = "assignments"
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilter
    sorts = {"from_date": Sort("from_date"), "id": Sort("pk")}
    default_sort = "-from_date"

    @staticmethod
    def rows(request: Request) -> models.QuerySet[Any]:
        """The assignments that the caller sees."""
        return ManagerAssignment.objects.visible_to(request.user).select_related("account", "manager", "assigned_by")

    def get_queryset(self) -> models.QuerySet[Any]:
        return self.rows(self.request)

    def create(self, request: Request) -> Response:
        """Give an account to a manager, from today on. The reason becomes part of the account's history."""
        return assign(self, **self.validated().validated_data)


class MemberViewSet(ReadOnlyScopedViewSet):
    """Account teams: who works on an account beside its manager."""

    tag = "Accounts"
    scope = "members"
    serializer_class = MemberSerializer
    filterset_class = MemberFilter

    def get_queryset(self) -> models.QuerySet[Any]:
        return AccountMember.objects.visible_to(self.request.user).select_related("account", "user")

    def get_serializer_class(self) -> type[MemberSerializer]:
        return MemberUpdateSerializer if self.action in ("update", "partial_update") else MemberSerializer

    def create(self, request: Request) -> Response:
        """Put a person on an account team."""
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["account"].pk)
        member = services.add_member(serializer.build(), actor=request.user, today=timezone.localdate())
        return self.shown(member, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a member's role, right and last day."""
        member = self.get_object()
        require_editable(request.user, member.account_id)
        serializer = self.validated(member, partial=partial)
        services.update_member(serializer.apply(), actor=request.user, today=timezone.localdate())
        return self.shown(member)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a member."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Take a person off an account team."""
        member = self.get_object()
        require_editable(request.user, member.account_id)
        services.remove_member(member, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TierHistoryViewSet(ReadOnlyScopedViewSet):
    """Every change of an account's tier."""

    tag = "Tiers"
    scope = "tiers"
    serializer_class = TierHistorySerializer
    filterset_class = TierHistoryFilter
    sorts = {"since": Sort("since"), "id": Sort("pk")}
    default_sort = "-since"

    def get_queryset(self) -> models.QuerySet[Any]:
        return TierHistory.objects.visible_to(self.request.user).select_related("account", "decided_by")
