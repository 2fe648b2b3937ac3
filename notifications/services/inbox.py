"""Telling users something, once; and what they have read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from notifications.events import REPEATS_WITHIN
from notifications.models import Notification
from notifications.sentences import SENTENCES
from users.models import User

_encoder = DjangoJSONEncoder()


def notify(users: Iterable[User], kind: str, *, params: Mapping[str, Any], url: str, key: str) -> None:
    """Tell each of `users` once per `key`; call it in the transaction of the write that it tells about.

    `kind` is a code of `notifications/sentences.py`, `params` what its sentence names (dates as dates, names as text).
    `url` is a path of ours. Who is deactivated hears nothing. Raises ValueError for a kind without a sentence or an
    address that is not ours: both are mistakes of the caller.
    """
    notify_many([Note(users, kind, params, url, key)])


@dataclass(frozen=True)
class Note:
    """What several users are told, as `notify` tells it."""

    users: Iterable[User]
    kind: str
    params: Mapping[str, Any]
    url: str
    key: str


def notify_many(notes: Iterable[Note]) -> None:
    """`notify` for many notes, in sets: for jobs. Raises what `notify` raises."""
    rows = [row for note in notes for row in _rows(note)]
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    if rows:
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Have what is new delivered now; where the bell is not heard, beat comes by within seconds."""
    current_app.send_task("notifications.tasks.deliver", expires=60, retry=False)


def _rows(note: Note) -> list[Notification]:
    """The notes of active users, each once. Raises ValueError."""
    if note.kind not in SENTENCES:
        message = f"no sentence for notifications of kind {note.kind!r}"
        raise ValueError(message)
    if not note.url.startswith("/") or not url_has_allowed_host_and_scheme(note.url, allowed_hosts=None):
        message = f"not an address of ours: {note.url!r}"
        raise ValueError(message)
    plain = {name: _plain(value) for name, value in note.params.items()}
    return [
        Notification(user=user, kind=note.kind, params=plain, url=note.url, key=note.key)
        for user in {user.pk: user for user in note.users}.values()
        if user.is_active
    ]


def mark_read(notification: Notification, *, now: dt.datetime) -> None:
    """It and what it repeats, which the list shows as one. The first reading counts."""
    unread = Notification.objects.visible_to(notification.user).unread().order_by()
    alike = unread.filter(
        kind=notification.kind,
        url=notification.url,
        created_at__gt=notification.created_at - REPEATS_WITHIN,
        created_at__lte=notification.created_at,
    )
    same = [row.pk for row in alike if row.thread == notification.thread]
    Notification.objects.filter(pk__in={notification.pk, *same}, read_at__isnull=True).update(read_at=now)


def mark_all_read(user: User, *, now: dt.datetime) -> int:
    """Everything that is unread in the user's own box; returns how many."""
    return Notification.objects.visible_to(user).unread().update(read_at=now)


def _plain(value: Any) -> Any:
    """As JSON has it: dates as text, everything else (names, rows) as its words."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return _encoder.default(value) if isinstance(value, dt.date | dt.datetime) else str(value)
