"""Campaigns, invitations and answers as JSON."""

from __future__ import annotations

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField
from orders.models import ProductLine
from surveys.models import Campaign, FollowUp, FollowUpResponse, Invitation, LoopRule, QuestionnaireVersion, Response
from users.models import User


class LoopRuleSerializer(ScopedModelSerializer):
    """An answer from `low` to `high` (both included) to `question` opens a follow-up of that kind."""

    class Meta:
        model = LoopRule
        fields = ["question", "low", "high", "kind"]


class CampaignSerializer(ScopedModelSerializer):
    """A campaign. Once it has started, most of it can no longer be changed.

    `audience` is `{"accounts": {filter of the account list: [values]}, "tiers": [], "stages": [], "roles": []}`; what
    is empty asks everybody. `texts` is `{language: {"subject", "body", "reminder_subject", "reminder_body"}}`; what is
    missing comes from the product.
    """

    questionnaire_version = NamedRelatedField(
        queryset=QuestionnaireVersion.objects.all(), help_text="A published version (survey-versions)."
    )
    status = serializers.ChoiceField(choices=Campaign._meta.get_field("status").choices, read_only=True)
    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")
    product_line = NamedRelatedField(queryset=ProductLine.objects.all(), required=False, allow_null=True)
    audience = serializers.DictField(required=False)
    texts = serializers.DictField(child=serializers.DictField(child=serializers.CharField()), required=False)

    class Meta:
        model = Campaign
        fields = [
            "id", "name", "questionnaire_version", "status", "owner", "audience", "timing", "every_months_a",
            "every_months_b", "every_months_c", "event", "event_days", "start_date", "end_date", "channel", "anonymous",
            "product_line", "sender_name", "reply_to", "texts", "reminder_days", "started_at", "ended_at", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = ["started_at", "ended_at"]


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with its rules and, from its start on, the frozen copy of the questions."""

    definition = serializers.DictField(read_only=True, help_text="Empty while it is a draft.")
    loop_rules = LoopRuleSerializer(many=True, read_only=True)

    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, "definition", "loop_rules"]


class InvitationSerializer(ScopedModelSerializer):
    """A contact asked once. In anonymous campaigns nothing says when they opened the link or answered."""

    campaign = NamedRelatedField(read_only=True)
    account = NamedRelatedField(read_only=True)
    contact = NamedRelatedField(read_only=True, allow_null=True)
    manager = NamedRelatedField(read_only=True, allow_null=True)
    product_line = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "campaign", "account", "contact", "occasion", "external_id", "email", "language", "status",
            "asked_on", "expires_on", "opened_at", "answered_on", "tier", "manager", "product_line",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


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
