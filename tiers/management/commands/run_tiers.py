"""manage.py run_tiers: sort the accounts by a tier policy as of a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from tiers import report, services
from tiers.models import TierPolicy, TierRun


class Command(TerminalCommand):
    help = (
        "Runs a tier policy over the full months before the month of --as-of and leaves proposals. "
        "Without --policy: the policy in force (a standard one is made where there is none)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", required=True, metavar="DATE", help="YYYY-MM-DD, up to today")
        parser.add_argument("--policy", metavar="CODE", help="the policy to run")
        parser.add_argument("--apply", action="store_true", help="approve all its pending proposals as of that day")
        parser.add_argument("--csv", metavar="FILE", type=Path, help=f"write the result: {', '.join(report.COLUMNS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = self._date(options["as_of"])
        with audit_context("command"):
            policy = self._policy(options["policy"])
            run = services.run_policy(policy, as_of, actor=None)
            applied = self._apply(run) if options["apply"] else 0
        if options["csv"]:
            self._write(run, options["csv"])
        tiers = ", ".join(f"{tier or '–'} {found['accounts']}" for tier, found in run.totals["tiers"].items())
        self.stdout.write(
            _("%(run)s: %(first)s to %(last)s, %(currency)s, %(accounts)s accounts (%(tiers)s), %(applied)s applied.")
            % {
                "run": run,
                "first": run.period_start,
                "last": run.period_end,
                "currency": run.currency,
                "accounts": run.totals["accounts"],
                "tiers": tiers,
                "applied": applied,
            }
        )

    def _date(self, text: str) -> dt.date:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(_("“%(text)s” is not a date; write YYYY-MM-DD.") % {"text": text}) from error
        if day > timezone.localdate():
            raise CommandError(_("A run cannot look into the future: choose a day up to today."))
        return day

    def _policy(self, code: str | None) -> TierPolicy:
        if code is None:
            return services.ensure_default_policy()
        policy = TierPolicy.objects.filter(code=code).first()
        if policy is None:
            known = ", ".join(TierPolicy.objects.values_list("code", flat=True)) or "–"
            raise CommandError(
                _("There is no policy “%(code)s”; there are: %(known)s.") % {"code": code, "known": known}
            )
        return policy

    def _apply(self, run: TierRun) -> int:
        return services.approve_proposals(run.proposals.all(), actor=None, now=timezone.now(), since=run.as_of)

    def _write(self, run: TierRun, path: Path) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="") as target:
                report.write(run, target)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
