"""The company of the contracts' benchmark: people and accounts as the demo's, contracts, plans and receipts by COPY."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Account, AccountMember, AccountSummary, ManagerAssignment
from contracts import terms
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, NumberSequence, Receipt, Renewal
from contracts.services.numbers import number_text
from contracts.services.policy import ensure_contract_policy
from contracts.services.renewal_terms import Openings
from contracts.settlement import Due, Money, settle
from core.bulk import analyze, copy_rows, reset_sequence
from core.money import round_amount
from kam.demo import customers as made
from kam.demo import paper_columns
from kam.demo.catalogue import make_catalogue, make_rates
from kam.demo.contracts import sign_copied
from kam.demo.customers import Customers, Profile
from kam.demo.papers import PARTS
from kam.demo.people import ACCOUNTS_PER_MANAGER, Staff, make_staff
from orders.models import ProductLine

DAY = dt.timedelta(days=1)
BATCH = 5000
KINDS = ("framework", "supply", "service")
# Of what is due, the per cent that came in.
PAID = (*[100] * 12, 105, 105, 90, 90, 60, 0)
INSTALMENTS, RECEIPTS = 6, 6  # of a contract; nothing came in yet for some


def prepare(contracts: int, accounts: int, managers: int, today: dt.date) -> None:
    """People and accounts as the demo makes them, a fifth of them A or B; then the contracts."""
    now, rng = timezone.now(), random.Random(1)
    staff = make_staff(managers * ACCOUNTS_PER_MANAGER, now)
    make_catalogue(now, rng)
    make_rates(today - 2300 * DAY, today, rng)
    profiles = make_accounts(accounts, staff, today, now)
    ensure_contract_policy()
    company = Company(today, rng)
    people = [(profile.customer.pk, profile.customer.manager or staff.director) for profile in profiles]
    for start in range(0, contracts, BATCH):
        company.write(range(start, min(start + BATCH, contracts)), people)
    last = company.sequences.items()
    NumberSequence.objects.bulk_create([NumberSequence(year=year, last=number) for year, number in last])
    reset_sequence(Contract, ContractVersion, Receipt)


def make_accounts(accounts: int, staff: Staff, today: dt.date, now: dt.datetime) -> list[Profile]:
    """Accounts with their managers and teams, without anything that happened with them."""
    profiles = [Profile(customer, staff, today, now) for customer in Customers(1, 1, staff, today).make(accounts)]
    copy_rows(Account, made.ACCOUNT_COLUMNS, [profile.account() for profile in profiles])
    columns = ["account", "revenue_12m_amount", "revenue_prior_12m_amount", "revenue_complete"]
    copy_rows(AccountSummary, columns, [(profile.customer.pk, 0, 0, True) for profile in profiles])
    copy_rows(ManagerAssignment, made.ASSIGNMENT_COLUMNS, [row for p in profiles for row in p.assignments()])
    copy_rows(AccountMember, made.MEMBER_COLUMNS, [row for p in profiles for row in p.members()])
    reset_sequence(Account)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET tier = CASE id % 10 WHEN 0 THEN 'A' WHEN 1 THEN 'B' ELSE 'C' END")
    analyze(Account, AccountSummary, AccountMember)
    return profiles


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
        self.rows: dict[str, list[tuple[Any, ...]]] = {part: [] for part in PARTS}
        self.current: list[tuple[int, int]] = []
        for number in numbers:
            account, owner = people[number % len(people)]
            self._contract(number, account, owner, number // len(people), len(people))
        for model, name, columns in (
            (Contract, "contracts", paper_columns.CONTRACT_COLUMNS),
            (ContractVersion, "versions", paper_columns.VERSION_COLUMNS),
            (ContractLine, "lines", paper_columns.LINE_COLUMNS),
            (Instalment, "instalments", paper_columns.INSTALMENT_COLUMNS),
            (Receipt, "receipts", paper_columns.RECEIPT_COLUMNS),
            (Renewal, "renewals", paper_columns.RENEWAL_COLUMNS),
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
