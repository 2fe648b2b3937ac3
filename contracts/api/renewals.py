"""The REST API of renewals and of the contract policy."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts.api.renewal_serializers import (
    LOST,
    NOTICE,
    RENEW,
    ContractPolicySerializer,
    DecisionSerializer,
    RenewalSerializer,
)
from contracts.errors import MayNotOwnContractPolicy
from contracts.forms.renewals import RENEWAL_DEFAULT_SORT, RENEWAL_SORTS, RenewalFilter
from contracts.models import ContractPolicy, DunningRule, Renewal, RenewalRule
from contracts.services import policy as policies
from contracts.services import renewals
from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet

DECISION_EXAMPLE = OpenApiExample("Lost", request_only=True, value={"decision": "lost", "reason": "客户改用自有产线"})


class RenewalViewSet(ReadOnlyScopedViewSet):
    """Renewals of the contracts with the accounts that the caller sees. The nightly job opens them."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = RenewalSerializer
    filterset_class = RenewalFilter
    sorts = RENEWAL_SORTS
    default_sort = RENEWAL_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Renewal.objects.visible_to(self.request.user)
        return rows.select_related("contract__account", "contract__successor", "decided_by")

    @extend_schema(request=DecisionSerializer, responses=RenewalSerializer, examples=[DECISION_EXAMPLE])
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: int) -> Response:
        """Draft the successor, close as lost, note a notice, or open a lost one again. 409 where it is decided."""
        renewal: Renewal = self.get_object()
        require_editable(request.user, renewal.account_id)
        serializer = DecisionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        self._decide(renewal, serializer.validated_data)
        return self.shown(renewal)

    def _decide(self, renewal: Renewal, values: dict[str, Any]) -> None:
        actor, now = self.request.user, timezone.now()
        today, decision = timezone.localdate(now), values.pop("decision")
        if decision == RENEW:
            renewals.renew(renewal, actor=actor, today=today, now=now)
        elif decision == LOST:
            renewals.lose(renewal, **values, actor=actor, today=today, now=now)
        elif decision == NOTICE:
            renewals.give_notice_of(renewal, **values, actor=actor, today=today, now=now)
        else:
            renewals.reopen_renewal(renewal, actor=actor, now=now)


class ContractPolicyViewSet(ScopedViewSet):
    """The one contract policy. Everybody reads it; directors and administrators change it."""

    tag = "Contracts"
    scope = "policies"
    serializer_class = ContractPolicySerializer
    paginated = False
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: ContractPolicySerializer})
    def show(self, request: Request) -> Response:
        """The policy with its rules."""
        return self._shown(policies.policy_now())

    @extend_schema(responses={200: ContractPolicySerializer})
    def replace(self, request: Request) -> Response:
        """Change the policy; the rules sent take the place of all rules."""
        if not request.user.owns_policies:
            raise MayNotOwnContractPolicy
        policy, now = policies.policy_now(), timezone.now()
        context = {**self.get_serializer_context(), "rules": policies.rules_of(policy)}
        serializer = ContractPolicySerializer(policy, data=request.data, context=context)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        renewal_rules = [RenewalRule(**rule) for rule in values.pop("renewal_rules")]
        dunning_rules = [DunningRule(**rule) for rule in values.pop("dunning_rules")]
        saved = policies.update_contract_policy(
            serializer.apply(), renewal_rules, dunning_rules, actor=request.user, today=timezone.localdate(now), now=now
        )
        return self._shown(saved)

    def get_object(self) -> ContractPolicy:
        """There is one; asked for by OPTIONS."""
        return policies.policy_now()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "rules": policies.rules_of(policies.policy_now())}

    def _shown(self, policy: ContractPolicy) -> Response:
        context = {**self.get_serializer_context(), "rules": policies.rules_of(policy)}
        return Response(ContractPolicySerializer(policy, context=context).data)
