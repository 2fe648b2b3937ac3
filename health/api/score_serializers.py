"""Scores, their history, signals and profiles as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.choices import Category, Stage, Status, Tier
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from health.choices import Band, SignalGroup
from health.churn_words import reason_words
from health.explanations import part_of
from health.models import AccountHealth, HealthPoint, HealthProfile
from health.profile_words import weighed

MOST_EXCEPTIONS = 10


class HealthPartSerializer(serializers.Serializer):
    """What one signal found and what it cost. `severity` is 0 where all is fine, 0.5 at the bound, 1 at the worst."""

    signal = serializers.CharField()
    group = serializers.CharField()
    value = serializers.FloatField()
    bound = serializers.FloatField()
    severity = serializers.FloatField()
    weight = serializers.FloatField(help_text="Share of 1, after the weight of what is missing went to the rest.")
    lost = serializers.FloatField(help_text="Points.")
    date = serializers.DateField(allow_null=True)
    facts = serializers.DictField(help_text="The numbers that the sentence is made of; they differ by signal.")
    sentence = serializers.SerializerMethodField(help_text="In the caller's language.")

    def get_sentence(self, part: dict[str, Any]) -> str:
        return part_of(part).words


class ContributionSerializer(serializers.Serializer):
    """A contribution of the churn model in log-odds: above 0 it makes the loss likelier."""

    feature = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    typical = serializers.FloatField(allow_null=True, help_text="What is usual: of the account itself, or the median.")
    contribution = serializers.FloatField()
    sentence = serializers.SerializerMethodField(help_text="In the caller's language.")

    def get_sentence(self, reason: dict[str, Any]) -> str:
        return reason_words(reason)


class HealthScoreSerializer(ScopedModelSerializer):
    """The newest score of an account with all that explains it; `id` is the account's."""

    id = serializers.IntegerField(source="account_id", read_only=True)
    account = NamedRelatedField(read_only=True)
    profile = NamedRelatedField(read_only=True)
    parts = HealthPartSerializer(many=True, read_only=True)
    missing = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="Signals without data: they do not count."
    )
    reasons = ContributionSerializer(many=True, read_only=True)

    class Meta:
        model = AccountHealth
        fields = [
            "id", "account", "as_of", "score", "band", "capped_by", "profile", "profile_revision", "parts", "missing",
            "probability", "drop_probability", "reasons", "currency", "lifetime_value_amount", "value_at_risk_amount",
        ]  # fmt: skip
        read_only_fields = fields


class HealthHistorySerializer(ScopedModelSerializer):
    """The health of an account on a day. `parts` is signal -> [value, severity]."""

    account = NamedRelatedField(read_only=True)
    parts = serializers.DictField(child=serializers.ListField(child=serializers.FloatField()), read_only=True)

    class Meta:
        model = HealthPoint
        fields = ["id", "account", "date", "score", "band", "tier", "probability", "value_at_risk_amount", "parts"]
        read_only_fields = fields


class HealthSignalSerializer(serializers.Serializer):
    """A signal that there is, with the bounds that it has unless a profile says otherwise."""

    key = serializers.CharField()
    group = serializers.ChoiceField(choices=SignalGroup.choices)
    label = serializers.CharField(help_text="In the caller's language.")
    unit = serializers.CharField(help_text="days, times, share, points, rating or count.")
    direction = serializers.CharField(help_text="high or low: on which side of its bound it is bad.")
    fine = serializers.FloatField()
    bound = serializers.FloatField()
    worst = serializers.FloatField()
    weight = serializers.IntegerField(help_text="Within its group.")


class SignalWeightSerializer(StrictSerializer):
    """What a signal weighs in a profile; without a bound its own counts."""

    weight = serializers.FloatField(min_value=0, max_value=100)
    bound = serializers.FloatField(required=False, allow_null=True)


class HealthExceptionSerializer(StrictSerializer):
    """A signal of at least this severity lets the score go no higher than the cap."""

    signal = serializers.CharField(max_length=40)
    at = serializers.FloatField(min_value=0, max_value=1)
    cap = serializers.IntegerField(min_value=0, max_value=100)


class HealthProfileSerializer(ScopedModelSerializer):
    """How the accounts of a segment are scored; empty lists let every account through. `shares` is what each signal
    weighs of 1 where all have data."""

    statuses = serializers.ListField(
        child=serializers.ChoiceField(choices=Status.choices), required=False, max_length=4
    )
    tiers = serializers.ListField(
        child=serializers.ChoiceField(choices=Tier.choices, allow_blank=True), required=False, max_length=4
    )
    stages = serializers.ListField(child=serializers.ChoiceField(choices=Stage.choices), required=False, max_length=5)
    categories = serializers.ListField(
        child=serializers.ChoiceField(choices=Category.choices, allow_blank=True), required=False, max_length=5
    )
    groups = serializers.DictField(child=serializers.FloatField(min_value=0, max_value=100))
    signals = serializers.DictField(child=SignalWeightSerializer())
    exceptions = HealthExceptionSerializer(many=True, required=False, max_length=MOST_EXCEPTIONS)
    shares = serializers.SerializerMethodField()

    class Meta:
        model = HealthProfile
        fields = [
            "id", "name", "name_hant", "name_en", "position", "is_active", "statuses", "tiers", "stages",
            "categories", "groups", "signals", "exceptions", "healthy_from", "watch_from", "revision", "shares",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ("revision", "created_at", "updated_at")

    def get_shares(self, profile: HealthProfile) -> dict[str, float]:
        return {signal.key: round(signal.share, 4) for group in weighed(profile) for signal in group.signals}

    def validate_signals(self, value: dict[str, Any]) -> dict[str, Any]:
        return {key: dict(said) for key, said in value.items()}

    def validate_exceptions(self, value: list[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in value]


class HealthMoveSerializer(serializers.Serializer):
    """An account whose band would change."""

    account = serializers.IntegerField(source="account_id")
    name = serializers.CharField()
    tier = serializers.ChoiceField(choices=Tier.choices, allow_blank=True)
    score_before = serializers.IntegerField(allow_null=True)
    score_after = serializers.IntegerField(allow_null=True)
    band_before = serializers.ChoiceField(choices=Band.choices, allow_blank=True)
    band_after = serializers.ChoiceField(choices=Band.choices, allow_blank=True)


class HealthWhatIfSerializer(serializers.Serializer):
    """What saving would do to the scores of the last night: accounts by band (empty: no score), who would move."""

    scored = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="Accounts that would have another score.")
    moved = serializers.IntegerField(help_text="Accounts whose band would change.")
    before = serializers.DictField(child=serializers.IntegerField())
    after = serializers.DictField(child=serializers.IntegerField())
    moves = HealthMoveSerializer(many=True, help_text="The first 50, those whose score changes the most first.")
