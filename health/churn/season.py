"""The company's season: how busy the days of the year are, as far as is known on a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from health.churn.purchases import YEAR, Floats, Ints, Purchases

# Days on either side over which a day's pace is averaged, and the weight of an unseasonal year in order days: a company
# with few orders has no season to speak of.
_SMOOTH = 10
_PRIOR_ORDERS = 200.0


@dataclass(frozen=True)
class DailyCounts:
    """Order days of all accounts together, by day, from `first` on."""

    first: int
    counts: Floats

    def before(self, day: int) -> DailyCounts:
        """What was known of them at the beginning of `day`."""
        return DailyCounts(self.first, self.counts[: max(day - self.first, 0)])


@dataclass(frozen=True)
class Season:
    """Operational time: days, each as long as it is busy against the mean of its year; `first` is the first day.

    A day to come is as busy as the same day in the years before, where those are known, else like the mean.
    """

    first: int
    elapsed: Floats

    def time(self, day: Ints | int) -> Floats:
        """Operational time up to the beginning of `day`; it goes on evenly outside of what is known."""
        place = np.asarray(day) - self.first
        inside = np.clip(place, 0, len(self.elapsed) - 1)
        time: Floats = self.elapsed[inside] + (place - inside)
        return time

    def between(self, start: Ints | int, end: Ints | int) -> Floats:
        """Operational days from `start` to before `end`."""
        return self.time(end) - self.time(start)


def daily_counts(purchases: Purchases) -> DailyCounts:
    """The order days of all accounts together."""
    days = purchases.orders.day
    if not len(days):
        return DailyCounts(0, np.zeros(0))
    first = int(days.min())
    return DailyCounts(first, np.bincount(days - first).astype(np.float64))


def season_of(daily: DailyCounts, day: int, ahead: int) -> Season:
    """The season as known at the beginning of `day`, with a forecast for the `ahead` days from it."""
    counts = daily.before(day).counts
    if not counts.sum():
        return Season(day, np.arange(ahead + 1, dtype=np.float64))
    counts = np.concatenate([counts, np.zeros(max(day - daily.first - len(counts), 0))])
    smooth = _means(counts, _SMOOTH, _SMOOTH)
    level = _level(counts)
    weight = counts.sum() / (counts.sum() + _PRIOR_ORDERS)
    pace = 1 + weight * (smooth / np.maximum(level, 1e-9) - 1)
    pace = np.concatenate([pace, _forecast(pace, ahead)])
    return Season(daily.first, np.concatenate([[0.0], np.cumsum(pace)]))


def _forecast(pace: Floats, ahead: int) -> Floats:
    """The pace of the coming days: that of the same days in up to three years before, where there were any."""
    known = len(pace)
    coming = np.ones(ahead)
    for place in range(ahead):
        then = known + place - np.arange(1, 4) * YEAR
        then = then[(then >= 0) & (then < known)]
        if len(then):
            coming[place] = pace[then].mean()
    return coming


def _means(counts: Floats, back: int, ahead: int) -> Floats:
    """Means over the days around each day, as far as there are any."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    places = np.arange(len(counts))
    low, high = np.maximum(places - back, 0), np.minimum(places + ahead + 1, len(counts))
    means: Floats = (total[high] - total[low]) / (high - low)
    return means


def _level(counts: Floats) -> Floats:
    """The mean pace over the year around each day: the trend that a season swings about."""
    if len(counts) <= YEAR:
        return np.full(len(counts), counts.mean())
    total = np.concatenate([[0.0], np.cumsum(counts)])
    low = np.clip(np.arange(len(counts)) - YEAR // 2, 0, len(counts) - YEAR)
    means: Floats = (total[low + YEAR] - total[low]) / YEAR
    return means
