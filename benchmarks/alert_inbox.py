"""The inbox at scale: 50,000 open alerts beside those held back, snoozed and resolved; the risk matrix of all accounts.

`--prepare` fills an empty, migrated database of its own (people and accounts as in the demo; scores and alerts by SQL)
before it measures. Nothing is changed by what is measured.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.harness import Report, load, measure

# isort: split
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks import contract_company
from core.paging import Sort, keyset_page
from health.models import AccountHealth, Alert, AlertComment, AlertRule, HealthPoint, HealthProfile, HealthRun
from health.pages import PAGE
from kam.demo.people import ACCOUNTS_PER_MANAGER, make_staff
from search.services import reindex
from users.models import User

HEADS = ["page", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"]
FRAGMENT = {"HX-Request": "true"}
WEEKS, MANAGERS = 26, 300
REASONS = ("order_gap", "revenue_decline", "business_churn", "contact_left", "overdue_payment")
STATES = ("open", "acknowledged", "held", "snoozed", "resolved")  # of a hundred 35, 15, 30, 5, 15: see ALERTS
PART = {
    "signal": "order_gap", "group": "buying", "value": 4.2, "bound": 2.0, "severity": 0.9, "weight": 0.25,
    "lost": 22.5, "date": "2026-01-15", "facts": {"days": 60, "interval": 14},
}  # fmt: skip
SIGNALS = (
    "order_gap", "revenue_trend", "lines_dropped", "order_size", "returns", "contact_gap", "nps_low", "payment_overdue"
)  # fmt: skip
ALERTS = """
WITH guest AS (
    SELECT row_number() OVER (ORDER BY a.id) - 1 AS place, a.id, a.manager_id FROM accounts_account a
    WHERE a.status <> 'terminated' AND a.manager_id IS NOT NULL
), many AS (SELECT COUNT(*) AS number FROM guest)
INSERT INTO health_alert (account_id, rule_id, reason, status, severity, rank, owner_id, opened_on, opened_at, due_at,
    probability, value_at_risk_amount, currency, evidence, evidence_now, seen_on, escalation, snoozed_until,
    acknowledged_at, resolved_at, outcome, lost_cause, resolution, created_at, updated_at)
SELECT guest.id, rule.id, rule.reason, state.status, 1 + (g * 31) %% 4, (g * 7919) %% 1000003, guest.manager_id,
    day.at::date, day.at, day.at + interval '2 days', ((g * 37) %% 100) / 100.0, (g * 7919) %% 1000003, 'CNY',
    %(evidence)s, %(evidence)s, %(now)s::date, 0,
    CASE WHEN state.status = 'snoozed' THEN %(now)s::date + 7 END,
    CASE WHEN state.status = 'acknowledged' THEN %(now)s END,
    CASE WHEN state.status = 'resolved' THEN day.at + interval '1 day' END,
    CASE WHEN state.status = 'resolved' THEN 'saved' ELSE '' END, '', '', day.at, day.at
FROM generate_series(0, %(alerts)s - 1) AS g, many, guest,
    LATERAL (
        SELECT id, reason FROM health_alertrule ORDER BY id OFFSET (g / many.number + guest.place) %% 5 LIMIT 1
    ) rule,
    LATERAL (SELECT (ARRAY['open', 'acknowledged', 'held', 'snoozed', 'resolved'])
        [1 + (g %% 100 >= 35)::int + (g %% 100 >= 50)::int + (g %% 100 >= 80)::int + (g %% 100 >= 85)::int] AS status
    ) state,
    LATERAL (SELECT %(now)s::timestamptz - (g %% 90) * interval '1 day' AS at) day
WHERE guest.place = g %% many.number
"""
SCORES = """
INSERT INTO health_accounthealth (account_id, as_of, profile_id, profile_revision, score, band, capped_by, parts,
    missing, probability, drop_probability, reasons, currency, lifetime_value_amount, value_at_risk_amount)
SELECT a.id, %(now)s::date, %(profile)s, 1, a.id %% 101, 'watch', '', %(parts)s, '[]', ((a.id * 37) %% 1000) / 1000.0,
    0.5, '[]', 'CNY', 1000, (a.id * 7919) %% 1000003
FROM accounts_account a WHERE a.status <> 'terminated'
"""
POINTS = """
INSERT INTO health_healthpoint (account_id, date, score, band, tier, parts)
SELECT a.id, %(now)s::date - 7 * w, (a.id + 3 * w) %% 101, 'watch', a.tier, '{}'
FROM accounts_account a, generate_series(0, %(weeks)s - 1) w WHERE a.status <> 'terminated'
"""
SUMMARIES = """
UPDATE accounts_accountsummary s SET open_alerts = found.number, alert_severity = 3, alert_reason = 'order_gap'
FROM (SELECT account_id, COUNT(*) AS number FROM health_alert WHERE status IN ('open', 'acknowledged') GROUP BY 1) found
WHERE found.account_id = s.account_id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="fill the empty database first")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--alerts", type=int, default=100_000, help="of which half are open")
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    if options.prepare:
        start = time.perf_counter()
        prepare(options.accounts, options.alerts)
        print(f"filled in {time.perf_counter() - start:.0f} s, load {load()}")
    with connection.cursor() as cursor:
        for model in (Alert, AlertComment, AccountHealth, HealthPoint):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
    report = Report("Alerts")
    counted = {status: Alert.objects.filter(status=status).count() for status in STATES}
    is_open = counted["open"] + counted["acknowledged"]
    report.text(
        f"{is_open:,} open alerts ({counted['acknowledged']:,} of them acknowledged), {counted['held']:,} held back, "
        f"{counted['resolved']:,} resolved; {AccountHealth.objects.count():,} accounts with a score."
    )
    for username in ("dora", "lee", "alice"):
        measured(report, User.objects.get(username=username), options.repeat)
    if not options.dry_run:
        report.save()


def prepare(accounts: int, alerts: int) -> None:
    """Fill an empty, migrated database."""
    now = timezone.now()
    contract_company.make_accounts(accounts, make_staff(MANAGERS * ACCOUNTS_PER_MANAGER, now), now.date(), now)
    reindex("account")
    profile = HealthProfile.objects.create(name="Benchmark", groups={"buying": 100})
    condition = {"measure": "signal:order_gap", "op": "gte", "value": 0.5}
    AlertRule.objects.bulk_create(AlertRule(name=reason, reason=reason, conditions=[condition]) for reason in REASONS)
    HealthRun.objects.create(as_of=timezone.localdate(now), stage="done", finished_at=now)
    parts = [{**PART, "signal": signal} for signal in SIGNALS]
    evidence = {"score": 38, "probability": 0.7, "drop_probability": 0.8, "value_at_risk": "1000", "signals": parts}
    given = {
        "now": now, "alerts": alerts, "weeks": WEEKS, "profile": profile.pk, "evidence": json.dumps(evidence),
        "parts": json.dumps(parts),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for name, statement in (("scores", SCORES), ("history", POINTS), ("alerts", ALERTS), ("summary", SUMMARIES)):
            print(name)
            cursor.execute(statement, given)
        cursor.execute("ANALYZE")


def measured(report: Report, user: User, repeat: int) -> None:
    """The pages of one person."""
    client = Client()
    client.force_login(user)
    rows = Alert.objects.visible_to(user).active().order_by()
    mine = rows.order_by("-rank")[:500].values_list("pk", flat=True)
    alerts = list(mine)
    report.text(f"As {user.username}, who sees {rows.count():,} open alerts:")
    inbox, matrix = reverse("health:alert_list"), reverse("health:matrix")
    second = keyset_page(rows, Sort("rank", descending=True), size=PAGE).next_cursor or ""
    pages: dict[str, Callable[[int], Any]] = {
        "inbox": page(client, inbox),
        "inbox, all that is visible": page(client, inbox, scope="all"),
        "inbox, the second page": page(client, inbox, scope="all", cursor=second),
        "inbox, one reason from high on": page(client, inbox, reason="order_gap", min_severity="3"),
        "inbox, tier A, overdue": page(client, inbox, tier="A", urgency="overdue"),
        "inbox, held back": page(client, inbox, state="held"),
        "inbox, resolved": page(client, inbox, state="resolved"),
        "the next alert beside the list": each(client, alerts),
        "risk matrix": page(client, matrix),
        "accounts at risk": page(client, reverse("health:risk_list")),
    }
    report.table(HEADS, [[name, *measure(work, repeat).cells] for name, work in pages.items()])


def page(client: Client, url: str, **query: str) -> Callable[[int], None]:
    """A page as something to repeat."""

    def get(_number: int) -> None:
        response = client.get(url, query)
        assert response.status_code == 200, (url, query, response.status_code)  # noqa: S101  a benchmark

    return get


def each(client: Client, alerts: list[int]) -> Callable[[int], None]:
    """One alert after the other, as j asks for them."""

    def get(number: int) -> None:
        url = reverse("health:alert_detail", args=[alerts[number % len(alerts)]])
        assert client.get(url, headers=FRAGMENT).status_code == 200  # noqa: S101

    return get


if __name__ == "__main__":
    main()
