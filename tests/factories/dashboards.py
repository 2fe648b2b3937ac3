"""Scorecards, made through the service."""

import datetime as dt
from decimal import Decimal

from dashboards.models import Scorecard
from dashboards.services.scorecards import Wanted, create_scorecard
from tests.factories import TODAY

NOW = dt.datetime.combine(TODAY, dt.time(9), dt.UTC)


def make_scorecard(person, actor, *wanted, kind="month", first_day=TODAY, team=None):
    """A card whose targets `actor` sets: revenue alone, unless said otherwise."""
    card = Scorecard(person=person, team=team, kind=kind, first_day=first_day)
    targets = wanted or [Wanted("revenue", Decimal(1000), 100)]
    return create_scorecard(card, targets, actor=actor, today=TODAY, now=NOW)
