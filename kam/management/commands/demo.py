"""`manage.py demo --accounts N --seed S`: fill an empty database with an invented company."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from kam.demo.load import MOST_ACCOUNTS, make_demo


class Command(TerminalCommand):
    help = "Fill an empty database with an invented company: people, accounts, two years of orders, tiers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=300, help=f"1 to {MOST_ACCOUNTS:,}; 300 unless given")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same company")
        parser.add_argument("--orders-per-account", type=float, default=10, help="on average; 10 unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["accounts"] <= MOST_ACCOUNTS:
            raise CommandError(_("--accounts is a number from 1 to %(most)s.") % {"most": f"{MOST_ACCOUNTS:,}"})
        if not 0 < options["orders_per_account"] <= 1000:
            raise CommandError(_("--orders-per-account is a number above 0, up to 1000."))
        if options["seed"] < 0:
            raise CommandError(_("--seed is a whole number from 0 on."))
        now = timezone.now()
        with audit_context("command"):
            make_demo(
                options["accounts"],
                seed=options["seed"],
                today=timezone.localdate(now),
                now=now,
                orders_per_account=options["orders_per_account"],
                progress=self._say if options["verbosity"] else _say_nothing,
            )

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}…")
        self.stdout.flush()


def _say_nothing(text: str) -> None:
    """For --verbosity 0."""
