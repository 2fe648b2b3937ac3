"""manage.py run_surveys: what is due in surveys on a day, as the nightly job does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from surveys.services.jobs import JobReport, run_surveys


class Command(TerminalCommand):
    help = (
        "Asks whom running campaigns ask, puts reminders into the outbox, closes what is over, adds up answers and "
        "escalates follow-ups. Running it twice changes nothing; days on which it did not run are caught up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD, the day to work for; without it: today")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        today = timezone.localdate(now)
        as_of = self._date(options["as_of"]) if options["as_of"] else today
        if as_of != today:
            now = timezone.make_aware(dt.datetime.combine(as_of, timezone.localtime(now).time()))
        with audit_context("command"):
            report = run_surveys(today=as_of, now=now, dry_run=options["dry_run"])
        self._write(as_of, report, dry_run=options["dry_run"])

    def _date(self, text: str) -> dt.date:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(_("“%(text)s” is not a date; write YYYY-MM-DD.") % {"text": text}) from error
        if not 2000 <= day.year <= 2100:
            raise CommandError(_("Surveys are run for the years 2000 to 2100."))
        return day

    def _write(self, as_of: dt.date, report: JobReport, *, dry_run: bool) -> None:
        text = _(
            "%(day)s: campaigns ended %(ended)s; invitations withdrawn %(withdrawn)s, expired %(expired)s, new "
            "%(asked)s; reminders %(reminded)s; answers added up %(counted)s; follow-ups escalated %(escalated)s."
        )
        values = {"day": as_of, **vars(report)}
        self.stdout.write((_("Dry run, nothing is written. ") if dry_run else "") + text % values)
