"""Approvals and their rules as JSON."""

from __future__ import annotations

from rest_framework import serializers

from approvals.choices import TIERS, Approver, Mode
from approvals.models import ApprovalComment, ApprovalRequest, ApprovalRule, ApprovalStep, ApprovalVote
from approvals.registry import sees_row
from approvals.services import StepPlan
from approvals.services.requests import LIMIT
from approvals.services.rules import MAX_CODES, MAX_STEPS
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from users.models import User


class FactsSerializer(serializers.Serializer):
    """What the rule was chosen by."""

    amount = serializers.DecimalField(
        max_digits=20, decimal_places=3, allow_null=True, help_text="In the reporting currency; null: not known."
    )
    currency = serializers.CharField(help_text="That of the row.")
    tier = serializers.CharField()
    kind = serializers.CharField()
    discount = serializers.DecimalField(
        max_digits=7, decimal_places=2, allow_null=True, help_text="Per cent of the list value."
    )
    account_id = serializers.IntegerField(allow_null=True)


class VoteSerializer(ScopedModelSerializer):
    """Somebody who is asked, and what they said."""

    user = NamedRelatedField(read_only=True)
    decided_by = NamedRelatedField(read_only=True, allow_null=True, help_text="Another than `user`: a stand-in.")
    in_place_of = NamedRelatedField(read_only=True, allow_null=True, help_text="Who was asked first and left.")

    class Meta:
        model = ApprovalVote
        fields = ["id", "user", "status", "decided_by", "decided_at", "comment", "in_place_of"]
        read_only_fields = fields


class StepSerializer(ScopedModelSerializer):
    """One step; `nobody_fits`: it went to the directors."""

    votes = VoteSerializer(many=True, read_only=True)

    class Meta:
        model = ApprovalStep
        fields = ["position", "approver", "mode", "status", "nobody_fits", "opened_at", "closed_at", "votes"]
        read_only_fields = fields


class CommentSerializer(ScopedModelSerializer):
    """What somebody said without deciding."""

    user = NamedRelatedField(read_only=True)

    class Meta:
        model = ApprovalComment
        fields = ["id", "user", "text", "created_at"]
        read_only_fields = fields


LINE_FIELDS = [
    "id",
    "subject",
    "object_id",
    "title",
    "url",
    "note",
    "facts",
    "rule_name",
    "requested_by",
    "requested_at",
    "status",
    "closed_at",
    "steps",
    "comments",
]


class ApprovalLineSerializer(ScopedModelSerializer):
    """A request with its course; `url` is its page."""

    requested_by = NamedRelatedField(read_only=True)
    facts = FactsSerializer(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    comments = CommentSerializer(many=True, read_only=True)

    class Meta:
        model = ApprovalRequest
        fields = LINE_FIELDS
        read_only_fields = fields


class ApprovalSerializer(ApprovalLineSerializer):
    """One request with its course, and where the row is that it is about."""

    row_url = serializers.SerializerMethodField(help_text="Empty where the caller does not see the row.")

    class Meta(ApprovalLineSerializer.Meta):
        fields = [*LINE_FIELDS, "row_url"]
        read_only_fields = fields

    def get_row_url(self, request: ApprovalRequest) -> str:
        caller = self.context["request"].user
        return request.url if sees_row(caller, request.subject, request.object_id) else ""


class ApproveSerializer(StrictSerializer):
    """Agreeing."""

    comment = serializers.CharField(max_length=LIMIT, required=False, allow_blank=True, default="")
    step = serializers.IntegerField(
        min_value=1, max_value=32767, required=False, allow_null=True, default=None,
        help_text="The position of the step that was looked at: another one by now is a conflict (`step_moved`).",
    )  # fmt: skip


class SendBackSerializer(ApproveSerializer):
    """Sending back, and what should be different."""

    comment = serializers.CharField(max_length=LIMIT)


class CommentTextSerializer(StrictSerializer):
    """Something to say."""

    text = serializers.CharField(max_length=LIMIT)


class RuleStepSerializer(StrictSerializer):
    """A step of a rule: who is asked, and whether one of them is enough."""

    approver = serializers.ChoiceField(choices=Approver.choices)
    mode = serializers.ChoiceField(choices=Mode.choices, required=False, default=Mode.ONE.value)
    people = NamedRelatedField(
        queryset=User.objects.all(), many=True, required=False, help_text="Only for named persons: active users."
    )


class ApprovalRuleSerializer(ScopedModelSerializer):
    """A rule: the first in force whose conditions all hold says who has to agree. An empty condition holds always."""

    tiers = serializers.ListField(
        child=serializers.ChoiceField(choices=[(tier, tier) for tier in TIERS], allow_blank=True),
        max_length=MAX_CODES,
        required=False,
        help_text="Empty: all; an empty text among them is no tier.",
    )
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=MAX_CODES, required=False, help_text="Empty: all."
    )
    steps = RuleStepSerializer(many=True, max_length=MAX_STEPS)

    class Meta:
        model = ApprovalRule
        fields = [
            "id",
            "name",
            "name_en",
            "subject",
            "position",
            "is_active",
            "min_amount",
            "min_discount",
            "tiers",
            "kinds",
            "steps",
            "created_at",
            "updated_at",
        ]

    def plans(self) -> list[StepPlan] | None:
        """The steps sent, unsaved, taken out of the fields of the rule; None where none were sent."""
        steps = self.validated_data.pop("steps", None)
        if steps is None:
            return None
        return [StepPlan(step["approver"], step["mode"], step.get("people", [])) for step in steps]
