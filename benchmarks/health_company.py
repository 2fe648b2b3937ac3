"""The company of the benchmark of health: people, accounts and contracts as the contracts' benchmark makes them; orders
with rhythms of their own, contacts and interactions made in the database itself."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

from benchmarks import contract_company
from core.bulk import analyze
from interactions.choices import PolicyStatus
from interactions.models import ContactPolicy, Interaction, PolicyRule
from orders.models import MonthlyRevenue, Order, OrderLine
from orders.services.facts import rebuild_all_facts, refresh_summaries

ORDERS, LINES = 10, 10
"""Of an account, and of an order."""

ORDER_ROWS = """
INSERT INTO orders_order (account_id, source, external_id, order_date, kind, currency, total_amount, created_at,
    updated_at)
SELECT a.id, 'erp', a.id || '-' || k, %(today)s::date - (
        own.silent * own.gap + k * own.gap + floor(random() * own.gap * 0.6)::int)::int,
    CASE WHEN random() < 0.03 THEN 'return' ELSE 'sale' END, 'CNY', 0, now(), now()
FROM accounts_account a,
    LATERAL (SELECT 25 + (a.id * 7919) %% 50 AS gap,
        CASE WHEN a.id %% 5 = 0 THEN 3.0 WHEN a.id %% 5 = 1 THEN 1.2 ELSE 0.2 END AS silent) own,
    generate_series(0, %(orders)s - 1) k
"""
LINE_ROWS = """
INSERT INTO orders_orderline (order_id, position, product_id, quantity, unit_price, amount)
SELECT o.id, g, p.ids[1 + ((o.account_id * 31 + g * 7 + o.id %% 3) %% p.number)::int], own.quantity, own.price,
    own.quantity * own.price
FROM orders_order o,
    (SELECT array_agg(id ORDER BY id) AS ids, COUNT(*) AS number FROM orders_product) p,
    generate_series(1, %(lines)s) g,
    LATERAL (SELECT CASE o.kind WHEN 'return' THEN -1 ELSE 1 + (o.id + g) %% 20 END AS quantity,
        10 + (o.account_id %% 90)::numeric AS price) own
"""
TOTALS = """
UPDATE orders_order o SET total_amount = s.total
FROM (SELECT order_id, SUM(amount) AS total FROM orders_orderline GROUP BY order_id) s WHERE s.order_id = o.id
"""
TIERS = """
INSERT INTO accounts_tierhistory (account_id, tier, previous_tier, since, source, reason, created_at)
SELECT id, tier, '', %(today)s::date - 300, 'policy', '', now() FROM accounts_account
"""
PEOPLE = (
    """
INSERT INTO contacts_contact (created_at, updated_at, name, name_en, form_of_address, mobile, work_phone, email,
    wechat, preferred_channel, preferred_language, birthday_calendar, birthday_leap_month, consent, no_phone, no_email,
    no_wechat, no_surveys, no_greetings, notes, erased)
SELECT now(), now(), '联系人' || g, '', '', '', '', '', '', '', '', 'solar', FALSE, 'unknown', FALSE, FALSE, FALSE,
    FALSE, FALSE, '', FALSE FROM generate_series(1, (SELECT COUNT(*) * 2 FROM accounts_account)) g
""",
    """
INSERT INTO contacts_employment (created_at, updated_at, position, department, seniority, decision_role, attitude,
    closeness, wanted_closeness, account_id, contact_id, until_date)
SELECT now(), now(), '', '', 0, CASE WHEN c.place % 2 = 0 THEN 'decision_maker' ELSE '' END, '', 0, 0, a.id, c.id,
    CASE WHEN c.place % 50 = 0 THEN CURRENT_DATE - 40 END
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM contacts_contact) c
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_account) a ON a.place = c.place / 2
""",
    """
INSERT INTO interactions_interaction (created_at, updated_at, kind, direction, occurred_at, date, place, title, minutes,
    outcome, top_seniority, client_key, account_id)
SELECT now(), now(), CASE WHEN k % 2 = 0 THEN 'visit' ELSE 'call' END, 'out', at.day, at.day::date, '', '', '', '', 0,
    gen_random_uuid(), a.id
FROM accounts_account a, generate_series(0, 3) k,
    LATERAL (SELECT now() - (5 + k * (20 + a.id % 60)) * interval '1 day' AS day) at
""",
    """
INSERT INTO interactions_interaction_contacts (interaction_id, contact_id)
SELECT i.id, e.contact_id FROM interactions_interaction i JOIN contacts_employment e ON e.account_id = i.account_id
WHERE (i.id + e.contact_id) % 2 = 0
""",
)


def prepare(accounts: int, today: dt.date) -> None:
    """Fill an empty, migrated database."""
    contract_company.prepare(accounts // 2, accounts, 300, today)
    names = {"today": today, "orders": ORDERS, "lines": LINES}
    with connection.cursor() as cursor:
        for statement in (TIERS, ORDER_ROWS, LINE_ROWS, TOTALS):
            print(statement.split("(")[0].strip())
            cursor.execute(statement, names)
        for statement in PEOPLE:
            cursor.execute(statement)
    analyze(Order, OrderLine, Interaction)
    policy = ContactPolicy.objects.create(
        number=1, status=PolicyStatus.IN_FORCE, in_force_from=timezone.now() - dt.timedelta(days=300)
    )
    days = (("A", 14), ("B", 30), ("C", 90))
    PolicyRule.objects.bulk_create([PolicyRule(policy=policy, tier=tier, cadence_days=each) for tier, each in days])
    print("monthly facts", rebuild_all_facts())
    refresh_summaries(today)
    analyze(MonthlyRevenue)
