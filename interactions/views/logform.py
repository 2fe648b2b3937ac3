"""What the form for logging shows: buttons with icons, and what it offers to tap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from interactions import suggestions
from interactions.choices import Kind, Outcome
from interactions.forms.log import LogForm
from interactions.models import MAX_MINUTES_LENGTH, Visit
from interactions.templatetags.timeline_widgets import KIND_ICONS, MOOD_ICONS
from users.models import User

# icons: thumb-up minus thumb-down phone-off
OUTCOME_ICONS = {
    Outcome.GOOD: "thumb-up",
    Outcome.NEUTRAL: "minus",
    Outcome.BAD: "thumb-down",
    Outcome.NOT_REACHED: "phone-off",
}
KIND_WORDS = {
    Kind.WECHAT: pgettext_lazy("short, on a button", "WeChat"),
    Kind.LIAISON_MEETING: pgettext_lazy("short, on a button", "Liaison"),
}


@dataclass(frozen=True)
class Option:
    """One button of a field: a radio or a tick with its words, its icon, and a second line."""

    value: str
    label: str
    checked: bool
    icon: str = ""
    detail: str = ""


def log_context(
    user: User, form: LogForm, steps: Any, account: Account | None, visit: Visit | None, today: dt.date
) -> dict[str, Any]:
    """Everything that the templates of the form need; the accounts to choose from only while there is none."""
    colleagues = suggestions.colleagues_for(user, account)
    return {
        "form": form,
        "steps": steps,
        "account": account,
        "visit": visit,
        "today": today,
        "visits": [] if account else suggestions.open_visits(user, today),
        "recent": [] if account else suggestions.recent_accounts(user),
        "people": _people(user, form, account, today),
        "colleagues": colleagues,
        "ours": _ticks(form["colleagues"], [(person.pk, str(person), "") for person in colleagues if person != user]),
        "topics": suggestions.usual_topics(user),
        "kinds": options(form["kind"], KIND_ICONS, KIND_WORDS),
        "whens": options(form["when"]),
        "outcomes": options(form["outcome"], OUTCOME_ICONS),
        "moods": options(form["mood"], MOOD_ICONS),
        "directions": options(form["direction"]),
        "most_minutes": MAX_MINUTES_LENGTH,
    }


def options(
    bound: BoundField, icons: Mapping[Any, str] | None = None, words: Mapping[Any, Any] | None = None
) -> list[Option]:
    """The choices of a field of one choice, the empty one left out."""
    chosen = str(bound.value() or "")
    return [
        Option(str(value), str((words or {}).get(value, label)), str(value) == chosen, (icons or {}).get(value, ""))
        for value, label in bound.field.choices
        if value not in ("", None)
    ]


def _people(user: User, form: LogForm, account: Account | None, today: dt.date) -> list[Option]:
    if account is None:
        return []
    chosen = [int(value) for value in form["contacts"].value() or () if str(value).isdigit() and len(str(value)) < 16]
    rows = suggestions.people_at(account, today, user, also=chosen)
    return _ticks(form["contacts"], [(row.contact_id, row.contact.local_name, row.position) for row in rows])


def _ticks(bound: BoundField, rows: Iterable[tuple[int, str, str]]) -> list[Option]:
    chosen = {str(value) for value in bound.value() or ()}
    return [Option(str(pk), label, str(pk) in chosen, detail=detail) for pk, label, detail in rows]
