"""What became of the accounts at which playbooks were started on a day, and of similar ones, read in sets."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from accounts.models import Account
from health.effectiveness import NEAR, Pool, State, has_recovered
from health.models import HealthPoint, PlaybookRun

FRESH = 7
"""Days that a score may be old: accounts below tier A are scored weekly."""
POOL = 20_000
"""Accounts among which similar ones are looked for: of a larger company a part of this size, another one each day."""
CHUNK = 2000


class Start(NamedTuple):
    """A playbook was put to work at an account."""

    playbook: int
    account: int


class Span(NamedTuple):
    """When the playbook was at work at an account; `ended` is None while it is."""

    account: int
    started: dt.date
    ended: dt.date | None


class Judged(NamedTuple):
    """What came of a start within so many days: whether the account recovered (None: it has no score before or after),
    and which of the similar ones did."""

    start: Start
    days: int
    recovered: bool | None
    similar: Mapping[int, bool]


class Company:
    """What all days of a recount have in common."""

    def __init__(self, playbooks: Collection[int]) -> None:
        self.spans = _spans(playbooks)
        self.parts = Account.objects.order_by().count() // POOL or 1


def judge_day(
    day: dt.date, starts: Collection[Start], windows: Sequence[int], company: Company
) -> Iterator[Judged]:  # fmt: skip
    """What came of the starts of one day within each window that is over; a few statements, however many they are."""
    own = {state.account: state for state in _states(day, Q(account__in={start.account for start in starts}))}
    pool = Pool(_states(day, _around(own.values()) & _part(day, company.parts)) if own else ())
    busy = {
        (playbook, days): _busy(company.spans[playbook], day, day + dt.timedelta(days=days))
        for playbook in {start.playbook for start in starts}
        for days in windows
    }
    similar = {
        (start, days): pool.similar(own[start.account], busy[start.playbook, days])
        for start in starts
        for days in windows
        if start.account in own
    }
    wanted = {state.account for found in similar.values() for state in found} | own.keys()
    later = _later(day, windows, sorted(wanted))
    for start in starts:
        for days in windows:
            yield _judged(start, days, own.get(start.account), similar.get((start, days), ()), later[days])


def _judged(
    start: Start, days: int, before: State | None, similar: Iterable[State], later: Mapping[int, tuple[int, str]]
) -> Judged:
    """How the account stood before, which were similar, how all of them stood in the end."""
    after = later.get(start.account)
    if before is None or after is None:
        return Judged(start, days, None, {})
    found = {state.account: has_recovered(state, *later[state.account]) for state in similar if state.account in later}
    return Judged(start, days, has_recovered(before, *after), found)


def _spans(playbooks: Collection[int]) -> dict[int, list[Span]]:
    """When each playbook was at work where."""
    found: dict[int, list[Span]] = defaultdict(list)
    rows = PlaybookRun.objects.filter(playbook__in=playbooks).order_by()
    for playbook, account, started, ended in rows.values_list("playbook_id", "account_id", "started_on", "ended_at"):
        found[playbook].append(Span(account, started, ended and ended.date()))
    return found


def _busy(spans: Sequence[Span], first: dt.date, last: dt.date) -> set[int]:
    """Accounts at which the playbook was at work in these days: not without it."""
    return {span.account for span in spans if span.started <= last and (span.ended is None or span.ended >= first)}


def _around(states: Iterable[State]) -> Q:
    """Points that could be similar to one of these states."""
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for state in states:
        cells[state.tier, state.band].append(state.score)
    found = Q(pk__in=[])
    for (tier, band), scores in cells.items():
        found |= Q(tier=tier, band=band, score__gte=min(scores) - NEAR, score__lte=max(scores) + NEAR)
    return found


def _part(day: dt.date, parts: int) -> Q:
    """One of so many equal parts of the company's accounts."""
    return Q(Exact(Mod(F("account_id"), parts), day.toordinal() % parts)) if parts > 1 else Q()


def _states(day: dt.date, condition: Q) -> Iterator[State]:
    """The newest point of each account on that day, at most a week old, where it fits."""
    newer = HealthPoint.objects.filter(account=OuterRef("account"), date__gt=OuterRef("date"), date__lte=day)
    rows = HealthPoint.objects.filter(
        condition, ~Exists(newer), date__gt=day - dt.timedelta(days=FRESH), date__lte=day, score__isnull=False
    )
    for account, tier, band, score in rows.order_by().values_list("account_id", "tier", "band", "score").iterator():
        yield State(account, tier, band, score or 0)


def _later(day: dt.date, windows: Sequence[int], accounts: Sequence[int]) -> Mapping[int, dict[int, tuple[int, str]]]:
    """Score and band of each account at the end of each window, at most a week old."""
    found: dict[int, dict[int, tuple[int, str]]] = {days: {} for days in windows}
    ends = {days: day + dt.timedelta(days=days) for days in windows}
    near = Q(pk__in=[])
    for end in ends.values():
        near |= Q(date__gt=end - dt.timedelta(days=FRESH), date__lte=end)
    for at in range(0, len(accounts), CHUNK):
        rows = HealthPoint.objects.filter(near, account__in=accounts[at : at + CHUNK], score__isnull=False)
        for account, date, score, band in rows.order_by("date").values_list("account_id", "date", "score", "band"):
            for days, end in ends.items():
                if end - dt.timedelta(days=FRESH) < date <= end:
                    found[days][account] = (score or 0, band)
    return found
