"""`manage.py prepare`: whatever a new or updated embedded installation needs before `serve`."""

import hashlib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import Account
from audit.services import audit_context
from contracts.services.policy import ensure_contract_policy
from core.commands import TerminalCommand
from health.services.alert_rules import ensure_defaults
from interactions.services import ensure_default_contact_policy

DEMO_SEED = 1


class Command(TerminalCommand):
    help = "Makes the tables, gathers the static files and, in an empty database, makes the demo company."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo-accounts", type=int, default=0, help="accounts of the demo company; 0: none")

    def handle(self, *_args: Any, **options: Any) -> None:
        self._migrate()
        self._collect_static()
        with audit_context("command"):
            ensure_default_contact_policy(now=timezone.now())
            ensure_contract_policy()
            ensure_defaults()
        if options["demo_accounts"] > 0 and not Account.objects.exists():
            self.stdout.write(f"Making a demo company with {options['demo_accounts']} accounts…")
            call_command("demo", accounts=options["demo_accounts"], seed=DEMO_SEED)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Making the tables…")
            call_command("migrate", interactive=False, verbosity=0)

    def _collect_static(self) -> None:
        stamp = settings.DATA_DIR / "staticfiles.stamp"
        wanted = static_checksum()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        self.stdout.write("Gathering the static files…")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(wanted)


def static_checksum() -> str:
    """Changes when any static file does (by path, size and time; contents are not read)."""
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            seen.update(f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}\n".encode())
    return seen.hexdigest()
