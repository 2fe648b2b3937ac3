"""Keeps scores: the newest of each account, the points of its history, the columns of its summary. In sets; what is
kept is derived, and made anew by the next night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.choices import Tier
from accounts.models import AccountSummary
from core.bulk import copy_rows
from health.choices import RunStage
from health.distribution import FOUR_WEEKS, points_for
from health.models import AccountHealth, HealthPoint, HealthRun
from health.services.scoring import Scored
from interactions.services.sets import update_rows

WEEK = 7
BATCH = 5000
TREND_WEEKS = 8
MONDAY = 0
COLUMNS = (
    "account", "as_of", "profile", "profile_revision", "score", "band", "capped_by", "parts", "missing", "model",
    "probability", "drop_probability", "reasons", "currency", "lifetime_value_amount", "value_at_risk_amount",
)  # fmt: skip
POINT_COLUMNS = ("account", "date", "score", "band", "tier", "probability", "value_at_risk_amount", "parts")
SUMMARY_COLUMNS = ("account", "health_score", "health_band", "health_trend", "health_band_before")


class Known(NamedTuple):
    """The newest score of an account."""

    score: int | None
    band: str


class Summary(NamedTuple):
    """What the summary of an account says of its health."""

    score: int | None
    band: str
    trend: list[int | None]
    before: str


def store_scores(ids: Sequence[int], scored: Sequence[Scored], as_of: dt.date) -> None:
    """Keep the scores of one batch of accounts (`ids`: all of it, also those that have none any more).

    Called in a transaction. The scores are locked as alerts lock them, then replaced.
    """
    bands = {}
    locked = AccountHealth.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    for pk, band in locked.values_list("pk", "band"):
        bands[pk] = band
    AccountHealth.objects.filter(pk__in=ids).delete()
    copy_rows(AccountHealth, COLUMNS, (_health_row(one, as_of) for one in scored))
    _store_points(ids, scored, as_of, bands)
    found = {one.account_id: Known(one.result.score, one.result.band) for one in scored}
    _store_summaries(ids, found, as_of)


def forget_scores(as_of: dt.date) -> None:
    """Take away what the run of `as_of` did not score: relationships that have ended, accounts without a profile."""
    gone = AccountHealth.objects.exclude(as_of=as_of)
    while keys := list(gone.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        AccountHealth.objects.filter(pk__in=keys).delete()
    unscored = AccountSummary.objects.filter(account__health=None).order_by()
    says = ~Q(health_score=None, health_band="", health_band_before="") | Q(
        account__in=points_for(as_of - FOUR_WEEKS).order_by().values("account")
    )
    keys = sorted(unscored.filter(says).values_list("account", flat=True))
    for at in range(0, len(keys), BATCH):
        _store_summaries(keys[at : at + BATCH], {}, as_of)


def refresh_health_summaries(*, today: dt.date) -> int:
    """Bring the columns of all accounts up to their scores and history, as the nights left them; returns how many rows
    were changed."""
    runs = HealthRun.objects.exclude(stage=RunStage.SCORING).order_by("-as_of").values_list("as_of", flat=True)
    newest = runs.first() or today
    keys = list(AccountSummary.objects.order_by("account").values_list("account", flat=True))
    changed = 0
    for at in range(0, len(keys), BATCH):
        days: dict[dt.date, list[int]] = {newest: []}
        scores = {}
        rows = AccountHealth.objects.filter(pk__in=keys[at : at + BATCH]).order_by()
        for pk, as_of, score, band in rows.values_list("pk", "as_of", "score", "band"):
            days.setdefault(as_of, []).append(pk)
            scores[pk] = Known(score, band)
        days[newest] += [pk for pk in keys[at : at + BATCH] if pk not in scores]
        changed += sum(_store_summaries(ids, scores, as_of) for as_of, ids in days.items())
    return changed


def thin_points(as_of: dt.date, keep_days: int) -> int:
    """Delete the points that are older than the policy keeps; returns how many."""
    old = HealthPoint.objects.filter(date__lt=as_of - dt.timedelta(days=keep_days)).order_by("date", "account")
    deleted = 0
    while keys := list(old.values_list("pk", flat=True)[:20_000]):
        deleted += HealthPoint.objects.filter(pk__in=keys).delete()[0]
    return deleted


def _health_row(one: Scored, as_of: dt.date) -> tuple[Any, ...]:
    result, prediction = one.result, one.prediction
    return (
        one.account_id, as_of, one.profile.pk, one.profile.revision, result.score, result.band, result.capped_by,
        result.parts, result.missing, prediction.model_id if prediction else None,
        prediction.probability if prediction else None, prediction.drop_probability if prediction else None,
        prediction.reasons if prediction else [], settings.REPORTING_CURRENCY,
        prediction.lifetime_value if prediction else None, one.value_at_risk,
    )  # fmt: skip


def _store_points(ids: Sequence[int], scored: Sequence[Scored], as_of: dt.date, bands: Mapping[int, str]) -> None:
    """Points of the day: every day for tier A, on Mondays for all, and when the band changes or is new."""
    kept = [
        one
        for one in scored
        if one.tier == Tier.A or as_of.weekday() == MONDAY or bands.get(one.account_id) != one.result.band
    ]
    HealthPoint.objects.filter(account__in=ids, date=as_of).delete()
    copy_rows(HealthPoint, POINT_COLUMNS, (_point_row(one, as_of) for one in kept))


def _point_row(one: Scored, as_of: dt.date) -> tuple[Any, ...]:
    result, prediction = one.result, one.prediction
    parts = {part["signal"]: [part["value"], part["severity"]] for part in result.parts}
    probability = prediction.probability if prediction else None
    return (one.account_id, as_of, result.score, result.band, one.tier, probability, one.value_at_risk, parts)


@transaction.atomic
def _store_summaries(ids: Sequence[int], scores: Mapping[int, Known], as_of: dt.date) -> int:
    """The columns of the summary, where they are others than before; returns how many rows that were."""
    mondays = trend_days(as_of)
    past, before = _past_scores(ids, mondays), _bands_on(ids, as_of - FOUR_WEEKS)
    rows = []
    summaries = AccountSummary.objects.filter(account__in=ids).order_by("account").select_for_update(of=("self",))
    for pk, *columns in summaries.values_list(*SUMMARY_COLUMNS):
        found = Summary(None, "", [], before.get(pk, ""))
        if pk in scores:
            trend = _trend(past.get(pk, {}), mondays, scores[pk].score)
            found = Summary(*scores[pk], trend, found.before)
        if columns != list(found):
            rows.append((pk, *found))
    return update_rows(AccountSummary, SUMMARY_COLUMNS, rows)


def _bands_on(ids: Sequence[int], day: dt.date) -> dict[int, str]:
    """The bands that these accounts had on a day."""
    points = points_for(day).filter(account__in=ids).order_by("date")
    return dict(points.values_list("account", "band"))


def trend_days(as_of: dt.date) -> list[dt.date]:
    """The Mondays before the week of `as_of` whose scores are shown beside that of the day, the oldest first."""
    monday = as_of - dt.timedelta(days=as_of.weekday())
    return [monday - dt.timedelta(days=WEEK * back) for back in range(TREND_WEEKS - 1, 0, -1)]


def _past_scores(ids: Sequence[int], mondays: Sequence[dt.date]) -> dict[int, dict[dt.date, int | None]]:
    points = HealthPoint.objects.filter(account__in=ids, date__in=mondays).order_by()
    found: dict[int, dict[dt.date, int | None]] = {}
    for account, day, score in points.values_list("account", "date", "score"):
        found.setdefault(account, {})[day] = score
    return found


def _trend(past: Mapping[dt.date, int | None], mondays: Iterable[dt.date], score: int | None) -> list[int | None]:
    """The scores of the Mondays and the newest one; without those before the first that is known."""
    trend = [*(past.get(day) for day in mondays), score]
    first = next((place for place, each in enumerate(trend) if each is not None), len(trend))
    return trend[first:]
