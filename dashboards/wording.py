"""A brief in the reader's words: the same lines on the screen and in the PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import formats
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import numbers
from core.agenda import link
from dashboards.brief import Brief, Cut, Person, Talk
from interactions.choices import StepKind
from interactions.models import NextStep

MOST_NAMES = 4


class Vital(NamedTuple):
    """One number of the account; the level is a colour: empty, good, warning, danger."""

    label: str
    value: str
    level: str = ""


class PersonLine(NamedTuple):
    name: str
    work: str
    last: str
    about: str
    birthday: str
    url: str


class StepLine(NamedTuple):
    date: str
    text: str
    overdue: bool
    promise: bool
    owner: str


class TalkLine(NamedTuple):
    head: str
    people: str
    story: str
    url: str


@dataclass(frozen=True)
class Lines:
    """Everything on the page as text; `… and 4 more` where something was cut."""

    title: str
    tier: str
    when: str
    visitor: str
    second: str
    where: str
    purpose: Sequence[str]
    vitals: Sequence[Vital]
    gaps: Sequence[str]
    gaps_more: str
    people: Sequence[PersonLine]
    people_more: str
    steps: Sequence[StepLine]
    steps_more: str
    talks: Sequence[TalkLine]
    revenue: str
    trend: str
    trend_is_down: bool


def lines(brief: Brief) -> Lines:
    account, visit = brief.account, brief.visit
    trend = account.summary.revenue_trend
    return Lines(
        title=account.local_name,
        tier=account.tier,
        when=when(brief),
        visitor=str((visit.owner if visit else account.manager) or ""),
        second=joined(account.other_name, account.code, account.get_status_display(), account.get_stage_display()),
        where=joined(brief.address, account.phone),
        purpose=purpose(brief),
        vitals=vitals(brief),
        gaps=brief.gaps.rows,
        gaps_more=more(brief.gaps),
        people=[person_line(person) for person in brief.people],
        people_more=more(brief.people),
        steps=[step_line(step, brief) for step in brief.steps],
        steps_more=more(brief.steps),
        talks=[talk_line(talk) for talk in brief.talks],
        revenue=numbers.short_money(
            account.summary.revenue_12m_amount, settings.REPORTING_CURRENCY, get_language() or "en"
        ),
        trend="" if trend is None else numbers.percent(trend, 0, sign=True),
        trend_is_down=trend is not None and trend < 0,
    )


def joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def more_of(count: int) -> str:
    return ngettext("… and %(count)d more", "… and %(count)d more", count) % {"count": count} if count else ""


def more(cut: Cut[Any]) -> str:
    """How many did not fit; nothing where all did."""
    return more_of(cut.more)


def when(brief: Brief) -> str:
    """When the visit is; nothing where the brief is for no visit."""
    if brief.visit is None:
        return ""
    date = formats.date_format(brief.visit.planned_date, "DATE_FORMAT")
    time = brief.visit.start_time
    return f"{date} {formats.time_format(time, 'H:i')}" if time else date


def purpose(brief: Brief) -> list[str]:
    """What the visit is for and whom it is to meet."""
    if brief.visit is None:
        return []
    names = [contact.local_name for contact in brief.visit.contacts.all()]
    shown = joined(", ".join(names[:MOST_NAMES]), more_of(max(0, len(names) - MOST_NAMES)))
    found = [_("Purpose: %(text)s") % {"text": brief.visit.purpose}] if brief.visit.purpose else []
    return [*found, _("To meet: %(names)s") % {"names": shown}] if names else found


def vitals(brief: Brief) -> list[Vital]:
    """Last contact, cadence, next due, next visit, last order."""
    summary = brief.account.summary
    last, due = summary.last_contact_date, summary.contact_due_date
    days = brief.cadence_days
    cadence = ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "–"
    state = Vital(_("Next contact due"), _date(due))
    if brief.overdue_days:
        late = ngettext("%(count)d day overdue", "%(count)d days overdue", brief.overdue_days)
        state = Vital(_("Next contact due"), late % {"count": brief.overdue_days}, "danger")
    return [
        Vital(_("Last contact"), _date(last) if last else _("never contacted"), "" if last else "warning"),
        Vital(_("Cadence"), cadence),
        state,
        Vital(_("Next visit"), _date(summary.next_visit_date)),
        Vital(_("Last order"), _date(summary.last_order_date)),
    ]


def person_line(person: Person) -> PersonLine:
    row, contact = person.employment, person.contact
    last = person.facts.last_date
    owner = _("our contact: %(name)s") % {"name": row.owner} if row.owner else ""
    influence = _("influence: %(level)s") % {"level": row.get_influence_display()} if row.influence else ""
    birthday = ""
    if person.birthday:
        date = formats.date_format(person.birthday, "MONTH_DAY_FORMAT")
        birthday = _("birthday %(date)s") % {"date": date}
    return PersonLine(
        name=joined(contact.local_name, contact.form_of_address),
        work=person.work,
        last=_("last %(date)s") % {"date": _date(last)} if last else _("no contact yet"),
        about=joined(row.get_decision_role_display(), row.get_attitude_display(), influence, contact.mobile, owner),
        birthday=birthday,
        url=link("contacts:contact_detail", contact.pk),
    )


def step_line(step: NextStep, brief: Brief) -> StepLine:
    return StepLine(
        date=_date(step.due_date),
        text=step.text,
        overdue=step.is_overdue(brief.today),
        promise=step.kind == StepKind.PROMISE,
        owner=str(step.owner),
    )


def talk_line(talk: Talk) -> TalkLine:
    row = talk.interaction
    names = [contact.local_name for contact in row.contacts.all()]
    people = joined(", ".join(names[:MOST_NAMES]), more_of(max(0, len(names) - MOST_NAMES)))
    return TalkLine(
        head=joined(_date(row.date), row.get_kind_display(), row.get_outcome_display()),
        people=joined(str(row.author or ""), people),
        story=_(": ").join(filter(None, [row.title, talk.summary])),
        url=link("interactions:interaction_detail", row.pk),
    )


def _date(value: dt.date | None) -> str:
    return formats.date_format(value, "DATE_FORMAT") if value else "–"
