"""Load the demo company: people, customers, orders, facts, tiers, relationships, contracts and surveys by COPY, in
batches; health by its own services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment, Tag, TierHistory
from audit.models import AuditEntry
from core.bulk import analyze, check_references_at_once, copy_rows, next_pk, reset_sequence
from core.errors import Conflict
from dashboards.services.company import count_company
from kam.demo import customers as made
from kam.demo import words
from kam.demo.catalogue import make_catalogue, make_rates
from kam.demo.contracts import load_contracts
from kam.demo.customers import Customer, Customers, Profile
from kam.demo.dates import months_before
from kam.demo.health import load_health
from kam.demo.people import Staff, make_staff
from kam.demo.relationship import load_relationships, plan_from_policy
from kam.demo.sales import DAYS, LINE_COLUMNS, ORDER_COLUMNS, Sales
from kam.demo.scorecards import load_scorecards
from kam.demo.surveys import load_surveys
from kam.demo_cast import DEMO_LOGINS
from orders.models import MonthlyRevenue, Order, OrderLine
from orders.services import rebuild_all_facts, refresh_summaries
from search.models import SearchEntry
from search.services import index_new_rows
from tiers.models import TierProposal, TierRun
from tiers.services import approve_proposals, ensure_default_policy, run_policy
from users.models import User

BATCH = 5000
MOST_ACCOUNTS = 1_000_000
# Above this the demo has one tier run and not three: each writes a row per account.
THREE_RUNS_UP_TO = 20_000
REASON = "demo"
AUDIT_COLUMNS = [
    "at", "actor", "action", "object_type", "object_id", "object_label", "account_id", "changes", "reason", "via",
    "request_id",
]  # fmt: skip

Progress = Callable[[str], None]


class DatabaseInUse(Conflict):
    code = "database_in_use"
    message = gettext_lazy(
        "This database holds accounts or the demo's users already; the demo company needs an empty one."
    )


@transaction.atomic
def make_demo(
    accounts: int, *, seed: int, today: dt.date, now: dt.datetime, orders_per_account: float = 10, progress: Progress
) -> None:
    """Fill an empty database with the demo company; nothing is left behind if it fails.

    The same `accounts`, `seed` and `today` give the same company. Raises DatabaseInUse.
    """
    if Account.objects.exists() or User.objects.filter(username__in=[login.username for login in DEMO_LOGINS]).exists():
        raise DatabaseInUse
    check_references_at_once()
    rng = Random(seed)  # noqa: S311  a demo, no secret
    progress(_("People and products"))
    staff = make_staff(accounts, now)
    items = make_catalogue(now, rng)
    rates = make_rates(today - dt.timedelta(days=DAYS + 40), today, rng)
    base = next_pk(Account)
    sales = Sales(items, rates, today=today, now=now, per_account=orders_per_account, first_pk=next_pk(Order))
    _load_customers(Customers(seed, base, staff, today).make(accounts), staff, sales, progress)
    reset_sequence(Account, Order)
    analyze(Account, AccountSummary, ManagerAssignment, AccountMember, Order, OrderLine)
    progress(_("Revenue by month"))
    rebuild_all_facts()
    analyze(MonthlyRevenue)
    refresh_summaries(today)
    progress(_("Search index"))
    index_new_rows("account")
    progress(_("Tiers"))
    _run_tiers(staff, accounts, today, now)
    progress(_("People and contact history"))
    load_relationships(staff, seed=seed, today=today, now=now)
    progress(_("Contracts"))
    load_contracts(staff, seed=seed, today=today, now=now)
    progress(_("Surveys"))
    load_surveys(staff, seed=seed, today=today, now=now)
    progress(_("Contact policy and visits"))
    plan_from_policy(today=today, now=now)
    _load_boards(today, now, progress)
    analyze(AccountSummary, SearchEntry, AuditEntry, TierHistory, TierProposal, TierRun, Account)


def _load_boards(today: dt.date, now: dt.datetime, progress: Progress) -> None:
    """What is worked out of all the rest."""
    progress(_("Health, alerts and playbooks"))
    load_health(today=today, now=now)
    progress(_("Scorecards"))
    load_scorecards(today=today, now=now)
    count_company(today=today, now=now)


def _load_customers(stream: Iterator[Customer], staff: Staff, sales: Sales, progress: Progress) -> None:
    tags = {name: Tag.objects.create(name=name).pk for name in words.TAGS}
    tag_ids, done = list(tags.values()), 0
    while batch := list(islice(stream, BATCH)):
        profiles = [Profile(customer, staff, sales.today, sales.now) for customer in batch]
        copy_rows(Account, made.ACCOUNT_COLUMNS, [profile.account() for profile in profiles])
        _load_beside(profiles, tag_ids)
        _load_orders(batch, sales)
        done += len(batch)
        progress(_("%(count)s accounts") % {"count": done})


def _load_beside(profiles: list[Profile], tag_ids: list[int]) -> None:
    """What belongs to the accounts, in the order that keeps the demo the same for the same seed."""
    copy_rows(
        AccountSummary,
        ["account", "revenue_12m_amount", "revenue_prior_12m_amount", "revenue_complete"],
        [(profile.customer.pk, 0, 0, True) for profile in profiles],
    )
    copy_rows(ManagerAssignment, made.ASSIGNMENT_COLUMNS, [row for p in profiles for row in p.assignments()])
    copy_rows(AccountMember, made.MEMBER_COLUMNS, [row for p in profiles for row in p.members()])
    copy_rows(
        Account.tags.through,
        ["account", "tag"],
        [(profile.customer.pk, tag_ids[tag]) for profile in profiles for tag in profile.tags()],
    )
    copy_rows(AuditEntry, AUDIT_COLUMNS, [_created(profile) for profile in profiles])


def _created(profile: Profile) -> tuple[Any, ...]:
    customer, actor = profile.customer, profile.staff.administrator
    kind, name = "accounts.account", customer.name.name
    return (
        profile.now, actor, "account.created", kind, customer.pk, name, customer.pk, {}, REASON, "command", "",
    )  # fmt: skip


def _load_orders(batch: Iterable[Customer], sales: Sales) -> None:
    orders, lines = [], []
    for customer in batch:
        for order, order_lines in sales.orders(customer):
            orders.append(order)
            lines += order_lines
    copy_rows(Order, ORDER_COLUMNS, orders)
    copy_rows(OrderLine, LINE_COLUMNS, lines)


def _run_tiers(staff: Staff, accounts: int, today: dt.date, now: dt.datetime) -> None:
    """The standard policy: earlier runs are approved, the last one is left half decided."""
    policy = ensure_default_policy()
    for months_ago in (12, 6) if accounts <= THREE_RUNS_UP_TO else ():
        as_of = months_before(today, months_ago)
        run = run_policy(policy, as_of, actor=None)
        approve_proposals(run.proposals.all(), actor=None, now=now - dt.timedelta(days=30 * months_ago), since=as_of)
    run = run_policy(policy, today.replace(day=1), actor=None)
    waiting = run.proposals.annotate(half=F("account_id") % 2).filter(
        half=1, account__region__in=[region for region, team in staff.managers.items() if staff.alice in team]
    )
    decided = run.proposals.exclude(pk__in=waiting.values("pk"))
    approve_proposals(decided, actor=None, now=now, since=today.replace(day=1))
