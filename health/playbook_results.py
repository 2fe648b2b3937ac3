"""How playbooks did: how many were started and finished, how long they took, what came of them (as the night's job
has judged it)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from health.choices import PlaybookRunStatus
from health.effectiveness import WINDOWS, Case, Effect, effect
from health.models import HealthRun, Playbook, PlaybookCase

MOST_RUNS = 300
"""Starts looked at, the newest: older ones tell of another playbook and other customers."""


@dataclass(frozen=True)
class Tally:
    """The runs of one playbook."""

    playbook: Playbook
    started: int = 0
    running: int = 0
    finished: int = 0
    stopped: int = 0
    median_days: float | None = None


def tallies(playbooks: Iterable[Playbook], runs: Any) -> list[Tally]:
    """The counts of each playbook over `runs`, a set of PlaybookRun; one statement."""
    found: dict[int, list[tuple[str, dt.date, dt.datetime | None]]] = defaultdict(list)
    rows = runs.order_by().values_list("playbook_id", "status", "started_on", "ended_at")
    for key, status, started, ended in rows.iterator():
        found[key].append((status, started, ended))
    return [_tally(playbook, found[playbook.pk]) for playbook in playbooks]


def effects(playbooks: Iterable[Playbook], runs: Any) -> dict[int, list[Effect]]:
    """What came of each playbook within 30, 60 and 90 days at the accounts of `runs` (what the reader sees), against
    similar accounts of the whole company; one statement."""
    keys = [playbook.pk for playbook in playbooks]
    judged = PlaybookCase.objects.filter(days=WINDOWS[0])
    newest = runs.filter(playbook__in=keys, pk__in=judged.values("run")).order_by("-pk").values("pk")[:MOST_RUNS]
    rows = PlaybookCase.objects.filter(run__in=newest).order_by("run", "days").values_list(
        "run__playbook", "run__account", "run__started_on", "days", "recovered", "recovered_similar", "other_similar"
    )  # fmt: skip
    cases: dict[tuple[int, int], list[Case]] = defaultdict(list)
    unknown: dict[tuple[int, int], int] = defaultdict(int)
    seen = set()
    for playbook, account, day, days, recovered, better, others in rows:
        if (start := (playbook, account, day, days)) in seen:  # stopped and started again on the same day
            continue
        seen.add(start)
        if recovered is None:
            unknown[playbook, days] += 1
        else:
            cases[playbook, days].append(
                Case(account, recovered, dict.fromkeys(others, False) | dict.fromkeys(better, True))
            )
    return {key: [effect(days, cases[key, days], unknown=unknown[key, days]) for days in WINDOWS] for key in keys}


def judged_on(user: Any) -> dt.date | None:
    """The night whose judgement the pages show: the last one that went through all starts."""
    nights = HealthRun.objects.visible_to(user).filter(compared=True).order_by("-as_of")
    return nights.values_list("as_of", flat=True).first()


def _tally(playbook: Playbook, rows: Sequence[tuple[str, dt.date, dt.datetime | None]]) -> Tally:
    took = [
        (ended.date() - started).days
        for status, started, ended in rows
        if status == PlaybookRunStatus.DONE and ended is not None
    ]
    counts = {status: sum(row[0] == status for row in rows) for status in PlaybookRunStatus.values}
    return Tally(
        playbook, len(rows), counts["running"], counts["done"], counts["stopped"], median(took) if took else None
    )
