"""Campaigns side by side: how many answers, and the first score of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from surveys import metrics, results
from surveys.models import Campaign
from surveys.reports import RATED, Measure, Where
from surveys.results import Scope, together
from surveys.shielding import Shield
from users.models import User


@dataclass
class Headline:
    """One campaign of the list; `scores` by kind of question."""

    campaign: Campaign
    responses: int = 0
    scores: dict[str, Measure] = field(default_factory=dict)


def headlines(user: User, campaigns: Sequence[Campaign]) -> list[Headline]:
    """What a reader sees of each campaign: the named ones in one reading, each anonymous one by itself."""
    named = [campaign for campaign in campaigns if not campaign.anonymous]
    sums = results.read(Scope(user, named), monthly=False) if named else []
    by_campaign: dict[int, list[results.AnswerSum]] = {campaign.pk: [] for campaign in campaigns}
    for row in sums:
        by_campaign[row.campaign].append(row)
    asked = results.definitions_of(campaigns)
    found = []
    for campaign in campaigns:
        rows = by_campaign[campaign.pk]
        if campaign.anonymous:
            rows = Shield(asked[campaign.pk]).in_months(results.read(Scope(user, [campaign])), results.ALL_TIME)
        found.append(_headline(campaign, rows, asked[campaign.pk]))
    return found


def _headline(campaign: Campaign, rows: list[results.AnswerSum], asked: results.Definition) -> Headline:
    tally = together(rows)
    line = Headline(campaign, tally.responses)
    for question in asked.of_kind(*RATED):
        if question.kind not in line.scores:
            score = metrics.score(question.kind, tally.values(question.key))
            line.scores[question.kind] = Measure("", Where(question.key), n=score.n, score=score)
    return line
