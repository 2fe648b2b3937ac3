"""`manage.py check_rollups`: whether the sums and summaries that are kept equal a recount; `--repair` makes them so."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.commands import TerminalCommand
from dashboards.services.rollups import PARTS, check_rollups


class Command(TerminalCommand):
    help = (
        "Recounts all sums and summaries that are kept, in sets, and prints what differs; fails where anything does. "
        "With --repair what was counted is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="keep what was counted")
        parser.add_argument("--only", nargs="+", choices=[part.name for part in PARTS], default=[], help="these parts")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        checked = check_rollups(
            today=timezone.localdate(now), now=now, repair=options["repair"], names=options["only"]
        )  # fmt: skip
        wrong = 0
        for name, differences in checked:
            self.stdout.write(f"{name}: {'differs' if differences else 'ok'}")
            for one in differences:
                self.stdout.write(f"  {one.table}: {one.kept} rows kept, {one.counted} counted otherwise")
                for side, row in one.rows:
                    self.stdout.write(f"    {side}: {', '.join(map(str, row))}")
            wrong += bool(differences)
        if wrong:
            done = "they are repaired" if options["repair"] else "`manage.py check_rollups --repair` repairs them"
            raise CommandError(f"{wrong} parts differed from a recount; {done}.", returncode=1)
