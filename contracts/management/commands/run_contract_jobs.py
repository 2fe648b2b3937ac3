"""manage.py run_contract_jobs: the side effects of dates at contracts, as the nightly job does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from contracts.services.jobs import JobReport, run_contract_jobs
from core.commands import TerminalCommand


class Command(TerminalCommand):
    help = (
        "Opens, escalates and raises renewals, moves contracts that renewed themselves to their next term, and reminds "
        "of overdue instalments. Running it twice changes nothing; days on which it did not run are caught up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD, the day to work for; without it: today")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        as_of = self._date(options["as_of"]) if options["as_of"] else timezone.localdate(now)
        with audit_context("command"):
            report = run_contract_jobs(today=as_of, now=now, dry_run=options["dry_run"])
        self._write(as_of, report, dry_run=options["dry_run"])

    def _date(self, text: str) -> dt.date:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(_("“%(text)s” is not a date; write YYYY-MM-DD.") % {"text": text}) from error
        if not 2000 <= day.year <= 2100:
            raise CommandError(_("Contracts are followed in the years 2000 to 2100."))
        return day

    def _write(self, as_of: dt.date, report: JobReport, *, dry_run: bool) -> None:
        text = _(
            "%(day)s: renewals opened %(opened)s, settled %(settled)s, alerts %(alerted)s, escalated %(escalated)s; "
            "terms renewed by themselves %(rolled)s; opening dates changed %(redated)s; reminders %(reminded)s; "
            "accounts brought up to date %(accounts)s."
        )
        values = {"day": as_of, **vars(report)}
        self.stdout.write((_("Dry run, nothing is written. ") if dry_run else "") + text % values)
