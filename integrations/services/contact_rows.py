"""Write a batch of planned rows in sets: people, where they work, the audit, the search index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from audit.services import entry, record_many
from contacts.models import Contact, Employment
from integrations.people.plan import Plan
from search.services import index_rows
from users.models import User

Row = TypeVar("Row", Contact, Employment)


def write_plans(plans: Sequence[Plan], *, actor: User, now: dt.datetime) -> None:
    """Write what the plans say; those with problems are passed over. The statements are the same for any number.

    Call it inside a transaction that has locked the accounts' people before the plans were made.
    """
    todo = [plan for plan in plans if plan.result in ("created", "updated")]
    new = [plan for plan in todo if plan.contact_before is None]
    changed = [plan for plan in todo if plan.contact_changes]
    entries = []
    Contact.objects.bulk_create([plan.contact for plan in new if plan.contact is not None])
    for plan in new:
        entries.append(entry("contact.created", _row(plan.contact), actor=actor, account_id=_account(plan)))
    for plan in changed:
        changes = plan.contact_changes
        row = _row(plan.contact)
        entries.append(entry("contact.updated", row, actor=actor, changes=changes, account_id=_account(plan)))
    _update(Contact, [(_row(plan.contact), plan.contact_changes) for plan in changed], now)
    jobs = [plan for plan in todo if plan.employment_changes]
    begun = [plan for plan in jobs if plan.employment_before is None]
    for plan in begun:
        _row(plan.employment).contact = _row(plan.contact)  # it has its key now
    entries += [
        entry("employment.updated", _row(plan.employment), actor=actor, changes=plan.employment_changes)
        for plan in jobs
        if plan.employment_before is not None
    ]
    Employment.objects.bulk_create([plan.employment for plan in begun if plan.employment is not None])
    entries += [entry("employment.added", _row(plan.employment), actor=actor) for plan in begun]
    kept = [plan for plan in jobs if plan.employment_before is not None]
    _update(Employment, [(_row(plan.employment), plan.employment_changes) for plan in kept], now)
    record_many(entries)
    index_rows("contact", [_row(plan.contact).pk for plan in todo])


def _update(model: type[Row], rows: Sequence[tuple[Row, Mapping[str, Any]]], now: dt.datetime) -> None:
    """Only the columns that some row changes: each costs a comparison per row."""
    for row, _changes in rows:
        row.updated_at = now  # bulk_update sets no times
    if rows:
        columns: set[str] = {name for _one, changes in rows for name in changes}
        model._default_manager.bulk_update([row for row, _changes in rows], [*sorted(columns), "updated_at"])


def _row(row: Row | None) -> Row:
    if row is None:
        message = "a plan without problems has a contact and an employment"
        raise ValueError(message)
    return row


def _account(plan: Plan) -> int | None:
    return plan.account.pk if plan.account is not None else None
