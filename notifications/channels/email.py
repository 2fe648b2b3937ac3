"""E-mail: one mail in text and HTML, from the templates of `templates/notifications/email/`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from core.post import Outcome as Post_
from core.post import Post
from notifications.channels.base import Channel, Dead, Message, Outcome, Retry, Sent, Target, Unsure


class EmailChannel(Channel):
    """A mail whose connection broke after the mail server was given it is unsure: the server may have kept it."""

    code = "email"
    label = pgettext_lazy("channel", "E-mail")
    fields = ("address",)

    def __init__(self, post: Post | None = None) -> None:
        self._post = post

    def send(self, target: Target, message: Message) -> Outcome:
        if self._post is None:
            with self.session() as channel:
                return channel.send(target, message)
        if not self._post.ready():
            return Retry(self._post.error, everywhere=True)
        verdict = self._post.send(compose(target["address"], message))
        if verdict.outcome == Post_.SENT:
            return Sent()
        if verdict.outcome == Post_.REFUSED:
            return Dead(verdict.error)
        if verdict.outcome == Post_.UNSURE:
            return Unsure(verdict.error)
        return Retry(verdict.error, everywhere=verdict.outcome == Post_.UNREACHABLE)

    def check(self, target: Target) -> str:
        try:
            validate_email(target.get("address", ""))
        except ValidationError:
            return _("This is not an e-mail address.")
        return ""

    @contextmanager
    def session(self) -> Iterator[Channel]:
        """The connection is opened before the first mail is said to be on its way."""
        with Post() as post:
            post.ready()
            yield EmailChannel(post)


def compose(address: str, message: Message) -> EmailMultiAlternatives:
    """The mail; its Message-ID is the same however often it is composed."""
    template = f"notifications/email/{'digest' if message.sections else 'single'}"
    context = {
        "message": message,
        "language": get_language(),
        "base_url": settings.BASE_URL,
        "preferences_url": settings.BASE_URL.rstrip("/") + reverse("notifications:preferences"),
    }
    subject = render_to_string(f"{template}.subject.txt", context)
    mail = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string(f"{template}.txt", context),
        to=[address],
        headers={"Message-ID": message_id(message.key), "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail


def message_id(key: str) -> str:
    digest = hashlib.sha256(f"notification.{key}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"
