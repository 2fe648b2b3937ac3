"""What happened to a questionnaire and its versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from audit.models import AuditEntry
from surveys.models import Questionnaire, QuestionnaireVersion


def of_questionnaire(questionnaire: Questionnaire, versions: Iterable[QuestionnaireVersion]) -> Any:
    """The entries of a questionnaire and of these versions of it, newest first."""
    own = Q(object_type=questionnaire._meta.label_lower, object_id=questionnaire.pk)
    ids = [version.pk for version in versions]
    parts = Q(object_type=QuestionnaireVersion._meta.label_lower, object_id__in=ids)
    return AuditEntry.objects.filter(own | parts).order_by("-pk")
