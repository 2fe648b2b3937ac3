"""What a playbook's steps may say: texts in the product's languages, tidied and checked; the day a step is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.workdays import DAY, WorkCalendar
from health.choices import StepRole
from health.playbook_errors import PlaybookEmpty, StepMalformed, StepUntitled, TooManySteps

Texts = Mapping[str, str]
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
MAX_STEPS, MAX_ITEMS, MAX_DAYS = 30, 20, 250
MAX_NAME, MAX_DESCRIPTION, MAX_TITLE, MAX_ITEM, MAX_TEMPLATE = 120, 2000, 160, 300, 5000


@dataclass(frozen=True)
class Step:
    """One step as somebody wrote it: texts by language, the role that does it, within how many working days."""

    titles: Texts
    role: str = StepRole.MANAGER
    due_days: int = 1
    checklist: Sequence[Texts] = ()
    template: Texts = field(default_factory=dict)


def tidied(texts: Any, most: int) -> dict[str, str]:
    """The texts without what is empty, in the order of the product's languages. Raises ValueError for what is no text
    of ours: another language, too long, no text at all."""
    if not isinstance(texts, Mapping) or not set(texts) <= set(LANGUAGES):
        raise ValueError(_("texts go by language: %(codes)s.") % {"codes": ", ".join(LANGUAGES)})
    found: dict[str, str] = {}
    for language in LANGUAGES:
        text = texts.get(language, "")
        if not isinstance(text, str) or "\x00" in text:
            raise ValueError(_("this is not a text."))
        if len(text := text.strip()) > most:
            raise ValueError(_("a text is longer than %(most)s characters.") % {"most": most})
        found |= {language: text} if text else {}
    return found


def checked(steps: Sequence[Step]) -> list[Step]:
    """The steps, tidied. Raises PlaybookEmpty, TooManySteps, StepUntitled, StepMalformed (with the step's number)."""
    if not steps:
        raise PlaybookEmpty
    if len(steps) > MAX_STEPS:
        raise TooManySteps(most=MAX_STEPS)
    found = []
    for number, step in enumerate(steps, start=1):
        try:
            found.append(_checked(step))
        except ValueError as error:
            raise StepMalformed(number=number, problem=str(error)) from error
        if not found[-1].titles:
            raise StepUntitled(number=number)
    return found


def _checked(step: Step) -> Step:
    if step.role not in StepRole.values:
        raise ValueError(_("there is no such role."))
    if type(step.due_days) is not int or not 0 <= step.due_days <= MAX_DAYS:
        raise ValueError(_("the working days are a number from 0 to %(most)s.") % {"most": MAX_DAYS})
    items = [texts for texts in (tidied(item, MAX_ITEM) for item in step.checklist) if texts]
    if len(items) > MAX_ITEMS:
        raise ValueError(_("a checklist has at most %(most)s items.") % {"most": MAX_ITEMS})
    return Step(
        tidied(step.titles, MAX_TITLE), str(step.role), step.due_days, items, tidied(step.template, MAX_TEMPLATE)
    )


def due_date(calendar: WorkCalendar, started_on: dt.date, working_days: int) -> dt.date:
    """The day on which `working_days` working days after the start have begun; 0: the start itself, or the first
    working day after it."""
    if working_days == 0:
        return calendar.next_working(started_on)
    day = started_on
    for _number in range(working_days):
        day = calendar.next_working(day + DAY)
    return day


def horizon(started_on: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day that `due_date` asks the calendar for."""
    return started_on, started_on + dt.timedelta(days=2 * MAX_DAYS)
