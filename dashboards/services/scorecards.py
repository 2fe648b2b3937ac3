"""Scorecards: targets, computing, comments, sign-off, reopening."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import record
from dashboards.choices import SHARES, Measure
from dashboards.errors import (
    CommentEmpty,
    NotYourScorecard,
    PeriodNotOver,
    ReasonNeeded,
    ScorecardExists,
    ScorecardNotSigned,
    ScorecardOfWhom,
    ScorecardSigned,
    TargetWrong,
    WeightsWrong,
)
from dashboards.models import Scorecard, ScorecardComment, ScorecardTarget
from dashboards.scorecards.actuals import actuals
from dashboards.scorecards.rules import WHOLE, Line, Period, score
from notifications.services import notify
from users.models import User

CENT = Decimal("0.01")
OPEN_DAYS = 400
"""So long after its period an unsigned card is still computed every night."""


@dataclass(frozen=True)
class Wanted:
    """A target and its weight of 100."""

    measure: str
    target: Decimal
    weight: int


@transaction.atomic
def create_scorecard(
    card: Scorecard, wanted: Sequence[Wanted], *, actor: User, today: dt.date, now: dt.datetime
) -> Scorecard:
    """Agree on targets for a person or a team. Raises NotYourScorecard, ScorecardExists, and as set_targets."""
    if (card.person is None) == (card.team is None):
        raise ScorecardOfWhom(field="person")
    card.first_day = Period.of(card.kind, card.first_day).first
    card.team = card.person.team if card.person else card.team
    _require_above(card, actor)
    card.set_by = actor
    try:
        with transaction.atomic():
            card.save()
    except IntegrityError as error:
        raise ScorecardExists(field="first_day") from error
    _write(card, wanted)
    record("scorecard.created", card, actor=actor, changes={"targets": (None, _words(wanted))})
    _compute(card, today, now)
    _tell(card, "scorecard_set", actor, now)
    return card


@transaction.atomic
def set_targets(
    card: Scorecard, wanted: Sequence[Wanted], *, actor: User, today: dt.date, now: dt.datetime
) -> Scorecard:
    """Agree on other targets. Raises NotYourScorecard, ScorecardSigned, TargetWrong, WeightsWrong."""
    card = _locked(card)
    _require_above(card, actor)
    _require_open(card)
    before = _words([Wanted(row.measure, row.target, row.weight) for row in card.targets.all()])
    card.targets.all().delete()
    _write(card, wanted)
    card.set_by = actor
    card.save()
    if before != _words(wanted):
        record("scorecard.targets_set", card, actor=actor, changes={"targets": (before, _words(wanted))})
        _tell(card, "scorecard_set", actor, now)
    _compute(card, today, now)
    return card


@transaction.atomic
def compute_scorecard(card: Scorecard, *, today: dt.date, now: dt.datetime) -> Scorecard:
    """Bring an open card up to date. Raises ScorecardSigned."""
    card = _locked(card)
    _require_open(card)
    _compute(card, today, now)
    return card


def compute_open(*, today: dt.date, now: dt.datetime) -> int:
    """Every night: all open cards of periods that have begun and are not long over; returns how many."""
    cards = Scorecard.objects.filter(signed_at__isnull=True, first_day__lte=today)
    keys = list(cards.filter(first_day__gt=today - dt.timedelta(days=OPEN_DAYS + 366)).values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            card = Scorecard.objects.select_for_update().filter(pk=key, signed_at__isnull=True).first()
            if card is not None:
                _compute(card, today, now)
    return len(keys)


@transaction.atomic
def add_comment(card: Scorecard, text: str, *, actor: User, now: dt.datetime) -> ScorecardComment:
    """A note that both sides see; signed cards take some too. Raises CommentEmpty."""
    if not text.strip():
        raise CommentEmpty(field="text")
    comment = ScorecardComment.objects.create(scorecard=card, author=actor, text=text.strip(), created_at=now)
    record("scorecard.commented", card, actor=actor, changes={"comment": (None, comment.text)})
    _tell(card, "scorecard_commented", actor, now)
    return comment


@transaction.atomic
def sign_scorecard(card: Scorecard, *, actor: User, today: dt.date, now: dt.datetime) -> Scorecard:
    """Compute for the last time and freeze. Raises NotYourScorecard, ScorecardSigned, PeriodNotOver."""
    card = _locked(card)
    _require_above(card, actor)
    _require_open(card)
    if not card.is_over(today):
        raise PeriodNotOver(date=card.period.last.isoformat())
    _compute(card, today, now)
    card.signed_by, card.signed_at = actor, now
    card.save()
    record("scorecard.signed", card, actor=actor, changes={"score": (None, card.score)})
    _tell(card, "scorecard_signed", actor, now)
    return card


@transaction.atomic
def reopen_scorecard(card: Scorecard, reason: str, *, actor: User, now: dt.datetime) -> Scorecard:
    """Take a signature back, with the reason. Raises NotYourScorecard, ScorecardNotSigned, ReasonNeeded."""
    card = _locked(card)
    _require_above(card, actor)
    if not card.is_signed:
        raise ScorecardNotSigned
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    signed_by = str(card.signed_by)
    card.signed_by = card.signed_at = None
    card.save()
    record(
        "scorecard.reopened", card, actor=actor, reason=reason.strip(), changes={"signed_by": (signed_by, None)}
    )  # fmt: skip
    _tell(card, "scorecard_reopened", actor, now)
    return card


def people_of(card: Scorecard) -> list[int]:
    """Whose numbers count: the person's; of a team those of everybody who is in it or below it now, left or not."""
    if card.person_id or card.team is None:
        return [card.person_id] if card.person_id else []
    rows = User.objects.filter(team__path__startswith=card.team.path).order_by()
    return list(rows.values_list("pk", flat=True))


def _compute(card: Scorecard, today: dt.date, now: dt.datetime) -> None:
    """Numbers, score and, of a person, the team of today."""
    if card.person_id:
        card.team = User.objects.select_related("team").get(pk=card.person_id).team
    people = people_of(card)
    found = actuals(people, card.period, today)
    lines = [
        Line(row.measure, row.target, row.weight, found[row.measure].value, found[row.measure].facts)
        for row in card.targets.order_by("pk")
    ]
    total = score(lines)
    card.score = None if total is None else total.quantize(CENT)
    card.results = {"lines": [_plain(line) for line in lines], "people": len(people)}
    card.computed_at = now
    card.save()


def _plain(line: Line) -> dict[str, Any]:
    def text(value: Decimal | None, digits: str = "0.0001") -> str | None:
        return None if value is None else str(value.quantize(Decimal(digits)))

    return {
        "measure": line.measure, "target": text(line.target), "weight": line.weight, "actual": text(line.actual),
        "achievement": text(line.achievement), "counted": text(line.counted), "points": text(line.points, "0.01"),
        "facts": line.facts,
    }  # fmt: skip


def _write(card: Scorecard, wanted: Sequence[Wanted]) -> None:
    total = sum(row.weight for row in wanted)
    if total != WHOLE or any(row.weight < 1 for row in wanted):
        raise WeightsWrong(total=total, field="weights")
    for row in wanted:
        low, high = (0, 10) if row.measure in SHARES else (-100, 100) if row.measure == Measure.NPS else (0, 10**13)
        if row.measure not in Measure.values or not low <= row.target <= high:
            raise TargetWrong(measure=str(dict(Measure.choices).get(row.measure, row.measure)), field="targets")
    if len({row.measure for row in wanted}) != len(wanted):
        raise TargetWrong(measure=wanted[-1].measure, field="targets")
    ScorecardTarget.objects.bulk_create(
        ScorecardTarget(scorecard=card, measure=row.measure, target=row.target, weight=row.weight) for row in wanted
    )


def _locked(card: Scorecard) -> Scorecard:
    return Scorecard.objects.select_for_update(of=("self",)).select_related("person", "team").get(pk=card.pk)


def _require_open(card: Scorecard) -> None:
    if card.is_signed:
        raise ScorecardSigned


def _require_above(card: Scorecard, actor: User) -> None:
    """Raises NotYourScorecard unless `actor` leads the person, or the team from above."""
    if not actor.leads or card.person_id == actor.pk:
        raise NotYourScorecard
    if actor.sees_everything:
        return
    own, theirs = actor.team, card.person.team if card.person else card.team
    is_below = own is not None and theirs is not None and theirs.path.startswith(own.path)
    if not is_below or (card.person_id is None and card.team_id == actor.team_id):
        raise NotYourScorecard


def _words(wanted: Sequence[Wanted]) -> str:
    """For the audit."""
    return "; ".join(f"{row.measure} {row.target.normalize():f} ({row.weight}%)" for row in wanted)


def _tell(card: Scorecard, kind: str, actor: User, now: dt.datetime) -> None:
    """The other side: the person, and who set the targets."""
    users = [user for user in (card.person, card.set_by) if user is not None and user.pk != actor.pk]
    params = {
        "actor": str(actor),
        "period": card.period.name,
        "whose": str(card.person or card.team),
    }
    key = f"scorecard:{card.pk}:{kind}:{now:%Y%m%d%H%M%S}"
    notify(users, kind, params=params, url=card.get_absolute_url(), key=key)


def peer_scores(card: Scorecard) -> list[Decimal | None]:
    """The scores of the people of the same team and period: for their median, whoever reads it."""
    if card.person_id is None or card.team_id is None:
        return []
    return list(Scorecard.objects.beside(card).values_list("score", flat=True))
