"""manage.py rebuild_coverage: compute months of coverage anew from the interactions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from core.commands import TerminalCommand
from interactions.coverage import first_month, month_end
from interactions.services.coverage import rebuild_month

DAY = dt.timedelta(days=1)


class Command(TerminalCommand):
    help = (
        "Computes the share of accounts within their cadence for past months anew, each as of its last day, from "
        "interactions, done visits, the contact policy, the managers and the tiers of that day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", metavar="MONTH", help="YYYY-MM; default: eleven months ago")
        parser.add_argument("--until", dest="last", metavar="MONTH", help="YYYY-MM; default: the current month")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        month = self._month(options["first"]) or first_month(today)
        last = self._month(options["last"]) or today.replace(day=1)
        if last > today:
            raise CommandError(_("A month that has not begun has no coverage."))
        while month <= last:
            rows = rebuild_month(month, today=today)
            self.stdout.write(_("%(month)s: %(count)s accounts") % {"month": f"{month:%Y-%m}", "count": rows})
            month = month_end(month) + DAY

    def _month(self, text: str | None) -> dt.date | None:
        try:
            return dt.date.fromisoformat(f"{text}-01") if text else None
        except ValueError as error:
            raise CommandError(_("“%(text)s” is not a month; write YYYY-MM.") % {"text": text}) from error
