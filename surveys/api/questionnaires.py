"""The REST API of questionnaires and their versions: what is asked, to be read."""

from __future__ import annotations

from typing import Any

from django.db import models
from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField
from core.api.views import ReadOnlyScopedViewSet
from surveys.filters.questionnaires import (
    QUESTIONNAIRE_DEFAULT_SORT,
    QUESTIONNAIRE_SORTS,
    QuestionnaireFilter,
    VersionFilter,
)
from surveys.models import Questionnaire, QuestionnaireVersion


class QuestionnaireSerializer(ScopedModelSerializer):
    """A questionnaire; what it asks stands in its versions (survey-versions)."""

    versions = ScopedRelatedField(many=True, read_only=True, help_text="The newest first.")

    class Meta:
        model = Questionnaire
        fields = ["id", "name", "name_en", "template", "archived", "versions", "created_at", "updated_at"]
        read_only_fields = fields


class QuestionnaireVersionSerializer(ScopedModelSerializer):
    """A version without its questions. A published one never changes."""

    questionnaire = NamedRelatedField(read_only=True)
    author = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = QuestionnaireVersion
        fields = ["id", "questionnaire", "number", "status", "published_at", "author", "created_at", "updated_at"]
        read_only_fields = fields


class QuestionnaireVersionDetailSerializer(QuestionnaireVersionSerializer):
    """A version with its questions."""

    definition = serializers.DictField(
        read_only=True, help_text="Pages with questions; every text in `zh-hans`, `zh-hant` and `en`."
    )

    class Meta(QuestionnaireVersionSerializer.Meta):
        fields = [*QuestionnaireVersionSerializer.Meta.fields, "definition"]
        read_only_fields = fields


class QuestionnaireViewSet(ReadOnlyScopedViewSet):
    """Questionnaires. They are built on the pages."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = QuestionnaireSerializer
    filterset_class = QuestionnaireFilter
    sorts = QUESTIONNAIRE_SORTS
    default_sort = QUESTIONNAIRE_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        return Questionnaire.objects.visible_to(self.request.user).prefetch_related("versions")


class QuestionnaireVersionViewSet(ReadOnlyScopedViewSet):
    """Versions of questionnaires; one alone has its questions as `definition`."""

    tag = "Surveys"
    scope = "surveys"
    serializer_class = QuestionnaireVersionDetailSerializer
    filterset_class = VersionFilter
    default_sort = "-id"

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = QuestionnaireVersion.objects.visible_to(self.request.user).select_related("questionnaire", "author")
        return rows.defer("definition") if self.action == "list" else rows

    def get_serializer_class(self) -> type[QuestionnaireVersionSerializer]:
        return QuestionnaireVersionSerializer if self.action == "list" else QuestionnaireVersionDetailSerializer
