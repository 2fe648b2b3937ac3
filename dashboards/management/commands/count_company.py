"""`manage.py count_company`: the sums of the company's pages, counted now instead of at night."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.commands import TerminalCommand
from dashboards.services.company import count_company, differences


class Command(TerminalCommand):
    help = "Counts the sums of the company's pages anew; with --check says whether the kept ones equal a recount."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare only; fails where something differs")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        today = timezone.localdate(now)
        if not options["check"]:
            count_company(today=today, now=now)
            return
        found = differences(today)
        for line in found[:20]:
            self.stdout.write(line)
        if found:
            message = f"{len(found)} rows differ from a recount; `manage.py count_company` repairs them."
            raise CommandError(message)
