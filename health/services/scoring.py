"""Scores accounts as of a day: facts in sets, signals, the profile of the day, the model's prediction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.choices import Status
from accounts.models import Account
from core.money import round_amount
from health.churn.prediction import Prediction
from health.churn.season import season_of
from health.facts import gatherers
from health.facts.orders import order_facts
from health.facts.segments import remembered
from health.models import HealthProfile
from health.score import Result
from health.services.gaps import gap_in
from health.services.predicting import Predictor
from health.services.profiles import Chooser, ensure_default_profiles
from health.services.purchases import daily_order_counts
from health.signals import Reading, all_signals

BATCH = 5000
ORDERS, CHURN, LINES = "orders", "churn", "lines"
# A gap that ended so long ago is bridged by the orders since.
STILL_OPEN = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Scored:
    """An account's score with all that explains it."""

    account_id: int
    tier: str
    profile: HealthProfile
    result: Result
    prediction: Prediction | None

    @property
    def value_at_risk(self) -> Decimal | None:
        """Probability of the loss times what the next twelve months would bring."""
        if self.prediction is None or self.prediction.expected_year is None:
            return None
        amount = self.prediction.expected_year * Decimal(str(self.prediction.probability))
        return round_amount(amount, settings.REPORTING_CURRENCY)


class Scorer:
    """Everything about a day that is the same for all accounts. `profiles` are those of a what-if (all of them, in
    their order); without, the active ones. `predictor` is that of another model than the one in use, as a backtest has.

    While the company's own orders are missing (`gap`), orders are read as of the day on which they stopped: nobody
    loses points for an import that failed.
    """

    def __init__(
        self,
        as_of: dt.date,
        profiles: Sequence[HealthProfile] | None = None,
        predictor: Predictor | None = None,
    ) -> None:
        self.as_of = as_of
        daily = daily_order_counts(as_of)
        self.gap = gap_in(daily, as_of)
        hidden = self.gap is not None and self.gap[1] >= as_of - STILL_OPEN
        self.orders_as_of = self.gap[0] if self.gap is not None and hidden else as_of
        if profiles is None:
            ensure_default_profiles()
            profiles = list(HealthProfile.objects.active())
        self.season = season_of(daily.before(self.orders_as_of.toordinal()), self.orders_as_of.toordinal(), 1)
        self.chooser = Chooser(profiles)
        self.predictor = predictor or Predictor(self.orders_as_of)
        self.signals = list(all_signals().values())
        self.gatherers = gatherers()

    def score(self, ids: Sequence[int]) -> list[Scored]:
        """The accounts of one batch, by their keys; those that no profile is for are left out."""
        with remembered(ids, self.as_of) as kinds:
            facts = self._facts(ids)
        found = []
        for pk, segment in sorted(kinds.items()):
            scale = self.chooser.scale_for(segment.tier, segment.stage, segment.status, segment.category)
            if scale is not None:
                result = scale.score(self._readings(pk, facts))
                profile: Any = scale.profile
                found.append(Scored(pk, segment.tier, profile, result, facts[CHURN].get(pk)))
        return found

    def _facts(self, ids: Sequence[int]) -> dict[str, Any]:
        gathered = self.predictor.gathered(ids, self.orders_as_of)
        facts: dict[str, Any] = {
            ORDERS: order_facts(gathered.purchases, gathered.unpriced, self.season),
            CHURN: self.predictor.predict_gathered(gathered),
        }
        for name, collect in self.gatherers.items():
            facts[name] = collect(ids, self.orders_as_of if name == LINES else self.as_of)
        return facts

    def _readings(self, pk: int, facts: dict[str, Any]) -> dict[str, Reading]:
        """What the signals read; one without data is not there."""
        readings = {}
        for signal in self.signals:
            known = facts.get(signal.needs, {}).get(pk)
            if known is not None:
                day = self.orders_as_of if signal.needs in (ORDERS, CHURN, LINES) else self.as_of
                reading = signal.assess(known, day)
                if reading is not None:
                    readings[signal.key] = reading
        return readings


def to_score() -> Any:
    """The accounts that are scored: all whose relationship has not ended."""
    return Account.objects.exclude(status=Status.TERMINATED).order_by("pk")


def batches(ids: Iterable[int], size: int = BATCH) -> Iterator[list[int]]:
    """The keys in lists of at most `size`."""
    batch: list[int] = []
    for pk in ids:
        batch.append(pk)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def score_all(
    as_of: dt.date, profiles: Sequence[HealthProfile] | None = None, predictor: Predictor | None = None
) -> Iterator[Scored]:
    """Every account as of a day, without storing anything."""
    scorer = Scorer(as_of, profiles, predictor)
    for batch in batches(list(to_score().values_list("pk", flat=True))):
        yield from scorer.score(batch)


def scores_as_of(
    as_of: dt.date, profiles: Sequence[HealthProfile] | None = None, predictor: Predictor | None = None
) -> Iterator[tuple[int, int | None, str]]:
    """(account, score, tier) of every account, as they would have been on that day; by the model in use, which may
    have learnt from later days, unless a `predictor` of an earlier one is given."""
    for one in score_all(as_of, profiles, predictor):
        yield one.account_id, one.result.score, one.tier
