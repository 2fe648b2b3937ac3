"""Tier policies, runs and proposals as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.choices import Tier
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from core.money import CURRENCY_CHOICES
from tiers.choices import Hold, Method, RunStatus
from tiers.models import TierPolicy, TierProposal, TierRun
from tiers.wording import Basis, sentence

MAX_PROPOSALS = 1000
EARLIEST = dt.date(1990, 1, 1)
PARAMETERS_HELP = (
    "By method: `cut_a`, `cut_b` (Pareto, percent); `measure`, `bound_a`, `bound_b` (threshold); `band_a`, `band_b`, "
    "`weight_…`, `points_…` (scorecard). With each: `down_runs`, `up_runs`, `margin`, `combine` (hysteresis)."
)
CURRENCY_HELP = "Empty: that of the revenue where all of it is in one, else the reporting currency."
# The fields of a policy that lie in its newest version.
RULES = ("method", "parameters", "months", "currency", "note")


def validate_as_of(value: dt.date) -> None:
    """Raises ValidationError for days on which no revenue can be known."""
    if not EARLIEST <= value <= timezone.localdate():
        raise serializers.ValidationError(_("Choose a day up to today."), code="as_of_out_of_range")


class RulesSerializer(StrictSerializer):
    """What a version of a policy computes."""

    method = serializers.ChoiceField(choices=Method.choices, required=False)
    parameters = serializers.DictField(
        required=False,
        help_text=PARAMETERS_HELP,
    )
    months = serializers.IntegerField(min_value=1, max_value=60, required=False, help_text="Trailing months.")
    currency = serializers.ChoiceField(
        choices=CURRENCY_CHOICES,
        allow_blank=True,
        required=False,
        help_text=CURRENCY_HELP,
    )


class PolicySerializer(ScopedModelSerializer):
    """A policy with the rules of its newest version. Changed rules become the next version."""

    version = serializers.IntegerField(source="current_version.number", read_only=True)
    method = serializers.ChoiceField(source="current_version.method", choices=Method.choices, required=False)
    parameters = serializers.DictField(
        source="current_version.parameters",
        required=False,
        help_text=PARAMETERS_HELP,
    )
    months = serializers.IntegerField(
        source="current_version.months", min_value=1, max_value=60, required=False, help_text="Trailing months."
    )
    currency = serializers.ChoiceField(
        source="current_version.currency",
        choices=CURRENCY_CHOICES,
        allow_blank=True,
        required=False,
        help_text=CURRENCY_HELP,
    )
    note = serializers.CharField(
        source="current_version.note",
        max_length=250,
        allow_blank=True,
        required=False,
        help_text="Why this version was made.",
    )

    class Meta:
        model = TierPolicy
        fields = [
            "id",
            "code",
            "name",
            "name_en",
            "enabled",
            "schedule",
            "schedule_month",
            "schedule_day",
            "version",
            *RULES,
            "created_at",
            "updated_at",
        ]

    def rules(self) -> dict[str, Any]:
        """The validated fields of the version, taken out of those of the policy."""
        return self.validated_data.pop("current_version", {})


class WhatIfSerializer(RulesSerializer):
    """Rules to try: those of a policy with these changes, or rules from scratch."""

    policy = ScopedRelatedField(
        queryset=TierPolicy.objects.all(),
        required=False,
        allow_null=True,
        help_text="Its rules count where this call names none, its earlier runs for the hysteresis.",
    )
    as_of = serializers.DateField(required=False, validators=[validate_as_of], help_text="Default: today.")


class MoveSerializer(serializers.Serializer):
    """An account that would change its tier."""

    account = serializers.IntegerField(source="account_id")
    account_code = serializers.CharField(source="code")
    tier_before = serializers.ChoiceField(choices=Tier.choices, allow_blank=True)
    proposed_tier = serializers.ChoiceField(choices=Tier.choices, allow_blank=True)
    revenue_amount = serializers.DecimalField(max_digits=18, decimal_places=3)
    rank = serializers.IntegerField(allow_null=True)
    cum_before = serializers.DecimalField(max_digits=9, decimal_places=8)
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, line: Any) -> str:
        return sentence(line, self.context["basis"])


class WhatIfResultSerializer(serializers.Serializer):
    """What the rules would do. Revenue in `currency`."""

    as_of = serializers.DateField()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    currency = serializers.CharField()
    totals = serializers.DictField(help_text="Accounts and revenue per tier, the flow between tiers, the Pareto curve.")
    moves_count = serializers.IntegerField(help_text="How many accounts would move.")
    moves = MoveSerializer(many=True, help_text="Those with the highest revenue, up to 1,000.")


class RunSerializer(ScopedModelSerializer):
    """One application of a policy version. Revenue in `currency`."""

    policy = NamedRelatedField(source="version.policy", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    status = serializers.ChoiceField(choices=RunStatus.choices, read_only=True)
    created_by = NamedRelatedField(read_only=True, allow_null=True)
    totals = serializers.SerializerMethodField(
        help_text="Of the whole company, for those who see all of it: accounts and revenue per tier, the flow between "
        "tiers, the Pareto curve. Else null."
    )

    class Meta:
        model = TierRun
        fields = [
            "id",
            "policy",
            "version",
            "as_of",
            "period_start",
            "period_end",
            "currency",
            "status",
            "totals",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
    def get_totals(self, run: TierRun) -> dict[str, Any] | None:
        request = self.context.get("request")
        return run.totals if request is not None and request.user.sees_everything else None


class RunCreateSerializer(StrictSerializer):
    """Which policy to apply, as of when."""

    policy = ScopedRelatedField(queryset=TierPolicy.objects.all())
    as_of = serializers.DateField(required=False, validators=[validate_as_of], help_text="Default: today.")


class ProposalSerializer(ScopedModelSerializer):
    """What a run says about one account, with its arithmetic. An empty tier is none."""

    account = NamedRelatedField(read_only=True)
    account_code = serializers.CharField(source="account.code", read_only=True)
    currency = serializers.CharField(source="run.currency", read_only=True)
    hold = serializers.ChoiceField(
        choices=[choice for choice in Hold.choices if choice[0]], read_only=True, allow_blank=True
    )
    decided_by = NamedRelatedField(read_only=True, allow_null=True)
    explanation = serializers.SerializerMethodField(help_text="The arithmetic in words.")

    class Meta:
        model = TierProposal
        fields = [
            "id",
            "run",
            "account",
            "account_code",
            "tier_before",
            "raw_tier",
            "proposed_tier",
            "hold",
            "revenue_amount",
            "currency",
            "cum_before",
            "rank",
            "score",
            "evidence",
            "explanation",
            "state",
            "final_tier",
            "decided_by",
            "decided_at",
            "reason",
        ]
        read_only_fields = fields

    def get_explanation(self, proposal: TierProposal) -> str:
        return sentence(proposal, Basis.of_run(proposal.run))


class ReasonSerializer(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class AdjustSerializer(ReasonSerializer):
    """Another tier than proposed, and why."""

    tier = serializers.ChoiceField(choices=Tier.choices)


class BulkSerializer(StrictSerializer):
    """Which proposals: by id, or those of a run, of one move or of all."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MAX_PROPOSALS,
        required=False,
    )
    run = ScopedRelatedField(queryset=TierRun.objects.all(), required=False)
    tier_before = serializers.ChoiceField(
        choices=Tier.choices, allow_blank=True, required=False, help_text="Only with `run`."
    )
    proposed_tier = serializers.ChoiceField(
        choices=Tier.choices, allow_blank=True, required=False, help_text="Only with `run`."
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in values) == ("run" in values):
            raise serializers.ValidationError(_("Name either ids or a run."), code="ids_or_run")
        return values


class BulkReasonSerializer(BulkSerializer, ReasonSerializer):
    """Which proposals, and why."""


class DecidedSerializer(serializers.Serializer):
    """The outcome of a decision on many proposals."""

    decided = serializers.IntegerField(help_text="How many; those decided already and those of others are left alone.")
