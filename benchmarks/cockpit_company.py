"""The company of the cockpit's benchmark, made in the database itself: accounts of 500 managers with what each tile and
exception counts; unless left out, two million interactions and ten million order lines, which no page of it reads."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.choices import Region
from benchmarks.alert_inbox import ALERTS, PART, REASONS, SCORES, SIGNALS, SUMMARIES
from benchmarks.survey_company import ANSWERS, DRAWN, FOLLOW_UPS, NAME, RESPONSES, make_campaign
from health.models import AlertRule, HealthProfile, HealthRun
from health.services.storing import refresh_health_summaries
from kam.demo.catalogue import make_catalogue, make_rates
from kam.demo.people import ACCOUNTS_PER_MANAGER, make_staff
from surveys.choices import CampaignStatus

SIGNAL = json.dumps([{**PART, "signal": signal} for signal in SIGNALS])
RESPONSES_MADE, FOLLOW_UPS_MADE, LINES, WEEKS = 200_000, 100_000, 10, 14

ACCOUNTS = """
INSERT INTO accounts_account (created_at, updated_at, code, name, name_en, path, tier, status, stage,
    interruption_reason, category, industry, region, country, city, address, size, source, legal_representative,
    registered_capital_currency, website, phone, business_scope, profile, annual_purchase_currency, manager_id)
SELECT %(now)s, %(now)s, 'C' || g, '客户' || g || '有限公司', 'Customer ' || g, lpad(g::text, 8, '0') || '.',
    CASE WHEN g %% 20 = 0 THEN 'A' WHEN g %% 20 < 4 THEN 'B' ELSE 'C' END,
    CASE WHEN g %% 50 = 0 THEN 'terminated' WHEN g %% 50 < 5 THEN 'prospect' ELSE 'active' END, 'mid', '', '',
    'C', (%(regions)s::text[])[1 + g %% array_length(%(managers)s::bigint[], 1)
        %% array_length(%(regions)s::text[], 1)], 'CN', '上海', repeat('路', 12), '',
    '', '', '', '', '', repeat('经营范围', 20), repeat('档案', 40), '',
    CASE WHEN g %% 100 < 99 THEN (%(managers)s::bigint[])[1 + g %% array_length(%(managers)s::bigint[], 1)] END
FROM generate_series(1, %(accounts)s) g
"""
SUMMARY_ROWS = """
INSERT INTO accounts_accountsummary (account_id, revenue_12m_amount, revenue_prior_12m_amount, revenue_complete,
    last_contact_date, contact_due_date, next_visit_date)
SELECT id, round(2e8 / (1 + (id * 7919) %% 100003), 2), round(2e8 / (1 + (id * 7919 + 17) %% 100003), 2), TRUE,
    CASE WHEN id %% 40 > 0 THEN %(now)s::date - (id %% 60)::int END,
    CASE WHEN status <> 'terminated' THEN %(now)s::date - 20 + (id %% 60)::int END,
    CASE WHEN id %% 2 = 0 THEN %(now)s::date + (id %% 28)::int END
FROM accounts_account
"""
MEMBERS = """
INSERT INTO accounts_accountmember (created_at, updated_at, role, "right", account_id, user_id)
SELECT %(now)s, %(now)s, role.name, 'edit', a.id,
    (%(managers)s::bigint[])[1 + (a.id + role.step) %% array_length(%(managers)s::bigint[], 1)]
FROM accounts_account a, (VALUES ('deputy', 1), ('executive_sponsor', 7)) role(name, step)
WHERE a.tier IN ('A', 'B') AND (a.id + role.step) %% 5 > 0
"""
VISITS = """
INSERT INTO interactions_visit (created_at, updated_at, duty, planned_date, duration_minutes, purpose, source, pinned,
    status, closed_at, closing_note, uid, sequence, account_id, owner_id)
SELECT %(now)s, %(now)s, 'manager', day.at, 60, '', 'policy', FALSE,
    CASE WHEN is_open THEN 'planned' WHEN k %% 9 = 0 THEN 'missed' ELSE 'done' END,
    CASE WHEN NOT is_open THEN day.at + interval '20 hours' END, '', gen_random_uuid(), 0, a.id, a.manager_id
FROM accounts_account a, generate_series(0, 3) k,
    LATERAL (SELECT %(now)s::date + 28 - (k * 35 + a.id %% 35)::int AS at) day,
    LATERAL (SELECT day.at >= %(now)s::date OR (k < 3 AND a.id %% 6 = 0) AS is_open) state
WHERE a.manager_id IS NOT NULL
"""
CONTRACTS = """
INSERT INTO contracts_contract (created_at, updated_at, year, sequence, number, external_number, kind, title, our_party,
    customer_party, currency, phase, signed_on, termination_reason, start_date, end_date, notice_date, renewal_date,
    renews_itself, net_amount, gross_amount, received_amount, account_id, owner_id)
SELECT %(now)s, %(now)s, 2000 + k, a.id, 'HT-' || k || '-' || a.id, '', 'supply', '年度供货合同', '禾序工业', '客户',
    CASE WHEN a.id %% 7 = 0 THEN 'USD' ELSE 'CNY' END, 'signed', term.first, '', term.first, term.last,
    term.last - 30, term.last - 120, FALSE, 1000 + (a.id * 31) %% 900000, 1130 + (a.id * 31) %% 900000, 0, a.id,
    a.manager_id
FROM accounts_account a, generate_series(0, 1) k,
    LATERAL (SELECT %(now)s::date + (a.id %% 365)::int - 365 * (k + 1) + 1 AS first,
        %(now)s::date + (a.id %% 365)::int - 365 * k AS last) term
WHERE a.manager_id IS NOT NULL AND a.id %% 2 = 0
"""
VERSIONS = """
INSERT INTO contracts_contractversion (created_at, updated_at, number, status, reason, start_date, end_date,
    notice_days, auto_renewal_months, tax_rate, payment_terms, terms, list_amount, net_amount, tax_amount, gross_amount,
    signed_on, author_id, contract_id)
SELECT created_at, updated_at, 1, 'discarded', '', start_date, end_date, 30, 0, 13, '', '', net_amount, net_amount,
    gross_amount - net_amount, gross_amount, signed_on, owner_id, id FROM contracts_contract
"""
CURRENT = """
UPDATE contracts_contract c SET version_id = v.id FROM contracts_contractversion v WHERE v.contract_id = c.id
"""
INSTALMENTS = """
INSERT INTO contracts_instalment (position, title, amount, due_by, due_date, event, days_after, invoice_number,
    settled_amount, is_current, contract_id, version_id)
SELECT k, '', part.amount, 'date', part.due, '', 0, '',
    CASE WHEN part.due < %(now)s::date AND (c.id + k) %% 8 > 0 THEN part.amount ELSE 0 END, TRUE, c.id, c.version_id
FROM contracts_contract c, generate_series(1, 4) k,
    LATERAL (SELECT round(c.gross_amount / 4, 2) AS amount, c.start_date + 85 * k AS due) part
"""
SIGNED = """
UPDATE contracts_contractversion SET status = 'signed'
"""
RECEIPTS = """
INSERT INTO contracts_receipt (created_at, updated_at, kind, date, amount, currency, method, reference, invoice_number,
    note, void_reason, contract_id)
SELECT %(now)s, %(now)s, 'receipt', i.due_date, i.settled_amount, c.currency, 'transfer', '', '', '', '', c.id
FROM contracts_instalment i JOIN contracts_contract c ON c.id = i.contract_id WHERE i.settled_amount > 0
"""
RENEWALS = """
INSERT INTO contracts_renewal (created_at, updated_at, term_end, notice_date, opened_on, value_amount, value_currency,
    outcome, outcome_note, acted_at, contract_id)
SELECT %(now)s, %(now)s, c.end_date, c.notice_date, c.renewal_date, c.net_amount, c.currency,
    CASE WHEN c.end_date >= %(now)s::date THEN 'open' WHEN c.account_id %% 10 < 8 THEN 'renewed' ELSE 'lost' END, '',
    CASE WHEN c.account_id %% 3 = 0 THEN %(now)s END, c.id
FROM contracts_contract c WHERE c.renewal_date <= %(now)s::date
"""
INVITATIONS = """
INSERT INTO surveys_invitation (created_at, updated_at, occasion, external_id, email, language, status, seed,
    token_hash, asked_on, expires_on, tier, account_id, campaign_id, manager_id)
SELECT r.created_at, r.created_at, 'b:' || r.id || ':' || k, '', '', 'zh-hans',
    CASE WHEN k = 0 THEN 'answered' ELSE 'sent' END, md5(r.id || ':' || k), md5('t' || r.id || ':' || k), r.date,
    r.date + 30, r.tier, r.account_id, r.campaign_id, r.manager_id
FROM surveys_response r, generate_series(0, 1) k
"""
INTERACTIONS = """
INSERT INTO interactions_interaction (created_at, updated_at, kind, direction, occurred_at, date, place, title, minutes,
    outcome, top_seniority, client_key, account_id, author_id)
SELECT %(now)s, %(now)s, CASE WHEN k %% 2 = 0 THEN 'visit' ELSE 'call' END, 'out', at.day, at.day::date, '', '',
    '谈了价格', '', 0, gen_random_uuid(), a.id, a.manager_id
FROM accounts_account a, generate_series(0, 19) k,
    LATERAL (SELECT %(now)s - (a.id %% 60 + k * 20) * interval '1 day' AS day) at
"""
ORDERS = """
INSERT INTO orders_order (account_id, source, external_id, order_date, kind, currency, total_amount, created_at,
    updated_at)
SELECT a.id, 'erp', a.id || '-' || k, %(now)s::date - (k * 70 + a.id %% 70)::int, 'sale', 'CNY', 1000, now(), now()
FROM accounts_account a, generate_series(0, 9) k
"""
ORDER_LINES = """
INSERT INTO orders_orderline (order_id, position, product_id, quantity, unit_price, amount)
SELECT o.id, g, p.ids[1 + ((o.account_id + g) %% p.number)::int], 1, 100, 100
FROM orders_order o, (SELECT array_agg(id ORDER BY id) AS ids, COUNT(*) AS number FROM orders_product) p,
    generate_series(1, %(lines)s) g WHERE o.id %% 10 = %(part)s
"""
FACTS = """
INSERT INTO orders_monthlyrevenue (account_id, product_line_id, month, currency, sales_amount, returns_amount,
    net_amount, reporting_amount, last_order_date)
SELECT a.id, line.id, (date_trunc('month', %(now)s::date) - k * interval '1 month')::date, 'CNY', 1000 + a.id %% 997, 0,
    1000 + a.id %% 997, 1000 + a.id %% 997, %(now)s::date - k * 30
FROM accounts_account a, generate_series(0, 35, 3) k,
    LATERAL (SELECT id FROM orders_productline ORDER BY id OFFSET (a.id + k) %% 12 LIMIT 1) line
"""
COVERAGE = """
INSERT INTO interactions_coveragemonth (account_id, month, tier, manager_id, due_date, last_contact_date, covered)
SELECT a.id, month.first, a.tier, a.manager_id, month.first + 20, month.first, (a.id + k) %% 4 > 0
FROM accounts_account a, generate_series(0, 12) k,
    LATERAL (SELECT (date_trunc('month', %(now)s::date) - k * interval '1 month')::date AS first) month
WHERE a.manager_id IS NOT NULL
"""
BAND = "CASE WHEN {0} >= 70 THEN 'healthy' WHEN {0} >= 40 THEN 'watch' ELSE 'at_risk' END"
BANDED = "UPDATE health_accounthealth SET score = account_id %% 101, band = "
BANDED += BAND.format("account_id %% 101")
POINTS = f"""
INSERT INTO health_healthpoint (account_id, date, score, band, tier, value_at_risk_amount, parts)
SELECT a.id, day.monday - 7 * w, own.score, {BAND.format("own.score")}, a.tier, (a.id * 7919) %% 1000003, '{{}}'
FROM accounts_account a, generate_series(0, %(weeks)s - 1) w,
    LATERAL (SELECT date_trunc('week', %(now)s::date)::date AS monday) day,
    LATERAL (SELECT (a.id + 3 * w) %% 101 AS score) own
WHERE a.status <> 'terminated'
"""  # noqa: S608  own words


def prepare(accounts: int, alerts: int, *, with_history: bool) -> None:
    """Fill an empty, migrated database."""
    now = timezone.now()
    staff = make_staff(500 * ACCOUNTS_PER_MANAGER, now)
    make_catalogue(now, random.Random(1))
    make_rates(now.date() - dt.timedelta(days=2300), now.date(), random.Random(1))
    managers = sorted({pk for people in staff.managers.values() for pk in people})
    given: dict[str, Any] = {
        "now": now, "accounts": accounts, "alerts": alerts, "managers": managers, "regions": Region.values,
        "weeks": WEEKS, "parts": SIGNAL, "lines": LINES,
        "evidence": json.dumps({"score": 38, "probability": 0.7, "signals": json.loads(SIGNAL)}),
    }  # fmt: skip
    _run(given, "ACCOUNTS", "SUMMARY_ROWS", "MEMBERS", "VISITS")
    _run(given, "CONTRACTS", "VERSIONS", "CURRENT", "INSTALMENTS", "SIGNED", "RECEIPTS", "RENEWALS")
    _surveys(given)
    _health(given)
    _run(given, "FACTS", "COVERAGE")
    if with_history:
        _run(given, "INTERACTIONS", "ORDERS")
        for part in range(10):
            _run({**given, "part": part}, "ORDER_LINES")


def _surveys(given: dict[str, Any]) -> None:
    campaign = make_campaign(NAME, CampaignStatus.RUNNING)
    asked = {**given, "campaign": campaign.pk, "first": 1, "last": RESPONSES_MADE, "days": 730, "question": "recommend"}
    with connection.cursor() as cursor:
        cursor.execute(RESPONSES, asked)
        cursor.execute(ANSWERS % DRAWN["nps"], asked)
        cursor.execute(FOLLOW_UPS, {**asked, "number": FOLLOW_UPS_MADE})
    _run(asked, "INVITATIONS")


def _health(given: dict[str, Any]) -> None:
    profile = HealthProfile.objects.create(name="Benchmark", groups={"buying": 100})
    condition = {"measure": "signal:order_gap", "op": "gte", "value": 0.5}
    AlertRule.objects.bulk_create(AlertRule(name=reason, reason=reason, conditions=[condition]) for reason in REASONS)
    day = given["now"].date()
    HealthRun.objects.create(as_of=day, stage="done", finished_at=given["now"])
    with connection.cursor() as cursor:
        for statement in (SCORES, ALERTS, SUMMARIES):
            cursor.execute(statement, {**given, "profile": profile.pk})
        cursor.execute(BANDED, given)
    _run(given, "POINTS")
    refresh_health_summaries(today=day)


def _run(given: dict[str, Any], *names: str) -> None:
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(globals()[name], given)
            print(name, f"{cursor.rowcount:,}", flush=True)
        cursor.execute("ANALYZE")
