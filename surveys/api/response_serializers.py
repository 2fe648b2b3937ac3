"""Answers as JSON."""

from __future__ import annotations

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField
from surveys.models import Response


class ResponseSerializer(ScopedModelSerializer):
    """What one person answered: `answers` by the question's key. Tier, region, manager and team are those of the day of
    the answer. Answers of anonymous campaigns are not shown one by one."""

    campaign = NamedRelatedField(read_only=True)
    account = NamedRelatedField(read_only=True)
    contact = NamedRelatedField(read_only=True, allow_null=True)
    invitation = ScopedRelatedField(read_only=True, allow_null=True)
    manager = NamedRelatedField(read_only=True, allow_null=True)
    team = NamedRelatedField(read_only=True, allow_null=True)
    product_line = NamedRelatedField(read_only=True, allow_null=True)
    entered_by = NamedRelatedField(read_only=True, allow_null=True)
    answers = serializers.DictField(read_only=True)

    class Meta:
        model = Response
        fields = [
            "id", "campaign", "account", "contact", "invitation", "source", "external_id", "status", "language",
            "answers", "completed_at", "date", "tier", "region", "manager", "team", "product_line", "entered_by",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
