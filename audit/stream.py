"""The audit as a stream: every entry comes at least once, and no entry is passed over because its transaction was slow.

Keys are given out before transactions commit: who remembers "I have read up to key 9" misses key 8 when its
transaction commits later. So a reader remembers a snapshot of PostgreSQL instead, that is, which transactions were
over. What is new is what one snapshot sees and the one before did not. A snapshot that sees a transaction sees all that
it built upon: the order between two of them is that of the commits; within one it is that of the keys, which two
writers of the same row get in the order in which they held its lock.

On SQLite writers follow each other, so there the key is enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models import F, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEntry
from core.errors import Conflict

SPAN = 100_000
"""Keys that one page looks through at most: a page of a rare kind may come back empty, and the next one goes on."""


class StreamOutOfStep(Conflict):
    code = "stream_out_of_step"
    message = _(
        "This database was restored from another server, and its old changes cannot be told from new ones. An "
        "administrator has to run “manage.py settle_changes” once."
    )


@dataclass(frozen=True)
class Snapshot:
    """Which transactions were over at a moment: all below `end` but those in `running`."""

    end: int
    running: tuple[int, ...] = ()

    def sees(self) -> Q:
        over = Q(xid__lt=self.end)
        return over & ~Q(xid__in=self.running) if self.running else over

    @property
    def floor(self) -> int:
        """All below were over."""
        return min(self.running, default=self.end)


@dataclass(frozen=True)
class Position:
    """How far a reader is: it has all that `seen` sees, and of what `target` sees beyond that all up to key `last`."""

    last: int = 0
    seen: Snapshot | None = None
    target: Snapshot | None = None

    def pack(self) -> list[Any]:
        """As JSON has it."""
        return [self.last, *(shot and [shot.end, *shot.running] for shot in (self.seen, self.target))]

    @classmethod
    def unpack(cls, raw: list[Any]) -> Position:
        last, *shots = raw
        return cls(last, *(shot and Snapshot(shot[0], tuple(shot[1:])) for shot in shots))


@dataclass(frozen=True)
class Batch:
    """Entries in order, the position behind them, and whether there is more right now."""

    entries: list[AuditEntry]
    position: Position
    more: bool


def by_transaction() -> bool:
    """Whether writers run side by side here."""
    return connection.vendor == "postgresql"


def present() -> Position:
    """Behind everything that is settled now."""
    if by_transaction():
        return Position(seen=_snapshot())
    return Position(last=_last_key())


def read(position: Position, size: int, condition: Q) -> Batch:
    """The next entries behind `position` that fulfil `condition`, at most `size`. Raises StreamOutOfStep."""
    if by_transaction() and position.target is None:
        opened = _opened(position)
        if opened.target is None:  # nothing is new
            return Batch([], opened, more=False)
        position = opened
    last_key = _last_key()
    until = min(position.last + SPAN, last_key)
    rows = AuditEntry.objects.filter(condition, _window(position), pk__gt=position.last, pk__lte=until).order_by("pk")
    entries = list(rows[: size + 1])
    if len(entries) > size:
        return Batch(entries[:size], replace(position, last=entries[size - 1].pk), more=True)
    if until < last_key:
        return Batch(entries, replace(position, last=until), more=True)
    behind = Position(seen=position.target) if position.target else replace(position, last=max(until, position.last))
    return Batch(entries, behind, more=False)


@cache
def origin() -> str:
    """What tells this database server from one that it was copied to: transaction ids mean nothing elsewhere."""
    if connection.vendor != "postgresql":
        return connection.vendor
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def settle() -> int:
    """After a restore into another server: whatever bears the id of a transaction still to come is old. Returns how
    many entries that was."""
    if not by_transaction():
        return 0
    entries: models.QuerySet[AuditEntry] = models.QuerySet(AuditEntry).filter(xid__gte=_snapshot().end)
    return entries.update(xid=0)


def _opened(position: Position) -> Position:
    """With a target, beginning at the first entry that is new; without one where there is none."""
    newest = AuditEntry.objects.order_by().aggregate(newest=Max("xid"))["newest"] or 0
    target = _snapshot()
    if newest >= target.end and newest != _own():
        raise StreamOutOfStep
    if position.seen is None:
        return replace(position, target=target)
    # The sum keeps PostgreSQL from walking the primary key from its very beginning.
    first = (
        AuditEntry.objects.order_by()
        .filter(_window(replace(position, target=target)))
        .aggregate(first=Min(F("pk") + 0))["first"]
    )
    return Position(seen=target) if first is None else Position(first - 1, position.seen, target)


def _window(position: Position) -> Q:
    """Entries that the target sees and `seen` did not."""
    condition = position.target.sees() if position.target else Q()
    if position.seen is not None:
        condition &= Q(xid__gte=position.seen.floor) & ~position.seen.sees()
    return condition


def _last_key() -> int:
    return AuditEntry.objects.order_by().aggregate(last=Max("pk"))["last"] or 0


def _own() -> int | None:
    """The id of the caller's own transaction, where it has written: not over, so above the end of its snapshot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()::text")
        own = cursor.fetchone()[0]
    return own and int(own)


def _snapshot() -> Snapshot:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        _begin, end, running = cursor.fetchone()[0].split(":")
    return Snapshot(int(end), tuple(int(xid) for xid in running.split(",") if xid))
