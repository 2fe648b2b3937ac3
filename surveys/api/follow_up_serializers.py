"""Follow-ups as JSON."""

from __future__ import annotations

from rest_framework import serializers

from contacts.models import Contact
from core.api.serializers import (
    NamedRelatedField,
    ScopedModelSerializer,
    ScopedRelatedField,
    StrictSerializer,
    UtcDateTimeField,
)
from interactions.choices import Kind, Outcome
from interactions.models import Interaction
from surveys.choices import Cause, FollowUpOutcome
from surveys.models import FollowUp, FollowUpResponse
from surveys.services.follow_ups import MAX_ACTION


class ReasonSerializer(ScopedModelSerializer):
    """The answer that opened or joined a follow-up."""

    class Meta:
        model = FollowUpResponse
        fields = ["response", "question", "value"]
        read_only_fields = fields


class FollowUpSerializer(ScopedModelSerializer):
    """What the account's manager does about an answer, until the customer was told."""

    campaign = NamedRelatedField(read_only=True)
    account = NamedRelatedField(read_only=True)
    owner = NamedRelatedField(read_only=True, allow_null=True)
    closed_by = NamedRelatedField(read_only=True, allow_null=True)
    interaction = ScopedRelatedField(read_only=True, allow_null=True)
    reasons = ReasonSerializer(many=True, read_only=True)

    class Meta:
        model = FollowUp
        fields = [
            "id", "campaign", "account", "kind", "status", "owner", "opened_at", "due_at", "contacted_at",
            "interaction", "cause", "action", "customer_told", "outcome", "escalated_at", "closed_at", "closed_by",
            "reasons", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class FollowUpContactSerializer(StrictSerializer):
    """An interaction that is logged already, by its id; else what is to be logged."""

    interaction = ScopedRelatedField(queryset=Interaction.objects.all(), required=False)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, help_text="Default: call; no note.")
    occurred_at = UtcDateTimeField(required=False, help_text="Default: now.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False, allow_blank=True)
    minutes = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    contacts = NamedRelatedField(many=True, queryset=Contact.objects.all(), required=False)
    client_key = serializers.UUIDField(required=False, help_text="Chosen by the client: logged once.")


class FindingsSerializer(StrictSerializer):
    """Why, what was done, whether the customer knows, how it ended; what is not sent stays as it is."""

    cause = serializers.ChoiceField(choices=Cause.choices, required=False, allow_blank=True)
    action = serializers.CharField(max_length=MAX_ACTION, required=False, allow_blank=True)
    customer_told = serializers.BooleanField(required=False)
    outcome = serializers.ChoiceField(choices=FollowUpOutcome.choices, required=False, allow_blank=True)


class ReopenSerializer(StrictSerializer):
    """Why it is not settled after all."""

    reason = serializers.CharField(max_length=300)
