"""Filters of questionnaires and their versions."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.paging import Sort
from search.services import matching_ids
from surveys.choices import VersionStatus
from surveys.models import Questionnaire, QuestionnaireVersion

QUESTIONNAIRE_SORTS = {"name": Sort("name"), "id": Sort("pk")}
QUESTIONNAIRE_DEFAULT_SORT = "name"


class QuestionnaireFilter(django_filters.FilterSet):
    """`q` is part of a name in either language, or of its pinyin."""

    q = django_filters.CharFilter(label=_("Name"), method="search", max_length=100)
    archived = django_filters.BooleanFilter(
        label=_("archived"), widget=forms.Select(choices=[("", _("No")), ("true", _("Yes"))])
    )

    class Meta:
        model = Questionnaire
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        by_name = models.Q(name__icontains=value) | models.Q(name_en__icontains=value)
        return queryset.filter(by_name | models.Q(pk__in=matching_ids("questionnaire", value)))


class VersionFilter(django_filters.FilterSet):
    """Versions of a questionnaire, by status."""

    questionnaire = django_filters.ModelChoiceFilter(label=_("questionnaire"), queryset=Questionnaire.objects.all())
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of a questionnaire", "status"), choices=VersionStatus.choices
    )

    class Meta:
        model = QuestionnaireVersion
        fields: list[str] = []
