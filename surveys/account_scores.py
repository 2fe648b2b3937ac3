"""What an account has told us over time: NPS and satisfaction by quarter, the last answers, who may be asked when."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contacts.choices import Consent
from contacts.models import Contact, Employment
from surveys.choices import QuestionKind
from surveys.definition import Definition, read
from surveys.metrics import Score, csat, nps
from surveys.models import Campaign, Response
from surveys.reasons import SHORT
from surveys.services.policy import policy_now

QUARTERS = 12
MAX_ANSWERS = 2000


@dataclass
class Quarter:
    """The answers of three months: how often each value was given."""

    first: dt.date
    nps_counts: Counter[int] = field(default_factory=Counter)
    csat_counts: Counter[int] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return f"{self.first.year} Q{(self.first.month + 2) // 3}"

    @property
    def last(self) -> dt.date:
        return _quarter_after(self.first) - dt.timedelta(days=1)

    @property
    def nps(self) -> Score:
        return nps(self.nps_counts)

    @property
    def csat(self) -> Score:
        return csat(self.csat_counts)

    @property
    def is_empty(self) -> bool:
        return not self.nps_counts and not self.csat_counts


@dataclass(frozen=True)
class Given:
    """One answer in short: the ratings (label, value, top), and the first words written."""

    response: Response
    scores: list[tuple[str, int, int]]
    words: str


@dataclass(frozen=True)
class Askable:
    """When a contact may be asked again: from `allowed_on`; or never, and why."""

    contact: Contact
    asked_on: dt.date | None
    allowed_on: dt.date | None
    why_not: str = ""


def definitions(keys: Iterable[int]) -> dict[int, Definition]:
    """What these campaigns ask; one statement."""
    rows = Campaign.objects.filter(pk__in=set(keys)).order_by().values_list("pk", "definition")
    return {pk: read(data) for pk, data in rows}


def quarters(responses: Any, today: dt.date) -> list[Quarter]:
    """The scores of `responses` (complete, in a scope) of the last three years, oldest first, from the first quarter
    that has any; two statements."""
    first = _quarter_of(today)
    for _number in range(QUARTERS - 1):
        first = _quarter_of(first - dt.timedelta(days=1))
    rows = responses.filter(date__gte=first, date__lte=today).order_by("-date", "-pk")
    rows = list(rows.values_list("campaign_id", "date", "answers")[:MAX_ANSWERS])
    asked = definitions(campaign for campaign, _date, _answers in rows)
    found: dict[dt.date, Quarter] = {}
    for campaign, date, answers in rows:
        quarter = found.setdefault(_quarter_of(date), Quarter(_quarter_of(date)))
        for question in asked[campaign].of_kind(QuestionKind.NPS, QuestionKind.CSAT):
            value = answers.get(question.key)
            if isinstance(value, int):
                counts = quarter.nps_counts if question.kind == QuestionKind.NPS else quarter.csat_counts
                counts[value] += 1
    return _gapless([quarter for quarter in found.values() if not quarter.is_empty], today)


def _gapless(found: list[Quarter], today: dt.date) -> list[Quarter]:
    """From the first quarter with answers to that of `today`, empty ones too."""
    by_first = {quarter.first: quarter for quarter in found}
    if not by_first:
        return []
    row, first = [], min(by_first)
    while first <= today:
        row.append(by_first.get(first) or Quarter(first))
        first = _quarter_after(first)
    return row


def chart_of(rows: list[Quarter]) -> dict[str, Any]:
    """NPS as a line from −100 to 100, satisfaction in per cent beside it; gaps stay gaps."""
    lines = [(_("NPS"), "accent", "solid", [_point(row.nps) for row in rows])]
    lines.append((_("Satisfied (per cent)"), "muted", "dashed", [_point(row.csat) for row in rows]))
    return {
        "kam": {"number": "plain"},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "xAxis": {"type": "category", "data": [row.name for row in rows]},
        "yAxis": {"type": "value", "min": -100, "max": 100, "interval": 50},
        "series": [
            {"name": name, "type": "line", "data": points, "showSymbol": True, "connectNulls": True,
             "itemStyle": {"color": colour}, "lineStyle": {"width": 2, "color": colour, "type": kind}}
            for name, colour, kind, points in lines
            if any(point is not None for point in points)
        ],
    }  # fmt: skip


def _point(score: Score) -> float | None:
    return None if score.value is None else round(score.value, 1)


def last_answers(responses: Any, count: int) -> list[Given]:
    """The newest of `responses`, in short."""
    rows = list(
        responses.select_related("contact", "campaign").defer("campaign__texts").order_by("-date", "-pk")[:count]
    )
    language = get_language() or "en"
    asked = {row.campaign_id: read(row.campaign.definition) for row in rows}
    return [_given(row, asked[row.campaign_id], language) for row in rows]


def _given(response: Response, asked: Definition, language: str) -> Given:
    scores, words = [], ""
    for question in asked.questions:
        value = response.answers.get(question.key)
        if question.kind in SHORT and isinstance(value, int) and question.scale:
            scores.append((SHORT[QuestionKind(question.kind)], value, question.scale[1]))
        elif question.kind == QuestionKind.TEXT and value and not words:
            words = str(value)
    return Given(response, scores, words)


def askable(account: Any, user: Any, today: dt.date) -> list[Askable]:
    """The account's people of today that `user` sees, who may be asked first, first; three statements."""
    jobs = Employment.objects.visible_to(user).current(today).filter(account=account)
    people = Contact.objects.visible_to(user).filter(pk__in=jobs.order_by().values("contact"), erased=False)
    days = policy_now().min_days_between
    found = [_askable(person, days, today) for person in people.select_related("asked").order_by("name", "pk")]
    return sorted(found, key=lambda row: (row.allowed_on is None, row.allowed_on or today))


def _askable(person: Any, days: int, today: dt.date) -> Askable:
    row = getattr(person, "asked", None)
    asked_on = row.asked_on if row else None
    if person.no_surveys:
        return Askable(person, asked_on, None, _("wants no surveys"))
    if person.consent == Consent.WITHDRAWN:
        return Askable(person, asked_on, None, _("has withdrawn consent"))
    allowed = max(asked_on + dt.timedelta(days=days), today) if asked_on else today
    return Askable(person, asked_on, allowed)


def _quarter_of(day: dt.date) -> dt.date:
    return dt.date(day.year, day.month - (day.month - 1) % 3, 1)


def _quarter_after(first: dt.date) -> dt.date:
    return _quarter_of(first + dt.timedelta(days=100))
