"""One connection to the mail server, and what became of each mail handed to it."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

TIMEOUT = 20
"""Seconds to wait for the mail server, where EMAIL_TIMEOUT does not say."""
PERMANENT = 500


class Outcome(Enum):
    """`UNREACHABLE`: the server is down, or ends the connection before it was given the mail. `LATER`: it refuses this
    mail for now. `REFUSED`: for good. `UNSURE`: the connection broke after it was given the mail."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNSURE = "unsure"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    error: str = ""


class Post:
    """A connection that is opened when first needed; whoever sends many mails sends them through one."""

    def __init__(self) -> None:
        self.connection: Any = get_connection(timeout=settings.EMAIL_TIMEOUT or TIMEOUT)
        self.error = ""
        self._open = False
        self._given = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._close()

    def ready(self) -> bool:
        """Open the connection unless it is open; False where the server does not answer, `error` says why."""
        if self._open:
            return True
        try:
            self.connection.open()
        except (OSError, smtplib.SMTPException) as error:
            self.error = describe(error)
            self._close()
            return False
        self._watch()
        self._open = True
        return True

    def send(self, mail: EmailMultiAlternatives) -> Verdict:
        """Hand the mail over. Raises nothing that has to do with the mail server."""
        self._given = False
        mail.connection = self.connection
        try:
            mail.send()
        except (OSError, smtplib.SMTPException) as error:
            self.error = describe(error)
            outcome = self._outcome(error)
            if outcome in (Outcome.UNREACHABLE, Outcome.UNSURE) or self._has_hung_up():
                self._close()
            return Verdict(outcome, self.error)
        except ValueError as error:  # an address or a name that no mail can carry
            return Verdict(Outcome.REFUSED, describe(error))
        return Verdict(Outcome.SENT)

    def _outcome(self, error: Exception) -> Outcome:
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _text in error.recipients.values()]
            return Outcome.REFUSED if codes and min(codes) >= PERMANENT else Outcome.LATER
        if isinstance(error, smtplib.SMTPDataError):
            return Outcome.REFUSED if error.smtp_code >= PERMANENT else Outcome.LATER
        if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPNotSupportedError):
            return Outcome.LATER  # it is our address that it does not like: no fault of the receiver's
        return Outcome.UNSURE if self._given else Outcome.UNREACHABLE

    def _has_hung_up(self) -> bool:
        """The server closed the connection with its refusal (421)."""
        smtp = getattr(self.connection, "connection", None)
        return isinstance(smtp, smtplib.SMTP) and smtp.sock is None

    def _watch(self) -> None:
        """Notice when the server is given a mail: before that a broken connection has lost nothing."""
        smtp = getattr(self.connection, "connection", None)
        if not isinstance(smtp, smtplib.SMTP):
            return
        data = smtp.data

        def watched(msg: Any) -> tuple[int, bytes]:
            self._given = True
            return data(msg)

        smtp.data = watched  # type: ignore[method-assign]

    def _close(self) -> None:
        self._open = False
        try:
            self.connection.close()
        except (OSError, smtplib.SMTPException):
            self.connection.connection = None


def describe(error: Exception) -> str:
    """What the mail server said, or the system said of it, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        parts = [f"{code} {_plain(text)}" for code, text in error.recipients.values()]
        return "; ".join(parts)[:300]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"[:300]
    return f"{type(error).__name__}: {error}"[:300]


def _plain(text: Any) -> str:
    shown = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(shown.split())
