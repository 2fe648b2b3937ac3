"""Campaigns: drafted, started with a frozen copy of the questionnaire, paused, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.choices import Stage, Tier
from audit.services import diff, record, snapshot
from contacts.choices import DecisionRole
from search.services import index_rows
from surveys.checking import problems
from surveys.choices import CampaignStatus, InvitationStatus, Timing, VersionStatus
from surveys.definition import LANGUAGES
from surveys.errors import (
    AudienceUnknown,
    CampaignFixed,
    CampaignTimeOver,
    CampaignWrongStatus,
    MayNotOwnSurveys,
    NobodyToAsk,
    TextsUnknown,
    VersionNotPublished,
)
from surveys.mails import TEXT_NAMES
from surveys.models import Campaign
from surveys.services.audience import NO_TIER, preview
from surveys.services.invitations import close_invitations
from surveys.services.loop_rules import keep_rules_fitting, set_default_rules
from surveys.services.policy import locked_policy
from users.models import User

FIXED_BY_START = (
    "questionnaire_version",
    "timing",
    "event",
    "start_date",
    "channel",
    "anonymous",
    "product_line",
)
"""What never changes once the campaign has started: answers and invitations rest on it."""
CAMPAIGN_FIELDS = (
    "name",
    "owner",
    "audience",
    "every_months_a",
    "every_months_b",
    "every_months_c",
    "event_days",
    "end_date",
    "sender_name",
    "reply_to",
    "texts",
    "reminder_days",
    *FIXED_BY_START,
)
"""What people and clients may write on a campaign."""
MAX_TEXT = 5000
_CLOSED: dict[str, Iterable[str]] = {
    "tiers": (*Tier.values, NO_TIER),
    "stages": Stage.values,
    "roles": DecisionRole.values,
}


@transaction.atomic
def create_campaign(campaign: Campaign, *, actor: User | None) -> Campaign:
    """Save a new campaign as a draft, with the usual rules for follow-ups.

    Raises MayNotOwnSurveys, ValidationError, AudienceUnknown, TextsUnknown.
    """
    _check_owner(actor)
    campaign.status = CampaignStatus.DRAFT
    _check(campaign)
    campaign.save()
    record("survey_campaign.created", campaign, actor=actor)
    index_rows("survey_campaign", [campaign.pk])
    set_default_rules(campaign, actor=actor)
    return campaign


@transaction.atomic
def update_campaign(campaign: Campaign, *, actor: User | None) -> Campaign:
    """Store the changed fields of CAMPAIGN_FIELDS; of one that has started only those that are not fixed.

    Raises MayNotOwnSurveys, CampaignWrongStatus (ended), CampaignFixed, and what create_campaign raises.
    """
    _check_owner(actor)
    stored = _locked(campaign)
    if stored.status == CampaignStatus.ENDED:
        raise CampaignWrongStatus(status=stored.get_status_display())
    before = snapshot(stored)
    for name in CAMPAIGN_FIELDS:
        setattr(stored, name, getattr(campaign, name))
    changes = diff(before, stored)
    fixed = [name for name in FIXED_BY_START if name in changes]
    if stored.started_at and fixed:
        words = [str(Campaign._meta.get_field(name).verbose_name) for name in fixed]  # type: ignore[union-attr]
        raise CampaignFixed(field=fixed[0], fields=", ".join(words))
    _check(stored)
    stored.save()
    if changes:
        record("survey_campaign.updated", stored, actor=actor, changes=changes)
        index_rows("survey_campaign", [stored.pk])
    if "questionnaire_version" in changes or "anonymous" in changes:
        keep_rules_fitting(stored, actor=actor)
    return stored


@transaction.atomic
def discard_campaign(campaign: Campaign, *, actor: User | None) -> None:
    """Delete a draft. Raises MayNotOwnSurveys, CampaignWrongStatus."""
    stored = _in_status(campaign, actor, CampaignStatus.DRAFT)
    record("survey_campaign.discarded", stored, actor=actor)
    pk = stored.pk
    stored.delete()
    index_rows("survey_campaign", [pk])


@transaction.atomic
def start_campaign(campaign: Campaign, *, actor: User | None, today: dt.date, now: dt.datetime) -> Campaign:
    """Freeze the questionnaire into the campaign and let it run: it asks from its first day on.

    Raises MayNotOwnSurveys, CampaignWrongStatus, VersionNotPublished, CampaignTimeOver, and NobodyToAsk for a campaign
    that asks once and would ask nobody. The caller rings for `waves.ask` after the commit.
    """
    _check_owner(actor)
    policy = locked_policy()
    stored = _locked(campaign)
    if stored.status != CampaignStatus.DRAFT:
        raise CampaignWrongStatus(status=stored.get_status_display())
    version = stored.questionnaire_version
    if version.status != VersionStatus.PUBLISHED or problems(version.definition):
        raise VersionNotPublished(field="questionnaire_version")
    if stored.end_date and stored.end_date < today:
        raise CampaignTimeOver(field="end_date")
    if stored.timing == Timing.ONCE:
        found = preview(stored, max(today, stored.start_date), policy, first=0)
        if not found.asked:
            raise NobodyToAsk(count=found.total)
    stored.definition = version.definition
    stored.started_at = now
    stored.to_running()
    stored.save()
    record("survey_campaign.started", stored, actor=actor)
    return stored


@transaction.atomic
def pause_campaign(campaign: Campaign, *, actor: User | None) -> Campaign:
    """Nobody is asked and no mail goes out until it is resumed; links still take answers.

    Raises MayNotOwnSurveys, CampaignWrongStatus.
    """
    stored = _in_status(campaign, actor, CampaignStatus.RUNNING)
    stored.to_paused()
    stored.save()
    record("survey_campaign.paused", stored, actor=actor)
    return stored


@transaction.atomic
def resume_campaign(campaign: Campaign, *, actor: User | None, today: dt.date) -> Campaign:
    """It goes on; what was due meanwhile is asked and sent now. Raises MayNotOwnSurveys, CampaignWrongStatus,
    CampaignTimeOver."""
    stored = _in_status(campaign, actor, CampaignStatus.PAUSED)
    if stored.end_date and stored.end_date < today:
        raise CampaignTimeOver(field="end_date")
    stored.to_running()
    stored.save()
    record("survey_campaign.resumed", stored, actor=actor)
    return stored


@transaction.atomic
def end_campaign(campaign: Campaign, *, actor: User | None, now: dt.datetime) -> Campaign:
    """Its links are over at once, and what waits in the outbox is not sent. It cannot be started again.

    Raises MayNotOwnSurveys, CampaignWrongStatus.
    """
    stored = _in_status(campaign, actor, CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.PAUSED)
    stored.to_ended()
    stored.ended_at = now
    stored.save()
    record("survey_campaign.ended", stored, actor=actor)
    close_invitations(Q(campaign=stored), InvitationStatus.EXPIRED)
    return stored


def end_overdue(*, today: dt.date, now: dt.datetime) -> int:
    """End the campaigns whose last day has passed; returns how many."""
    running = Q(status__in=[CampaignStatus.RUNNING, CampaignStatus.PAUSED])
    overdue = list(Campaign.objects.filter(running, end_date__lt=today).order_by("pk"))
    for campaign in overdue:
        end_campaign(campaign, actor=None, now=now)
    return len(overdue)


def clean_audience(audience: dict[str, Any]) -> dict[str, Any]:
    """The audience with nothing but what the model describes. Raises AudienceUnknown."""
    found: dict[str, Any] = {}
    for name, allowed in _CLOSED.items():
        values = audience.get(name) or []
        wrong = [value for value in values if value not in allowed] if isinstance(values, list) else [values]
        if wrong:
            raise AudienceUnknown(field="audience", value=str(wrong[0])[:40])
        if values:
            found[name] = values
    if unknown := set(audience) - {*_CLOSED, "accounts"}:
        raise AudienceUnknown(field="audience", value=min(unknown)[:40])
    if accounts := audience.get("accounts"):
        found["accounts"] = _filters(accounts)
    return found


def clean_texts(texts: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The texts that say something, by language. Raises TextsUnknown."""
    found: dict[str, dict[str, str]] = {}
    for language, named in texts.items():
        if language not in LANGUAGES or not isinstance(named, dict):
            raise TextsUnknown(field="texts", name=str(language)[:40])
        for name, text in named.items():
            if name not in TEXT_NAMES or not isinstance(text, str) or len(text) > MAX_TEXT:
                raise TextsUnknown(field="texts", name=f"{language}.{name}"[:40])
            if text.strip():
                found.setdefault(language, {})[name] = text.strip()
    return found


def _filters(accounts: Any) -> dict[str, list[str]]:
    """Filters of the account list as `{name: [values]}`. Raises AudienceUnknown."""
    if not isinstance(accounts, dict):
        raise AudienceUnknown(field="audience", value="accounts")
    found = {}
    for name, values in accounts.items():
        if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
            raise AudienceUnknown(field="audience", value=str(name)[:40])
        if values:
            found[str(name)] = [str(value)[:100] for value in values]
    return found


def _check(campaign: Campaign) -> None:
    campaign.audience = clean_audience(campaign.audience or {})
    campaign.texts = clean_texts(campaign.texts or {})
    campaign.sender_name = " ".join(campaign.sender_name.split())
    if campaign.timing != Timing.EVENT:
        campaign.event = ""
    campaign.full_clean()


def _check_owner(actor: User | None) -> None:
    """Raises MayNotOwnSurveys."""
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnSurveys


def _locked(campaign: Campaign) -> Campaign:
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related(
        "questionnaire_version__questionnaire"
    )
    return rows.get(pk=campaign.pk)


def _in_status(campaign: Campaign, actor: User | None, *statuses: str) -> Campaign:
    """The campaign, locked. Raises MayNotOwnSurveys, CampaignWrongStatus."""
    _check_owner(actor)
    stored = _locked(campaign)
    if stored.status not in statuses:
        raise CampaignWrongStatus(status=stored.get_status_display())
    return stored
