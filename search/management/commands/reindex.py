"""`manage.py reindex [KIND]`: build the search index anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from core.commands import TerminalCommand
from search import services
from search.registry import all_indexes


class Command(TerminalCommand):
    help = "Build the search index anew, for one kind of row or for all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", nargs="?", help="for example: account")

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = [index.kind for index in all_indexes()]
        if options["kind"] and options["kind"] not in kinds:
            raise CommandError(
                _("There is nothing of the kind “%(kind)s” to search for; there are: %(known)s.")
                % {"kind": options["kind"], "known": ", ".join(kinds)}
            )
        count = services.reindex(options["kind"])
        self.stdout.write(_("%(number)s rows indexed.") % {"number": count})
