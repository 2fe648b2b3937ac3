"""`manage.py train_churn`: learn the churn model anew, and say whether it is kept."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from audit.services import audit_context
from core.commands import TerminalCommand
from health.services.training import train
from health.verdicts import verdict_words


class Command(TerminalCommand):
    help = "Learn the churn model from the orders before --as-of (today), and keep it if it is better."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", type=dt.date.fromisoformat, default=None, metavar="DATE")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with audit_context("command"):
            row = train(options["as_of"] or timezone.localdate(now), now)
        self.stdout.write(f"{row.get_kind_display()}: {verdict_words(row.verdict)}")
        for name, found in row.measures.items():
            pooled = found.get("pooled") or {}
            numbers = [
                f"{key} {pooled[key]:.3f}" for key in ("auc", "precision", "brier") if pooled.get(key) is not None
            ]
            if numbers:
                self.stdout.write(f"  {name:22} " + "  ".join(numbers))
