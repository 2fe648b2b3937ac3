"""The REST API of the health policy."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import ScopedModelSerializer
from core.api.views import ScopedViewSet
from health.api.rules import require_owner
from health.models import HealthPolicy
from health.services.policy import POLICY_FIELDS, policy_now, update_policy


@extend_schema_field(
    {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", "example": "09:00:00"}
)
class WorkingTimeField(serializers.TimeField):
    """A time of day by the clock on the wall: without an offset, which JSON Schema's `time` asks for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%H:%M:%S", "input_formats": ["%H:%M:%S", "%H:%M"], **kwargs})


class HealthPolicySerializer(ScopedModelSerializer):
    """The rules for scores and alerts. Hours are working hours from `day_from` to `day_until`."""

    day_from = WorkingTimeField()
    day_until = WorkingTimeField()

    class Meta:
        model = HealthPolicy
        fields = POLICY_FIELDS
        extra_kwargs: ClassVar = {name: {"required": True} for name in POLICY_FIELDS}


class HealthPolicyViewSet(ScopedViewSet):
    """The one health policy. Everybody reads it; directors and administrators change it."""

    tag = "Health"
    scope = "policies"
    serializer_class = HealthPolicySerializer
    paginated = False
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: HealthPolicySerializer})
    def show(self, request: Request) -> Response:
        """The policy."""
        return Response(self.get_serializer(policy_now()).data)

    @extend_schema(responses={200: HealthPolicySerializer})
    def replace(self, request: Request) -> Response:
        """Change the policy."""
        require_owner(request.user)
        serializer = self.validated(policy_now())
        return Response(self.get_serializer(update_policy(serializer.apply(), actor=request.user)).data)

    def get_object(self) -> Any:
        """There is one; asked for by OPTIONS."""
        return policy_now()
