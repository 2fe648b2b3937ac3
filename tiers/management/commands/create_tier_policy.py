"""manage.py create_tier_policy: a tier policy from the command line."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from tiers import services
from tiers.choices import Method, Schedule
from tiers.models import TierPolicy, TierPolicyVersion


class Command(TerminalCommand):
    help = (
        "Makes a tier policy: create_tier_policy half-year --method pareto --cuts 70 90 --months 6 --no-hysteresis. "
        "Other parameters by --set, such as --set weight_revenue=60."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--name", default="", help="the code unless given")
        parser.add_argument("--method", choices=Method.values, default=Method.PARETO.value)
        parser.add_argument("--cuts", nargs=2, metavar=("A", "B"), help="Pareto: percent of revenue where A and B end")
        parser.add_argument("--bounds", nargs=2, metavar=("A", "B"), help="threshold: revenue from which on A and B")
        parser.add_argument("--bands", nargs=2, metavar=("A", "B"), help="scorecard: score from which on A and B")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any parameter")
        parser.add_argument("--months", type=int, default=12, help="trailing months, 1 to 60")
        parser.add_argument("--currency", default="", help="ISO code; empty: that of the revenue")
        parser.add_argument("--margin", default="2", help="hysteresis: points (default 2)")
        parser.add_argument("--down-runs", type=int, default=2, help="hysteresis: runs in a row (default 2)")
        parser.add_argument("--no-hysteresis", action="store_true", help="every move passes at once")
        parser.add_argument("--schedule", choices=Schedule.values, default=Schedule.MANUAL.value)
        parser.add_argument("--enable", action="store_true", help="put it in force")

    def handle(self, *args: Any, **options: Any) -> None:
        policy = TierPolicy(
            code=options["code"],
            name=options["name"] or options["code"],
            enabled=options["enable"],
            schedule=options["schedule"],
        )
        version = TierPolicyVersion(
            method=options["method"],
            months=options["months"],
            currency=options["currency"],
            parameters=self._parameters(options),
        )
        try:
            with audit_context("command"):
                services.create_policy(policy, version, actor=None)
        except ValidationError as error:
            lines = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
            raise CommandError("\n".join(lines)) from error
        self.stdout.write(_("%(policy)s was saved.") % {"policy": policy.code})

    def _parameters(self, options: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"margin": options["margin"], "down_runs": options["down_runs"]}
        if options["no_hysteresis"]:
            found = {}
        for name, prefix in (("cuts", "cut"), ("bounds", "bound"), ("bands", "band")):
            if options[name]:
                found[f"{prefix}_a"], found[f"{prefix}_b"] = options[name]
        for text in options["set"]:
            name, separator, value = text.partition("=")
            if not separator:
                raise CommandError(_("“%(text)s” is not NAME=VALUE.") % {"text": text})
            found[name] = value
        return found
