"""Load the demo's surveys: five questionnaires, campaigns in every state, two years of answers, and the follow-ups that
came of them; what jobs derive (sums, scores, escalations) is left to them."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.db import models
from django.db.models import F

from accounts.choices import Status
from audit.models import AuditEntry
from contacts.choices import Consent, DecisionRole
from contacts.models import Employment
from contracts.terms import add_months
from core.bulk import analyze, copy_rows, next_pk, reset_sequence
from core.workdays import country_code, work_calendars
from interactions.choices import Kind, Outcome
from interactions.models import Interaction
from kam.demo import survey_desk, voices
from kam.demo.people import Staff
from kam.demo.survey_desk import Desk, Running
from kam.demo.survey_rounds import Guest, Rounds
from search.services import index_new_rows
from surveys import definition as definitions
from surveys import shipped
from surveys.choices import CampaignStatus, Event, Timing
from surveys.models import (
    Answer,
    AskedContact,
    Campaign,
    FollowUp,
    FollowUpResponse,
    Invitation,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    SurveyMail,
    VerbatimTag,
)
from surveys.services.campaigns import create_campaign
from surveys.services.escalation import escalate
from surveys.services.folding import fold
from surveys.services.loop_rules import rules_of
from surveys.services.policy import locked_policy
from surveys.services.questionnaires import create_questionnaire, publish
from surveys.services.satisfaction import refresh_satisfaction
from users.models import User

DAY = dt.timedelta(days=1)
MOST_ACCOUNTS = 3000  # so that surveys add little to the largest demo
DECIDES = [DecisionRole.ECONOMIC_BUYER.value, DecisionRole.DECISION_MAKER.value]
COUNTS = [*DECIDES, DecisionRole.INFLUENCER.value, DecisionRole.CHAMPION.value]
AUDIT_COLUMNS = [
    "at", "actor", "action", "object_type", "object_id", "object_label", "account_id", "changes", "reason", "via",
    "request_id",
]  # fmt: skip
TARGETS: dict[str, tuple[type[models.Model], list[str]]] = {
    "invitations": (Invitation, survey_desk.INVITATION_COLUMNS),
    "mails": (SurveyMail, survey_desk.MAIL_COLUMNS),
    "responses": (Response, survey_desk.RESPONSE_COLUMNS),
    "answers": (Answer, survey_desk.ANSWER_COLUMNS),
    "tagged": (Answer.tags.through, ["answer", "verbatimtag"]),
    "follow_ups": (FollowUp, survey_desk.FOLLOW_UP_COLUMNS),
    "reasons": (FollowUpResponse, survey_desk.REASON_COLUMNS),
    "entries": (AuditEntry, AUDIT_COLUMNS),
}
KEYED = {"invitations": Invitation, "responses": Response, "answers": Answer, "follow_ups": FollowUp}


def load_surveys(staff: Staff, *, seed: int, today: dt.date, now: dt.datetime) -> None:
    """Questionnaires, campaigns, two years of answers of the accounts, the loops closed and open."""
    director = User.objects.get(pk=staff.director)
    starts = _starts(today)
    campaigns = _campaigns(director, starts, today, now)
    rng = Random(f"surveys/{seed}")  # noqa: S311  a demo, no secret
    guests = _guests(seed, today)
    asked = Rounds(guests, _visits(guests, starts["visit"]), starts, COUNTS, DECIDES, today, rng).asked()
    tags = [VerbatimTag.objects.create(name=name).pk for name in voices.TAGS]
    desk = _desk(campaigns, guests, today, now, rng)
    for asking in asked:
        desk.make(asking)
    desk.rows["tagged"] = [(answer, tags[tag]) for answer, tag in desk.rows.get("tagged", [])]
    for name, (model, columns) in TARGETS.items():
        copy_rows(model, columns, desk.rows.get(name, []))
    last = {asking.guest.contact: asking.day for asking in asked}
    copy_rows(AskedContact, ["contact", "asked_on"], sorted(last.items()))
    reset_sequence(*KEYED.values())
    analyze(Invitation, SurveyMail, Response, Answer, FollowUp)
    fold(now)
    escalate(now=now)
    refresh_satisfaction(today=today)
    for kind in ("survey_campaign", "questionnaire"):
        index_new_rows(kind)


def _starts(today: dt.date) -> dict[str, dt.date]:
    """The last period of the recurring campaign is in full swing; the others keep their distance from it."""
    period = today - 10 * DAY
    month = today.replace(day=1)
    return {
        "relationship": add_months(period, -24),
        "visit": add_months(month, -9),
        "yearly": add_months(period, -12) + 92 * DAY,
        "delivery": today - 12 * DAY,
        "complaint": add_months(month, -6),
    }


def _campaigns(director: User, starts: dict[str, dt.date], today: dt.date, now: dt.datetime) -> dict[str, Running]:
    """The campaigns over published questionnaires, and a draft for the next year."""
    how: dict[str, dict[str, Any]] = {
        "relationship": {
            "timing": Timing.RECURRING, "every_months_a": 6, "every_months_b": 12,
            "audience": {"tiers": ["A", "B"], "roles": COUNTS},
        },
        "visit": {"timing": Timing.EVENT, "event": Event.VISIT_DONE, "event_days": 2},
        "yearly": {
            "end_date": starts["yearly"] + 45 * DAY, "audience": {"tiers": ["A", "B"], "roles": DECIDES},
        },
        "delivery": {"anonymous": True, "end_date": add_months(today.replace(day=1), 2)},
        "complaint": {"timing": Timing.EVENT, "event": Event.CASE_CLOSED, "event_days": 3},
    }  # fmt: skip
    found = {}
    for asked in voices.CAMPAIGNS:
        version = _published(asked.template, director, starts[asked.key], now)
        common = {"owner": director, "sender_name": voices.SENDER, "reply_to": voices.REPLY_TO}
        campaign = Campaign(
            name=asked.name, questionnaire_version=version, start_date=starts[asked.key], **common, **how[asked.key]
        )
        create_campaign(campaign, actor=director)
        ended = campaign.end_date is not None and campaign.end_date < today
        began = dt.datetime.combine(campaign.start_date, dt.time(1), tzinfo=dt.UTC)
        Campaign.objects.filter(pk=campaign.pk).update(
            status=CampaignStatus.ENDED if ended else CampaignStatus.RUNNING, definition=version.definition,
            started_at=began, ended_at=began + 46 * DAY if ended else None,
        )  # fmt: skip
        found[asked.key] = Running(
            campaign.pk, asked, definitions.read(version.definition), rules_of(campaign), campaign.name,
            campaign.end_date, today,
        )  # fmt: skip
    yearly = QuestionnaireVersion.objects.get(questionnaire__template="yearly")
    following = Campaign(
        name=f"{today.year + 1} {voices.CAMPAIGNS[2].name}", questionnaire_version=yearly, owner=director,
        start_date=today + 30 * DAY, audience=how["yearly"]["audience"], sender_name=voices.SENDER,
        reply_to=voices.REPLY_TO,
    )  # fmt: skip
    create_campaign(following, actor=director)
    return found


def _published(template: str, director: User, since: dt.date, now: dt.datetime) -> QuestionnaireVersion:
    """A questionnaire as it ships."""
    form = shipped.TEMPLATES[template]
    questionnaire = Questionnaire(name=form.name, name_en=form.name_en)
    version = create_questionnaire(questionnaire, template=template, actor=director)
    at = min(now, dt.datetime.combine(since - 3 * DAY, dt.time(2), tzinfo=dt.UTC))
    return publish(version, actor=director, now=at)


def _guests(seed: int, today: dt.date) -> list[Guest]:
    """Who may be asked: people at accounts with a manager, of a large company those of MOST_ACCOUNTS."""
    jobs = Employment.objects.filter(
        until_date__isnull=True, account__manager__isnull=False, contact__no_surveys=False, contact__no_email=False,
        contact__erased=False,
    ).exclude(contact__email="").exclude(account__status=Status.TERMINATED)  # fmt: skip
    jobs = jobs.exclude(contact__consent=Consent.WITHDRAWN)
    keys = list(jobs.order_by("account").values_list("account", flat=True).distinct()[: MOST_ACCOUNTS * 4])
    rng = Random(f"asked/{seed}")  # noqa: S311  a demo, no secret
    chosen = set(keys if len(keys) <= MOST_ACCOUNTS else rng.sample(keys, MOST_ACCOUNTS))
    rows = jobs.filter(account__in=chosen).order_by("account__code", "pk").values_list(
        "account", "account__code", "account__tier", "account__region", "account__country", "account__manager",
        "account__manager__team", "contact", "contact__email", "contact__preferred_language", "decision_role",
        "from_date", F("account__summary__revenue_12m_amount"), F("account__summary__revenue_prior_12m_amount"),
    )  # fmt: skip
    moods: dict[int, float] = {}
    guests = []
    for account, code, tier, region, country, manager, team, contact, email, language, role, since, now, before in rows:
        if account not in moods:
            own = Random(f"mood/{seed}/{code}")  # noqa: S311  a demo, no secret
            falls = before and now < before * 7 / 10
            moods[account] = own.gauss(0.88, 0.08) - (0.22 if falls else 0.0)
        own = Random(f"guest/{seed}/{contact}")  # noqa: S311  a demo, no secret
        mood = min(0.98, max(0.15, own.gauss(moods[account], 0.06)))
        guests.append(
            Guest(
                account, code, tier, region, country, manager, team, contact, email, language or "zh-hans", role,
                since or today - 900 * DAY, mood,
            )
        )  # fmt: skip
    return guests


def _visits(guests: list[Guest], since: dt.date) -> list[tuple[Guest, int, dt.date]]:
    """Visits that these people took part in."""
    by_contact = {guest.contact: guest for guest in guests}
    through = Interaction.contacts.through.objects
    rows = through.filter(interaction__kind=Kind.VISIT, interaction__date__gte=since).order_by("interaction", "contact")
    pairs = rows.values_list("contact", "interaction", "interaction__date")
    return [(by_contact[contact], pk, day) for contact, pk, day in pairs if contact in by_contact]


def _desk(campaigns: dict[str, Running], guests: list[Guest], today: dt.date, now: dt.datetime, rng: Random) -> Desk:
    accounts = {guest.account for guest in guests}
    spoken = Interaction.objects.filter(occurred_at__lt=now).exclude(outcome=Outcome.NOT_REACHED)
    spoken = spoken.exclude(kind=Kind.NOTE).order_by("occurred_at", "pk")
    logged: dict[int, list[tuple[dt.datetime, int]]] = {}
    for account, at, pk in spoken.values_list("account", "occurred_at", "pk").iterator(chunk_size=5000):
        if account in accounts:
            logged.setdefault(account, []).append((at, pk))
    countries = {country_code(guest.country) for guest in guests}
    calendars = work_calendars(countries, today - 800 * DAY, today + 430 * DAY)
    first = {name: next_pk(model) for name, model in KEYED.items()}
    return Desk(campaigns, logged, calendars, locked_policy(), today, now, rng, first)
