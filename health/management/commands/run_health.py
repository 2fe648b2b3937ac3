"""manage.py run_health: scores, alerts and what falls due, as the nightly job does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from health.command_dates import date_of
from health.services.jobs import JobReport, run_health


class Command(TerminalCommand):
    help = (
        "Scores the health of all accounts, raises, updates and escalates alerts and watches playbooks. Running it "
        "twice changes nothing; nights on which it did not run are caught up, one that was killed goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD, the day to work for; without it: today")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        today = timezone.localdate(now)
        as_of = date_of(options["as_of"], today) if options["as_of"] else today
        if as_of != today:
            now = timezone.make_aware(dt.datetime.combine(as_of, timezone.localtime(now).time()))
        with audit_context("command"):
            report = run_health(as_of, now, dry_run=options["dry_run"])
        self._write(as_of, report, dry_run=options["dry_run"])

    def _write(self, as_of: dt.date, report: JobReport, *, dry_run: bool) -> None:
        text = _(
            "%(day)s: accounts scored %(scored)s; alerts opened %(opened)s, updated %(updated)s, cleared %(cleared)s, "
            "held back %(held)s, withheld for missing orders %(withheld)s, looked after %(escalated)s; playbooks "
            "%(playbooks)s, judged %(judged)s."
        )
        values = {"day": as_of, **vars(report)}
        self.stdout.write((_("Dry run, nothing is written. ") if dry_run else "") + text % values)
