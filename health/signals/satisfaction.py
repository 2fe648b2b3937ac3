"""Signs in what the customer's people answer, or do not answer."""

from __future__ import annotations

import datetime as dt
from statistics import fmean

from django.utils.translation import pgettext_lazy

from health.choices import Direction, SignalGroup
from health.facts.surveys import Answered, SurveyFacts
from health.signals.base import Reading, Signal, Unit

YEAR = dt.timedelta(days=365)
PROMOTER, DETRACTOR = 9, 6


def assess_nps(facts: SurveyFacts, as_of: dt.date) -> Reading | None:
    """The net promoter score of the newest answer of each person within a year, as the account's page has it."""
    newest = _newest(facts.nps, as_of)
    if not newest:
        return None
    promoters = sum(answer.value >= PROMOTER for answer in newest)
    detractors = sum(answer.value <= DETRACTOR for answer in newest)
    value = 100 * (promoters - detractors) / len(newest)
    return Reading(value, max(answer.date for answer in newest), {"people": len(newest), "detractors": detractors})


def assess_nps_fallen(facts: SurveyFacts, as_of: dt.date) -> Reading | None:
    """By how many of ten points those who answered before are less likely to recommend us now."""
    falls, last = [], None
    for answers in facts.nps.values():
        if len(answers) > 1 and answers[-1].date >= as_of - YEAR:
            falls.append(answers[-2].value - answers[-1].value)
            last = max(answers[-1].date, last or answers[-1].date)
    return Reading(fmean(falls), last, {"people": len(falls)}) if falls else None


def assess_csat(facts: SurveyFacts, as_of: dt.date) -> Reading | None:
    """The mean of the newest satisfaction (1 to 5) of each person within a year."""
    newest = _newest(facts.csat, as_of)
    if not newest:
        return None
    value = fmean(answer.value for answer in newest)
    return Reading(value, max(answer.date for answer in newest), {"people": len(newest)})


def assess_unanswered(facts: SurveyFacts, as_of: dt.date) -> Reading | None:
    """How many invitations of the last year have run out in a row since the last answer."""
    if facts.asked is None:
        return None
    return Reading(facts.unanswered, facts.asked)


def _newest(answers: dict[int, list[Answered]], as_of: dt.date) -> list[Answered]:
    """The last answer of each person, where it is not older than a year."""
    return [rows[-1] for rows in answers.values() if rows[-1].date >= as_of - YEAR]


_HIGH, _LOW, _GROUP = Direction.HIGH_IS_BAD, Direction.LOW_IS_BAD, SignalGroup.SATISFACTION
SIGNALS = (
    Signal(
        "nps_low", _GROUP, pgettext_lazy("signal", "NPS low"), Unit.POINTS, _LOW,
        bound=-20, fine=30, worst=-80, weight=35, needs="surveys", assess=assess_nps,
    ),
    Signal(
        "nps_fallen", _GROUP, pgettext_lazy("signal", "NPS fallen"), Unit.RATING, _HIGH,
        bound=2, fine=0.5, worst=5, weight=25, needs="surveys", assess=assess_nps_fallen,
    ),
    Signal(
        "csat_low", _GROUP, pgettext_lazy("signal", "Satisfaction low"), Unit.RATING, _LOW,
        bound=3, fine=4, worst=2, weight=30, needs="surveys", assess=assess_csat,
    ),
    Signal(
        "survey_unanswered", _GROUP, pgettext_lazy("signal", "Surveys unanswered"), Unit.COUNT, _HIGH,
        bound=2, fine=0, worst=4, weight=10, needs="surveys", assess=assess_unanswered,
    ),
)  # fmt: skip
