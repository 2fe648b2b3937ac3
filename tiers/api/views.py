"""The REST API of tier policies, runs and proposals."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from core.api.views import ReadOnlyScopedViewSet
from core.paging import Sort
from tiers import services
from tiers.api.serializers import (
    RULES,
    AdjustSerializer,
    BulkReasonSerializer,
    BulkSerializer,
    DecidedSerializer,
    MoveSerializer,
    PolicySerializer,
    ProposalSerializer,
    ReasonSerializer,
    RunCreateSerializer,
    RunSerializer,
    WhatIfResultSerializer,
    WhatIfSerializer,
)
from tiers.errors import MayNotOwnPolicies
from tiers.filters import (
    DEFAULT_PROPOSAL_SORT,
    DEFAULT_RUN_SORT,
    PROPOSAL_SORTS,
    RUN_SORTS,
    ProposalFilter,
    RunFilter,
)
from tiers.models import TierPolicy, TierPolicyVersion, TierProposal, TierRun
from tiers.wording import Basis
from users.models import User

MOVES_SHOWN = 1000


def require_policy_owner(user: User) -> None:
    """Raises MayNotOwnPolicies unless `user` owns the company's policies."""
    if not user.owns_policies:
        raise MayNotOwnPolicies


def version_from(rules: dict[str, Any], newest: TierPolicyVersion | None) -> TierPolicyVersion:
    """An unsaved version: what `rules` names, the rest as in `newest`; another method starts from its own defaults."""
    values = {name: getattr(newest, name) for name in RULES if name != "note"} if newest else {}
    if newest and rules.get("method", newest.method) != newest.method:
        values["parameters"] = {}
    return TierPolicyVersion(**{**values, **rules})


def by_parameter(error: ValidationError) -> ValidationError:
    """The same error with the parameters' names as the API has them: `parameters.cut_a`."""
    known = {*PolicySerializer.Meta.fields, "__all__"}
    errors = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    return ValidationError({(name if name in known else f"parameters.{name}"): found for name, found in errors.items()})


class PolicyViewSet(ReadOnlyScopedViewSet):
    """Tier policies. Everybody reads them; directors and administrators change them."""

    tag = "Tiers"
    scope = "tiers"
    serializer_class = PolicySerializer
    sorts = {"code": Sort("code"), "id": Sort("pk")}
    default_sort = "code"

    def get_queryset(self) -> models.QuerySet[Any]:
        return TierPolicy.objects.visible_to(self.request.user).prefetch_related("versions")

    def create(self, request: Request) -> Response:
        """Make a policy with its first version."""
        serializer = self.validated()
        version = version_from(serializer.rules(), None)
        try:
            policy = services.create_policy(serializer.build(), version, actor=request.user)
        except ValidationError as error:
            raise by_parameter(error) from error
        return self.shown(policy, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a policy. Other rules become its next version; earlier runs keep theirs."""
        policy = self.get_object()
        serializer = self.validated(policy, partial=partial)
        rules = serializer.rules()
        version = version_from(rules, policy.current_version) if rules else None
        try:
            services.update_policy(serializer.apply(), version, actor=request.user)
        except ValidationError as error:
            raise by_parameter(error) from error
        return self.shown(policy)

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a policy."""
        return self.update(request, pk, partial=True)

    @extend_schema(request=WhatIfSerializer, responses={200: WhatIfResultSerializer})
    @action(detail=False, methods=["post"], url_path="what-if")
    def what_if(self, request: Request) -> Response:
        """Who would move under other rules; nothing is saved. For those who own the policies."""
        require_policy_owner(request.user)
        serializer = WhatIfSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        rules = serializer.validated_data
        policy, as_of = rules.pop("policy", None), rules.pop("as_of", None) or timezone.localdate()
        version = version_from(rules, policy and policy.current_version)
        version.number = 1
        try:
            version.full_clean(exclude={"policy"}, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise by_parameter(error) from error
        return Response(self._preview(version, as_of, policy))

    def _preview(self, version: TierPolicyVersion, as_of: Any, policy: TierPolicy | None) -> dict[str, Any]:
        result = services.preview(version, as_of, policy=policy)
        basis = Basis(version, result.currency, result.totals["ranked"])
        moves = result.moves()
        return {
            "as_of": as_of,
            "period_start": result.period[0],
            "period_end": result.period[1],
            "currency": result.currency,
            "totals": result.totals,
            "moves_count": len(moves),
            "moves": MoveSerializer(moves[:MOVES_SHOWN], many=True, context={"basis": basis}).data,
        }


class RunViewSet(ReadOnlyScopedViewSet):
    """Tier runs."""

    tag = "Tiers"
    scope = "tiers"
    serializer_class = RunSerializer
    filterset_class = RunFilter
    sorts = RUN_SORTS
    default_sort = DEFAULT_RUN_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        runs = TierRun.objects.visible_to(self.request.user).with_status()
        return runs.select_related("version__policy", "created_by")

    @extend_schema(request=RunCreateSerializer, responses={201: RunSerializer})
    def create(self, request: Request) -> Response:
        """Apply a policy now. The same version and day again makes the run anew as long as nothing of it is decided."""
        require_policy_owner(request.user)
        serializer = RunCreateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        as_of = serializer.validated_data.get("as_of") or timezone.localdate()
        run = services.run_policy(serializer.validated_data["policy"], as_of, actor=request.user)
        return self.shown(run, status.HTTP_201_CREATED)


class ProposalViewSet(ReadOnlyScopedViewSet):
    """Proposals for the accounts that the caller sees. Supervisors decide for their teams."""

    tag = "Tiers"
    scope = "tiers"
    serializer_class = ProposalSerializer
    filterset_class = ProposalFilter
    sorts = PROPOSAL_SORTS
    default_sort = DEFAULT_PROPOSAL_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        proposals = TierProposal.objects.visible_to(self.request.user)
        # Runs are fetched once each, not joined to every row: they carry the totals of the company.
        return proposals.select_related("account", "decided_by").prefetch_related("run__version__policy")

    @extend_schema(request=None, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: int) -> Response:
        """Give the account the proposed tier."""
        proposal = self.get_object()
        return self.shown(services.approve_proposal(proposal, actor=request.user, now=timezone.now()))

    @extend_schema(request=AdjustSerializer, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"])
    def adjust(self, request: Request, pk: int) -> Response:
        """Give the account another tier than proposed, with a reason."""
        proposal = self.get_object()
        values = self._values(AdjustSerializer)
        return self.shown(services.adjust_proposal(proposal, **values, actor=request.user, now=timezone.now()))

    @extend_schema(request=ReasonSerializer, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: int) -> Response:
        """Leave the account where it is, with a reason."""
        proposal = self.get_object()
        values = self._values(ReasonSerializer)
        return self.shown(services.reject_proposal(proposal, **values, actor=request.user, now=timezone.now()))

    @extend_schema(
        operation_id="tier_proposals_approve_many", request=BulkSerializer, responses={200: DecidedSerializer}
    )
    @action(detail=False, methods=["post"], url_path="approve")
    def approve_many(self, request: Request) -> Response:
        """Approve the pending ones of many proposals that the caller may decide on."""
        proposals = self._chosen(self._values(BulkSerializer))
        decided = services.approve_proposals(proposals, actor=request.user, now=timezone.now())
        return Response({"decided": decided})

    @extend_schema(
        operation_id="tier_proposals_reject_many", request=BulkReasonSerializer, responses={200: DecidedSerializer}
    )
    @action(detail=False, methods=["post"], url_path="reject")
    def reject_many(self, request: Request) -> Response:
        """Reject the pending ones of many proposals that the caller may decide on, with a reason."""
        values = self._values(BulkReasonSerializer)
        reason = values.pop("reason")
        decided = services.reject_proposals(self._chosen(values), reason=reason, actor=request.user, now=timezone.now())
        return Response({"decided": decided})

    def _values(self, serializer_class: type[Serializer]) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _chosen(self, values: dict[str, Any]) -> models.QuerySet[Any]:
        proposals = TierProposal.objects.visible_to(self.request.user)
        if "ids" in values:
            return proposals.filter(pk__in=values["ids"])
        return proposals.filter(**values)
