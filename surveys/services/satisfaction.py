"""The account summary's column for the net promoter score: the one place that writes it.

An answer by link only notes that it is not in the score yet (`Response.score_due`): who answers does not wait for sums.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from surveys import definition as definitions
from surveys.choices import QuestionKind
from surveys.models import Campaign, Response

_DIALECTS = {
    "postgresql": {
        "ids": "= ANY(%s::bigint[])",
        "date": "%s::date",
        "is_new": "IS DISTINCT FROM",
        "pairs": "unnest(%s::bigint[], %s::text[]) AS p(campaign, question)",
    },
    "sqlite": {
        "ids": "IN (SELECT value FROM json_each(%s))",
        "date": "%s",
        "is_new": "IS NOT",
        "pairs": "(SELECT json_extract(value, '$[0]') AS campaign, json_extract(value, '$[1]') AS question"
        " FROM json_each(%s)) p",
    },
}
# Of each person the newest answer counts; an answer without a person counts by itself.
_REFRESH = """
UPDATE accounts_accountsummary AS s SET nps = n.score
FROM (
    SELECT a.account_id, ROUND(100.0 * (COUNT(*) FILTER (WHERE x.value >= 9) - COUNT(*) FILTER (WHERE x.value <= 6))
        / NULLIF(COUNT(x.value), 0)) AS score
    FROM accounts_accountsummary a
    LEFT JOIN (
        SELECT r.account_id, w.value, ROW_NUMBER() OVER (
            PARTITION BY r.account_id, COALESCE(r.contact_id, -r.id)
            ORDER BY r.date DESC, r.completed_at DESC, r.id DESC
        ) AS place
        FROM surveys_response r
        JOIN surveys_answer w ON w.response_id = r.id AND w.part = ''
        JOIN {pairs} ON p.campaign = r.campaign_id AND p.question = w.question
        WHERE r.status = 'complete' AND r.date > {date} AND r.date <= {date} {responses}
    ) x ON x.account_id = a.account_id AND x.place = 1
    {accounts}
    GROUP BY a.account_id
) n
WHERE s.account_id = n.account_id AND s.nps {is_new} n.score
"""


BATCH = 2000
_KEY = 0x6B616D02  # any number that nothing else in this database locks


def score_answers(*, today: dt.date) -> int:
    """Bring the scores of accounts up to the answers that came in since the last time. In batches, each one transaction
    that takes its answers out of the queue: killed anywhere, an answer waits or counts. Returns the rows that changed.
    """
    changed = 0
    while True:
        with transaction.atomic():
            skip = connection.features.has_select_for_update_skip_locked
            rows = Response.objects.select_for_update(of=("self",) if skip else (), skip_locked=skip)
            batch = list(rows.filter(score_due=True).order_by("pk").values_list("pk", "account_id")[:BATCH])
            if not batch:
                return changed
            changed += refresh_satisfaction({account for _pk, account in batch if account}, today=today)
            Response.objects.filter(pk__in=[pk for pk, _account in batch]).update(score_due=False)


@transaction.atomic
def refresh_satisfaction(account_ids: Collection[int] | None = None, *, today: dt.date) -> int:
    """Set `nps` of the account summary (−100 to 100): of the newest NPS answer of each of the account's contacts in the
    twelve months up to `today`; empty without any. Where a questionnaire asks it twice, its first question counts. One
    statement besides the campaigns'; without `account_ids`: all accounts. Returns the rows that changed.
    """
    _wait_for_turn()
    since = _year_before(today)
    pairs = _questions(account_ids, since, today)
    is_postgresql = connection.vendor == "postgresql"
    days = [since, today] if is_postgresql else [since.isoformat(), today.isoformat()]
    columns = [[campaign for campaign, _q in pairs], [question for _c, question in pairs]]
    params: list[Any] = [*(columns if is_postgresql else [json.dumps(pairs)]), *days]
    statement = _REFRESH
    if account_ids is not None:
        ids = sorted(account_ids)
        params += [ids if is_postgresql else json.dumps(ids)] * 2
        statement = statement.replace("{responses}", "AND r.account_id {ids}")
        statement = statement.replace("{accounts}", "WHERE a.account_id {ids}")
    statement = statement.replace("{responses}", "").replace("{accounts}", "")
    for name, text in _DIALECTS[connection.vendor].items():
        statement = statement.replace("{" + name + "}", text)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def _wait_for_turn() -> None:
    """Until the transaction ends nobody else scores: of two at once, who read fewer answers might write last. SQLite
    has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])


def _questions(account_ids: Collection[int] | None, since: dt.date, today: dt.date) -> list[tuple[int, str]]:
    """(campaign, its first NPS question) of the campaigns that were answered in those months."""
    responses = Response.objects.complete().filter(account__isnull=False, date__gt=since, date__lte=today)
    if account_ids is not None:
        responses = responses.filter(account__in=account_ids)
    campaigns = Campaign.objects.filter(anonymous=False, pk__in=responses.order_by().values("campaign"))
    found = []
    for pk, definition in campaigns.order_by("pk").values_list("pk", "definition"):
        question = next(definitions.read(definition).of_kind(QuestionKind.NPS), None)
        if question is not None:
            found.append((pk, question.key))
    return found


def _year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
