"""Visits by hand: planned, moved, given to somebody else, completed, cancelled; and those that nobody closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from accounts.models import Account, ManagerAssignment
from audit.services import diff, entry, record, record_many, snapshot
from contacts.models import Contact, Employment
from interactions.choices import VisitSource, VisitStatus
from interactions.errors import (
    ContactElsewhere,
    ReasonNeeded,
    VisitClosed,
    VisitElsewhere,
    VisitInPast,
    VisitorInactive,
    VisitTwice,
)
from interactions.models import Interaction, Visit
from interactions.services.proposals import propose_next
from interactions.services.rhythms import company_date, refresh_rhythms
from notifications.services import notify
from users.models import User

GRACE = dt.timedelta(days=3)  # how long a visit whose day is over waits to be closed
NOTE_LENGTH = 200
FORM_FIELDS = ("duration_minutes", "purpose", "start_time")


class Keep:
    """The time stays as it is."""


KEEP = Keep()


@transaction.atomic
def plan_visit(visit: Visit, *, actor: User | None, today: dt.date, contacts: Collection[Contact] = ()) -> Visit:
    """Save a visit planned by hand; the planner leaves it where it is and counts it as a contact to come.

    A holiday, leave or a full day do not stop it (`warnings_for` says them). Raises ValidationError, AccountReadOnly
    (terminated), VisitorInactive, VisitInPast, ContactElsewhere.
    """
    visit.source, visit.pinned, visit.status = VisitSource.MANUAL, True, VisitStatus.PLANNED
    visit.full_clean()
    _check(visit.account, visit.owner, visit.planned_date, today)
    _check_contacts(visit.account, contacts)
    visit.save()
    visit.contacts.set(contacts)
    changes = {"planned_date": (None, visit.planned_date), "owner": (None, str(visit.owner))}
    record("visit.planned", visit, actor=actor, changes=changes)
    refresh_rhythms([visit.account_id], today=today)
    _tell(visit, "visit_assigned", actor, visit.owner)
    return visit


@transaction.atomic
def update_visit(
    visit: Visit, *, actor: User | None, today: dt.date, contacts: Collection[Contact] | None = None
) -> Visit:
    """Change purpose, time, length and the people to be met of a planned visit; day and visitor are `move_visit`'s.

    Raises ValidationError, VisitClosed, AccountReadOnly (terminated), ContactElsewhere.
    """
    stored = _locked(visit)
    before = snapshot(stored)
    if stored.account.status == Status.TERMINATED:
        raise AccountReadOnly
    for name in FORM_FIELDS:
        setattr(stored, name, getattr(visit, name))
    stored.full_clean()
    changes: dict[str, Any] = diff(before, stored)
    if contacts is not None:
        old, new = set(stored.contacts.all()), set(contacts)
        if old != new:
            _check_contacts(stored.account, new - old)
            changes["contacts"] = (
                [one.pk for one in old],
                [one.pk for one in new],
            )  # ids: an erased person leaves no name
            stored.contacts.set(new)
    if changes:
        stored.sequence += 1
        stored.save(update_fields=[*FORM_FIELDS, "sequence", "updated_at"])
        record("visit.updated", stored, actor=actor, changes=changes)
    return _refreshed(visit, stored)


@transaction.atomic
def move_visit(
    visit: Visit,
    date: dt.date,
    start_time: dt.time | Keep | None = KEEP,
    owner: User | None = None,
    *,
    actor: User | None,
    today: dt.date,
) -> Visit:
    """Put a planned visit on another day, at another time (None: no time agreed) or into other hands, and pin it.

    Raises VisitClosed, VisitInPast, VisitTwice, VisitorInactive, AccountReadOnly (terminated).
    """
    stored = _locked(visit)
    before, old_owner = snapshot(stored), stored.owner
    stored.planned_date, stored.owner = date, owner or stored.owner
    if not isinstance(start_time, Keep):
        stored.start_time = start_time
    changes = diff(before, stored)
    if not changes:
        return _refreshed(visit, stored)
    _check(stored.account, stored.owner, date, today)
    _check_free(stored)
    stored.pinned, stored.sequence = True, stored.sequence + 1
    stored.save(update_fields=["planned_date", "start_time", "owner", "pinned", "sequence", "updated_at"])
    if "owner" in changes:
        changes["owner"] = [str(old_owner), str(stored.owner)]
    record("visit.moved", stored, actor=actor, changes=changes)
    refresh_rhythms([stored.account_id], today=today)
    if "owner" in changes:
        _tell(stored, "visit_assigned", actor, stored.owner)
        _tell(stored, "visit_moved", actor, old_owner)
    else:
        _tell(stored, "visit_moved", actor, stored.owner)
    return _refreshed(visit, stored)


@transaction.atomic
def complete_visit(
    visit: Visit, *, actor: User | None, now: dt.datetime, interaction: Interaction | None = None
) -> Visit | dt.date | None:
    """The visit took place; returns the next one to this account, planned already or proposed now.

    A missed visit can still be completed. Where no day has room for the next one, its due date is returned; None where
    nothing is to follow (no cadence, paused, terminated, nobody responsible). Raises VisitClosed where somebody was
    quicker, VisitElsewhere.
    """
    stored = _locked(visit, VisitStatus.PLANNED, VisitStatus.MISSED)
    if interaction is not None and (
        interaction.account_id != stored.account_id or Visit.objects.filter(interaction=interaction).exists()
    ):
        raise VisitElsewhere(field="interaction")
    was = stored.status
    stored.interaction = interaction
    _close(stored, VisitStatus.DONE, now, actor, "")
    record("visit.completed", stored, actor=actor, changes={"status": (was, stored.status)})
    _refreshed(visit, stored)
    following = propose_next(stored.account, stored.duty, now=now)
    refresh_rhythms([stored.account_id], today=company_date(now))
    return following


@transaction.atomic
def cancel_visit(visit: Visit, reason: str, *, actor: User | None, now: dt.datetime) -> Visit:
    """The visit will not take place, and why; the planner plans the contact anew, on another day.

    Raises ReasonNeeded, VisitClosed.
    """
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    stored = _locked(visit)
    _close(stored, VisitStatus.CANCELLED, now, actor, reason.strip()[:NOTE_LENGTH])
    changes = {"status": (VisitStatus.PLANNED.value, stored.status)}
    record("visit.cancelled", stored, actor=actor, changes=changes, reason=stored.closing_note)
    refresh_rhythms([stored.account_id], today=company_date(now))
    _tell(stored, "visit_cancelled", actor, stored.owner)
    return _refreshed(visit, stored)


@transaction.atomic
def miss_overdue(*, today: dt.date, now: dt.datetime, owner_ids: Collection[int] | None = None) -> int:
    """Close as missed the visits whose day has been over for more than three days; returns how many.

    Three statements, however many there are. The caller refreshes the account summaries.
    """
    visits = Visit.objects.planned().filter(planned_date__lt=today - GRACE)
    if owner_ids is not None:
        visits = visits.filter(owner__in=owner_ids)
    missed = list(visits.select_related("account").select_for_update(of=("self",)).order_by("pk"))
    if not missed:
        return 0
    Visit.objects.filter(pk__in=[visit.pk for visit in missed]).update(
        status=VisitStatus.MISSED, closed_at=now, sequence=F("sequence") + 1, updated_at=now
    )
    changes = {"status": (VisitStatus.PLANNED.value, VisitStatus.MISSED.value)}
    record_many(entry("visit.missed", visit, actor=None, changes=changes) for visit in missed)
    return len(missed)


def former_managers(account_ids: Collection[int]) -> set[tuple[int, int]]:
    """(account, user) of everybody who once was the account's manager."""
    over = ManagerAssignment.objects.filter(account__in=account_ids, until_date__isnull=False).order_by()
    return set(over.values_list("account", "manager"))


def _locked(visit: Visit, *statuses: VisitStatus) -> Visit:
    """The row as it is now, held until the transaction ends. Raises VisitClosed unless it is in one of `statuses`."""
    stored = Visit.objects.select_for_update(of=("self",)).select_related("account", "owner").get(pk=visit.pk)
    if stored.status not in (statuses or (VisitStatus.PLANNED,)):
        raise VisitClosed
    return stored


def _check(account: Account, owner: User, date: dt.date, today: dt.date) -> None:
    if account.status == Status.TERMINATED:
        raise AccountReadOnly
    if not owner.is_active:
        raise VisitorInactive(field="owner", name=owner)
    if date < today:
        raise VisitInPast(field="planned_date")


def _check_contacts(account: Account, contacts: Collection[Contact]) -> None:
    """Raises ContactElsewhere for people who never worked at the account."""
    known = set(Employment.objects.filter(account=account, contact__in=contacts).values_list("contact", flat=True))
    if strangers := [contact for contact in contacts if contact.pk not in known]:
        raise ContactElsewhere(field="contacts", names=_names(strangers))


def _check_free(visit: Visit) -> None:
    """The planner plans a need once a day; only its own visits can collide."""
    same = Visit.objects.planned().filter(account=visit.account_id, duty=visit.duty, planned_date=visit.planned_date)
    if visit.source == VisitSource.POLICY and same.filter(source=VisitSource.POLICY).exclude(pk=visit.pk).exists():
        raise VisitTwice(field="planned_date")


def _close(visit: Visit, status: VisitStatus, now: dt.datetime, actor: User | None, note: str) -> None:
    visit.status, visit.closed_at, visit.closed_by, visit.closing_note = status, now, actor, note
    visit.sequence += 1
    visit.save(
        update_fields=["status", "closed_at", "closed_by", "closing_note", "sequence", "interaction", "updated_at"]
    )


def _refreshed(visit: Visit, stored: Visit) -> Visit:
    """The caller's object with what is stored now."""
    for field in Visit._meta.concrete_fields:
        setattr(visit, field.attname, getattr(stored, field.attname))
    return visit


def _names(contacts: Iterable[Contact]) -> str:
    return ", ".join(sorted(str(contact) for contact in contacts))


def _tell(visit: Visit, kind: str, actor: User | None, person: User) -> None:
    """Nobody is told of their own deeds, and the system's are seen in the calendar."""
    if actor is not None and person != actor:
        params = {"actor": actor, "account": visit.account, "date": visit.planned_date}
        notify([person], kind, params=params, url=visit.get_absolute_url(), key=f"visit:{visit.pk}:{visit.sequence}")
