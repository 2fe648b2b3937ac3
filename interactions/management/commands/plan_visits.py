"""manage.py plan_visits: plan the visits of the coming weeks, as the nightly job does."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from interactions import services
from interactions.choices import GapReason
from users.models import User

MOST_PEOPLE = 20


class Command(TerminalCommand):
    help = (
        "Plans the visits that the contact policy asks for. Running it twice changes nothing; visits that were planned "
        "or moved by hand stay. Says how many visits could not be planned, for whom, and why."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD, the first day to plan; without it: today")
        parser.add_argument("--weeks", default="6", help=f"how many weeks to plan, 1 to {services.MAX_WEEKS}")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        as_of = self._date(options["as_of"]) if options["as_of"] else timezone.localdate(now)
        weeks = self._weeks(str(options["weeks"]))
        with audit_context("command"):
            report = services.plan_visits(
                as_of, weeks=weeks, now=now, dry_run=options["dry_run"], progress=self._progress(options["verbosity"])
            )
        self._write(report, dry_run=options["dry_run"])

    def _date(self, text: str) -> dt.date:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(_("“%(text)s” is not a date; write YYYY-MM-DD.") % {"text": text}) from error
        if not 2000 <= day.year <= 2100:
            raise CommandError(_("Visits are planned for the years 2000 to 2100."))
        return day

    def _weeks(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= services.MAX_WEEKS):
            raise CommandError(
                _("“%(text)s” is no number of weeks from 1 to %(most)s.") % {"text": text, "most": services.MAX_WEEKS}
            )
        return int(text)

    def _progress(self, verbosity: int) -> services.Progress | None:
        if verbosity < 2:
            return None
        return lambda done, total: self.stderr.write(f"{done}/{total}")

    def _write(self, report: services.Report, *, dry_run: bool) -> None:
        text = _(
            "%(first)s, %(weeks)s weeks: planned %(planned)s, kept %(kept)s, moved %(moved)s, cancelled %(cancelled)s, "
            "missed %(missed)s, could not be planned %(gaps)s."
        )
        values = {name: getattr(report, name) for name in services.COUNTS}
        values |= {"first": report.as_of, "weeks": report.weeks, "gaps": sum(report.gaps.values())}
        self.stdout.write((_("Dry run, nothing is written. ") if dry_run else "") + text % values)
        for reason, number in report.by_reason().most_common():
            self.stdout.write(f"{GapReason(reason).label}: {number}")
            self._write_people(report, reason)

    def _write_people(self, report: services.Report, reason: str) -> None:
        counts = {user: number for (user, why), number in report.gaps.items() if why == reason and user is not None}
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=counts)}
        ordered = sorted(counts, key=lambda pk: (-counts[pk], names[pk], pk))
        for pk in ordered[:MOST_PEOPLE]:
            self.stdout.write(f"  {names[pk]}: {counts[pk]}")
        if rest := ordered[MOST_PEOPLE:]:
            number = sum(counts[pk] for pk in rest)
            self.stdout.write(_("  %(people)s more people: %(number)s") % {"people": len(rest), "number": number})
