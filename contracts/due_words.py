"""When an instalment is due after an event, in words."""

from __future__ import annotations

from django.utils.translation import ngettext


def event_words(event: str, days: int) -> str:
    """“Acceptance, 30 days later”; the event alone where it is due on that day.

    What somebody typed stands first, as it was typed: it fits into no sentence of ours.
    """
    if not days:
        return event
    return ngettext("%(event)s, %(days)d day later", "%(event)s, %(days)d days later", days) % {
        "event": event,
        "days": days,
    }
