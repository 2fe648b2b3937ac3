"""The REST API of the survey policy."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import ScopedModelSerializer
from core.api.views import ScopedViewSet
from surveys.errors import MayNotOwnSurveys
from surveys.models import SurveyPolicy
from surveys.services.policy import POLICY_FIELDS, policy_now, update_policy


@extend_schema_field(
    {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", "example": "09:00:00"}
)
class ClockField(serializers.TimeField):
    """A time of day by the clock on the wall: without an offset, which JSON Schema's `time` asks for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%H:%M:%S", "input_formats": ["%H:%M:%S", "%H:%M"], **kwargs})


class SurveyPolicySerializer(ScopedModelSerializer):
    """The rules for all campaigns. Hours of follow-ups are working hours from `day_from` to `day_until`."""

    day_from = ClockField()
    day_until = ClockField()

    class Meta:
        model = SurveyPolicy
        fields = POLICY_FIELDS
        extra_kwargs: ClassVar = {name: {"required": True} for name in POLICY_FIELDS}


class SurveyPolicyViewSet(ScopedViewSet):
    """The one survey policy. Everybody reads it; directors and administrators change it."""

    tag = "Surveys"
    scope = "policies"
    serializer_class = SurveyPolicySerializer
    paginated = False
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses={200: SurveyPolicySerializer})
    def show(self, request: Request) -> Response:
        """The policy."""
        return Response(self.get_serializer(policy_now()).data)

    @extend_schema(responses={200: SurveyPolicySerializer})
    def replace(self, request: Request) -> Response:
        """Change the policy."""
        if not request.user.owns_policies:
            raise MayNotOwnSurveys
        serializer = self.validated(policy_now())
        return Response(self.get_serializer(update_policy(serializer.apply(), actor=request.user)).data)

    def get_object(self) -> Any:
        """There is one; asked for by OPTIONS."""
        return policy_now()
