"""What a timeline shows of its interactions: who with whom, topics, files, promises; in two statements for a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from core import markdown
from interactions.choices import StepStatus
from interactions.models import Interaction, InteractionFile, NextStep
from interactions.querysets import EXCERPT

EXCERPT_SHOWN = 220


class Part(NamedTuple):
    """A person, a topic or a file of an interaction by id and name (`other` is the English name)."""

    pk: int
    name: str
    other: str = ""


@dataclass
class Parts:
    """What belongs to one interaction."""

    contacts: list[Part] = field(default_factory=list)
    colleagues: list[Part] = field(default_factory=list)
    topics: list[Part] = field(default_factory=list)
    mentioned: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    """The interactions of one day of the reader's calendar; `goes_on` where the page before ended within it."""

    date: dt.date
    rows: list[Interaction]
    goes_on: bool = False


def with_parts(rows: Sequence[Interaction]) -> Sequence[Interaction]:
    """The rows, each with its `parts`, its `steps` and the `excerpt` of its minutes."""
    ids = [row.pk for row in rows]
    parts = parts_of(ids)
    steps: dict[int, list[NextStep]] = {pk: [] for pk in ids}
    for step in NextStep.objects.filter(interaction__in=ids).select_related("owner").order_by("due_date", "pk"):
        steps[step.interaction_id].append(step)
    for row in rows:
        row.parts, row.steps = parts[row.pk], steps[row.pk]  # type: ignore[attr-defined]
        row.open_steps = [s for s in steps[row.pk] if s.status == StepStatus.OPEN]  # type: ignore[attr-defined]
    return with_excerpts(rows)


def with_excerpts(rows: Sequence[Interaction]) -> Sequence[Interaction]:
    """The rows of `with_excerpt()`, each with the `excerpt` of its minutes."""
    for row in rows:
        row.excerpt = excerpt(getattr(row, "beginning", ""))  # type: ignore[attr-defined]
    return rows


def parts_of(ids: Sequence[int]) -> dict[int, Parts]:
    """Everybody and everything that belongs to these interactions, in one statement."""
    found = {pk: Parts() for pk in ids}
    if not ids:
        return found
    sets = [
        _names(Interaction.contacts.through, ids, "contacts", "contact", F("contact__name_en")),
        _names(Interaction.colleagues.through, ids, "colleagues", "user"),
        _names(Interaction.mentioned.through, ids, "mentioned", "user"),
        _names(Interaction.topics.through, ids, "topics", "topic"),
        InteractionFile.objects.filter(interaction__in=ids)
        .order_by()
        .values_list("interaction", _text("files"), F("pk"), _as_text(F("name")), _text("")),
    ]
    for pk, kind, part, name, other in sets[0].union(*sets[1:], all=True):
        getattr(found[pk], kind).append(Part(part, name, other))
    for parts in found.values():
        for group in (parts.contacts, parts.colleagues, parts.mentioned, parts.topics):
            group.sort(key=lambda part: part.name)
        parts.files.sort()
    return found


def by_day(rows: Iterable[Interaction], after: dt.datetime | None = None) -> list[Day]:
    """The rows, which are in the order of time, under the days of the reader's time zone.

    `after` is the moment of the last row of the page before.
    """
    last = after and timezone.localtime(after).date()
    groups = groupby(rows, key=lambda row: timezone.localtime(row.occurred_at).date())
    return [Day(date, list(group), date == last) for date, group in groups]


def excerpt(beginning: str) -> str:
    """The first lines of the minutes without the marks of Markdown."""
    text = markdown.plain(beginning)
    if len(text) > EXCERPT_SHOWN:
        return text[:EXCERPT_SHOWN].rstrip() + "…"
    return text + "…" if len(beginning) == EXCERPT else text


def _names(through: Any, ids: Sequence[int], kind: str, part: str, other: Any = None) -> QuerySet[Any]:
    name = _as_text(F(f"{part}__name"))
    rows = through.objects.filter(interaction__in=ids).order_by()
    return rows.values_list("interaction", _text(kind), F(f"{part}_id"), name, other or _text(""))


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _as_text(expression: F) -> Cast:
    return Cast(expression, CharField())
