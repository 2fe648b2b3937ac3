"""What a message says: from notifications to title, lines and links, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.channels import Line, Message, Section
from notifications.choices import DeliveryMode
from notifications.events import GROUPS
from notifications.models import Delivery, Notification, told_of
from notifications.repeats import fold_all

MOST_LINES = 200
"""A digest says how many more there are."""


def message_of(rows: Sequence[Delivery]) -> Message:
    """The message of deliveries that go together, the oldest first. Call it with the reader's language active."""
    lead = rows[0]
    key = f"{lead.channel}-{lead.lead or lead.pk}"
    notes = [row.notification for row in rows]
    if lead.mode == DeliveryMode.DIGEST:
        return _digest(notes, lead, key)
    words = [_words(row) for row in rows]
    lines = tuple(_counted(text, words.count(text)) for text in dict.fromkeys(words))
    if len({row.thread for row in rows}) > 1:
        title = ngettext("%(count)d notification", "%(count)d notifications", len(rows)) % {"count": len(rows)}
        return Message(title, lines, _inbox(), "burst", key)
    title = lines[-1] if len(lines) == 1 else _counted(words[-1], len(words))
    return Message(title, lines, link_to(notes[-1]), notes[-1].kind, key)


def link_to(note: Notification) -> str:
    """Marks it read and goes to what it is about, for whom it is addressed to."""
    return absolute(reverse("notifications:notification_open", args=[note.pk]))


def _inbox() -> str:
    return absolute(reverse("notifications:notification_list"))


def absolute(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path


def _digest(notes: list[Notification], lead: Delivery, key: str) -> Message:
    folded, sections = fold_all(notes), []
    shown = folded[:MOST_LINES]
    for group in GROUPS.values():
        lines = tuple(
            Line(_counted(line.note.sentence, line.count), link_to(line.note))
            for line in shown
            if line.note.group is group
        )
        if lines:
            sections.append(Section(str(group.label), lines))
    left = len(folded) - len(shown)
    if left:
        more = ngettext("%(count)d more in KAM", "%(count)d more in KAM", left) % {"count": left}
        sections.append(Section(_("And more"), (Line(more),)))
    day = date_format(lead.digest_for, "DATE_FORMAT") if lead.digest_for else ""
    title = ngettext(
        "Your notifications of %(day)s: %(count)d item", "Your notifications of %(day)s: %(count)d items", len(folded)
    ) % {"day": day, "count": len(folded)}
    texts = tuple(line.text for section in sections for line in section.lines)
    return Message(title, texts, _inbox(), "digest", key, tuple(sections))


def _words(row: Delivery) -> str:
    """A team reads whom it was told to."""
    note = row.notification
    return told_of(str(row.user), note.sentence) if row.robot and row.robot.team_id else note.sentence


def _counted(text: str, count: int) -> str:
    if count == 1:
        return text
    return ngettext("%(text)s (%(count)d time)", "%(text)s (%(count)d times)", count) % {"text": text, "count": count}
