"""The rows of the demo's contracts: versions, lines, plans, receipts, and what the receipts settle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from contracts import terms
from contracts.choices import ContractKind, Phase, RenewalOutcome, VersionStatus
from contracts.services import number_text
from contracts.settlement import Due, Money, settle
from contracts.totals import Totals, line_amount, totals
from core.money import minor_digits, round_amount
from kam.demo.agreements import CHINESE, ENGLISH, OUR_PARTY, OUR_PARTY_ABROAD, Share
from kam.demo.catalogue import LINES
from kam.demo.deals import DAY, Deal

PARTS = ("contracts", "versions", "lines", "signatories", "instalments", "receipts", "shares", "renewals", "entries")
SERVICE = "SVC"  # the product line of service contracts
METHODS, METHOD_WEIGHTS = ("transfer", "acceptance", "cheque"), (80, 17, 3)
DISCOUNTS = (0, 0, 0, 3, 5, 8, 10, 15)
PAYERS, PAYER_WEIGHTS = ("good", "slow", "bad"), (56, 28, 16)
# An undecided term that ended so few days ago is left to the nightly job.
UNDECIDED = 30
ZERO = Decimal(0)


@dataclass
class Line:
    product_line: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal


class Part(NamedTuple):
    """An instalment before it is a row."""

    position: int
    title: str
    amount: Decimal
    due_date: dt.date | None
    event: str = ""
    days_after: int = 0
    event_date: dt.date | None = None


class Incoming(NamedTuple):
    kind: str
    date: dt.date
    amount: Decimal
    position: int
    note: str = ""
    is_share: bool = False


class Signer(NamedTuple):
    """Who signs for the customer."""

    contact: int
    name: str
    position: str


@dataclass
class Papers:
    """Rows gather in the lists until they are taken. `lines` are the keys of product lines by code."""

    seed: int
    today: dt.date
    rates: dict[str, Decimal]
    product_lines: dict[str, int]
    director: tuple[int, str]
    openings: Any
    version_pk: int
    receipt_pk: int
    currencies: dict[str, str]
    signers: dict[int, Signer] = field(default_factory=dict)
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {part: [] for part in PARTS})
    current: list[tuple[int, int]] = field(default_factory=list)

    def take(self) -> tuple[dict[str, list[tuple[Any, ...]]], list[tuple[int, int]]]:
        """The rows gathered since the last time, and (contract, its version)."""
        taken = self.rows, self.current
        self.rows, self.current = {part: [] for part in PARTS}, []
        return taken

    def make(self, deal: Deal) -> None:
        _Paper(self, deal).write()


class _Paper:
    """One contract."""

    def __init__(self, papers: Papers, deal: Deal) -> None:
        self.papers, self.deal, self.today = papers, deal, papers.today
        self.rng = Random(f"paper/{papers.seed}/{deal.key}")  # noqa: S311  a demo, no secret
        client = deal.client
        self.words = ENGLISH if client.abroad else CHINESE
        self.currency = papers.currencies.get(client.country, "CNY")
        self.rate = papers.rates[self.currency]
        self.tax = Decimal(0 if client.abroad else 6 if deal.kind == ContractKind.SERVICE else 13)
        self.made_at = dt.datetime.combine(deal.drafted_on, dt.time(2, 30), dt.UTC)
        self.number = number_text(deal.year, deal.sequence)
        self.line_names: list[str] = []
        self.plans: dict[int, list[Part]] = {}

    def write(self) -> None:
        deal, rng = self.deal, self.rng
        lines = self._lines()
        found = totals(lines, self.tax, self.currency)
        plan = self._plan(found.gross_amount)
        effective = self._amended_from()
        first = self._version(1, lines, found, plan)
        current = first
        if effective is not None:
            more_of = max(Decimal(1), lines[-1].quantity // 4)
            lines = [*lines[:-1], replace(lines[-1], quantity=lines[-1].quantity + more_of)]
            more = totals(lines, self.tax, self.currency)
            due = effective + dt.timedelta(days=60)
            addition = more.gross_amount - found.gross_amount
            if plan and addition > 0:
                plan = [*plan, Part(len(plan) + 1, self.words.addition, addition, due)]
            found = more
            current = self._version(2, lines, found, plan, effective)
        elif self._is_running() and rng.random() < 0.04:
            self._version(2, lines, found, plan, self.today + dt.timedelta(days=min(30, (deal.end - self.today).days)),
                          status=VersionStatus.DRAFT)  # fmt: skip
        received = self._money(current, plan)
        self._contract(found, received)
        self.papers.current.append((deal.pk, current))
        self._renewals(found.net_amount)

    def _is_running(self) -> bool:
        deal = self.deal
        return deal.phase == Phase.SIGNED and deal.start < self.today < deal.end

    def _amended_from(self) -> dt.date | None:
        """From when a second version is in force."""
        deal = self.deal
        last = min(deal.end, self.today) - dt.timedelta(days=20)
        if deal.phase != Phase.SIGNED or last <= deal.start + dt.timedelta(days=60) or self.rng.random() > 0.12:
            return None
        return deal.start + dt.timedelta(days=self.rng.randint(60, (last - deal.start).days))

    def _lines(self) -> list[Line]:
        rng, value = self.rng, self.deal.value
        service = self.deal.kind == ContractKind.SERVICE
        goods = [key for key in LINES if key[0] != SERVICE]
        services = [key for key in LINES if key[0] == SERVICE]
        keys = services if service else rng.sample(goods, rng.randint(1, 3))
        abroad, discount = self.deal.client.abroad, Decimal(rng.choice(DISCOUNTS))
        lines = []
        for code, name, english in keys:
            self.line_names.append(english if abroad else name)
            product, product_english, price = rng.choice(LINES[code, name, english])
            unit_price = round_amount(Decimal(price) / self.rate, self.currency) or Decimal(1)
            quantity = Decimal(max(1, round(value / len(keys) / price)))
            words = product_english if abroad else product
            lines.append(Line(self.papers.product_lines[code], words, quantity, unit_price, discount))
        return lines

    def _plan(self, gross: Decimal) -> list[Part]:
        """The instalments of the price; some frame agreements are billed order by order."""
        deal, rng = self.deal, self.rng
        if deal.kind == ContractKind.FRAMEWORK and rng.random() < 0.25:
            return []
        if deal.kind != ContractKind.SUPPLY:
            return self._periods(gross)
        shares = rng.choice((self.words.supply, self.words.milestones))
        days = max((deal.end - deal.start).days // (len(shares) + 1), 20)
        amounts = self._split(gross, [share.part for share in shares])
        plan = []
        for position, (share, amount) in enumerate(zip(shares, amounts, strict=True), 1):
            day = deal.start + dt.timedelta(days=10 + days * (position - 1) + rng.randint(0, 20))
            plan.append(self._part(position, share, amount, day))
        return plan

    def _part(self, position: int, share: Share, amount: Decimal, day: dt.date) -> Part:
        if not share.event:
            return Part(position, share.title, amount, day)
        happened = day if self.deal.is_signed and day <= self.today and self.rng.random() < 0.85 else None
        due = happened + dt.timedelta(days=share.days_after) if happened else None
        return Part(position, share.title, amount, due, share.event, share.days_after, happened)

    def _periods(self, gross: Decimal) -> list[Part]:
        months = max((self.deal.end - self.deal.start).days // 30, 3)
        count = months // 3
        amounts = self._split(gross, [100 / count] * count)
        return [
            Part(n, self.words.period.format(number=n), amount, terms.add_months(self.deal.start, 3 * n - 1))
            for n, amount in enumerate(amounts, 1)
        ]

    def _split(self, gross: Decimal, parts: Sequence[float]) -> list[Decimal]:
        amounts = [round_amount(gross * Decimal(part) / 100, self.currency) for part in parts[:-1]]
        return [*amounts, gross - sum(amounts, ZERO)]

    def _version(
        self, number: int, lines: list[Line], found: Totals, plan: list[Part], effective: dt.date | None = None,
        status: VersionStatus | None = None,
    ) -> int:  # fmt: skip
        """The version with what belongs to it. One that is signed is written as discarded first, since the rows of a
        signed version are refused: `kam.demo.contracts` signs it once they are there."""
        deal, papers = self.deal, self.papers
        pk = papers.version_pk
        papers.version_pk += 1
        signed = deal.is_signed and status is None
        signed_on = None if not signed else deal.signed_on if effective is None else effective - 3 * DAY
        reason = "" if effective is None else self.words.amended if signed else self.words.amending
        stored = VersionStatus.DISCARDED if signed else status or VersionStatus(deal.phase)
        made_at = self.made_at if effective is None else self._moment(min(effective - 12 * DAY, self.today))
        papers.rows["versions"].append(
            (
                pk, deal.pk, number, stored.value, reason, effective, deal.start, deal.end, deal.notice_days,
                deal.auto_months, self.tax, self.words.payment, self.words.terms, found.list_amount, found.net_amount,
                found.tax_amount, found.gross_amount, signed_on, deal.client.manager, made_at, made_at,
            )
        )  # fmt: skip
        papers.rows["lines"] += [
            (
                pk, position, line.product_line, line.description, line.quantity, self.words.unit, line.unit_price,
                line.discount, line_amount(line, self.currency),
            )
            for position, line in enumerate(lines, 1)
        ]  # fmt: skip
        director, name = papers.director
        papers.rows["signatories"].append((pk, "ours", director, None, name, self.words.director))
        if signer := papers.signers.get(deal.client.pk):
            position = signer.position or self.words.representative
            papers.rows["signatories"].append((pk, "customer", None, signer.contact, signer.name, position))
        self.plans[pk] = plan
        return pk

    def _money(self, current: int, plan: list[Part]) -> Decimal:
        """The instalments of all versions and the receipts; returns what came in less what went back."""
        came = list(self._incoming(plan)) if self.deal.is_signed else []
        money = [
            Money(row.amount, row.kind == "refund", {row.position: row.amount} if row.is_share else {}) for row in came
        ]
        found = settle([Due(part.position, part.amount, part.due_date) for part in plan], money)
        for version, parts in self.plans.items():
            is_current = version == current and self.deal.is_signed
            for part in parts:
                settled = found.settled[part.position] if is_current else ZERO
                self._instalment(version, part, settled, is_current=is_current)
        self._receipts(came)
        return found.received

    def _instalment(self, version: int, part: Part, settled: Decimal, *, is_current: bool) -> None:
        invoiced = self.deal.is_signed and part.due_date is not None and part.due_date <= self.today + 20 * DAY
        number = f"FP{self.number.replace('-', '')}{part.position:02d}" if invoiced else ""
        self.papers.rows["instalments"].append(
            (
                self.deal.pk, version, part.position, part.title, part.amount, "event" if part.event else "date",
                part.due_date, part.event, part.days_after, part.event_date, number,
                part.due_date - 20 * DAY if invoiced and part.due_date else None, settled, is_current,
            )
        )  # fmt: skip

    def _incoming(self, plan: list[Part]) -> Iterator[Incoming]:
        """What came in: most in time, some late, some in parts, some not at all; now and then one paid twice."""
        habit = Random(f"payer/{self.papers.seed}/{self.deal.client.code}")  # noqa: S311
        payer = habit.choices(PAYERS, PAYER_WEIGHTS)[0]
        rng, first = self.rng, None
        for part in plan:
            if part.due_date is None:
                continue
            for row in self._paid(part, payer, part.due_date):
                if row.date <= self.today:
                    first = first or row
                    yield row
        if first is not None and rng.random() < 0.05 and (again := first.date + 4 * DAY) <= self.today:
            yield Incoming("receipt", again, first.amount, 0, self.words.duplicate)
            if rng.random() < 0.7 and (back := again + 21 * DAY) <= self.today:
                yield Incoming("refund", back, first.amount, 0, self.words.refund)

    def _paid(self, part: Part, payer: str, due: dt.date) -> Iterator[Incoming]:
        rng = self.rng
        days = {"good": (-12, 6), "slow": (5, 80), "bad": (30, 150)}[payer]
        date, share = due + DAY * rng.randint(*days), rng.random() < 0.3
        if payer == "bad" and rng.random() < 0.3:
            return
        if payer != "good" and rng.random() < 0.3:
            half = round_amount(part.amount * Decimal(rng.choice((30, 50, 60))) / 100, self.currency)
            if ZERO < half < part.amount:
                yield Incoming("receipt", date, half, part.position, is_share=share)
                if payer == "slow" or rng.random() < 0.5:
                    later = date + DAY * rng.randint(15, 60)
                    yield Incoming("receipt", later, part.amount - half, part.position, is_share=share)
                return
        yield Incoming("receipt", date, part.amount, part.position, is_share=share)

    def _receipts(self, came: list[Incoming]) -> None:
        papers, deal = self.papers, self.deal
        for row in came:
            pk = papers.receipt_pk
            papers.receipt_pk += 1
            moment = self._moment(row.date)
            method = self.rng.choices(METHODS, METHOD_WEIGHTS)[0]
            invoice = f"FP{self.number.replace('-', '')}{row.position:02d}" if row.position else ""
            papers.rows["receipts"].append(
                (
                    pk, deal.pk, row.kind, row.date, row.amount, self.currency, method, f"{row.date:%Y%m%d}{pk:07d}",
                    invoice, row.note, deal.client.manager, "", moment, moment,
                )
            )  # fmt: skip
            if row.is_share:
                papers.rows["shares"].append((pk, row.position, row.amount))

    def _contract(self, found: Totals, received: Decimal) -> None:
        deal, client, words = self.deal, self.deal.client, self.words
        end = deal.end_on(self.today)
        notice_by = terms.notice_date(end, deal.notice_days)
        title = words.titles[deal.kind].format(year=deal.start.year, line=self.line_names[0])
        external = f"{client.code}-{deal.start:%y%m}" if self.rng.random() < 0.4 else ""
        self.papers.rows["contracts"].append(
            (
                deal.pk, client.pk, deal.year, deal.sequence, self.number, external, deal.kind.value, title,
                OUR_PARTY_ABROAD if client.abroad else OUR_PARTY, client.name, self.currency, client.manager,
                deal.phase.value, deal.predecessor.pk if deal.predecessor else None,
                deal.signed_on if deal.is_signed else None, deal.notice_given_on, deal.terminated_on,
                words.terminated if deal.terminated_on else "", deal.start, end, notice_by,
                self._opens(found.net_amount, notice_by), deal.auto_months > 0, found.net_amount, found.gross_amount,
                received, self.made_at, self.made_at,
            )
        )  # fmt: skip
        label = f"{self.number} {title}"
        digits = minor_digits(self.currency)
        self._entry(
            "contract.drafted", self.made_at, label, {"gross_amount": [None, f"{found.gross_amount:.{digits}f}"]}
        )
        if deal.is_signed:
            changes = {"version": [None, "1"], "signed_on": [None, deal.signed_on.isoformat()]}
            self._entry("contract.signed", self._moment(deal.signed_on), label, changes)
        if deal.terminated_on:
            changes = {"phase": ["signed", "terminated"], "terminated_on": [None, deal.terminated_on.isoformat()]}
            moment = self._moment(min(deal.terminated_on, self.today))
            self._entry("contract.terminated", moment, label, changes, words.terminated)

    def _entry(self, action: str, at: dt.datetime, label: str, changes: dict[str, Any], reason: str = "") -> None:
        client = self.deal.client
        self.papers.rows["entries"].append(
            (
                at, client.manager, action, "contracts.contract", self.deal.pk, label, client.pk, changes, reason,
                "command", "",
            )
        )  # fmt: skip

    def _renewals(self, net: Decimal) -> None:
        """The terms that are over and decided; what is undecided opens by night."""
        deal, today = self.deal, self.today
        if deal.phase != Phase.SIGNED:
            return
        if deal.auto_months:
            last, number = deal.end_on(today), 0
            while (end := terms.term_end(deal.end, deal.auto_months, number)) < min(last, today):
                self._renewal(end, net, RenewalOutcome.AUTO_RENEWED, end)
                number += 1
        elif deal.end < today and deal.successor is not None and deal.successor.is_signed:
            self._renewal(deal.end, net, RenewalOutcome.RENEWED, deal.successor.signed_on)
        elif deal.end < today - UNDECIDED * DAY:
            note = self.rng.choice(self.words.lost)
            self._renewal(deal.end, net, RenewalOutcome.LOST, terms.notice_date(deal.end, deal.notice_days), note)

    def _renewal(self, end: dt.date, net: Decimal, outcome: RenewalOutcome, on: dt.date, note: str = "") -> None:
        notice_by = terms.notice_date(end, self.deal.notice_days)
        opened = max(self._opens(net, notice_by), self.deal.signed_on)
        moment = self._moment(opened)
        by = None if outcome == RenewalOutcome.AUTO_RENEWED else self.deal.client.manager
        self.papers.rows["renewals"].append(
            (
                self.deal.pk, end, notice_by, opened, net, self.currency, outcome.value, note, by, on, moment, moment,
            )
        )  # fmt: skip

    def _opens(self, net: Decimal, notice_by: dt.date) -> dt.date:
        opened: dt.date = self.papers.openings.opens(self.deal.client.tier, net, self.currency, notice_by)
        return opened

    def _moment(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(3), dt.UTC)
