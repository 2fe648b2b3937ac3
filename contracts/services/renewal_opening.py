"""Renewals that open: a row for each contract and term, a task for whoever is responsible, a note; in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Status
from audit.services import entry, record_many
from contracts.choices import Phase, RenewalOutcome
from contracts.models import Contract, Renewal
from contracts.renewal_rules import due_date, is_backlog
from contracts.services.audience import Audience, step_text
from contracts.services.renewal_terms import BATCH, FOLLOWED, GOES_ON, batches, locked
from interactions.models import NextStep
from interactions.services import add_steps
from notifications.services import Note, notify_many
from users.models import User


def open_renewals(today: dt.date, audience: Audience, *, now: dt.datetime) -> int:
    """Open the renewals whose day has come; returns how many rows are new.

    One row for each contract and term end, by the unique key; the rows of the contracts are locked, so that two jobs
    at once follow one another. A term that a signed contract follows is recorded as renewed, one that ended long ago
    without one as lost; both give nobody a task.
    """
    opened = 0
    there = Renewal.objects.filter(contract=OuterRef("pk"), term_end=OuterRef("end_date"))
    due = Contract.objects.filter(Q(end_date__gte=today) | ~GOES_ON, phase=Phase.SIGNED, renewal_date__lte=today)
    for keys in batches(due.filter(~Exists(there))):
        with transaction.atomic():
            rows = locked(due.filter(pk__in=keys))
            # Asked only once they are locked: what another job wrote meanwhile is seen.
            known = set(Renewal.objects.filter(contract__in=keys).values_list("contract", "term_end"))
            fresh = [row for row in rows if (row.pk, row.end_date) not in known]
            followed = set(Contract.objects.filter(FOLLOWED, pk__in=keys).values_list("pk", flat=True))
            opened += _open_batch(fresh, followed, today, audience, now)
    return opened


def _open_batch(
    contracts: Sequence[Contract], followed: set[int], today: dt.date, audience: Audience, now: dt.datetime
) -> int:
    renewals = [_renewal(contract, today, now, is_followed=contract.pk in followed) for contract in contracts]
    live = [renewal for renewal in renewals if renewal.outcome == RenewalOutcome.OPEN]
    steps = {}
    for renewal in live:
        if step := _step(renewal, today, audience):
            steps[renewal.contract_id] = step
    add_steps(list(steps.values()))
    for renewal in live:
        renewal.step = steps.get(renewal.contract_id)
    Renewal.objects.bulk_create(renewals, batch_size=BATCH)
    entries = []
    for renewal in renewals:
        action = "renewal.opened" if renewal.outcome == RenewalOutcome.OPEN else "renewal.recorded"
        changes = {"term_end": (None, renewal.term_end), "outcome": (None, str(renewal.outcome))}
        entries.append(entry(action, renewal, actor=None, changes=changes, reason=renewal.outcome_note))
    record_many(entries)
    notify_many(note_of(renewal, "renewal_opened", [renewal.step.owner]) for renewal in live if renewal.step)
    return len(renewals)


def _renewal(contract: Any, today: dt.date, now: dt.datetime, *, is_followed: bool) -> Renewal:
    """The unsaved row of the contract's term."""
    row = Renewal(
        contract=contract, term_end=contract.end_date, notice_date=contract.notice_date, opened_on=today,
        value_amount=contract.net_amount, value_currency=contract.currency,
    )  # fmt: skip
    if is_followed:
        row.outcome, row.decided_on = RenewalOutcome.RENEWED, today
    elif is_backlog(contract.end_date, today):
        row.outcome, row.decided_on = RenewalOutcome.LOST, contract.end_date
        row.outcome_note = _("The term was over long before renewals were followed.")
    elif contract.notice_given_on is not None:
        row.acted_at = now
    return row


def _step(renewal: Renewal, today: dt.date, audience: Audience) -> NextStep | None:
    """The unsaved task; none where nobody is responsible, or the relationship has ended."""
    contract = renewal.contract
    owner = audience.responsible(contract)
    if owner is None or contract.account.status == Status.TERMINATED:
        return None
    text = step_text(contract, renewal.term_end, owner)
    return NextStep(account=contract.account, text=text, owner=owner, due_date=due_date(renewal.notice_date, today))


def note_of(renewal: Renewal, kind: str, users: Sequence[User]) -> Note:
    """What people are told about a renewal; once for each renewal and kind."""
    contract = renewal.contract
    params = {"contract": str(contract), "account": contract.account.name, "notice_date": renewal.notice_date}
    url = reverse("contracts:renewal_detail", args=[renewal.pk])
    return Note(users, kind, params, url, f"renewal:{renewal.pk}:{kind}")
