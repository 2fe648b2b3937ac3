"""Results as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from accounts.choices import Tier
from surveys.choices import Cut, QuestionKind
from surveys.models import Campaign
from surveys.rates import Rate
from surveys.reports import Bar, Measure, QuestionReport, Report


class ScoreSerializer(serializers.Serializer):
    """A measure of `n` answers: NPS (−100 to 100), per cent of CSAT 4 and 5, or a mean; 95% interval."""

    n = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ChangeSerializer(serializers.Serializer):
    """This period minus the other; `is_clear` where the interval does not contain 0."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    is_clear = serializers.BooleanField()


class BarSerializer(serializers.Serializer):
    """How many gave this value or made this choice."""

    value = serializers.IntegerField(allow_null=True)
    choice = serializers.CharField(allow_blank=True)
    label = serializers.CharField()
    answers = serializers.IntegerField()
    share = serializers.FloatField(help_text="Of those who answered, 0 to 1.")


class MeasureSerializer(serializers.Serializer):
    """A row of a matrix or an item of a ranking."""

    part = serializers.CharField()
    label = serializers.CharField()
    score = ScoreSerializer(allow_null=True)
    before = ScoreSerializer(allow_null=True)
    change = ChangeSerializer(allow_null=True)
    distribution = BarSerializer(many=True)


class QuestionResultSerializer(serializers.Serializer):
    """A question; `hidden` where an anonymous campaign has fewer than five answers."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=QuestionKind.choices)
    text = serializers.CharField()
    answers = serializers.IntegerField()
    hidden = serializers.BooleanField()
    score = ScoreSerializer(allow_null=True)
    before = ScoreSerializer(allow_null=True)
    change = ChangeSerializer(allow_null=True)
    distribution = BarSerializer(many=True)
    rows = MeasureSerializer(many=True)


class PointSerializer(serializers.Serializer):
    """The score of a month; of several where one alone has too few anonymous answers."""

    first = serializers.DateField()
    last = serializers.DateField()
    score = ScoreSerializer()


class CutRowSerializer(serializers.Serializer):
    key = serializers.CharField(allow_blank=True)
    label = serializers.CharField()
    score = ScoreSerializer()
    before = ScoreSerializer(allow_null=True)
    change = ChangeSerializer(allow_null=True)


class CutSerializer(serializers.Serializer):
    """The question of `trend`, cut; `hidden` rows have too few anonymous answers, or would tell about those."""

    by = serializers.ChoiceField(choices=Cut.choices)
    rows = CutRowSerializer(many=True)
    hidden = serializers.IntegerField()


class RateSerializer(serializers.Serializer):
    """Of the invitations that reached somebody at an account that the caller sees; `tier` null: all."""

    tier = serializers.ChoiceField(choices=Tier.choices, allow_null=True, allow_blank=True)
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class ResultsSerializer(serializers.Serializer):
    """The results of a campaign in a period, and in another where it is compared."""

    campaign = serializers.IntegerField()
    anonymous = serializers.BooleanField()
    from_month = serializers.DateField(allow_null=True)
    until_month = serializers.DateField(allow_null=True)
    responses = serializers.IntegerField()
    responses_before = serializers.IntegerField(allow_null=True)
    response_rates = RateSerializer(many=True)
    questions = QuestionResultSerializer(many=True)
    question = serializers.CharField(allow_blank=True, help_text="What `trend` and `cut` are about.")
    trend = PointSerializer(many=True)
    cut = CutSerializer(allow_null=True)


def results_of(campaign: Campaign, report: Report, rates: Sequence[Rate]) -> dict[str, Any]:
    """A report as ResultsSerializer shows it."""
    return {
        "campaign": campaign.pk,
        "anonymous": campaign.anonymous,
        "from_month": report.months.first,
        "until_month": report.months.last,
        "responses": report.responses,
        "responses_before": report.responses_before,
        "response_rates": rates,
        "questions": [_question(row) for row in report.questions],
        "question": report.selected.where.question if report.selected else "",
        "trend": report.trend,
        "cut": report.cut,
    }


def _question(row: QuestionReport) -> dict[str, Any]:
    return {
        "question": row.where.question,
        "kind": row.kind,
        "text": row.label,
        "answers": row.n,
        "hidden": row.hidden,
        "rows": [{"part": part.where.part, "label": part.label, **_scores(part)} for part in row.rows],
        **_scores(row),
    }


def _scores(row: Measure) -> dict[str, Any]:
    return {
        "score": row.score,
        "before": row.before,
        "change": row.change,
        "distribution": [_bar(bar) for bar in row.bars],
    }


def _bar(bar: Bar) -> dict[str, Any]:
    choice = bar.where.choice or (bar.where.part if bar.where.low is None else "")
    return {
        "value": bar.where.low,
        "choice": choice,
        "label": bar.label,
        "answers": bar.answers,
        "share": bar.share,
    }
