"""What every command of ours is: it speaks the language of the terminal and refuses in one sentence."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.errors import DomainError

TRADITIONAL = ("tw", "hk", "mo", "hant")


def terminal_language() -> str:
    """The language of ours that the terminal's locale asks for (LC_ALL, LC_MESSAGES, LANG); English for all others."""
    wanted = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "").lower()
    if not wanted.startswith("zh"):
        return "en"
    return "zh-hant" if any(place in wanted for place in TRADITIONAL) else "zh-hans"


class TerminalCommand(BaseCommand):
    """A command typed at a terminal; called from code it keeps the language of its caller.

    Raises CommandError with the sentence of a refusal.
    """

    def run_from_argv(self, argv: list[str]) -> None:
        with translation.override(terminal_language()):
            super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(str(error)) from error
