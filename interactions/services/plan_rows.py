"""A plan as rows: new visits, moves, cancellations and gaps, each kind in one statement, with their audit entries."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from audit.services import entry, record_many
from core.bulk import copy_rows, next_pk
from interactions.cadence import MANAGER, SPONSOR
from interactions.choices import GapReason, VisitSource, VisitStatus
from interactions.models import PlanningGap, Visit
from interactions.plan_values import PAUSED, Dropped, Gap, Plan, Planned
from interactions.services.needs import Subject, VisitRow
from interactions.services.sets import update_rows

NEW_COLUMNS = (
    "id", "account", "owner", "duty", "planned_date", "duration_minutes", "purpose", "source", "pinned", "due_date",
    "cadence_days", "status", "closing_note", "uid", "sequence", "created_at", "updated_at",
)  # fmt: skip
MOVED_COLUMNS = ("id", "planned_date", "owner", "due_date", "cadence_days", "updated_at")
HOUR = 60


@dataclass(frozen=True, slots=True)
class Label:
    """A visit, as far as the audit needs one: made by the thousand."""

    pk: int
    account_id: int
    text: str
    _meta: Any = Visit._meta

    def __str__(self) -> str:
        return self.text


@dataclass
class Changes:
    """What a plan changes, sorted by kind."""

    new: list[tuple[int, Planned]] = field(default_factory=list)  # visitor, visit
    moved: list[tuple[int, Planned, VisitRow]] = field(default_factory=list)
    handed: list[tuple[int, VisitRow]] = field(default_factory=list)  # visits by hand that a new manager inherits
    dated: list[tuple[int, Planned]] = field(default_factory=list)  # same day, another due date or cadence
    dropped: list[Dropped] = field(default_factory=list)
    gaps: list[tuple[int | None, Gap]] = field(default_factory=list)
    kept: int = 0

    def add(self, visitor: int | None, plan: Plan, rows: dict[int, VisitRow]) -> None:
        """Sort the plan of one visitor; `rows` are the visits as they are stored."""
        for planned in plan.visits:
            self._add_visit(visitor or 0, planned, rows)
        self.dropped += plan.dropped
        self.gaps += [(visitor, gap) for gap in plan.gaps]

    def _add_visit(self, visitor: int, planned: Planned, rows: dict[int, VisitRow]) -> None:
        if planned.slot is None:
            self.new.append((visitor, planned))
            return
        row = rows[planned.slot.pk]
        if planned.moved or row.owner != visitor:
            self.moved.append((visitor, planned, row))
            return
        self.kept += 1
        if (row.due, row.cadence_days) != (planned.due, planned.cadence_days):
            self.dated.append((visitor, planned))


def write(
    changes: Changes, subjects: dict[int, Subject], names: dict[int, str], as_of: dt.date, now: dt.datetime
) -> None:
    """Put the changes into the tables, with their audit entries; call it in the transaction that holds the visits."""
    entries: list[AuditEntry] = []
    entries += _cancel(changes.dropped, subjects, now)
    entries += _move(changes, subjects, names, now)
    entries += _insert(changes.new, subjects, names, now)
    record_many(entries)
    _write_gaps(changes.gaps, as_of)


def clear_gaps(managed: Collection[int], sponsored: Collection[int]) -> None:
    """Forget the gaps of the needs that are planned anew: by duty, the accounts."""
    own = Q(duty=MANAGER, account__in=managed) | Q(duty=SPONSOR, account__in=sponsored)
    gaps = PlanningGap.objects.filter(own).order_by()
    gaps._raw_delete(gaps.db)


def _write_gaps(gaps: Iterable[tuple[int | None, Gap]], as_of: dt.date) -> None:
    PlanningGap.objects.bulk_create(
        [
            PlanningGap(
                account_id=gap.need.account,
                user_id=visitor,
                duty=gap.need.duty,
                due_date=gap.due,
                reason=gap.reason,
                as_of=as_of,
            )
            for visitor, gap in gaps
        ],
        batch_size=5000,
        ignore_conflicts=True,  # another planner may have found it under another manager
    )


def _cancel(dropped: Sequence[Dropped], subjects: dict[int, Subject], now: dt.datetime) -> list[AuditEntry]:
    status = VisitStatus.CANCELLED.value
    reasons = [_reason(one, subjects[one.need.account]) for one in dropped]
    rows = [(one.slot.pk, status, now, reason, now) for one, reason in zip(dropped, reasons, strict=True)]
    columns = ("id", "status", "closed_at", "closing_note", "updated_at")
    update_rows(Visit, columns, rows, also="sequence = t.sequence + 1")
    changes = {"status": (VisitStatus.PLANNED.value, status)}
    return [
        entry(
            "visit.cancelled",
            _label(one.slot.pk, subjects[one.need.account], one.slot.date),
            actor=None,
            changes=changes,
            reason=reason,
        )
        for one, reason in zip(dropped, reasons, strict=True)
    ]


def _move(changes: Changes, subjects: dict[int, Subject], names: dict[int, str], now: dt.datetime) -> list[AuditEntry]:
    moved: list[tuple[Any, ...]] = [
        (planned.slot.pk, planned.date, visitor, planned.due, planned.cadence_days, now)
        for visitor, planned, _row in changes.moved
        if planned.slot
    ]
    moved += [(row.pk, row.date, visitor, row.due, row.cadence_days, now) for visitor, row in changes.handed]
    update_rows(Visit, MOVED_COLUMNS, moved, also="sequence = t.sequence + 1")
    dated = [
        (planned.slot.pk, planned.due, planned.cadence_days) for _visitor, planned in changes.dated if planned.slot
    ]
    update_rows(Visit, ("id", "due_date", "cadence_days"), dated)
    entries = []
    for visitor, row, date in [
        *((visitor, row, planned.date) for visitor, planned, row in changes.moved),
        *((visitor, row, row.date) for visitor, row in changes.handed),
    ]:
        label = _label(row.pk, subjects[row.account], date)
        if row.date != date:
            entries.append(entry("visit.moved", label, actor=None, changes={"planned_date": (row.date, date)}))
        if row.owner != visitor:
            owners = {"owner": (names.get(row.owner, str(row.owner)), names.get(visitor, str(visitor)))}
            entries.append(entry("visit.inherited", label, actor=None, changes=owners))
    return entries


def _insert(
    new: Sequence[tuple[int, Planned]], subjects: dict[int, Subject], names: dict[int, str], now: dt.datetime
) -> list[AuditEntry]:
    if not new:
        return []
    source, status = VisitSource.POLICY.value, VisitStatus.PLANNED.value
    rows = [
        (
            planned.need.account, visitor, planned.need.duty, planned.date, HOUR, "", source, False, planned.due,
            planned.cadence_days, status, "", uuid.uuid4(), 0, now, now,
        )
        for visitor, planned in new
    ]  # fmt: skip
    keys = _insert_rows(rows)
    return [
        entry(
            "visit.planned",
            _label(pk, subjects[planned.need.account], planned.date),
            actor=None,
            changes={"planned_date": (None, planned.date), "owner": (None, names.get(visitor, str(visitor)))},
        )
        for pk, (visitor, planned) in zip(keys, new, strict=True)
    ]


def _insert_rows(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """Insert visits and return their keys, which come from the sequence; SQLite has none, and one writer at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(Visit._meta.db_table)
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(rows)]
            )
            keys = [pk for (pk,) in cursor.fetchall()]
    else:
        first = next_pk(Visit)
        keys = list(range(first, first + len(rows)))
    copy_rows(Visit, NEW_COLUMNS, ((pk, *row) for pk, row in zip(keys, rows, strict=True)))
    return keys


def _label(pk: int, subject: Subject, date: dt.date) -> Any:
    """What stands for the visit in an audit entry."""
    return Label(pk, subject.pk, f"{subject.name} {date:%Y-%m-%d}")


def _reason(dropped: Dropped, subject: Subject) -> str:
    """Why the visit is cancelled, in words."""
    if subject.status == "terminated":
        return _("The relationship has ended.")
    if dropped.need.cadence.rule_days is None and dropped.need.cadence.rhythm.own_days is None:
        return _("The contact policy asks for no visit any more.")
    if dropped.reason == PAUSED:
        return _("Planning is paused.")
    if dropped.reason in GapReason.values:
        label = GapReason(dropped.reason).label
        return _("No day could be found: %(reason)s.") % {"reason": label}
    return _("No longer due: there was contact meanwhile, or the cadence has changed.")
