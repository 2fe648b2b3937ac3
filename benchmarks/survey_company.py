"""The company of the surveys' benchmark: accounts and people as the demo's, a survey of ten questions with any number
of answers made in the database itself, and invitations for the answer page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from core.bulk import copy_rows, next_pk, reset_sequence
from kam.demo.load import make_demo
from surveys.choices import CampaignStatus, Timing
from surveys.models import Campaign, Invitation, Questionnaire, QuestionnaireVersion
from surveys.models.campaigns import new_seed
from surveys.tokens import token_for, token_hash
from users.models import User

NAME = "Benchmark: ten questions"
DAYS = 730
LANGUAGES = ("zh-hans", "zh-hant", "en")


def text(words: str) -> dict[str, str]:
    """The same words in every language."""
    return dict.fromkeys(LANGUAGES, words)


def choices(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key, "text": text(key)} for key in keys]


QUESTIONS: list[dict[str, Any]] = [
    {"key": "recommend", "kind": "nps", "required": True},
    {"key": "satisfied", "kind": "csat"},
    {"key": "quality", "kind": "csat"},
    {"key": "delivery", "kind": "csat"},
    {"key": "support", "kind": "csat"},
    {"key": "easy", "kind": "ces"},
    {"key": "reply", "kind": "ces"},
    {"key": "position", "kind": "single", "choices": choices("first", "several", "backup")},
    {"key": "volume", "kind": "single", "choices": choices("more", "same", "less")},
    {"key": "comment", "kind": "text"},
]
# What is drawn for each kind: the value, the choice, the text.
DRAWN = {
    "nps": ("LEAST(10, floor(random() * 14))", "''", "''"),
    "csat": ("LEAST(5, 1 + floor(random() * 6))", "''", "''"),
    "ces": ("1 + floor(random() * 7)", "''", "''"),
    "single": ("NULL", "(%(keys)s::text[])[1 + floor(random() * 3)::int]", "''"),
    "text": ("NULL", "''", "'交货准时，沟通顺畅。' || r.id"),
}
RESPONSES = """
WITH guest AS (
    SELECT row_number() OVER (ORDER BY a.id) - 1 AS place, a.id, a.tier, a.region, a.manager_id, u.team_id
    FROM accounts_account a LEFT JOIN users_user u ON u.id = a.manager_id WHERE a.status <> 'terminated'
), many AS (SELECT COUNT(*) AS number FROM guest)
INSERT INTO surveys_response (campaign_id, account_id, source, external_id, status, language, answers, completed_at,
    date, tier, region, manager_id, team_id, counted, created_at, updated_at)
SELECT %(campaign)s, guest.id, 'link', '', 'complete', 'zh-hans', '{}', day.at, day.at::date, guest.tier, guest.region,
    guest.manager_id, guest.team_id, FALSE, day.at, day.at
FROM generate_series(%(first)s, %(last)s) AS g, many, guest,
    LATERAL (SELECT %(now)s::timestamptz - (g %% %(days)s) * interval '1 day' - interval '1 hour' AS at) day
WHERE guest.place = (g::bigint * 7919) %% many.number
"""
ANSWERS = """
INSERT INTO surveys_answer (response_id, question, part, value, choice, text)
SELECT r.id, %%(question)s, '', %s, %s, %s FROM surveys_response r WHERE r.campaign_id = %%(campaign)s
"""
# Nineteen of twenty are contacted within three days and closed within nine.
FOLLOW_UPS = """
WITH many AS MATERIALIZED (
    SELECT id, manager_id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_account
    WHERE manager_id IS NOT NULL
)
INSERT INTO surveys_followup (campaign_id, account_id, kind, status, owner_id, opened_at, due_at, contacted_at, cause,
    action, customer_told, outcome, closed_at, created_at, updated_at)
SELECT %(campaign)s, many.id, 'recovery', CASE WHEN g %% 20 = 0 THEN 'open' ELSE 'closed' END, many.manager_id, day.at,
    day.at + interval '5 days', CASE WHEN g %% 20 > 0 THEN day.at + random() * interval '3 days' END, '', '', TRUE,
    CASE WHEN g %% 20 = 0 THEN '' ELSE 'solved' END,
    CASE WHEN g %% 20 > 0 THEN day.at + random() * interval '9 days' END, now(), now()
FROM generate_series(1, %(number)s) AS g
JOIN many ON many.place = (g::bigint * 7919) %% (SELECT COUNT(*) FROM many),
    LATERAL (SELECT now() - (g %% 89) * interval '1 day' - random() * interval '1 day' AS at) day
ON CONFLICT DO NOTHING
"""
BATCH = 100_000


def prepare(accounts: int, responses: int) -> None:
    """Fill an empty, migrated database."""
    now = timezone.now()
    make_demo(accounts, seed=1, today=timezone.localdate(now), now=now, orders_per_account=1, progress=print)
    campaign = make_campaign(NAME, CampaignStatus.RUNNING)
    print("responses")
    with connection.cursor() as cursor:
        for first in range(1, responses + 1, BATCH):
            last = min(first + BATCH - 1, responses)
            params = {"campaign": campaign.pk, "first": first, "last": last, "now": now, "days": DAYS}
            cursor.execute(RESPONSES, params)
        cursor.execute("ANALYZE surveys_response")
        for question in QUESTIONS:
            print(f"answers: {question['key']}")
            keys = [choice["key"] for choice in question.get("choices", ())]
            statement = ANSWERS % DRAWN[question["kind"]]
            cursor.execute(statement, {"campaign": campaign.pk, "question": question["key"], "keys": keys})


def make_campaign(name: str, status: str, **fields: Any) -> Campaign:
    """A campaign that asks QUESTIONS."""
    director = User.objects.get(username="dora")
    pages = [{"key": "all", "title": text(""), "questions": [{**q, "text": text(q["key"])} for q in QUESTIONS]}]
    definition = {"title": text(NAME), "intro": text("…"), "thanks": text("…"), "pages": pages}
    questionnaire, _made = Questionnaire.objects.get_or_create(name=NAME)
    version, _made = QuestionnaireVersion.objects.get_or_create(
        questionnaire=questionnaire, number=1,
        defaults={"definition": definition, "status": "published", "published_at": timezone.now()},
    )  # fmt: skip
    return Campaign.objects.create(
        name=name, questionnaire_version=version, definition=definition, status=status, owner=director,
        timing=Timing.ONCE, start_date=timezone.localdate() - dt.timedelta(days=DAYS), started_at=timezone.now(),
        **fields,
    )  # fmt: skip


def make_follow_ups(campaign: Campaign, number: int) -> int:
    """About so many follow-ups of the last 90 days; returns how many. One open one per account at most."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_UPS, {"campaign": campaign.pk, "number": number})
        made = cursor.rowcount
        cursor.execute("ANALYZE surveys_followup")
    return made


@transaction.atomic
def make_invitations(number: int) -> tuple[Campaign, list[str]]:
    """So many open invitations of a campaign of their own; returns it with their tokens."""
    campaign = make_campaign(f"{NAME}, answer page {timezone.now():%H:%M:%S}", CampaignStatus.RUNNING)
    now, today = timezone.now(), timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tier, manager_id FROM accounts_account WHERE status <> 'terminated' LIMIT 2000")
        people = cursor.fetchall()
    first, tokens, rows = next_pk(Invitation), [], []
    for place in range(number):
        account, tier, manager = people[place % len(people)]
        seed = new_seed()
        tokens.append(token_for(seed))
        rows.append(
            (
                first + place, campaign.pk, account, None, f"bench:{place}", "", "", "zh-hans", "sent", seed,
                token_hash(tokens[-1]), today, today + dt.timedelta(days=30), tier, manager, now, now,
            )
        )  # fmt: skip
    columns = [
        "id", "campaign", "account", "contact", "occasion", "external_id", "email", "language", "status", "seed",
        "token_hash", "asked_on", "expires_on", "tier", "manager", "created_at", "updated_at",
    ]  # fmt: skip
    copy_rows(Invitation, columns, rows)
    reset_sequence(Invitation)
    return campaign, tokens
