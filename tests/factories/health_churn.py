"""Trainings and backtests as rows: how they come about is what the tests of the services are about."""

import datetime as dt

from django.core.files.base import ContentFile

from health.models import Backtest, ChurnModel
from tests.factories import TODAY

NOW = dt.datetime.combine(TODAY, dt.time(2), tzinfo=dt.UTC)
CURVE = [{"accounts": 10, "predicted": 0.1, "actual": 0.2}, {"accounts": 10, "predicted": 0.6, "actual": 0.5}]
POOLED = {
    "accounts": 20, "base_rate": 0.35, "auc": 0.75, "precision": 0.7, "recall": 0.2, "lift": 2.0, "precision_20": 0.6,
    "recall_20": 0.35, "brier": 0.19, "predicted": 0.36, "curve": CURVE,
}  # fmt: skip


def measured(**pooled):
    """The measures of one scorer."""
    found = POOLED | pooled
    lead = [{"days": days, "lost": 5, "caught": 2, "share": 0.4} for days in (0, 30, 60, 90, 180)]
    early = [
        {"days": days, "until": days + 30, "accounts": 9, "lost": 5, "caught": 2, "precision": 0.6, "share": 0.4}
        for days in (0, 30, 60, 90, 180)
    ]
    return {
        "early": early,
        "pooled": found,
        "snapshots": [found | {"day": "2026-01-01"}],
        "lead": lead,
        "lead_precision": 0.6,
    }


def make_churn_model(**fields):
    """The model in use, unless fields say otherwise."""
    given = {
        "kind": "trained", "trained_at": NOW, "as_of": TODAY, "rows": 400, "verdict": "first",
        "first_snapshot": TODAY - dt.timedelta(days=300), "last_snapshot": TODAY - dt.timedelta(days=90),
        "in_use": not ChurnModel.objects.filter(in_use=True).exists(),
        "measures": {"model": measured(), "rule": measured(auc=0.6, brier=0.22)},
    }  # fmt: skip
    return ChurnModel.objects.create(**given | fields)


def make_backtest(**fields):
    """One that is done, with its rows."""
    given = {
        "from_date": TODAY - dt.timedelta(days=180), "to_date": TODAY - dt.timedelta(days=100), "status": "done",
        "progress": 100, "finished_at": NOW,
        "results": {
            "scorers": {"model": measured(), "rule": measured(auc=0.6), "score": measured(brier=None, predicted=None)},
            "not_over": [],
        },
    }  # fmt: skip
    row = Backtest.objects.create(**given | fields)
    if row.status == "done":
        row.rows_file.save("backtest.csv", ContentFile(b"account_code,snapshot,score,probability,tier\r\n"))
    return row
