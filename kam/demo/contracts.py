"""Load the demo's contracts: policy, approval rules, contracts with plans and receipts by COPY, a few through the
services that wait for somebody, and the renewals and reminders that the nightly job makes of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from django.db import models
from django.db.models import F

from accounts.choices import Status, Tier
from accounts.models import Account
from approvals.models import ApprovalRule
from approvals.services import StepPlan, create_rule
from audit.models import AuditEntry
from contacts.models import Employment
from contracts import services, terms
from contracts.choices import DueBy, Phase, RenewalOutcome
from contracts.models import (
    Contract,
    ContractLine,
    ContractPolicy,
    ContractVersion,
    Instalment,
    NumberSequence,
    Receipt,
    ReceiptShare,
    Renewal,
    Signatory,
)
from contracts.rates import dated_rates
from contracts.services.jobs import run_contract_jobs
from contracts.services.policy import ensure_contract_policy
from contracts.services.renewal_terms import Openings
from core.bulk import analyze, copy_rows, next_pk, reset_sequence
from core.money import round_amount
from interactions.choices import StepStatus
from interactions.services import close_steps
from interactions.services.sets import update_rows
from kam.demo import agreements, paper_columns, words
from kam.demo.deals import Client, Deal, Deals
from kam.demo.papers import Papers, Signer
from kam.demo.people import Staff
from orders.models import ProductLine
from search.services import index_new_rows
from users.models import User

BATCH = 2000
MOST_CLIENTS = 15_000  # so that contracts add less than a minute to the largest demo
OTHERS = 0.15  # of the accounts that are neither A nor B, how many have a contract
# The nightly job ran so many days ago and today: meanwhile managers took care of this part of the renewals.
EARLIER = dt.timedelta(days=20)
ACTED_OF_TEN = 6
AUDIT_COLUMNS = [
    "at", "actor", "action", "object_type", "object_id", "object_label", "account_id", "changes", "reason", "via",
    "request_id",
]  # fmt: skip
TARGETS: dict[str, tuple[type[models.Model], list[str]]] = {
    "contracts": (Contract, paper_columns.CONTRACT_COLUMNS),
    "versions": (ContractVersion, paper_columns.VERSION_COLUMNS),
    "lines": (ContractLine, paper_columns.LINE_COLUMNS),
    "signatories": (Signatory, paper_columns.SIGNATORY_COLUMNS),
    "instalments": (Instalment, paper_columns.INSTALMENT_COLUMNS),
    "receipts": (Receipt, paper_columns.RECEIPT_COLUMNS),
    "shares": (ReceiptShare, paper_columns.SHARE_COLUMNS),
    "renewals": (Renewal, paper_columns.RENEWAL_COLUMNS),
    "entries": (AuditEntry, AUDIT_COLUMNS),
}


def load_contracts(staff: Staff, *, seed: int, today: dt.date, now: dt.datetime) -> None:
    """Contracts of the A and B accounts and of some others, and what follows from them."""
    ensure_contract_policy()
    ContractPolicy.objects.update(our_party=agreements.OUR_PARTY)
    _make_rules()
    deals = Deals(seed, today)
    for client in _clients(seed):
        deals.make(client)
    made = deals.numbered(next_pk(Contract))
    years: dict[int, int] = {deal.year: deal.sequence for deal in made}
    NumberSequence.objects.bulk_create([NumberSequence(year=year, last=last) for year, last in sorted(years.items())])
    desk = _papers(staff, seed, today)
    for start in range(0, len(made), BATCH):
        write_batch(desk, made[start : start + BATCH])
    reset_sequence(Contract, ContractVersion, Receipt)
    analyze(Contract, ContractVersion, ContractLine, Instalment, Receipt, ReceiptShare, Renewal)
    _wait_for_approval(staff, today, now)
    index_new_rows("contract")
    _nights(today, now)
    analyze(Renewal, Contract)


def _nights(today: dt.date, now: dt.datetime) -> None:
    """What the nightly job makes of it all: once a while ago, so that some renewals have waited, and today."""
    run_contract_jobs(today=today - EARLIER, now=now - EARLIER)
    live = Renewal.objects.filter(outcome=RenewalOutcome.OPEN, step__status=StepStatus.OPEN).order_by("pk")
    pairs = live.values_list("step", "contract__sequence")
    done = [step for step, sequence in pairs if sequence % 10 < ACTED_OF_TEN]
    close_steps(done, StepStatus.DONE, now=now - EARLIER / 2, note="")
    run_contract_jobs(today=today, now=now)


def write_batch(desk: Papers, deals: list[Deal]) -> None:
    """The rows of these contracts; their signed versions are signed once all rows are there."""
    desk.signers = _signers({deal.client.pk for deal in deals}, desk.today)
    for deal in deals:
        desk.make(deal)
    rows, current = desk.take()
    for name, found in rows.items():
        model, columns = TARGETS[name]
        copy_rows(model, columns, found)
    sign_copied(current)


def sign_copied(current: list[tuple[int, int]]) -> None:
    """Sign the versions of these contracts that were copied with a day of signature; `current`: (contract, version)."""
    keys = [contract for contract, _version in current]
    signed = ContractVersion.objects.filter(contract__in=keys, status="discarded", signed_on__isnull=False)
    signed.update(status="signed")
    update_rows(Contract, ("id", "version"), current)


def _make_rules() -> None:
    """The approval rules of the house."""
    for position, (name, english, subject, conditions, steps) in enumerate(agreements.RULES, 1):
        rule = ApprovalRule(name=name, name_en=english, subject=subject, position=position, **conditions)
        create_rule(rule, [StepPlan(step) for step in steps], actor=None)


def _clients(seed: int) -> list[Client]:
    """The A and B accounts and some of the others; in a large company MOST_CLIENTS of them, by chance."""
    rows = (
        Account.objects.filter(manager__isnull=False, status__in=[Status.ACTIVE, Status.INTERRUPTED])
        .order_by("pk")
        .values_list(
            "pk", "code", "name", "tier", "country", "status", "manager", "customer_since",
            F("summary__revenue_12m_amount"),
        )
    )  # fmt: skip
    found: list[tuple[float, Client]] = []
    for pk, code, name, tier, country, status, manager, since, revenue in rows.iterator(chunk_size=5000):
        client = Client(pk, code, name, tier, country, status, manager, since, float(revenue or 0))
        rng = Random(f"client/{seed}/{client.code}")  # noqa: S311  a demo, no secret
        if rng.random() < (OTHERS * 3 if client.abroad else OTHERS) or client.tier in (Tier.A, Tier.B):
            found.append((rng.random(), client))
    found.sort(key=lambda pair: pair[0])
    return sorted((client for _chance, client in found[:MOST_CLIENTS]), key=lambda client: client.pk)


def _papers(staff: Staff, seed: int, today: dt.date) -> Papers:
    rates = dated_rates()
    currencies = {country.name: country.currency for country in words.COUNTRIES} | {"台灣": "USD"}
    known = {currency: rates.rate(currency, today) or Decimal(1) for currency in {*currencies.values(), "CNY"}}
    director = User.objects.get(pk=staff.director)
    return Papers(
        seed, today, known, dict(ProductLine.objects.values_list("code", "pk")), (director.pk, director.name),
        Openings(today), next_pk(ContractVersion), next_pk(Receipt), currencies,
    )  # fmt: skip


def _signers(accounts: set[int], today: dt.date) -> dict[int, Signer]:
    """Of each account the highest of its people who is still there."""
    rows = Employment.objects.filter(account__in=accounts, until_date__isnull=True).order_by("seniority", "-pk")
    names = ("account", "contact", "contact__name", "position")
    return {account: Signer(contact, name, position) for account, contact, name, position in rows.values_list(*names)}


def _wait_for_approval(staff: Staff, today: dt.date, now: dt.datetime) -> None:
    """Contracts that wait for a director and for alice's superiors, and a termination; through the services."""
    alice = User.objects.get(pk=staff.alice)
    leader = User.objects.get(pk=staff.supervisor_of[staff.alice])
    mine = list(Account.objects.filter(manager=alice, status=Status.ACTIVE).order_by("-tier", "pk"))
    mine.sort(key=lambda account: account.tier or "Z")
    asked = now - dt.timedelta(days=2)
    for number, (actor, what) in enumerate(zip((alice, leader, alice), agreements.WAITING, strict=True)):
        if number < len(mine):
            contract = _draft(mine[number], what, actor, today)
            version = contract.version
            assert version is not None  # noqa: S101  the draft that was just made
            services.submit_version(version, actor=actor, now=asked, note=agreements.WAITING_NOTE)
    running = Contract.objects.filter(account__in=mine, account__tier=Tier.A, phase=Phase.SIGNED, end_date__gt=today)
    ending = running.exclude(versions__status="draft").filter(start_date__lt=today).order_by("pk").first()
    if ending is not None:
        as_of = min(today + dt.timedelta(days=30), ending.end_date or today)
        services.terminate_contract(ending, as_of=as_of, reason=agreements.TERMINATION, actor=alice, now=asked)


def _draft(account: Account, what: tuple[Any, ...], actor: User, today: dt.date) -> Contract:
    """A contract in CNY over the year from next month on, paid in two instalments."""
    title, kind, value, discount = what
    start = terms.add_months(today.replace(day=1), 1)
    contract = Contract(
        account=account, kind=kind, title=title, our_party=agreements.OUR_PARTY, customer_party=account.name,
        currency="CNY", owner=actor,
    )  # fmt: skip
    version = ContractVersion(
        start_date=start, end_date=terms.add_months(start, 12) - dt.timedelta(days=1),
        payment_terms=agreements.CHINESE.payment, terms=agreements.CHINESE.terms,
    )  # fmt: skip
    product_line = ProductLine.objects.order_by("pk")[0]
    line = ContractLine(
        product_line=product_line, description=product_line.name, quantity=Decimal(100), unit="套",
        unit_price=Decimal(value) / 100, discount=Decimal(discount),
    )  # fmt: skip
    gross = round_amount(Decimal(value) * (100 - discount) / 100 * Decimal("1.13"), "CNY")
    first = round_amount(gross * 3 / 10, "CNY")
    plan = [
        Instalment(title="预付款", amount=first, due_by=DueBy.DATE, due_date=start + dt.timedelta(days=10)),
        Instalment(title="到货款", amount=gross - first, due_by=DueBy.EVENT, event="到货", days_after=30),
    ]
    signatory = Signatory(side="ours", user=actor)
    parts = services.Parts([line], [signatory], plan)
    return services.draft_contract(contract, version, parts, actor=actor, today=today)
