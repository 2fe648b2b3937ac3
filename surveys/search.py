"""Campaigns and questionnaires in the search; they are the company's. Follow-ups and answers are found by their
account, what customers wrote on the pages of the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from search.registry import Document, Hit, SearchIndex, register
from surveys.choices import CampaignStatus
from surveys.models import Campaign, Questionnaire


@register
class CampaignIndex(SearchIndex):
    """By name; those that run first."""

    kind = "survey_campaign"
    label = gettext_lazy("Survey campaigns")
    list_url_name = "surveys:campaign_list"

    def all_rows(self) -> models.QuerySet[Any]:
        return Campaign.objects.order_by().defer("definition", "texts")

    def document(self, row: Campaign) -> Document:
        return Document(row.pk, row.name, [row.name])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Campaign.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        return [Q(status=CampaignStatus.RUNNING), Q(owner=user)]

    def samples(self, user: Any) -> list[Q]:
        return [Q(status=CampaignStatus.RUNNING)]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        rows = Campaign.objects.visible_to(user).select_related("questionnaire_version__questionnaire")
        found = rows.defer("definition", "texts", "questionnaire_version__definition").in_bulk(ids)
        return [_campaign_hit(found[pk], user) for pk in ids if pk in found]


def _campaign_hit(row: Any, user: Any) -> Hit:
    questionnaire = row.questionnaire_version.questionnaire.local_name
    detail = " · ".join([str(row.get_status_display()), questionnaire])
    return Hit(title=row.name, detail=detail, url=row.get_absolute_url(), own=row.owner_id == user.pk)


@register
class QuestionnaireIndex(SearchIndex):
    """By its names; those in the archive last."""

    kind = "questionnaire"
    label = gettext_lazy("Questionnaires")
    list_url_name = "surveys:questionnaire_list"

    def all_rows(self) -> models.QuerySet[Any]:
        return Questionnaire.objects.order_by()

    def document(self, row: Questionnaire) -> Document:
        return Document(row.pk, row.name, [row.name, row.name_en])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Questionnaire.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        return [Q(archived=False)]

    def samples(self, user: Any) -> list[Q]:
        return [Q(archived=False)]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        found = Questionnaire.objects.visible_to(user).in_bulk(ids)
        return [
            Hit(
                title=found[pk].local_name,
                detail=_("Archived") if found[pk].archived else "",
                url=found[pk].get_absolute_url(),
            )
            for pk in ids
            if pk in found
        ]
