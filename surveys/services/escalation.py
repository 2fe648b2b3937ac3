"""Follow-ups watched by jobs: given to new account managers, escalated to supervisors; in batches, any time again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.choices import Status
from audit.services import entry, record_many
from interactions.moments import zone_of
from notifications.services import Note, notify_many
from surveys.choices import FollowUpKind
from surveys.models import FollowUp
from users.leaders import Leaders
from users.models import User

BATCH = 500
TERMINATED = Q(account__status=Status.TERMINATED)
STRANDED = (
    ~Q(owner=F("account__manager")) | Q(account__manager__isnull=True) | Q(owner=None) | Q(owner__is_active=False)
)
"""Not with the account's manager: who manages it has changed, or nobody does."""


def watch_follow_ups(*, now: dt.datetime) -> tuple[int, int]:
    """Everything that jobs do to follow-ups; returns how many were handed over and how many escalated."""
    return hand_over(now=now), escalate(now=now)


def escalate(*, now: dt.datetime) -> int:
    """Tell the supervisors, once, of unhappy customers whose deadline has passed; returns how many follow-ups.

    A reference that nobody asked for is no emergency and stays with its owner.
    """
    late = FollowUp.objects.late(now).filter(kind=FollowUpKind.RECOVERY, escalated_at__isnull=True)
    leaders, done = Leaders(), 0
    for keys in _batches(late.exclude(TERMINATED)):
        with transaction.atomic():
            rows = _locked(late.filter(pk__in=keys))
            FollowUp.objects.filter(pk__in=[row.pk for row in rows]).update(escalated_at=now, updated_at=now)
            record_many(
                entry("follow_up.escalated", row, actor=None, changes={"escalated_at": (None, now)}) for row in rows
            )
            notify_many(
                _note(row, "follow_up_escalated", leaders.above(row.owner or row.account.manager), now) for row in rows
            )
            done += len(rows)
    return done


def hand_over(*, now: dt.datetime, owner: User | None = None) -> int:
    """Give unfinished follow-ups (of `owner`, where given) to who answers for the account now; returns how many.

    That is its manager, else the supervisor above the one who left, else a director. The deadline stays: the customer
    has waited since their answer.
    """
    stranded = FollowUp.objects.unfinished().filter(STRANDED)
    if owner is not None:
        stranded = stranded.filter(owner=owner)
    leaders, moved = Leaders(), 0
    for keys in _batches(stranded.exclude(TERMINATED)):
        with transaction.atomic():
            changed = []
            for row in _locked(stranded.filter(pk__in=keys)):
                heir = heir_of(row, leaders)
                if heir is not None and heir.pk != row.owner_id:
                    changed.append((row, row.owner, heir))
                    row.owner = heir
            _keep(changed, now)
            moved += len(changed)
    return moved


def heir_of(row: FollowUp, leaders: Leaders) -> User | None:
    """Who answers for it now. A supervisor who stands in for want of a manager keeps it."""
    manager, owner = row.account.manager, row.owner
    if manager is not None and manager.is_active:
        return manager
    if owner is not None and owner.is_active and owner.leads:
        return owner
    above = leaders.above(manager or owner)
    return above[0] if above else None


def _keep(changed: list[tuple[FollowUp, User | None, User]], now: dt.datetime) -> None:
    FollowUp.objects.bulk_update([row for row, _old, _new in changed], ["owner"])
    record_many(
        entry("follow_up.handed_over", row, actor=None, changes={"owner": (old and str(old), str(new))})
        for row, old, new in changed
    )
    notify_many(_note(row, "follow_up_inherited", [new], now) for row, _old, new in changed)


def _note(row: FollowUp, kind: str, users: list[User], now: dt.datetime) -> Note:
    """Once for each deadline and hand-over: one that was opened again is late again."""
    params = {
        "account": row.account.name,
        "campaign": row.campaign.name,
        "due_date": row.due_at.astimezone(zone_of(users[0] if users else None)).date(),
    }
    at = row.due_at if kind == "follow_up_escalated" else now
    url = reverse("surveys:follow_up_detail", args=[row.pk])
    return Note(users, kind, params, url, f"follow_up:{row.pk}:{kind}:{at:%Y%m%d%H%M}")


def _batches(rows: Any) -> Iterator[list[int]]:
    """The keys of the rows as they are now, in keyset batches."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield keys
        last = keys[-1]


def _locked(rows: Any) -> list[FollowUp]:
    """Still so when their turn comes: locked, with what is told about them."""
    found = rows.select_related("account__manager__team", "owner__team").select_related("campaign")
    return list(found.defer("campaign__definition").order_by("pk").select_for_update(of=("self",)))
