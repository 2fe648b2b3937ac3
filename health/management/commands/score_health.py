"""manage.py score_health: the health of all accounts as of a day, kept where it is the newest, on request as CSV."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from audit.services import audit_context
from core.commands import TerminalCommand
from health.choices import Band
from health.command_dates import date_of
from health.models import HealthRun
from health.services.jobs import score_day
from health.services.scoring import Scored, score_all
from health.signals.words import sentence

HEADINGS = (
    "account_code", "as_of", "score", "band", "probability", "drop_probability", "value_at_risk", "lifetime_value",
    "tier", "profile", "capped_by", "reasons",
)  # fmt: skip
REASONS = 3


class Command(TerminalCommand):
    help = (
        "Scores the health of all accounts as of a day: only what happened before it counts. The scores are kept where "
        "no later day is scored yet; those of an earlier one are only counted, and written with --csv."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", required=True, help="YYYY-MM-DD")
        parser.add_argument("--csv", metavar="FILE", help="write a row for each account")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = date_of(options["as_of"], timezone.localdate())
        with audit_context("command"):
            if not HealthRun.objects.filter(as_of__gte=as_of).exists():
                score_day(as_of)
                kept = _("kept")
            else:
                kept = _("not kept: this day or a later one is scored already")
        bands: Counter[str] = Counter()
        rows = self._counted(score_all(as_of), bands)
        if options["csv"]:
            self._write_file(Path(options["csv"]), rows, as_of)
        else:
            for _row in rows:
                pass
        text = _(
            "%(day)s: healthy %(healthy)s, watch %(watch)s, at risk %(at_risk)s, without a score %(none)s; %(kept)s."
        )
        counts = {band: bands[band] for band in Band.values}
        self.stdout.write(text % {"day": as_of, "none": bands[""], "kept": kept, **counts})

    def _counted(self, rows: Iterable[Scored], bands: Counter[str]) -> Iterator[Scored]:
        for row in rows:
            bands[row.result.band] += 1
            yield row

    def _write_file(self, path: Path, rows: Iterable[Scored], as_of: dt.date) -> None:
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as out:
                write_scores(out, rows, as_of)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be written: %(problem)s") % {"file": path, "problem": error}
            ) from error


def write_scores(out: TextIO, rows: Iterable[Scored], as_of: dt.date) -> None:
    """The scores as CSV, with the heaviest reasons in the language of the terminal."""
    codes = dict(Account.objects.values_list("pk", "code"))
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for row in rows:
        result, said = row.result, row.prediction
        reasons = [sentence(part) for part in result.parts[:REASONS] if part["lost"] > 0]
        writer.writerow(
            [
                codes[row.account_id], as_of, result.score, result.band,
                said.probability if said else None, said.drop_probability if said else None, row.value_at_risk,
                said.lifetime_value if said else None, row.tier, str(row.profile), result.capped_by, "; ".join(reasons),
            ]
        )  # fmt: skip
