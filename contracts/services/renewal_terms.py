"""What the night does to the dates of contracts: when renewals open, and terms that renewed themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.services import entry, record_many
from contracts import terms
from contracts.choices import Phase, RenewalOutcome
from contracts.models import Contract, Renewal, RenewalRule
from contracts.rates import DatedRates, dated_rates
from contracts.renewal_rules import passed_ends
from contracts.services.audience import RELATED, Audience
from interactions.choices import StepStatus
from interactions.services import close_steps
from interactions.services.sets import update_rows
from notifications.services import Note, notify_many

BATCH = 2000
FOLLOWED = Q(successor__phase__in=[Phase.SIGNED, Phase.TERMINATED])
"""A signed contract follows on it."""
GOES_ON = Q(renews_itself=True, notice_given_on__isnull=True)
COLUMNS = ("id", "end_date", "notice_date", "renewal_date", "updated_at")


def batches(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """The keys of `rows`, read at once, in batches."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def locked(contracts: QuerySet[Any]) -> list[Any]:
    """The contracts with what jobs read of them, in the order of their keys; another job waits for them.

    Without a claim on the key: rows that point at a contract can be written meanwhile.
    """
    rows = contracts.select_related(*RELATED).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.defer("version__terms"))


class Openings:
    """When renewals open: the rules and the rates, read once."""

    def __init__(self, today: dt.date) -> None:
        self.rules = list(RenewalRule.objects.all())
        self.rates: DatedRates = dated_rates()
        self.today = today

    def date(self, contract: Contract, notice_by: dt.date) -> dt.date:
        """The day on which the renewal opens for a notice date."""
        return self.opens(contract.account.tier, contract.net_amount, contract.currency, notice_by)

    def opens(self, tier: str, net_amount: Any, currency: str, notice_by: dt.date) -> dt.date:
        value = self.rates.convert(net_amount, currency, self.today)
        return terms.renewal_date(notice_by, terms.open_days(self.rules, tier, value))


def redate(today: dt.date, *, now: dt.datetime) -> int:
    """Bring the opening dates of running contracts in line with the rules, tiers, amounts and rates of today; returns
    how many changed. Derived columns: the audit has the change of the rule or tier."""
    openings, changed = Openings(today), 0
    running = Contract.objects.filter(Q(end_date__gte=today) | GOES_ON, phase=Phase.SIGNED)
    names = ("pk", "account__tier", "net_amount", "currency", "notice_date", "renewal_date")
    rows = running.order_by("pk").values_list(*names)
    found = []
    for pk, tier, net_amount, currency, notice_by, before in rows.iterator(chunk_size=10_000):
        opens = openings.opens(tier, net_amount, currency, notice_by)
        if opens != before:
            found.append((pk, opens, now))
    for start in range(0, len(found), BATCH):
        changed += update_rows(Contract, ("id", "renewal_date", "updated_at"), found[start : start + BATCH])
    return changed


def stop_followed(*, now: dt.datetime) -> int:
    """A contract that a signed one follows renews itself no more; returns how many stopped."""
    stopped = 0
    for keys in batches(Contract.objects.filter(FOLLOWED, GOES_ON, phase=Phase.SIGNED)):
        with transaction.atomic():
            rows = locked(Contract.objects.filter(GOES_ON, pk__in=keys))
            Contract.objects.filter(pk__in=[row.pk for row in rows]).update(renews_itself=False, updated_at=now)
            changes = {"renews_itself": (True, False)}
            record_many(entry("contract.renewal_stopped", row, actor=None, changes=changes) for row in rows)
            stopped += len(rows)
    return stopped


def roll(today: dt.date, audience: Audience, *, now: dt.datetime) -> int:
    """Terms that ended without notice, of contracts that renew themselves: record each as renewed by itself, and move
    the contract's dates to the term that runs; returns how many terms.

    After a standstill every term that ended meanwhile is recorded. The state by date needs none of this.
    """
    openings, rolled = Openings(today), 0
    over = Contract.objects.filter(GOES_ON, phase=Phase.SIGNED, end_date__lt=today)
    for keys in batches(over):
        with transaction.atomic():
            rows = locked(over.filter(pk__in=keys))
            rolled += _roll_batch([row for row in rows if row.version], openings, audience, now)
    return rolled


def _roll_batch(rows: Sequence[Any], openings: Openings, audience: Audience, now: dt.datetime) -> int:
    ended: list[tuple[Any, list[dt.date]]] = []
    moved, notes = [], []
    for contract in rows:
        version, before = contract.version, contract.end_date
        ends, end = passed_ends(before, version.end_date, version.auto_renewal_months, openings.today)
        if not ends:
            continue
        ended.append((contract, ends))
        notice_by = terms.notice_date(end, version.notice_days)
        moved.append((contract.pk, end, notice_by, openings.date(contract, notice_by), now))
        person = audience.responsible(contract)
        params = {"contract": str(contract), "account": contract.account.name, "end_date": end}
        key = f"contract:{contract.pk}:renewed_itself:{end:%Y-%m-%d}"
        notes.append(Note([person] if person else [], "renewed_itself", params, contract.get_absolute_url(), key))
    update_rows(Contract, COLUMNS, moved)
    renewals = _record_ends(ended, openings, now)
    record_many(
        entry("contract.term_renewed", contract, actor=None, changes={"end_date": (contract.end_date, row[1])})
        for (contract, _ends), row in zip(ended, moved, strict=True)
    )
    notify_many(notes)
    return renewals


def _record_ends(ended: Sequence[tuple[Any, list[dt.date]]], openings: Openings, now: dt.datetime) -> int:
    """The renewals of terms that are over, as renewed by themselves: those that were open, and those never opened."""
    contracts = [contract.pk for contract, _ends in ended]
    known = {(row.contract_id, row.term_end): row for row in Renewal.objects.filter(contract__in=contracts)}
    fresh, closed = [], []
    for contract, ends in ended:
        for end in ends:
            row = known.get((contract.pk, end))
            if row is None:
                fresh.append(_past(contract, end, openings))
            elif row.outcome == RenewalOutcome.OPEN:
                row.contract = contract
                closed.append(row)
    Renewal.objects.bulk_create(fresh, batch_size=BATCH)
    outcome = RenewalOutcome.AUTO_RENEWED
    update_rows(
        Renewal, ("id", "outcome", "decided_on", "updated_at"), [(row.pk, outcome, row.term_end, now) for row in closed]
    )
    close_steps(
        [row.step_id for row in closed if row.step_id], StepStatus.DROPPED, now=now,
        note=_("The contract renewed itself."),
    )  # fmt: skip
    changes = {"outcome": (RenewalOutcome.OPEN, outcome)}
    record_many(entry("renewal.auto_renewed", row, actor=None, changes=changes) for row in (*closed, *fresh))
    return len(closed) + len(fresh)


def _past(contract: Any, end: dt.date, openings: Openings) -> Renewal:
    """The renewal of a term that ended while nobody looked, as it would have opened."""
    notice_by = terms.notice_date(end, contract.version.notice_days)
    return Renewal(
        contract=contract, term_end=end, notice_date=notice_by, opened_on=openings.date(contract, notice_by),
        value_amount=contract.net_amount, value_currency=contract.currency,
        outcome=RenewalOutcome.AUTO_RENEWED, decided_on=end,
    )  # fmt: skip
