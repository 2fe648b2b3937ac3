"""The same kind about the same account, again and again: one line with a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from notifications.events import REPEATS_WITHIN
from notifications.models import Notification


@dataclass
class Repeated:
    """The newest notification of a thread, and those that came in the minutes before it."""

    note: Notification
    earlier: list[Notification] = field(default_factory=list)

    @property
    def count(self) -> int:
        return 1 + len(self.earlier)

    @property
    def is_unread(self) -> bool:
        return any(note.is_unread for note in [self.note, *self.earlier])


def fold(notes: Iterable[Notification]) -> list[Repeated]:
    """Lines of a list, the newest first; `notes` come in that order."""
    lines: list[Repeated] = []
    open_lines: dict[str, Repeated] = {}
    for note in notes:
        line = open_lines.get(note.thread)
        if line is not None and line.note.created_at - note.created_at < REPEATS_WITHIN:
            line.earlier.append(note)
        else:
            line = open_lines[note.thread] = Repeated(note)
            lines.append(line)
    return lines


def fold_all(notes: Iterable[Notification]) -> list[Repeated]:
    """As `fold`, however long ago: for the digest."""
    lines: dict[str, Repeated] = {}
    for note in sorted(notes, key=lambda note: note.pk, reverse=True):
        if note.thread in lines:
            lines[note.thread].earlier.append(note)
        else:
            lines[note.thread] = Repeated(note)
    return list(lines.values())
