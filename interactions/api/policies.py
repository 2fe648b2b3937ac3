"""The REST API of contact policies, rhythms of accounts and capacities."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from accounts.models import Account
from core.api.views import ReadOnlyScopedViewSet
from core.paging import Sort
from interactions import services, tasks
from interactions.api.policy_serializers import (
    CapacitySerializer,
    ContactPolicySerializer,
    ContactWhatIfResultSerializer,
    ContactWhatIfSerializer,
    RhythmSerializer,
)
from interactions.errors import CapacityOfOthers, MayNotOwnContactPolicy
from interactions.models import AccountRhythm, Capacity, ContactPolicy, PolicyRule
from interactions.services.policies import check_rules
from interactions.services.workload import visits_per_day
from users.models import User


def require_policy_owner(user: User) -> None:
    """Raises MayNotOwnContactPolicy unless `user` owns the company's policies."""
    if not user.owns_policies:
        raise MayNotOwnContactPolicy


class ContactPolicyViewSet(ReadOnlyScopedViewSet):
    """Versions of the contact policy. Everybody reads them; directors and administrators draft and activate."""

    tag = "Contact policy"
    scope = "policies"
    serializer_class = ContactPolicySerializer
    sorts = {"number": Sort("number"), "id": Sort("pk")}
    default_sort = "-number"

    def get_queryset(self) -> models.QuerySet[Any]:
        policies = ContactPolicy.objects.visible_to(self.request.user).select_related("created_by")
        return policies.prefetch_related("rules")

    def create(self, request: Request) -> Response:
        """Draft a new version."""
        require_policy_owner(request.user)
        serializer = self.validated()
        rules = serializer.unsaved_rules()
        policy = services.create_contact_policy(serializer.build(), rules, actor=request.user)
        return self.shown(policy, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a draft; `rules` take the place of all its rules."""
        require_policy_owner(request.user)
        policy = self.get_object()
        serializer = self.validated(policy, partial=partial)
        rules = serializer.unsaved_rules() if "rules" in serializer.validated_data else list(policy.rules.all())
        services.update_contact_policy(serializer.apply(), rules, actor=request.user)
        return self.shown(policy)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a draft."""
        return self.update(request, pk, partial=True)

    def destroy(self, request: Request, pk: int) -> Response:
        """Throw a draft away."""
        require_policy_owner(request.user)
        services.delete_contact_policy(self.get_object(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={200: ContactPolicySerializer})
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: int) -> Response:
        """Put a draft in force; the version before is superseded."""
        require_policy_owner(request.user)
        policy = services.activate_contact_policy(self.get_object(), actor=request.user, now=timezone.now())
        tasks.refresh_all_rhythms.delay_on_commit()
        return self.shown(policy)

    @extend_schema(request=ContactWhatIfSerializer, responses={200: ContactWhatIfResultSerializer})
    @action(detail=False, methods=["post"], url_path="what-if")
    def what_if(self, request: Request) -> Response:
        """What rules would ask of everybody, in visits a week against capacity; nothing is saved."""
        require_policy_owner(request.user)
        serializer = ContactWhatIfSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        policy = ContactPolicy(visits_per_day=serializer.validated_data.get("visits_per_day", visits_per_day()))
        rules = [PolicyRule(**rule) for rule in serializer.validated_data["rules"]]
        check_rules(rules)
        return Response(ContactWhatIfResultSerializer(services.what_if(policy, rules, today=timezone.localdate())).data)


class RhythmViewSet(ReadOnlyScopedViewSet):
    """What accounts want otherwise than the contact policy says; an account without a row follows the policy.

    The number in the address is the account's.
    """

    tag = "Contact policy"
    scope = "visits"
    serializer_class = RhythmSerializer
    lookup_field = "account_id"
    lookup_url_kwarg = "pk"
    sorts = {"id": Sort("pk")}

    def get_queryset(self) -> models.QuerySet[Any]:
        return AccountRhythm.objects.visible_to(self.request.user).select_related("account")

    def retrieve(self, request: Request, pk: int) -> Response:
        """The rhythm of an account; empty where it follows the policy."""
        return Response(self.get_serializer(self._row(pk)).data)

    def update(self, request: Request, pk: int) -> Response:
        """Set the whole rhythm of an account: what is left out is empty."""
        row = self._row(pk)
        require_editable(request.user, pk)
        serializer = self.get_serializer(AccountRhythm(account=row.account), data=request.data)
        serializer.is_valid(raise_exception=True)
        saved = services.set_rhythm(serializer.apply(), actor=request.user, today=timezone.localdate())
        return Response(self.get_serializer(saved).data)

    def _row(self, pk: int) -> AccountRhythm:
        """The account's row, or an unsaved one. Raises Http404 unless the user sees the account."""
        account = get_object_or_404(Account.objects.visible_to(self.request.user), pk=pk)
        return self.get_queryset().filter(account=account).first() or AccountRhythm(account=account)


class CapacityViewSet(ReadOnlyScopedViewSet):
    """Visits per day of those who have a capacity of their own: of oneself and of those whom one leads.

    The number in the address is the user's.
    """

    tag = "Contact policy"
    scope = "visits"
    serializer_class = CapacitySerializer
    lookup_field = "user_id"
    lookup_url_kwarg = "pk"
    sorts = {"id": Sort("pk")}

    def get_queryset(self) -> models.QuerySet[Any]:
        return Capacity.objects.visible_to(self.request.user).select_related("user")

    def retrieve(self, request: Request, pk: int) -> Response:
        """The capacity of a person; `visits_per_day` is null where the policy's counts."""
        return Response(self.get_serializer(self._row(pk)).data)

    def update(self, request: Request, pk: int) -> Response:
        """Set the visits per day of a person, 0 for none; null: as the policy says."""
        row = self._row(pk)
        if not User.objects.visible_to(request.user).planned_by(request.user).filter(pk=pk).exists():
            raise CapacityOfOthers
        serializer = self.get_serializer(row, data=request.data)
        serializer.is_valid(raise_exception=True)
        services.set_capacity(row.user, serializer.validated_data["visits_per_day"], actor=request.user)
        return Response(self.get_serializer(self._row(pk)).data)

    def _row(self, pk: int) -> Capacity:
        people = User.objects.visible_to(self.request.user).whose_leave_is_editable_by(self.request.user)
        person = get_object_or_404(people, pk=pk)
        return self.get_queryset().filter(user=person).first() or Capacity(user=person, visits_per_day=None)
