"""record(): every write of every app passes here, inside the transaction of the write."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils import timezone

from audit.models import AuditEntry
from core.bulk import copy_rows

Changes = Mapping[str, tuple[Any, Any] | list[Any]]

_context: ContextVar[tuple[str, str]] = ContextVar("audit_context", default=("", ""))
_encoder = DjangoJSONEncoder()
_WORTH_A_COPY = 200
_COLUMNS = [field.attname for field in AuditEntry._meta.concrete_fields if field.name not in ("id", "at", "xid")]


@contextmanager
def audit_context(via: str, request_id: str = "") -> Iterator[None]:
    """Everything recorded inside came through this door (`web`, `api`, `job`, `command`)."""
    token = _context.set((via, request_id))
    try:
        yield
    finally:
        _context.reset(token)


def set_via(via: str) -> None:
    """Name the door more exactly while a request is under way, as an API token does."""
    _context.set((via, _context.get()[1]))


def snapshot(row: models.Model) -> dict[str, Any]:
    """The row's concrete fields as plain values, to be compared by `diff` after a change."""
    return {f.name: f.value_from_object(row) for f in row._meta.concrete_fields if f.editable}


def diff(before: Mapping[str, Any], row: models.Model) -> dict[str, list[Any]]:
    """Field -> `[from, to]` for what differs between `before` (a `snapshot`) and `row` now."""
    after = snapshot(row)
    return {name: [_plain(before[name]), _plain(value)] for name, value in after.items() if before[name] != value}


def entry(
    action: str,
    row: models.Model,
    *,
    actor: Any,
    changes: Changes | None = None,
    account_id: int | None = None,
    reason: str = "",
    gained: Collection[int | None] = (),
    lost: Collection[int | None] = (),
) -> AuditEntry:
    """An unsaved entry, for `record_many`. `gained` and `lost` are the users whose sight of the row it changes."""
    via, request_id = _context.get()
    return AuditEntry(
        actor=actor,
        action=action,
        object_type=row._meta.label_lower,
        object_id=row.pk,
        object_label=str(row)[:200],
        account_id=account_id if account_id is not None else _account_of(row),
        changes={name: [_plain(a), _plain(b)] for name, (a, b) in (changes or {}).items()},
        reason=reason,
        via=via,
        request_id=request_id,
        access=_access(gained, lost),
    )


def record(
    action: str,
    row: models.Model,
    *,
    actor: Any,
    changes: Changes | None = None,
    account_id: int | None = None,
    reason: str = "",
    gained: Collection[int | None] = (),
    lost: Collection[int | None] = (),
) -> AuditEntry:
    """Write one entry now. `actor` is the user, or None for the system itself."""
    new = entry(
        action,
        row,
        actor=actor,
        changes=changes,
        account_id=account_id,
        reason=reason,
        gained=gained,
        lost=lost,
    )
    new.save()
    return new


def forget(ids: Mapping[str, Collection[int]], *, label: str) -> None:
    """Take a person out of the entries of these rows (kind -> ids): the name becomes `label`, values and reasons go.

    The one exception to "never changed": who asks to be erased may not live on in the log. That something was done,
    when and by whom stays.
    """
    for kind, wanted in ids.items():
        entries: models.QuerySet[AuditEntry] = models.QuerySet(AuditEntry).filter(
            object_type=kind, object_id__in=wanted
        )
        entries.update(object_label=label, changes={}, reason="")


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write many entries in sets: COPY on PostgreSQL, where they are many."""
    rows = list(entries)
    if connection.vendor != "postgresql" or len(rows) < _WORTH_A_COPY:
        AuditEntry.objects.bulk_create(rows, batch_size=2000)
        return
    now = timezone.now()
    copy_rows(AuditEntry, ["at", *_COLUMNS], ((now, *(getattr(row, name) for name in _COLUMNS)) for row in rows))


def _access(gained: Collection[int | None], lost: Collection[int | None]) -> dict[str, list[int]] | None:
    sides = {"gained": sorted(filter(None, gained)), "lost": sorted(filter(None, lost))}
    return sides if any(sides.values()) else None


def _account_of(row: models.Model) -> int | None:
    """The account that a row belongs to: itself, or what its `account_id` says."""
    if row._meta.label_lower == "accounts.account":
        return row.pk
    return getattr(row, "account_id", None)


def _plain(value: Any) -> Any:
    """The value as JSON has it: dates and decimals as text."""
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return _encoder.default(value)
