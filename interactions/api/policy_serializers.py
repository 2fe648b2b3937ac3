"""Contact policies, rhythms and capacities as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Tier
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from interactions.choices import CHANNELS, HOLIDAYS
from interactions.forms.policies import MAX_RULES
from interactions.models import AccountRhythm, Capacity, ContactPolicy, PolicyRule
from interactions.policy_load import Load
from interactions.policy_words import rule_text

CHANNEL_CHOICES = [(str(kind), kind.label) for kind in CHANNELS]
HOLIDAY_CHOICES = [(str(day), day.label) for day in HOLIDAYS]


class ContactRuleSerializer(StrictSerializer, serializers.ModelSerializer):
    """A rule; an empty tier, stage or region means any."""

    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=CHANNEL_CHOICES),
        min_length=1,
        required=False,
        help_text="Contacts of these kinds count. Unless given: visit, meeting, call.",
    )
    words = serializers.SerializerMethodField(help_text="The rule in words.")

    class Meta:
        model = PolicyRule
        fields = ["duty", "tier", "stage", "region", "cadence_days", "channels", "minimum_seniority", "words"]

    def get_words(self, rule: PolicyRule) -> str:
        return rule_text(rule)


class ContactPolicySerializer(ScopedModelSerializer):
    """A version of the contact policy with its rules."""

    created_by = NamedRelatedField(read_only=True, allow_null=True)
    holidays = serializers.ListField(child=serializers.ChoiceField(choices=HOLIDAY_CHOICES), required=False)
    greeting_tiers = serializers.ListField(child=serializers.ChoiceField(choices=Tier.choices), required=False)
    rules = ContactRuleSerializer(many=True, max_length=MAX_RULES)

    class Meta:
        model = ContactPolicy
        fields = [
            "id",
            "number",
            "status",
            "note",
            "visits_per_day",
            "birthday_days_ahead",
            "holiday_days_ahead",
            "holidays",
            "greeting_tiers",
            "rules",
            "in_force_from",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["number", "status", "in_force_from"]

    def unsaved_rules(self) -> list[PolicyRule]:
        """The rules sent, unsaved, taken out of the fields of the policy."""
        return [PolicyRule(**rule) for rule in self.validated_data.pop("rules")]


class ContactWhatIfSerializer(StrictSerializer):
    """Rules to try."""

    rules = ContactRuleSerializer(many=True, max_length=MAX_RULES)
    visits_per_day = serializers.IntegerField(
        min_value=0, max_value=20, required=False, help_text="Unless given: that of the policy in force."
    )


class LoadSerializer(serializers.Serializer):
    """What rules ask of somebody."""

    accounts = serializers.IntegerField()
    visits_per_week = serializers.SerializerMethodField(help_text="Once the cadences have settled.")
    overdue = serializers.IntegerField(help_text="Accounts that would be overdue at once.")

    def get_visits_per_week(self, load: Load) -> float:
        return round(load.per_week, 2)


class PersonLoadSerializer(serializers.Serializer):
    """One person, now and then."""

    user = serializers.SerializerMethodField()
    now = LoadSerializer(help_text="Under the policy in force.")
    then = LoadSerializer(help_text="Under these rules.")
    capacity_per_week = serializers.SerializerMethodField(help_text="Visits a day × working days of an average week.")
    over_capacity = serializers.BooleanField(source="is_over")

    @extend_schema_field({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}})
    def get_user(self, person: Any) -> dict[str, Any]:
        return {"id": person.user.pk, "name": person.user.name}

    def get_capacity_per_week(self, person: Any) -> float:
        return round(person.capacity, 2)


class ContactWhatIfResultSerializer(serializers.Serializer):
    """Everybody's load, the fullest first."""

    now = LoadSerializer(help_text="Of everybody, under the policy in force.")
    then = LoadSerializer(help_text="Of everybody, under these rules.")
    over_capacity = serializers.IntegerField(source="over", help_text="How many people.")
    without_manager = serializers.IntegerField(source="nobody.accounts")
    without_sponsor = serializers.IntegerField(source="no_sponsor")
    people = PersonLoadSerializer(many=True)


class RhythmSerializer(ScopedModelSerializer):
    """What one account wants otherwise; everything empty: it follows the policy."""

    account = NamedRelatedField(read_only=True)

    class Meta:
        model = AccountRhythm
        fields = [
            "account",
            "cadence_days",
            "override_until",
            "override_reason",
            "paused_until",
            "pause_reason",
            "weekday",
        ]


class CapacitySerializer(ScopedModelSerializer):
    """Visits per day of one person; null: as the policy says."""

    user = NamedRelatedField(read_only=True)
    visits_per_day = serializers.IntegerField(min_value=0, max_value=20, allow_null=True)

    class Meta:
        model = Capacity
        fields = ["user", "visits_per_day"]
