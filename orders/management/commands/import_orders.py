"""`manage.py import_orders FILE`: order lines from the ERP as CSV, CSV.gz or XLSX."""

from __future__ import annotations

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from core.errors import DomainError
from orders.intake.columns import FIELDS
from orders.intake.problems import reason_name
from orders.intake.profile import Profile
from orders.services.imports import ImportOptions, ImportReport, import_file
from orders.services.profiles import load_profile
from users.models import User

_WIDTH = 30
_EVERY = 10.0  # seconds between lines where there is no terminal
_EVERY_ON_TERMINAL = 0.1


class Command(TerminalCommand):
    help = (
        "Import order lines from FILE (CSV, CSV.gz, XLSX). An order comes in as a whole; the same file again changes "
        "nothing. Bad rows stop the import unless --rejects says where to put them."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        epilog = "Fields for --map: " + ", ".join(FIELDS)
        return super().create_parser(*args, epilog=epilog, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--profile", default="generic", metavar="NAME", help="columns and cleaning rules")
        parser.add_argument("--map", action="append", default=[], metavar="field=Column", help="may be repeated")
        parser.add_argument("--currency", default="", metavar="CODE", help="of amounts without a currency column")
        parser.add_argument("--source", default="", metavar="NAME", help="the system that the order numbers belong to")
        parser.add_argument("--create-accounts", action="store_true", help="make accounts that do not exist yet")
        parser.add_argument("--manager", default="", metavar="USERNAME", help="account manager of created accounts")
        parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
        parser.add_argument(
            "--rejects", type=Path, metavar="FILE", help="import the good orders and write all other rows to FILE"
        )
        parser.add_argument("--batch", type=int, default=2000, metavar="N", help="orders in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = ProgressBar(self.stderr)
        try:
            with audit_context("command"):
                report = import_file(
                    _import_options(options), actor=None, today=timezone.localdate(), progress=bar.tell
                )
        except DomainError as error:
            bar.end()
            if isinstance(getattr(error, "report", None), ImportReport):
                self._show(error.report)  # type: ignore[attr-defined]
            raise CommandError(_message(error)) from error
        except ValidationError as error:
            bar.end()
            raise CommandError("; ".join(error.messages)) from error
        except OSError as error:
            bar.end()
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        bar.end()
        self._show(report)
        if options["dry_run"]:
            self.stdout.write(_("Nothing was written (--dry-run)."))

    def _show(self, report: ImportReport) -> None:
        """The counts, one a line: number, code, words."""
        self.stdout.write(_("%(rows)s rows") % {"rows": f"{report.rows:,}"})
        for code, count in report.reasons.items():
            self.stdout.write(f"{count:>12,}  {code:<22} {reason_name(code)}")
        orders = ", ".join(f"{status} {count:,}" for status, count in sorted(report.orders.items()))
        if orders:
            self.stdout.write(_("orders: %(counts)s") % {"counts": orders})
        if report.accounts_created:
            self.stdout.write(_("accounts created: %(count)s") % {"count": f"{report.accounts_created:,}"})


class ProgressBar:
    """Phase and share on stderr: a bar that redraws itself on a terminal, a line now and then elsewhere."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.terminal = stream.isatty()
        self.next = time.monotonic() + (0 if self.terminal else _EVERY)
        self.drawn = False

    def tell(self, phase: str, share: float) -> None:
        """Show it, if it is time."""
        now = time.monotonic()
        if now < self.next and share < 1:
            return
        if not self.terminal and not self.drawn and share >= 1 and now < self.next:
            return
        self.next = now + (_EVERY_ON_TERMINAL if self.terminal else _EVERY)
        self.drawn = True
        full = int(share * _WIDTH)
        line = f"{phase:<9} [{'#' * full}{'.' * (_WIDTH - full)}] {share:4.0%}"
        self.stream.write(f"\r{line}" if self.terminal else line, ending="" if self.terminal else "\n")
        self.stream.flush()

    def end(self) -> None:
        """Leave the terminal on a fresh line."""
        if self.terminal and self.drawn:
            self.stream.write("")


def _import_options(options: dict[str, Any]) -> ImportOptions:
    """What the command line asks for. Raises CommandError, DomainError."""
    if options["batch"] < 1:
        raise CommandError(_("--batch is a number above zero."))
    return ImportOptions(
        path=options["file"],
        profile=_profile(options["profile"], options["map"]),
        currency=options["currency"].upper(),
        source=options["source"][:40],
        create_accounts=options["create_accounts"],
        manager=_manager(options["manager"]),
        good_only=options["rejects"] is not None,
        dry_run=options["dry_run"],
        rejects=options["rejects"],
        orders_per_batch=options["batch"],
    )


def _profile(name: str, mapped: list[str]) -> Profile:
    profile = load_profile(name)
    columns = {}
    for item in mapped:
        field, separator, heading = item.partition("=")
        if not separator:
            raise CommandError(_("--map is field=Column, not “%(text)s”.") % {"text": item})
        columns[field.strip()] = heading.strip()
    return profile.with_columns(**columns) if columns else profile


def _manager(username: str) -> User | None:
    if not username:
        return None
    manager = User.objects.filter(username=username, is_active=True).first()
    if manager is None:
        raise CommandError(_("There is no active user “%(name)s”.") % {"name": username})
    return manager


def _message(error: DomainError) -> str:
    return str(error) + (
        " " + _("Use --rejects FILE to import the good orders and get the other rows back.")
        if error.code == "bad_rows"
        else ""
    )
