"""The nightly scoring over 100,000 accounts with 10,000,000 order lines: seconds, statements, memory.

`--prepare` fills an empty, migrated database first. With `--train` the churn model is trained before, as the monthly
job does. The scores stay; run again, they are taken away first.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from collections import Counter
from collections.abc import Callable

from benchmarks.harness import Report, counted

# isort: split
from django.utils import timezone

from benchmarks import health_company
from health.choices import RunStage
from health.models import AccountHealth, Alert, ChurnModel, HealthPoint, HealthRun
from health.services.jobs import run_health, score_day
from health.services.scoring import Scorer, batches, to_score
from health.services.training import train
from orders.models import OrderLine

AIM_SECONDS, AIM_MEGABYTES = 120, 1024
HEADS = ["work", "seconds", "own processor s", "waiting for the database s", "statements"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--alerts", action="store_true", help="go on to the alerts: the whole night")
    options = parser.parse_args()
    now = timezone.now()
    today = timezone.localdate(now)
    if options.prepare:
        health_company.prepare(options.accounts, today)
        return
    if options.train:
        start = time.perf_counter()
        model = train(today, now)
        print(f"trained in {time.perf_counter() - start:.1f} s: {model} ({model.verdict}), {peak():.0f} MB")
        return
    HealthRun.objects.all().delete()
    AccountHealth.objects.all().delete()
    HealthPoint.objects.all().delete()
    report = Report("Health: scoring a night")
    rows = [measured("score and keep {:,} accounts", lambda: (score_day(today),))]
    if options.alerts:
        Alert.objects.all().delete()
        rows.append(measured("the alerts of the first night: {:,} opened, {:,} held back", lambda: night(today, now)))
        HealthRun.objects.update(stage=RunStage.ALERTING)
        rows.append(measured("the same night again: {:,} open of it, {:,} held back", lambda: night(today, now)))
    report.table(HEADS, rows)
    model = ChurnModel.objects.filter(in_use=True).first()
    report.text(
        f"{AccountHealth.objects.count():,} accounts scored of {OrderLine.objects.count():,} order lines, by "
        f"{model or 'the plain rule'}; peak memory of the process {peak():.0f} MB. Aims: {AIM_SECONDS} s, "
        f"{AIM_MEGABYTES} MB."
    )
    report.text(f"Statements of a batch of 5,000 and of one of 50 accounts: {constant(today)}.")
    bands = Counter(AccountHealth.objects.values_list("band", flat=True))
    report.text("Bands: " + ", ".join(f"{band or 'none'} {count:,}" for band, count in bands.most_common()) + ".")
    report.save()


def night(today: dt.date, now: dt.datetime) -> tuple[int, ...]:
    """What comes after the scores."""
    done = run_health(today, now)
    return done.opened, done.held


def measured(words: str, work: Callable[[], tuple[int, ...]]) -> list[str]:
    """One piece of work: what was done, and what it took."""
    start, computing = time.perf_counter(), time.process_time()
    with counted() as statements:
        done = work()
    took = (time.perf_counter() - start, time.process_time() - computing, statements.milliseconds / 1000)
    return [words.format(*done), *(f"{seconds:.1f}" for seconds in took), f"{len(statements.texts):,}"]


def constant(today: dt.date) -> str:
    """How many statements the facts of a large and of a small batch take."""
    scorer = Scorer(today)
    scorer.score([])
    found = []
    for size in (5000, 50):
        batch = next(batches(list(to_score().values_list("pk", flat=True)[:size]), size))
        with counted() as statements:
            scorer.score(batch)
        found.append(str(len(statements.texts)))
    return " and ".join(found)


def peak() -> float:
    """Megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
