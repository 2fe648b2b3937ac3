"""Alert rules as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.choices import Tier
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from health.conditions import MAX_CONDITIONS, OPERATORS
from health.models import AlertRule, Playbook


class ConditionSerializer(StrictSerializer):
    """`signal:<key>` is the severity of a signal (0 to 1, 0.5 at its bound), `value:<key>` its own number; else
    `score`, `probability`, `drop_probability`, `value_at_risk`."""

    measure = serializers.CharField(max_length=60)
    op = serializers.ChoiceField(choices=[(op, op) for op in OPERATORS])
    value = serializers.FloatField()


class AlertRuleSerializer(ScopedModelSerializer):
    """When an alert is raised: all conditions hold, or any of them, at accounts of these tiers (none: all)."""

    conditions = ConditionSerializer(many=True, min_length=1, max_length=MAX_CONDITIONS)
    tiers = serializers.ListField(
        child=serializers.ChoiceField(choices=Tier.choices, allow_blank=True), required=False, max_length=4
    )
    playbook = NamedRelatedField(queryset=Playbook.objects.all(), required=False, allow_null=True)

    class Meta:
        model = AlertRule
        fields = [
            "id", "name", "name_hant", "name_en", "reason", "is_active", "tiers", "any_of", "conditions", "playbook",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ("created_at", "updated_at")

    def validate_conditions(self, rows: list[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in rows]


class ReachSerializer(serializers.Serializer):
    """How many of all scored accounts a rule would fire for, by the scores of the last night."""

    count = serializers.IntegerField()
    all = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
