"""`manage.py backtest_churn`: what the churn warnings of the past would have been, and how good."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from core.commands import TerminalCommand
from health.choices import Every
from health.services.backtests import Question, run_question, write_rows


class Command(TerminalCommand):
    help = (
        "Replay the past: on each snapshot a model is learnt from what was known before it, and its probabilities are "
        "compared with what the accounts did. The rows go to --csv: account_code, snapshot, score, probability, tier."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--to", dest="last", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--horizon", type=int, default=90, metavar="DAYS")
        parser.add_argument("--every", choices=Every.values, default=Every.MONTH.value)
        parser.add_argument("--csv", type=Path, metavar="FILE")
        parser.add_argument("--no-scores", action="store_true", help="only the model and the rule, no health scores")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["last"] < options["first"]:
            raise CommandError(_("The last snapshot lies before the first."))
        if not 7 <= options["horizon"] <= 365:
            raise CommandError(_("The horizon is 7 to 365 days."))
        question = Question(options["first"], options["last"], options["horizon"], options["every"])
        answer = run_question(question, scores=not options["no_scores"])
        if options["csv"]:
            with options["csv"].open("w", encoding="utf-8", newline="") as out:
                count = write_rows(answer, out)
            self.stdout.write(_("%(rows)s rows in %(file)s") % {"rows": f"{count:,}", "file": options["csv"]})
        self._show(answer.results["scorers"])
        for day in answer.results["not_over"]:
            self.stdout.write(_("%(day)s: the orders do not reach its horizon; not judged.") % {"day": day})

    def _show(self, scorers: dict[str, Any]) -> None:
        """A line for each snapshot and scorer, then the early warnings."""
        heads = ("auc", "precision", "recall", "lift", "brier", "predicted", "base_rate")
        self.stdout.write(f"{'':10} {'':12} {'n':>6} " + " ".join(f"{head:>9}" for head in heads))
        for name, found in scorers.items():
            for row in [*found["snapshots"], found["pooled"]]:
                if row:
                    numbers = " ".join(
                        f"{row[head]:9.4f}" if row.get(head) is not None else f"{'–':>9}" for head in heads
                    )
                    self.stdout.write(f"{name:10} {row.get('day', ''):12} {row['accounts']:6} {numbers}")
        for name, found in scorers.items():
            told = [
                f"from day {row['days']}: {row['share']:.2f} ({row['precision']:.2f})"
                for row in found["early"]
                if row["share"] is not None
            ]
            self.stdout.write(f"{name:10} lost caught at 20% flagged (precision): " + "  ".join(told))
