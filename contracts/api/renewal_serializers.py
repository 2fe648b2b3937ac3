"""Renewals and the contract policy as JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contracts.forms.policy import MAX_RULES
from contracts.models import ContractPolicy, DunningRule, Renewal, RenewalRule
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer

RENEW, LOST, NOTICE, REOPEN = "renew", "lost", "notice", "reopen"
DECISIONS = [RENEW, LOST, NOTICE, REOPEN]


class RenewalSerializer(ScopedModelSerializer):
    """The renewal of one term of a contract.

    `successor` is the contract that follows, also while it is a draft; `task` the next step that was given.
    """

    contract = NamedRelatedField(read_only=True)
    account = NamedRelatedField(source="contract.account", read_only=True)
    successor = serializers.SerializerMethodField()
    task = serializers.IntegerField(source="step_id", read_only=True, allow_null=True)
    currency = serializers.CharField(source="contract.currency", read_only=True)
    urgency = serializers.CharField(
        read_only=True, help_text="idle, escalated, alert, acted; empty where it is decided."
    )
    decided_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Renewal
        fields = [
            "id",
            "contract",
            "account",
            "term_end",
            "notice_date",
            "opened_on",
            "value_amount",
            "currency",
            "task",
            "successor",
            "urgency",
            "acted_at",
            "escalated_on",
            "alerted_on",
            "outcome",
            "outcome_note",
            "decided_by",
            "decided_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(
        {
            "type": ["object", "null"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        }
    )
    def get_successor(self, renewal: Renewal) -> dict[str, Any] | None:
        following = getattr(renewal.contract, "successor", None)
        return None if following is None else {"id": following.pk, "name": str(following)}


class DecisionSerializer(StrictSerializer):
    """`renew` drafts the successor; `lost` and `notice` want a reason, `notice` also its day; `reopen` a lost one."""

    decision = serializers.ChoiceField(choices=DECISIONS)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    on = serializers.DateField(required=False, help_text="The day on which notice was given.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Each decision has its fields, and no others."""
        wanted = {LOST: {"reason"}, NOTICE: {"reason", "on"}}.get(data["decision"], set())
        errors = {name: _("Needed for this decision.") for name in sorted(wanted - set(data))}
        errors |= {name: _("Not part of this decision.") for name in sorted(set(data) - wanted - {"decision"})}
        if errors:
            raise serializers.ValidationError(errors)
        return data


class RenewalRuleSerializer(StrictSerializer, serializers.ModelSerializer):
    """Of an account's tier (empty: others) and from a net total in the reporting currency on."""

    class Meta:
        model = RenewalRule
        fields = ["tier", "min_amount", "open_days"]


class DunningRuleSerializer(StrictSerializer, serializers.ModelSerializer):
    """The reminder of a level, so many days after the due date."""

    class Meta:
        model = DunningRule
        fields = ["tier", "level", "days_overdue"]


class ContractPolicySerializer(ScopedModelSerializer):
    """The rules for all contracts; the rules sent take the place of all rules."""

    renewal_rules = RenewalRuleSerializer(many=True, max_length=MAX_RULES)
    dunning_rules = DunningRuleSerializer(many=True, max_length=MAX_RULES)
    updated_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Null: as it ships, nobody has changed it."
    )

    class Meta:
        model = ContractPolicy
        fields = [
            "our_party",
            "plan_mismatch",
            "escalate_after",
            "alert_before",
            "renewal_rules",
            "dunning_rules",
            "updated_at",
        ]

    def to_representation(self, policy: ContractPolicy) -> dict[str, Any]:
        """Also of a policy that is not saved yet: with the rules that it would begin with."""
        rules = self.context["rules"]
        fields = {name: field for name, field in self.fields.items() if not name.endswith("_rules")}
        shown = {name: field.to_representation(value) if (value := field.get_attribute(policy)) is not None else None
                 for name, field in fields.items()}  # fmt: skip
        shown["renewal_rules"] = RenewalRuleSerializer(rules[0], many=True).data
        shown["dunning_rules"] = DunningRuleSerializer(rules[1], many=True).data
        return shown
