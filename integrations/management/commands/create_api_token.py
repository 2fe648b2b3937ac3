"""Make an API token for a user from the command line; the token is printed once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import audit_context
from core.commands import TerminalCommand
from core.errors import DomainError
from integrations.scopes import SCOPES
from integrations.services.tokens import create_token
from users.models import User

LONGEST_DAYS = 3650


class Command(TerminalCommand):
    help = "Make an API token that acts as USER within the given scopes, and print it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail address")
        parser.add_argument(
            "--scope", metavar="SCOPE", nargs="+", action="extend", required=True, help=f"any of: {', '.join(SCOPES)}"
        )
        parser.add_argument(
            "--name", default="command line", help="what the token is for (shown in the list of tokens)"
        )
        parser.add_argument(
            "--expires-days", type=int, default=365, metavar="N", help="days until it expires (365); 0: never"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._user(options["user"])
        days = options["expires_days"]
        if not 0 <= days <= LONGEST_DAYS:
            raise CommandError(_("--expires-days is a number from 0 (never) to %(most)s.") % {"most": LONGEST_DAYS})
        expires_at = timezone.now() + dt.timedelta(days=days) if days else None
        scopes = [scope for text in options["scope"] for scope in text.split(",") if scope]
        try:
            with audit_context("command"):
                token, text = create_token(user, name=options["name"], scopes=scopes, expires_at=expires_at, actor=None)
        except (DomainError, ValidationError) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        words = {"name": token.name, "user": user.username, "scopes": ", ".join(token.scopes)}
        if token.expires_at:
            words["until"] = f"{token.expires_at:%Y-%m-%d %H:%M} UTC"
            self.stderr.write(_("Token “%(name)s” of %(user)s, valid until %(until)s: %(scopes)s") % words)
        else:
            self.stderr.write(_("Token “%(name)s” of %(user)s, valid without an end: %(scopes)s") % words)
        self.stdout.write(text)

    def _user(self, name: str) -> User:
        field = "email__iexact" if "@" in name else "username"
        user = User.objects.filter(**{field: name}).first()
        if user is None:
            raise CommandError(_("There is no user “%(name)s”.") % {"name": name})
        if not user.is_active:
            raise CommandError(_("The user “%(name)s” is deactivated.") % {"name": name})
        return user
