"""Contracts at scale: pages, the nightly job, and ageing and retention beside SQL that was written by hand.

`--prepare` fills an empty, migrated database of its own (accounts and people as in the demo; contracts, plans and
receipts by COPY) before it measures. The nightly job changes the database once a day; all else is rolled back.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.harness import Report, counted, load, measure

# isort: split
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment
from contracts import ageing, retention, terms
from contracts.models import (
    Contract,
    ContractLine,
    ContractVersion,
    DunningReminder,
    Instalment,
    NumberSequence,
    Receipt,
    Renewal,
)
from contracts.rates import dated_rates
from contracts.services.jobs import run_contract_jobs
from contracts.services.numbers import number_text
from contracts.services.policy import ensure_contract_policy
from contracts.services.renewal_terms import Openings
from contracts.settlement import Due, Money, settle
from core.bulk import analyze, copy_rows, reset_sequence
from core.money import round_amount
from core.paging import Cursor
from kam.demo import customers as made
from kam.demo import papers
from kam.demo.catalogue import make_catalogue, make_rates
from kam.demo.contracts import sign_copied
from kam.demo.customers import Customers, Profile
from kam.demo.people import ACCOUNTS_PER_MANAGER, make_staff
from orders.models import ProductLine
from users.models import User

DAY = dt.timedelta(days=1)
BATCH = 5000
KINDS = ("framework", "supply", "service")
# Of what is due, the per cent that came in.
PAID = (*[100] * 12, 105, 105, 90, 90, 60, 0)
INSTALMENTS, RECEIPTS = 6, 6  # of a contract; nothing came in yet for some
BY_HAND = (Path(__file__).parent / "contracts.sql").read_text(encoding="utf-8").split("\n-- next\n")
TABLES = (Contract, ContractVersion, Instalment, Receipt, Renewal, DunningReminder, Account, AccountSummary)
HEADS = ["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="fill the empty database first")
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--managers", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    today = timezone.localdate()
    if options.prepare:
        start = time.perf_counter()
        with transaction.atomic():
            prepare(options.contracts, options.accounts, options.managers, today)
        print(f"filled in {time.perf_counter() - start:.0f} s, load {load()}")
    vacuum()
    report = Report("Contracts")
    sizes = (Contract, Instalment, Receipt, Account)
    report.text(", ".join(f"{model.objects.count():,} {model._meta.verbose_name_plural}" for model in sizes) + ".")
    nightly(report, today)
    vacuum()
    report.text(f"{Renewal.objects.count():,} renewals, {DunningReminder.objects.count():,} reminders.")
    for username in ("dora", "lee", "alice"):
        user = User.objects.get(username=username)
        report.text(f"As {username}, who sees {Contract.objects.visible_to(user).count():,} contracts:")
        found = works(user, today)
        report.table(HEADS, [[name, *measure(work, options.repeat).cells] for name, work in found.items()])
    compare(report, today)
    if not options.dry_run:
        report.save()


def vacuum() -> None:
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def prepare(contracts: int, accounts: int, managers: int, today: dt.date) -> None:
    """People and accounts as the demo makes them, a fifth of them A or B; then the contracts."""
    now, rng = timezone.now(), random.Random(1)
    staff = make_staff(managers * ACCOUNTS_PER_MANAGER, now)
    make_catalogue(now, rng)
    make_rates(today - 2300 * DAY, today, rng)
    profiles = [Profile(customer, staff, today, now) for customer in Customers(1, 1, staff, today).make(accounts)]
    copy_rows(Account, made.ACCOUNT_COLUMNS, [profile.account() for profile in profiles])
    columns = ["account", "revenue_12m_amount", "revenue_prior_12m_amount", "revenue_complete"]
    copy_rows(AccountSummary, columns, [(profile.customer.pk, 0, 0, True) for profile in profiles])
    copy_rows(ManagerAssignment, made.ASSIGNMENT_COLUMNS, [row for p in profiles for row in p.assignments()])
    copy_rows(AccountMember, made.MEMBER_COLUMNS, [row for p in profiles for row in p.members()])
    reset_sequence(Account)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET tier = CASE id % 10 WHEN 0 THEN 'A' WHEN 1 THEN 'B' ELSE 'C' END")
    ensure_contract_policy()
    analyze(Account, AccountSummary, AccountMember)
    company = Company(today, rng)
    people = [(profile.customer.pk, profile.customer.manager or staff.director) for profile in profiles]
    for start in range(0, contracts, BATCH):
        company.write(range(start, min(start + BATCH, contracts)), people)
    last = company.sequences.items()
    NumberSequence.objects.bulk_create([NumberSequence(year=year, last=number) for year, number in last])
    reset_sequence(Contract, ContractVersion, Receipt)


class Company:
    """Contracts, each as its number says: two chains of years, one that renews itself, one on its own."""

    def __init__(self, today: dt.date, rng: random.Random) -> None:
        self.today, self.rng, self.now = today, rng, timezone.now()
        self.openings = Openings(today)
        self.product_lines = list(ProductLine.objects.values_list("pk", flat=True))
        self.sequences: dict[int, int] = {}
        self.version, self.receipt = 1, 1
        self.ends: dict[int, dt.date] = {}

    def write(self, numbers: range, people: list[tuple[int, int]]) -> None:
        self.rows: dict[str, list[tuple[Any, ...]]] = {part: [] for part in papers.PARTS}
        self.current: list[tuple[int, int]] = []
        for number in numbers:
            account, owner = people[number % len(people)]
            self._contract(number, account, owner, number // len(people), len(people))
        for model, name, columns in (
            (Contract, "contracts", papers.CONTRACT_COLUMNS),
            (ContractVersion, "versions", papers.VERSION_COLUMNS),
            (ContractLine, "lines", papers.LINE_COLUMNS),
            (Instalment, "instalments", papers.INSTALMENT_COLUMNS),
            (Receipt, "receipts", papers.RECEIPT_COLUMNS),
            (Renewal, "renewals", papers.RENEWAL_COLUMNS),
        ):
            copy_rows(model, columns, self.rows[name])
        sign_copied(self.current)

    def _contract(self, number: int, account: int, owner: int, turn: int, accounts: int) -> None:
        rng, today, pk = self.rng, self.today, number + 1
        follows = turn % 5 in (1, 2) and turn % 5 - 1 >= 0
        before = self.ends.get(pk - accounts) if follows else None
        start = before + DAY if before else today - rng.randint(30, 1000) * DAY
        end = terms.add_months(start, 12) - DAY
        months = 12 if turn % 5 == 3 else 0
        phase = self._phase(start, follows=before is not None, turn=turn)
        signed = phase in ("signed", "terminated")
        if signed and not months and end < today + 40 * DAY and rng.random() < 0.8:
            self.ends[pk] = end
        currency = rng.choices(("CNY", "USD", "EUR", "JPY"), (85, 8, 5, 2))[0]
        net = round_amount(Decimal(rng.lognormvariate(11.5, 1.2)) * (1 if currency == "CNY" else 10), currency) + 100
        amended = phase == "signed" and start < today - 120 * DAY and rng.random() < 0.1
        effective = start + rng.randint(40, 110) * DAY if amended else None
        first = self._version(pk, 1, phase, net, currency, (start, end, months), owner, None)
        last = first
        if effective:
            net = round_amount(net * Decimal(rng.choice((70, 120, 150))) / 100, currency)
            last = self._version(pk, 2, phase, net, currency, (start, end, months), owner, effective)
        gross = net + round_amount(net * 13 / 100, currency)
        received = self._money(pk, last, gross, currency, start, owner, signed=signed)
        self.current.append((pk, last))
        runs_until = terms.running_term_end(end, months, today) if signed else end
        notice_by = terms.notice_date(runs_until, 30)
        tier = {0: "A", 1: "B"}.get(account % 10, "C")
        year = start.year if start < today else today.year
        sequence = self.sequences[year] = self.sequences.get(year, 0) + 1
        terminated = min(start + rng.randint(60, 300) * DAY, end, today) if phase == "terminated" else None
        self.rows["contracts"].append(
            (
                pk, account, year, sequence, number_text(year, sequence), "", KINDS[pk % 3],
                f"年度供货合同 {pk}", "禾序工业", "客户", currency, owner, phase, pk - accounts if before else None,
                start - DAY * 5 if signed else None, None, terminated, "停产" if terminated else "", start, runs_until,
                notice_by, self.openings.opens(tier, net, currency, notice_by), months > 0, net, gross, received,
                self.now, self.now,
            )
        )  # fmt: skip
        if phase == "signed":
            self._renewals(pk, end, months, net, currency)

    def _phase(self, start: dt.date, *, follows: bool, turn: int) -> str:
        if follows:
            return "signed" if start <= self.today + 20 * DAY else "draft"
        chance = self.rng.random()
        if turn % 5 == 4:
            return (
                "draft" if chance < 0.1 else "approved" if chance < 0.13 else "terminated" if chance < 0.2 else "signed"
            )
        return "signed"

    def _version(
        self, contract: int, number: int, phase: str, net: Decimal, currency: str,
        term: tuple[dt.date, dt.date, int], owner: int, effective: dt.date | None,
    ) -> int:  # fmt: skip
        pk, (start, end, months) = self.version, term
        self.version += 1
        signed = phase in ("signed", "terminated")
        tax = round_amount(net * 13 / 100, currency)
        signed_on = (effective or start) - 5 * DAY if signed else None
        self.rows["versions"].append(
            (
                pk, contract, number, "discarded" if signed else phase, "加量" if effective else "", effective, start,
                end, 30, months, 13, "", "", net, net, tax, net + tax, signed_on, owner, self.now, self.now,
            )
        )  # fmt: skip
        line = self.product_lines[contract % len(self.product_lines)]
        self.rows["lines"].append((pk, 1, line, "", 1, "", net, 0, net))
        return pk

    def _money(
        self, contract: int, version: int, gross: Decimal, currency: str, start: dt.date, owner: int, *, signed: bool
    ) -> Decimal:
        """Six instalments, the last of some waiting for an event; receipts of most of what is due, and some refunds."""
        rng, today = self.rng, self.today
        part = round_amount(gross / INSTALMENTS, currency)
        plan = []
        for position in range(1, INSTALMENTS + 1):
            amount = part if position < INSTALMENTS else gross - part * (INSTALMENTS - 1)
            waits = position == INSTALMENTS and rng.random() < 0.2
            plan.append(Due(position, amount, None if waits else start + 55 * position * DAY))
        due = sum((row.amount for row in plan if row.due_date and row.due_date <= today), Decimal(0))
        paid = round_amount(due * Decimal(rng.choice(PAID)) / 100, currency)
        money: list[tuple[str, dt.date, Decimal]] = []
        if signed and paid > RECEIPTS:
            each, days = round_amount(paid / RECEIPTS, currency), max((today - start).days // (RECEIPTS + 1), 1)
            for number in range(1, RECEIPTS + 1):
                amount = each if number < RECEIPTS else paid - each * (RECEIPTS - 1)
                money.append(("receipt", start + days * number * DAY, amount))
            if rng.random() < 0.02:
                money.append(("refund", today, each))
        found = settle(plan, [Money(amount, kind == "refund") for kind, _day, amount in money])
        self.rows["instalments"] += [
            (
                contract, version, row.position, "", row.amount, "date" if row.due_date else "event", row.due_date,
                "" if row.due_date else "验收", 0, None, "", None, found.settled[row.position], signed,
            )
            for row in plan
        ]  # fmt: skip
        for kind, day, amount in money:
            self.rows["receipts"].append(
                (
                    self.receipt,
                    contract,
                    kind,
                    day,
                    amount,
                    currency,
                    "transfer",
                    "",
                    "",
                    "",
                    owner,
                    "",
                    self.now,
                    self.now,
                )
            )
            self.receipt += 1
        return found.received

    def _renewals(self, contract: int, end: dt.date, months: int, net: Decimal, currency: str) -> None:
        """The terms that are over: the history of a company that has used this for years."""
        number, followed = 0, contract in self.ends
        if not months and not followed and end >= self.today - 10 * DAY:
            return  # undecided
        while (last := terms.term_end(end, months, number) if months else end) < self.today and number < 9:
            outcome = "auto_renewed" if months else "renewed" if followed else "lost"
            notice_by = terms.notice_date(last, 30)
            self.rows["renewals"].append(
                (
                    contract, last, notice_by, notice_by - 90 * DAY, net, currency, outcome, "", None, last, self.now,
                    self.now,
                )
            )  # fmt: skip
            number += 1
            if not months:
                break


def nightly(report: Report, today: dt.date) -> None:
    """The job today, today again, and after five days on which it did not run (rolled back)."""
    rows = [job_row("first run", today), job_row("the same day again", today)]
    with transaction.atomic():
        rows.append(job_row("after five days of standstill", today + 5 * DAY))
        transaction.set_rollback(True)
    report.table(["nightly job", "seconds", "own processor", "statements", "what it did"], rows)


def job_row(name: str, today: dt.date) -> list[str]:
    with counted() as statements:
        start, computing = time.perf_counter(), time.process_time()
        done = run_contract_jobs(today=today)
        seconds, computed = time.perf_counter() - start, time.process_time() - computing
    words = ", ".join(f"{value:,} {key}" for key, value in vars(done).items() if value) or "0 changes"
    print(f"{name}: {seconds:.1f} s, {len(statements.texts)} statements, {words}")
    return [name, f"{seconds:.1f}", f"{computed:.1f}", f"{len(statements.texts):,}", words]


def works(user: User, today: dt.date) -> dict[str, Callable[[int], None]]:
    """Every page, as something to repeat."""
    client = Client()
    client.force_login(user)

    def page(name: str, *args: int, **query: Any) -> Callable[[int], None]:
        url = reverse(name, args=args)

        def get(_number: int) -> None:
            response = client.get(url, query)
            assert response.status_code == 200, (url, response.status_code)  # noqa: S101  a benchmark

        return get

    contracts = Contract.objects.visible_to(user)
    middle = contracts.order_by("-pk")[contracts.count() // 2]
    cursor = Cursor(forward=True, key=middle.pk, pk=middle.pk).encode()
    most = contracts.annotate(many=Count("receipts")).order_by("-many", "pk").first()
    assert most is not None  # noqa: S101
    return {
        "list, page 1": page("contracts:contract_list"),
        "list, in the middle": page("contracts:contract_list", cursor=cursor),
        "list, in force": page("contracts:contract_list", state=["in_force", "expiring"]),
        "list, expiring, sorted by end": page("contracts:contract_list", state="expiring", sort="end_date"),
        "list, sorted by end": page("contracts:contract_list", sort="end_date"),
        "ageing": page("contracts:ageing"),
        "ageing, over 90 days": page("contracts:ageing", bucket="90+"),
        "renewal pipeline": page("contracts:renewal_list"),
        "renewal rates": page("contracts:renewal_rates"),
        "one contract": page("contracts:contract_detail", most.pk),
    }


def compare(report: Report, today: dt.date) -> None:
    """Ageing, settlement, renewal rate and net revenue retention beside SQL by hand; prints what differs."""
    periods = retention.periods_until(today, 8)
    rates = dated_rates()
    spans = retention.contract_spans(Contract.objects.all(), periods[-1].first - DAY, today)
    terms_ended = retention.ended_terms(Renewal.objects.all(), periods[-1].first, today)
    counted_rates = retention.renewal_rates(terms_ended, periods, today, rates.convert)
    nets = retention.net_retentions(spans, periods, today, rates.convert)
    cells = ageing.counted(Instalment.objects.open(), today)  # type: ignore[attr-defined]
    pairs = {
        "ageing by bucket and currency": (
            {(c.bucket, c.currency, c.count, c.amount) for c in cells},
            by_hand(0, {"today": today}),
        ),
        "settled amounts": ({(0,)}, by_hand(1, {})),
        "renewal rates": (
            {
                (r.due, r.renewed, r.lost, r.undecided, r.due_value, r.renewed_value, r.period.first)
                for r in counted_rates
            },
            {row for period in periods for row in by_hand(2, _days(period, today))},
        ),
        "net revenue retention": (
            {(n.start, n.expansion, n.contraction, n.lost, n.period.first) for n in nets},
            {row for period in periods for row in by_hand(3, _days(period, today))},
        ),
    }
    rows = [[name, f"{len(ours):,}", f"{len(ours ^ theirs):,}"] for name, (ours, theirs) in pairs.items()]
    for ours, theirs in pairs.values():
        for row in sorted(ours ^ theirs, key=str)[:6]:
            print("ours" if row in ours else "by hand", row)
    report.table(["what", "numbers", "differences from SQL by hand"], rows)


def _days(period: retention.Period, today: dt.date) -> dict[str, dt.date]:
    return {
        "first": period.first, "last": period.last, "before": period.first - DAY, "until": min(period.last, today),
        "today": today,
    }  # fmt: skip


def by_hand(number: int, params: dict[str, Any]) -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND[number], params)
        return set(cursor.fetchall())


if __name__ == "__main__":
    main()
