"""Sums of answers (`ResultCell`): complete responses that no longer change are added in sets, each once.

A batch is one transaction: its responses are locked, added to the cells (`ResultCell`, `TeamCell`) in a statement each
and marked as counted. Killed anywhere, it has either happened or not; run twice, the second run finds nothing left; two
runs at once take different responses. What the cells hold is therefore a recount of the responses that are marked,
exactly.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from surveys import definition as definitions
from surveys.choices import BY_TOKEN, Cut, QuestionKind
from surveys.editing import EDITABLE, EDITABLE_ANONYMOUS
from surveys.models import Campaign, Response
from surveys.models.answers import HOLDER
from surveys.privacy import in_fives

BATCH = 10_000

_DIALECTS = {
    "postgresql": {
        "month": "date_trunc('month', r.date::timestamp)::date",
        # With another integer type the list would be searched from end to end for every row.
        "ids": "= ANY(%s::bigint[])",
        "words": "= ANY(%s::text[])",
    },
    "sqlite": {
        "month": "date(r.date, 'start of month')",
        "ids": "IN (SELECT value FROM json_each(%s))",
        "words": "IN (SELECT value FROM json_each(%s))",
    },
}
# Each response counts itself (question ""), each of its answers, and once each question that it answered in parts.
_SUMS = """
WITH facts AS (
    SELECT r.id AS response, '' AS question, '' AS part, -1 AS value, '' AS choice
    FROM surveys_response r WHERE r.id {ids}
    UNION ALL
    SELECT a.response_id, a.question, a.part,
        CASE WHEN a.value IS NULL OR a.question {words} THEN -1 ELSE CAST(a.value AS integer) END, a.choice
    FROM surveys_answer a WHERE a.response_id {ids}
    UNION ALL
    SELECT DISTINCT a.response_id, a.question, '', -1, ''
    FROM surveys_answer a WHERE a.response_id {ids} AND a.part <> ''
), sums AS (
    SELECT f.question, f.part, c.cut,
        CASE c.cut WHEN 'tier' THEN r.tier WHEN 'region' THEN r.region
            WHEN 'team' THEN COALESCE(CAST(r.team_id AS text), '')
            WHEN 'manager' THEN COALESCE(CAST(r.manager_id AS text), '')
            WHEN 'product_line' THEN COALESCE(CAST(r.product_line_id AS text), '')
            WHEN 'holder' THEN COALESCE(CAST(h.manager_id AS text), '') ELSE '' END AS cut_key,
        {month} AS month, f.value, f.choice, COUNT(*) AS answers{of}
    FROM facts f
    JOIN surveys_response r ON r.id = f.response
    LEFT JOIN surveys_resultholder h ON h.account_id = r.account_id
    CROSS JOIN ({cuts}) c
    WHERE {held}
    GROUP BY 1, 2, 3, 4, 5, 6, 7{of}
)
"""
# The order of the rows is the order in which two runs lock the cells: always the same.
_ADD = """
INSERT INTO {table} (campaign_id, question, part, cut, cut_key, month, value, choice, count{column})
SELECT %s, question, part, cut, cut_key, month, value, choice, answers{column} FROM sums
WHERE TRUE ORDER BY 3, 2, 4, 5, 6, 7, 8{column}
ON CONFLICT (campaign_id, cut, question, part, cut_key, month, value, choice{column})
DO UPDATE SET count = {table}.count + excluded.count
"""
_TAKE = """
UPDATE {table} SET count = {table}.count - s.answers FROM sums s
WHERE {table}.campaign_id = %s AND {table}.cut = s.cut AND {table}.question = s.question AND {table}.part = s.part
    AND {table}.cut_key = s.cut_key AND {table}.month = s.month AND {table}.value = s.value
    AND {table}.choice = s.choice{same}
"""
_HOLD = """
INSERT INTO surveys_resultholder (account_id, manager_id, team_id)
SELECT DISTINCT a.id, a.manager_id, u.team_id FROM surveys_response r JOIN accounts_account a ON a.id = r.account_id
LEFT JOIN users_user u ON u.id = a.manager_id
WHERE r.id {ids} ORDER BY a.id
ON CONFLICT (account_id) DO NOTHING
"""
# Where sums are kept: of the company with those of each manager, and of each team.
_COMPANY = {"table": "surveys_resultcell", "of": "", "column": "", "same": "", "held": "TRUE"}
_TEAMS = {
    "table": "surveys_teamcell", "of": ", h.team_id", "column": ", team_id",
    "same": " AND surveys_teamcell.team_id = s.team_id", "held": "h.team_id IS NOT NULL",
}  # fmt: skip
CUTS = (*Cut.values, HOLDER)


def fold(now: dt.datetime, *, batch: int = BATCH) -> int:
    """Add to the sums what is settled at `now` (UTC): answers by link (on our page or elsewhere) a day after they were
    completed, those entered by staff or brought by files at once. Returns the number of responses added."""
    waiting = Response.objects.complete().filter(counted=False).order_by("campaign_id").values("campaign_id")
    campaigns = Campaign.objects.filter(pk__in=waiting.distinct())
    return sum(_fold_campaign(campaign, now, batch) for campaign in campaigns.order_by("pk"))


def settled(campaign: Campaign, now: dt.datetime) -> QuerySet[Response]:
    """The complete responses of a campaign that are not in the sums yet and change no more."""
    rows = Response.objects.complete().filter(campaign=campaign, counted=False)
    if campaign.anonymous:
        return rows.filter(completed_at__lte=now - EDITABLE_ANONYMOUS)
    return rows.filter(~Q(source__in=BY_TOKEN) | Q(completed_at__lte=now - EDITABLE))


def _fold_campaign(campaign: Campaign, now: dt.datetime, batch: int) -> int:
    numbers, total = numbers_of(campaign), 0
    while added := _fold_batch(campaign, numbers, now, max(batch, 5)):
        total += added
    return total


@transaction.atomic
def _fold_batch(campaign: Campaign, numbers: list[str], now: dt.datetime, batch: int) -> int:
    """Add up to so many responses; those of an anonymous campaign in fives."""
    skip = connection.features.has_select_for_update_skip_locked
    rows = settled(campaign, now).order_by("pk").select_for_update(of=("self",) if skip else (), skip_locked=skip)
    ids = list(rows.values_list("pk", flat=True)[:batch])
    if campaign.anonymous:
        ids = ids[: in_fives(len(ids))]
    if not ids:
        return 0
    _add(campaign.pk, ids, numbers)
    Response.objects.filter(pk__in=ids).update(counted=True)
    return len(ids)


def _add(campaign_id: int, ids: list[int], numbers: list[str]) -> None:
    """Add the answers of these responses to the cells of their campaign, after a statement that says under which
    manager and team the accounts stand that had no answers yet."""
    with connection.cursor() as cursor:
        cursor.execute(_dialect(_HOLD), [_list(ids)])
    change_cells(campaign_id, ids, numbers, CUTS)
    change_team_cells(campaign_id, ids, numbers)


def change_cells(
    campaign_id: int, ids: list[int], numbers: list[str], cuts: Sequence[str], *, take: bool = False
) -> None:
    """Add the answers of these responses to the cells of some cuts (`take`: subtract them), in one statement."""
    _change(_COMPANY, campaign_id, ids, numbers, cuts, take=take)


def change_team_cells(campaign_id: int, ids: list[int], numbers: list[str], *, take: bool = False) -> None:
    """As `change_cells`, of the teams under which the accounts stand, in every cut."""
    _change(_TEAMS, campaign_id, ids, numbers, Cut.values, take=take)


def _change(
    where: dict[str, str], campaign_id: int, ids: list[int], numbers: list[str], cuts: Sequence[str], *, take: bool
) -> None:
    wanted, words = _list(ids), _list(numbers)
    names = " UNION ALL ".join(f"SELECT '{cut}' AS cut" for cut in cuts)  # constants of this module
    statement = _SUMS + (_TAKE if take else _ADD)
    for name, text in {**where, "cuts": names}.items():
        statement = statement.replace("{" + name + "}", text)
    with connection.cursor() as cursor:
        cursor.execute(_dialect(statement), [wanted, words, wanted, wanted, campaign_id])


def numbers_of(campaign: Campaign) -> list[str]:
    """The questions whose values are no part of a scale: they count as answered."""
    return [question.key for question in definitions.read(campaign.definition).of_kind(QuestionKind.NUMBER)]


def _dialect(statement: str) -> str:
    for name, text in _DIALECTS[connection.vendor].items():
        statement = statement.replace("{" + name + "}", text)
    return statement


def _list(values: list[Any]) -> Any:
    return values if connection.vendor == "postgresql" else json.dumps(values)
