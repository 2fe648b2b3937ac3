"""What the model in use says of accounts on a day; the plain rule where there is none."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Q

from core.errors import DomainError
from core.money import minor_digits
from health.choices import ModelKind
from health.churn import model as churn
from health.churn.choosing import KEPT
from health.churn.errors import ModelOfAnotherVersion, ModelTampered
from health.churn.explaining import contributions, reasons
from health.churn.model import Level, level_at, score_accounts
from health.churn.prediction import Prediction
from health.churn.purchases import YEAR, Floats, Purchases
from health.churn.rule import Rule, chance_of
from health.churn.season import season_of
from health.churn.storing import from_document, rule_in
from health.churn.training import Learnt
from health.churn.value import DISCOUNT, Values, values_of
from health.models import ChurnModel
from health.services.purchases import Gathered, daily_order_counts, gather, gather_sample, load_rates, ordering_accounts

logger = logging.getLogger(__name__)

# So many accounts tell the level of a day; and one statement reads the orders of so many.
LEVEL_SAMPLE = 6_000
BATCH = 5_000


def model_on(day: dt.date) -> ChurnModel | None:
    """The model that counts on `day`: none of a later training, which would know what comes after it."""
    known = ChurnModel.objects.filter(as_of__lte=day).exclude(document={})
    in_use = known.filter(in_use=True).first()
    return in_use or known.filter(Q(verdict__in=KEPT) | Q(kind=ModelKind.RULE)).order_by("-as_of", "-pk").first()


def refusal_of(row: ChurnModel | None) -> DomainError | None:
    """Why a stored model is not used: its document was changed, or belongs to another version."""
    return _opened_or_rule(row)[2]


def _opened_or_rule(row: ChurnModel | None) -> tuple[churn.ChurnModel | None, Rule, DomainError | None]:
    """The model and the rule of a row, or else the plain rule of other companies and why."""
    try:
        return *_opened(row), None
    except (ModelTampered, ModelOfAnotherVersion) as refusal:
        return None, Rule(), refusal


def _opened(row: ChurnModel | None) -> tuple[churn.ChurnModel | None, Rule]:
    """The model and the rule of a row. Raises ModelTampered, ModelOfAnotherVersion."""
    if row is None or not row.document:
        return None, Rule()
    if row.kind == ModelKind.RULE:
        return None, rule_in(row.document, settings.SECRET_KEY)
    model = from_document(row.document, settings.SECRET_KEY)
    return model, model.rule


class Predictor:
    """Everything about a day that is the same for all accounts, read once.

    Uses the model in use, on days before its training the one that was kept before; or `learnt`, as a backtest has
    it. A stored one that was tampered with, or is of another version, is not used: then the plain rule says what it
    can, so that nobody goes without a score for a night.
    """

    def __init__(self, as_of: dt.date, learnt: Learnt | None = None) -> None:
        self.as_of = as_of
        self.day = as_of.toordinal()
        self.rates = load_rates()
        self.row = None if learnt else model_on(as_of)
        self.model, self.rule, refusal = (learnt.model, learnt.rule, None) if learnt else _opened_or_rule(self.row)
        if refusal is not None:
            logger.error("The churn model %s is not used, the plain rule is: %s", self.row, refusal)
            self.row = None

    @cached_property
    def level(self) -> Level:
        """The level of the day, from a fair choice of the accounts that have a rhythm or had one."""
        assert self.model is not None  # noqa: S101 — asked for by those who have one
        days = YEAR + self.model.horizon  # the last horizon is looked back upon, too
        ids = ordering_accounts(self.as_of, self.as_of - dt.timedelta(days=days), self.model.order_days)
        sample = gather_sample(ids, LEVEL_SAMPLE, self.as_of).purchases
        season = season_of(daily_order_counts(self.as_of), self.day, self.model.horizon)
        return level_at(self.model, sample, self.day, season)

    def predict(self, ids: Sequence[int]) -> dict[int, Prediction]:
        """The predictions of those accounts that ever ordered, in batches of one statement each."""
        found: dict[int, Prediction] = {}
        for start in range(0, len(ids), BATCH):
            found |= self.predict_gathered(self.gathered(ids[start : start + BATCH], self.as_of))
        return found

    def gathered(self, ids: Sequence[int], as_of: dt.date) -> Gathered:
        """The purchases of one batch before a day; with the products for a model only, the plain rule needs none."""
        return gather(ids, as_of, self.rates, YEAR if self.model else 0)

    def predict_gathered(self, gathered: Gathered) -> dict[int, Prediction]:
        """The same of purchases that are read already."""
        return self._by_model(gathered) if self.model else self._by_rule(gathered)

    def _by_model(self, gathered: Gathered) -> dict[int, Prediction]:
        assert self.model is not None  # noqa: S101
        history = _ordered(gathered.purchases)
        if not len(history):
            return {}
        scores = score_accounts(self.model, history, self.level)
        told = reasons(contributions(self.model, self.level, scores), self.level, scores)
        values = values_of(self.model, history, self.day, self.level.season)
        return self._predictions(history, gathered, scores.silent, scores.fallen, values, told)

    def _by_rule(self, gathered: Gathered) -> dict[int, Prediction]:
        history = _ordered(gathered.purchases)
        if not len(history):
            return {}
        chance = chance_of(history, self.day)
        silent = np.asarray(self.rule.silent(chance))
        values = plain_values(history, self.day, silent)
        told: list[list[dict[str, Any]]] = [
            [{"feature": "plain_rule", "value": round(float(each), 3), "typical": None, "contribution": 0.0}]
            for each in chance
        ]
        return self._predictions(history, gathered, silent, np.asarray(self.rule.spends_less(chance)), values, told)

    def _predictions(
        self, history: Purchases, gathered: Gathered, silent: Floats, fallen: Floats, values: Values, told: list[Any]
    ) -> dict[int, Prediction]:
        digits = minor_digits(settings.REPORTING_CURRENCY)
        number = self.row.pk if self.row else None
        found = {}
        for place, account in enumerate(history.ids.tolist()):
            priced = account not in gathered.unpriced
            found[account] = Prediction(
                probability=round(float(silent[place]), 4),
                drop_probability=round(float(fallen[place]), 4),
                lifetime_value=_amount(values.lifetime[place], digits) if priced else None,
                expected_year=_amount(values.year[place], digits) if priced else None,
                reasons=told[place],
                model_id=number,
            )
        return found


def predict(account_ids: Sequence[int], as_of: dt.date) -> dict[int, Prediction]:
    """The predictions of these accounts for `as_of`: what was known on the days before it."""
    return Predictor(as_of).predict(account_ids)


def plain_values(history: Purchases, day: int, silent: Floats) -> Values:
    """Without a model: the net sales of the last 365 days go on for three years, while it lasts.

    Each year the account is lost with the probability that it falls silent now.
    """
    recent = history.between(day - YEAR, day)
    first = np.full(len(history), day)
    np.minimum.at(first, history.account, history.day)
    net = np.maximum(recent.total(recent.sales) - recent.total(recent.returns), 0.0)
    year = net * YEAR / np.clip(day - first, 90, YEAR)
    stays = (1 - silent) / (1 + DISCOUNT)
    return Values(year, year * (1 - silent) * (1 + stays + stays**2))


def _ordered(purchases: Purchases) -> Purchases:
    """Those that ever ordered."""
    return purchases.only(purchases.orders.total() > 0)


def _amount(value: float, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits}f}")
