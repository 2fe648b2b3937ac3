"""Manager scorecards as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from dashboards.choices import Measure
from dashboards.models import Scorecard, ScorecardComment
from dashboards.scorecards.rules import team_median
from dashboards.services import scorecards as services
from users.models import Team, User


class TargetSerializer(StrictSerializer):
    """Shares are 0 to 1 (0.9 is 90%), amounts in the reporting currency; weights add up to 100."""

    measure = serializers.ChoiceField(choices=Measure.choices)
    target = serializers.DecimalField(max_digits=18, decimal_places=4)
    weight = serializers.IntegerField(min_value=1, max_value=100)


class TargetsSerializer(StrictSerializer):
    targets = TargetSerializer(many=True, min_length=1, max_length=len(Measure))

    @property
    def wanted(self) -> list[services.Wanted]:
        return [services.Wanted(**row) for row in self.validated_data["targets"]]


class LineSerializer(serializers.Serializer):
    """What the last computation found for a measure; numbers as text, null where there is nothing to count."""

    measure = serializers.ChoiceField(choices=Measure.choices)
    target = serializers.CharField()
    weight = serializers.IntegerField()
    actual = serializers.CharField(allow_null=True)
    achievement = serializers.CharField(allow_null=True)
    counted = serializers.CharField()
    points = serializers.CharField(allow_null=True)
    facts = serializers.DictField()


class ScorecardSerializer(ScopedModelSerializer):
    """`first_day` may be any day of the period; `targets` are only written, `lines` only read."""

    person = NamedRelatedField(queryset=User.objects.all(), required=False, allow_null=True)
    team = NamedRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)
    targets = TargetSerializer(many=True, min_length=1, max_length=len(Measure), write_only=True)
    lines = serializers.SerializerMethodField()
    team_median = serializers.SerializerMethodField()
    set_by = NamedRelatedField(read_only=True, allow_null=True)
    signed_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Scorecard
        fields = [
            "id", "person", "team", "kind", "first_day", "targets", "lines", "score", "team_median", "computed_at",
            "set_by", "signed_by", "signed_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ("score", "computed_at", "signed_at", "created_at", "updated_at")
        validators: list[Any] = []  # the service says it in one sentence

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, card: Scorecard) -> list[dict[str, Any]]:
        return card.lines

    @extend_schema_field(serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True))
    def get_team_median(self, card: Scorecard) -> str | None:
        medians = self.context.setdefault("medians", {})
        key = (card.team_id, card.kind, card.first_day) if card.person_id else None
        if key not in medians:
            medians[key] = team_median(services.peer_scores(card))
        return None if medians[key] is None else f"{medians[key]:.2f}"


class ScorecardCommentSerializer(ScopedModelSerializer):
    author = NamedRelatedField(read_only=True)

    class Meta:
        model = ScorecardComment
        fields = ["id", "author", "text", "created_at"]
        read_only_fields = ("created_at",)


class ScorecardReopenSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class ScorecardNothingSerializer(StrictSerializer):
    """No fields."""
