"""After a restore from another server: tell old changes from new ones."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from audit import stream
from core.commands import TerminalCommand


class Command(TerminalCommand):
    help = "Run once after a dump was restored on another PostgreSQL server, while nobody writes."

    def handle(self, *args: Any, **options: Any) -> None:
        count = stream.settle()
        self.stdout.write(_("%(count)s changes are settled; programs that follow them begin anew.") % {"count": count})
