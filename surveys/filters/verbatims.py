"""Filters of what customers wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from surveys.models import Answer, VerbatimTag
from surveys.reports import GROUPS
from surveys.verbatims import with_words

NO_TIER = "none"


class VerbatimFilter(django_filters.FilterSet):
    """`q` is any part of the text. `mood` is how the same person answered the question that rates, named by `rated`
    (key, kind): unhappy, between, happy. Of an anonymous campaign only the text, the question and tags are known."""

    bar = ("q", "question", "mood", "tag")

    q = django_filters.CharFilter(label=_("Words"), method="with_words", max_length=100)
    question = django_filters.ChoiceFilter(label=_("question"), choices=[])
    mood = django_filters.ChoiceFilter(
        label=_("answered"),
        choices=[("bad", _("Unhappy")), ("mid", _("In between")), ("good", _("Happy"))],
        method="in_mood",
    )
    tag = django_filters.ModelChoiceFilter(label=_("tag"), queryset=VerbatimTag.objects.all(), field_name="tags")
    tier = django_filters.ChoiceFilter(
        label=_("tier"), choices=[*Tier.choices, (NO_TIER, _("No tier"))], method="in_tier"
    )
    date = django_filters.DateFromToRangeFilter(label=_("date"), field_name="response__date")

    class Meta:
        model = Answer
        fields: list[str] = []

    def __init__(
        self, data: Any, queryset: models.QuerySet[Any], *, questions: Sequence[tuple[str, str]],
        rated: tuple[str, str] | None, anonymous: bool,
    ) -> None:  # fmt: skip
        super().__init__(data, queryset=queryset)
        self.rated = rated
        fields = self.form.fields
        fields["question"].choices = questions
        for name in ("mood", "tier", "date") if anonymous else () if rated else ("mood",):
            del fields[name]
            del self.filters[name]

    def with_words(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return with_words(queryset, value)

    def in_mood(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        if self.rated is None:
            return queryset
        key, kind = self.rated
        low, high = next((low, high) for tone, low, high in GROUPS[kind] if tone == value)  # type: ignore[index]
        same = Answer.objects.order_by().filter(response=OuterRef("response"), question=key, part="")
        return queryset.filter(Exists(same.filter(value__gte=low, value__lte=high)))

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(response__tier="" if value == NO_TIER else value)
