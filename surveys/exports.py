"""Campaigns, invitations, answers and follow-ups as files; of anonymous campaigns there are no rows of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.exports import ACCOUNT
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from surveys.answer_words import in_words
from surveys.choices import QuestionKind
from surveys.definition import Definition, Question, read
from surveys.filters.campaigns import (
    CAMPAIGN_DEFAULT_SORT,
    CAMPAIGN_SORTS,
    INVITATION_DEFAULT_SORT,
    INVITATION_SORTS,
    CampaignListFilter,
    InvitationListFilter,
)
from surveys.filters.follow_ups import FOLLOW_UP_DEFAULT_SORT, FOLLOW_UP_SORTS, FollowUpListFilter
from surveys.filters.responses import RESPONSE_SORTS, ResponseFilter
from surveys.models import Campaign, FollowUp, Invitation, Response


def _campaign_of(asked: Asked) -> Campaign | None:
    """The campaign that the list is narrowed to, unless it is anonymous."""
    text = asked.query.get("campaign", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return Campaign.objects.visible_to(asked.user).filter(pk=int(text)).first()


def _responses(asked: Asked) -> Found:
    found = ResponseFilter(asked.query, queryset=Response.objects.visible_to(asked.user).complete())
    campaign = _campaign_of(asked)
    named = campaign if campaign and not campaign.anonymous else None
    if named is not None:
        found.name_questions(read(named.definition), get_language() or "en")
    return filtered(found, asked, RESPONSE_SORTS, "-date" if named else "-id")


def _response_cells(asked: Asked) -> Sequence[Cell]:
    """Who and when; of one campaign also its questions, with the answers in words."""
    campaign = _campaign_of(asked)
    facts = cells_of(
        Response, *ACCOUNT, "contact", Cell(_("survey campaign"), "campaign.name", width=30), "date", "completed_at",
        "tier", "region", "team", "manager", "product_line", "source", "language",
    )  # fmt: skip
    if campaign is None or campaign.anonymous:
        return facts
    return [*facts, *_questions(read(campaign.definition), get_language() or "en")]


def _questions(definition: Definition, language: str) -> Iterator[Cell]:
    for question in definition.questions:
        text = question.text.into(language)
        parts = (
            [(row.key, f"{text} · {row.text.into(language)}") for row in question.rows]
            if question.kind == QuestionKind.MATRIX
            else [("", text)]
        )
        for part, heading in parts:
            yield _answer(heading, question, language, part)


def _answer(heading: str, question: Question, language: str, part: str) -> Cell:
    return Cell(heading, lambda row: in_words(question, row.answers.get(question.key), language, part))


def _load_responses(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    related = rows.select_related("account", "contact", "campaign", "team", "manager", "product_line")
    return related.defer("campaign__definition", "campaign__texts")


def _campaigns(asked: Asked) -> Found:
    found = CampaignListFilter(asked.query, queryset=Campaign.objects.visible_to(asked.user))
    return filtered(found, asked, CAMPAIGN_SORTS, CAMPAIGN_DEFAULT_SORT)


def _campaign_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Campaign, "name", Cell(_("Questionnaire"), "questionnaire_version.questionnaire.local_name"), "status",
        "timing", "channel", "anonymous", "start_date", "end_date", "owner", "started_at", "ended_at",
    )  # fmt: skip


def _load_campaigns(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    related = rows.select_related("questionnaire_version__questionnaire", "owner")
    return related.defer("definition", "texts", "questionnaire_version__definition")


def _invitations(asked: Asked) -> Found:
    campaign = _campaign_of(asked)
    rows = (
        Invitation.objects.visible_to(asked.user).filter(campaign=campaign) if campaign else Invitation.objects.none()
    )
    found = InvitationListFilter(asked.query, queryset=rows)
    return filtered(found, asked, INVITATION_SORTS, INVITATION_DEFAULT_SORT)


def _invitation_cells(asked: Asked) -> Sequence[Cell]:
    """Whether somebody of an anonymous campaign opened or answered theirs is no part of a file."""
    campaign = _campaign_of(asked)
    told = () if campaign is None or campaign.anonymous else ("status", "opened_at", "answered_on")
    return cells_of(
        Invitation, *ACCOUNT, "contact", "email", "language", "asked_on", "expires_on", *told, "tier",
        Cell(_("Account manager"), "manager"),
    )  # fmt: skip


def _load_invitations(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account", "contact", "manager")


def _follow_ups(asked: Asked) -> Found:
    found = FollowUpListFilter(asked.query, queryset=FollowUp.objects.visible_to(asked.user).order_by(), request=asked)
    return filtered(found, asked, FOLLOW_UP_SORTS, FOLLOW_UP_DEFAULT_SORT)


def _follow_up_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        FollowUp, *ACCOUNT, Cell(_("survey campaign"), "campaign.name", width=30), "kind", "status", "owner",
        "opened_at", "due_at", "contacted_at", "escalated_at", "cause", Cell(_("what was done"), "action", width=40),
        "customer_told", "outcome", "closed_at", "closed_by",
    )  # fmt: skip


def _load_follow_ups(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    related = rows.select_related("account", "campaign", "owner", "closed_by")
    return related.defer("campaign__definition", "campaign__texts")


register(
    ListExport(
        "survey_responses", _("Survey responses"), Response, {"surveys:response_list": {}}, find=_responses,
        cells=_response_cells, load=_load_responses, personal=True,
    ),
    ListExport(
        "survey_campaigns", _("Survey campaigns"), Campaign, {"surveys:campaign_list": {}}, find=_campaigns,
        cells=_campaign_cells, load=_load_campaigns,
    ),
    ListExport(
        "survey_invitations", _("Invitations"), Invitation, {"surveys:campaign_invitations": {"campaign": "pk"}},
        find=_invitations, cells=_invitation_cells, load=_load_invitations, personal=True, needed=("campaign",),
    ),
    ListExport(
        "follow_ups", _("Follow-ups"), FollowUp, {"surveys:follow_up_list": {}}, find=_follow_ups,
        cells=_follow_up_cells, load=_load_follow_ups,
    ),
)  # fmt: skip
