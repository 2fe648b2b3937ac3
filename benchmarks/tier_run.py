"""A tier run over all accounts beside the SQL that a person would write for the same proposals; both rolled back."""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import statistics
import time
from collections.abc import Callable

from benchmarks.harness import Report

# isort: split
from django.db import connection, transaction
from django.utils import timezone

from tiers.choices import Method
from tiers.models import TierPolicy, TierPolicyVersion, TierProposal, TierRun
from tiers.services import create_policy, run_policy

PARAMETERS = {"cut_a": "80", "cut_b": "95", "down_runs": 1, "margin": "0"}
# The proposals of a Pareto run 80/95 without hysteresis, in one statement.
BY_HAND = """
INSERT INTO tiers_tierproposal (run_id, account_id, tier_before, raw_tier, proposed_tier, hold, revenue_amount,
    cum_before, rank, evidence, state)
SELECT %(run)s, id, tier, new_tier, new_tier, '', revenue,
    CASE WHEN revenue > 0 THEN floor(before / total * 100000000) / 100000000 ELSE 1 END,
    CASE WHEN revenue > 0 THEN place END, '{}', CASE WHEN new_tier = tier THEN 'no_change' ELSE 'pending' END
FROM (
    SELECT *, CASE WHEN revenue <= 0 THEN 'C' WHEN before < total * 0.80 THEN 'A' WHEN before < total * 0.95 THEN 'B'
        ELSE 'C' END AS new_tier
    FROM (
        SELECT a.id, a.tier, COALESCE(r.revenue, 0) AS revenue,
            SUM(GREATEST(r.revenue, 0)) OVER () AS total,
            SUM(GREATEST(r.revenue, 0)) OVER w - GREATEST(r.revenue, 0) AS before,
            row_number() OVER w AS place
        FROM accounts_account a
        LEFT JOIN (
            SELECT account_id, round(SUM(reporting_amount), 2) AS revenue FROM orders_monthlyrevenue
            WHERE month >= %(start)s AND month <= %(end)s GROUP BY account_id
        ) r ON r.account_id = a.id
        WHERE a.status <> 'terminated' AND (r.account_id IS NOT NULL OR a.tier <> '')
        WINDOW w AS (ORDER BY COALESCE(r.revenue, 0) DESC, a.code COLLATE "C" ROWS UNBOUNDED PRECEDING)
    ) placed
) decided
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    report = Report("Tier run")
    with transaction.atomic():
        policy = TierPolicy(code="benchmark", name="Benchmark")
        version = TierPolicyVersion(method=Method.PARETO, parameters=PARAMETERS, months=12)
        create_policy(policy, version, actor=None)
        as_of = timezone.localdate().replace(day=1)
        run, run_times = repeated(lambda: run_policy(policy, as_of, actor=None), options.repeat)
        hand, hand_times = repeated(lambda: by_hand(version, run, as_of + dt.timedelta(days=1)), options.repeat)
        count, different = compare(run, hand)
        transaction.set_rollback(True)
    ratio = statistics.median(run_times) / statistics.median(hand_times)
    report.table(
        ["work", "proposals", "median s", "slowest s"],
        [
            ["run_policy", f"{count:,}", f"{statistics.median(run_times):.2f}", f"{max(run_times):.2f}"],
            [
                "one INSERT … SELECT by hand",
                f"{count:,}",
                f"{statistics.median(hand_times):.2f}",
                f"{max(hand_times):.2f}",
            ],
        ],
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report.text(f"Ratio {ratio:.1f}; {different} proposals differ; peak memory of the process {peak:.0f} MB.")
    report.save()


def repeated(work: Callable[[], TierRun], repeat: int) -> tuple[TierRun, list[float]]:
    """The last result and the seconds of each time. Foreign keys are checked within the time, as at a commit."""
    times = []
    for _number in range(repeat):
        start = time.perf_counter()
        result = work()
        connection.check_constraints()
        times.append(time.perf_counter() - start)
    return result, times


def by_hand(version: TierPolicyVersion, like: TierRun, as_of: dt.date) -> TierRun:
    """The proposals that `like` has, made in SQL as another run."""
    run, new = TierRun.objects.get_or_create(
        version=version,
        as_of=as_of,
        defaults={"period_start": like.period_start, "period_end": like.period_end, "currency": like.currency},
    )
    with connection.cursor() as cursor:
        if not new:
            cursor.execute("DELETE FROM tiers_tierproposal WHERE run_id = %s", [run.pk])
        cursor.execute(BY_HAND, {"run": run.pk, "start": run.period_start, "end": run.period_end})
    return run


def compare(first: TierRun, second: TierRun) -> tuple[int, int]:
    """How many proposals there are, and how many are not the same in both runs."""
    columns = ("account", "raw_tier", "proposed_tier", "revenue_amount", "cum_before", "rank", "state")
    sets = [set(TierProposal.objects.filter(run=run).values_list(*columns)) for run in (first, second)]
    return len(sets[0]), len(sets[0] ^ sets[1])


if __name__ == "__main__":
    main()
