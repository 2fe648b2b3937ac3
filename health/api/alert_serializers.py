"""Alerts, their comments and what is done about them, as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from health.alert_measures import Measures
from health.choices import AlertOutcome, LostCause
from health.models import Alert, AlertComment
from health.services.alert_bulk import MAX_ALERTS, REASSIGN, RESOLVE, SNOOZE, VERBS
from health.services.alerts import MAX_TEXT
from users.models import User

NUMBER = {"type": "number", "nullable": True}
PART = {
    "type": "object",
    "properties": {
        "signal": {"type": "string"},
        "group": {"type": "string"},
        "value": NUMBER,
        "bound": NUMBER,
        "severity": {"type": "number", "minimum": 0, "maximum": 1},
        "weight": {"type": "number"},
        "lost": {"type": "number"},
        "date": {"type": "string", "format": "date", "nullable": True},
        "facts": {"type": "object", "additionalProperties": True},
    },
}
EVIDENCE = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "nullable": True},
        "probability": NUMBER,
        "drop_probability": NUMBER,
        "value_at_risk": {"type": "string", "nullable": True},
        "signals": {"type": "array", "items": PART},
    },
}


@extend_schema_field(EVIDENCE)
class EvidenceField(serializers.JSONField):
    """The numbers, and the signals that tell why, the heaviest first; empty where nothing was kept."""


class AlertNoteSerializer(ScopedModelSerializer):
    """What somebody noted."""

    author = NamedRelatedField(read_only=True)

    class Meta:
        model = AlertComment
        fields = ["id", "author", "text", "created_at"]
        read_only_fields = fields


class AlertLineSerializer(ScopedModelSerializer):
    """An alert in a list. `opened_on` is the night that found the reason, `opened_at` since when its owner has it."""

    account = NamedRelatedField(read_only=True)
    owner = NamedRelatedField(read_only=True, allow_null=True)
    rule = NamedRelatedField(read_only=True)
    acknowledged_by = NamedRelatedField(read_only=True, allow_null=True)
    resolved_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Alert
        fields = [
            "id", "account", "reason", "status", "severity", "rank", "probability", "value_at_risk_amount", "currency",
            "owner", "rule", "opened_on", "opened_at", "due_at", "seen_on", "cleared_on", "acknowledged_at",
            "acknowledged_by", "snoozed_until", "escalation", "escalated_at", "resolved_at", "resolved_by", "outcome",
            "lost_cause", "resolution", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class AlertSerializer(AlertLineSerializer):
    """An alert with its evidence, as it opened and as of the last night, and with its comments."""

    evidence = EvidenceField(read_only=True)
    evidence_now = EvidenceField(read_only=True)
    comments = AlertNoteSerializer(many=True, read_only=True)

    class Meta(AlertLineSerializer.Meta):
        fields = [*AlertLineSerializer.Meta.fields, "evidence", "evidence_now", "comments"]
        read_only_fields = fields


class SnoozeSerializer(StrictSerializer):
    """Until which day it rests: from tomorrow on, within a year."""

    until = serializers.DateField()


class AlertCommentSerializer(StrictSerializer):
    """What is to be noted."""

    text = serializers.CharField(max_length=MAX_TEXT)


class ResolveSerializer(StrictSerializer):
    """How it ended; the cause for `lost`."""

    outcome = serializers.ChoiceField(choices=AlertOutcome.choices)
    lost_cause = serializers.ChoiceField(choices=LostCause.choices, required=False, allow_blank=True)
    resolution = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)


class ReassignSerializer(StrictSerializer):
    """Who is to act: somebody who may change the account."""

    owner = NamedRelatedField(queryset=User.objects.all())


class AlertBulkSerializer(StrictSerializer):
    """One verb for many alerts, with what the verb needs."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=MAX_ALERTS
    )
    verb = serializers.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    until = serializers.DateField(required=False, help_text="For snooze.")
    owner = NamedRelatedField(queryset=User.objects.all(), required=False, help_text="For reassign.")
    outcome = serializers.ChoiceField(choices=AlertOutcome.choices, required=False, help_text="For resolve.")
    lost_cause = serializers.ChoiceField(choices=LostCause.choices, required=False, allow_blank=True)
    resolution = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        needed = {SNOOZE: "until", REASSIGN: "owner", RESOLVE: "outcome"}.get(values["verb"])
        if needed and needed not in values:
            raise serializers.ValidationError({needed: [serializers.Field.default_error_messages["required"]]})
        return values


class AlertDoneSerializer(serializers.Serializer):
    """What became of one of them; `code` and `message` where it was refused."""

    id = serializers.IntegerField()
    done = serializers.BooleanField()
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class AlertBulkResultSerializer(serializers.Serializer):
    """How many were done, and the outcome of each, in the order of the ids."""

    done = serializers.IntegerField()
    results = AlertDoneSerializer(many=True)


class AlertShareSerializer(serializers.Serializer):
    """`part` of `all`; `interval` is the 95% interval of `value`. Null where there is nothing to take a share of."""

    part = serializers.IntegerField()
    all = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class WarnedBySerializer(AlertShareSerializer):
    """How many of the silent accounts had an alert within so many days after their last order."""

    days = serializers.IntegerField()


class MeasuresSerializer(serializers.Serializer):
    """How good the alerts of a month were (`month` null: of all months)."""

    month = serializers.DateField(allow_null=True)
    raised = serializers.IntegerField()
    shown = serializers.IntegerField(help_text="Raised, and neither held back nor withdrawn.")
    unresolved = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField())
    precision = AlertShareSerializer(help_text="Saved and lost, of saved, lost and false alarms.")
    acknowledge_hours = serializers.FloatField(allow_null=True, help_text="Median.")
    resolve_days = serializers.FloatField(allow_null=True, help_text="Median.")
    silent = serializers.IntegerField(
        allow_null=True, help_text="Active accounts that ordered nothing for 90 days; null while they are not over."
    )
    warned = AlertShareSerializer(help_text="Silent accounts that had an alert by the 90th day.")
    warned_by = serializers.SerializerMethodField()
    lead_days = serializers.FloatField(allow_null=True, help_text="Median of the days from the alert to the 90th day.")

    @extend_schema_field(WarnedBySerializer(many=True))
    def get_warned_by(self, row: Measures) -> list[dict[str, Any]]:
        return [{"days": days, **AlertShareSerializer(share).data} for days, share in row.warned_by.items()]
