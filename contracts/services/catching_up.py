"""Signed contracts brought up to date in sets: what no signed version holds, and what was paid since. For imports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from audit.services import entry, record_many
from contracts.models import Contract, Instalment
from contracts.services.dunning import close_settled
from contracts.services.entering import Posting, add_postings
from contracts.services.settling import resettle_all
from interactions.services.sets import update_rows
from search.services import index_rows
from users.models import User

DETAILS = ("title", "owner")
EVENT = ("event_date", "due_date")
INVOICE = ("invoice_number", "invoice_date")


@dataclass
class News:
    """What is new about a signed contract: rows as they shall be, with their changes (field -> from, to).

    `details` changes title and owner of the contract itself, `instalments` events and invoices of its current plan.
    """

    contract: Contract
    details: dict[str, list[Any]] = field(default_factory=dict)
    instalments: list[tuple[Instalment, dict[str, list[Any]]]] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.details or self.instalments or self.postings)


@transaction.atomic
def catch_up(news: Sequence[News], *, actor: User | None, now: dt.datetime) -> None:
    """Write what is new and settle anew; the statements are the same for one contract and for hundreds.

    The caller has locked the contracts, knows that `actor` may change them, and that nothing speaks against the
    receipts (`posting_faults`).
    """
    found = [one for one in news if one]
    details = [one for one in found if one.details]
    instalments = [pair for one in found for pair in one.instalments]
    postings = [(one.contract, posting) for one in found for posting in one.postings]
    owners = [(one.contract.pk, one.contract.title, one.contract.owner_id, now) for one in details]
    update_rows(Contract, ("id", "title", "owner", "updated_at"), owners)
    plans = [(row.pk, row.event_date, row.due_date, row.invoice_number, row.invoice_date) for row, _c in instalments]
    update_rows(Instalment, ("id", *EVENT, *INVOICE), plans)
    entries = [entry("contract.updated", one.contract, actor=actor, changes=one.details) for one in details]
    for row, changes in instalments:
        for action, names in (("instalment.event", EVENT), ("instalment.invoiced", INVOICE)):
            part = {name: pair for name, pair in changes.items() if name in names}
            if part:
                entries.append(entry(action, row, actor=actor, changes=part))
    record_many(entries)
    add_postings(postings, actor=actor)
    if instalments or postings:
        resettle_all([one.contract for one in found], now=now)
        close_settled(now=now)
    if details:
        index_rows("contract", [one.contract.pk for one in details])
