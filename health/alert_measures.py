"""How good alerts have been, as arithmetic: of those that were resolved how many were right, of the customers that went
silent how many had an alert, and how early."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from health.choices import AlertOutcome, AlertStatus
from health.effectiveness import wilson

SILENT_DAYS = 90
"""Who orders nothing for so long, having been active, has gone silent."""
ACTIVE_ORDER_DAYS, ACTIVE_WITHIN = 3, 365
LOOKED_AT = (0, 30, 60, 90)
"""Days after the last order, at which is asked who had an alert by then."""
SECONDS_PER_HOUR, SECONDS_PER_DAY = 3600, 86_400
RIGHT = (AlertOutcome.SAVED, AlertOutcome.LOST)


class Raised(NamedTuple):
    """An alert, as far as it is measured."""

    account: int
    opened_on: dt.date
    status: str
    outcome: str
    opened_at: dt.datetime
    acknowledged_at: dt.datetime | None
    resolved_at: dt.datetime | None

    @property
    def was_shown(self) -> bool:
        """Its owner had it: it was neither held back nor taken back by the system."""
        return self.status != AlertStatus.HELD and self.outcome != AlertOutcome.WITHDRAWN


class Silence(NamedTuple):
    """An active account that ordered nothing for 90 days after its `last` order."""

    account: int
    last: dt.date


class Quiet(NamedTuple):
    """One of the accounts behind `Measures.silent`: after how many days without an order there was an alert, at most
    90: 0 where one was open at the last order already; None: there was none."""

    account: int
    last: dt.date
    after: int | None

    @property
    def lead(self) -> int | None:
        """How many days before the 90 were over."""
        return None if self.after is None else SILENT_DAYS - self.after


@dataclass
class Share:
    """`part` of `all`, with its 95% interval after Wilson; None where there is nothing to take a share of."""

    part: int = 0
    all: int = 0

    @property
    def value(self) -> float | None:
        return self.part / self.all if self.all else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.part / self.all, self.all) if self.all else None


@dataclass
class Measures:
    """Of the alerts that opened in a month (`month` None: in all months shown).

    `precision` is saved and lost over saved, lost and false alarms: an alert is right where the customer was in danger,
    however it ended. `silent` are the active accounts whose last order was in the month and that ordered nothing in
    the 90 days after it, None while those days are not over for all of the month; `warned` had an alert by then, after
    so many days `warned_by`; `lead_days` is the median of the days between the alert and the end of the 90.
    """

    month: dt.date | None
    raised: int = 0
    shown: int = 0
    unresolved: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    precision: Share = field(default_factory=Share)
    acknowledge_hours: float | None = None
    resolve_days: float | None = None
    silent: int | None = None
    warned: Share = field(default_factory=Share)
    warned_by: dict[int, Share] = field(default_factory=dict)
    lead_days: float | None = None


def measured(
    alerts: Sequence[Raised], silences: Sequence[Silence], months: Sequence[dt.date], today: dt.date
) -> list[Measures]:
    """One row for each month (its first day), the newest last, and one for all of them at the end."""
    by_month: dict[dt.date, list[Raised]] = defaultdict(list)
    for alert in alerts:
        by_month[alert.opened_on.replace(day=1)].append(alert)
    known = [month for month in months if _is_known(month, today)]
    quiet: dict[dt.date, list[Quiet]] = {month: [] for month in known}
    for found in quiet_accounts(alerts, silences, months, today):
        quiet[found.last.replace(day=1)].append(found)
    rows = [_row(month, by_month[month], quiet.get(month)) for month in months]
    everything = [alert for month in months for alert in by_month[month]]
    all_quiet = [found for month in known for found in quiet[month]] if known else None
    return [*rows, _row(None, everything, all_quiet)]


def quiet_accounts(
    alerts: Sequence[Raised], silences: Sequence[Silence], months: Sequence[dt.date], today: dt.date
) -> list[Quiet]:
    """The silences of those of the months about which it is known, in their order, each with its alert."""
    known = {month for month in months if _is_known(month, today)}
    by_account: dict[int, list[Raised]] = defaultdict(list)
    for alert in alerts:
        if alert.was_shown:
            by_account[alert.account].append(alert)
    return [
        Quiet(*silence, _days_until_alert(silence, by_account.get(silence.account, ())))
        for silence in silences
        if silence.last.replace(day=1) in known
    ]


def _row(month: dt.date | None, alerts: Sequence[Raised], quiet: Sequence[Quiet] | None) -> Measures:
    shown = [alert for alert in alerts if alert.was_shown]
    outcomes = Counter(alert.outcome for alert in alerts if alert.outcome)
    right = sum(outcomes[outcome] for outcome in RIGHT)
    row = Measures(month, len(alerts), len(shown), sum(not alert.outcome for alert in shown), dict(outcomes))
    row.precision = Share(right, right + outcomes[AlertOutcome.FALSE_ALARM])
    row.acknowledge_hours = _median(
        (alert.acknowledged_at - alert.opened_at).total_seconds() / SECONDS_PER_HOUR
        for alert in shown
        if alert.acknowledged_at
    )
    row.resolve_days = _median(
        (alert.resolved_at - alert.opened_at).total_seconds() / SECONDS_PER_DAY for alert in shown if alert.resolved_at
    )
    if quiet is not None:
        _add_silences(row, quiet)
    return row


def _add_silences(row: Measures, quiet: Sequence[Quiet]) -> None:
    """Who of those that went silent had an alert, by when."""
    row.silent = len(quiet)
    row.warned_by = {
        days: Share(sum(found.after is not None and found.after <= days for found in quiet), len(quiet))
        for days in LOOKED_AT
    }
    row.warned = row.warned_by[SILENT_DAYS]
    row.lead_days = _median(found.lead for found in quiet if found.lead is not None)


def _days_until_alert(silence: Silence, alerts: Iterable[Raised]) -> int | None:
    """See `Quiet`. What was over before the last order was no warning of this."""
    end = silence.last + dt.timedelta(days=SILENT_DAYS)
    days = [
        max((alert.opened_on - silence.last).days, 0)
        for alert in alerts
        if alert.opened_on <= end and (alert.resolved_at is None or alert.resolved_at.date() >= silence.last)
    ]
    return min(days, default=None)


def _is_known(month: dt.date, today: dt.date) -> bool:
    """Whether 90 days have passed since the last order that can be in the month."""
    last = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return last + dt.timedelta(days=SILENT_DAYS) < today


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None
