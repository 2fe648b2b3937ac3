"""Any system of the company, by Standard Webhooks.

POST of `{"type", "data"}` with the headers `webhook-id` (the same at every retry, so that the receiver can drop what it
has), `webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over `<id>.<time>.<body>`,
the key being the base64 after `whsec_`). Every status of 200 to 299 is success, 410 says to stop for good, 429 and 503
may say when to come again, every other one is tried again.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from notifications.channels import signing
from notifications.channels.base import Dead, Message, Outcome, Retry, Sent, Target
from notifications.channels.calling import encoded, of_status, reason_of
from notifications.channels.robot import Call, RobotChannel, SecretInvalid


class Webhook(RobotChannel):
    code = "webhook"
    label = gettext_lazy("Webhook")
    repeatable = True
    fields = ("url", "secret")

    def call(self, target: Target, message: Message) -> Call:
        body = encoded(self.payload(message))
        return Call(target["url"], body, self.headers(target, message, body, signing.now_in_seconds()))

    def examine(self, target: Target) -> None:
        super().examine(target)
        _secret_of(target)

    def payload(self, message: Message) -> dict[str, object]:
        data = {"title": message.title, "lines": list(message.lines), "url": message.url}
        return {"type": f"notification.{message.kind}", "data": data}

    def headers(self, target: Target, message: Message, body: bytes, seconds: int) -> dict[str, str]:
        """Raises SecretInvalid."""
        name = message_id(message.key)
        return {
            "webhook-id": name,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signing.webhook(name, seconds, body, _secret_of(target)),
        }

    def outcome(self, answer: outgoing.Answer) -> Outcome:
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return Sent()
        if answer.status == HTTPStatus.GONE:
            return Dead(reason_of("robot_gone", str(answer.status)))
        return of_status(answer) or Retry(reason_of("refused", str(answer.status), answer.text))


def _secret_of(target: Target) -> str:
    """Raises SecretInvalid unless it is one of Standard Webhooks."""
    secret = target.get("secret", "")
    try:
        signing.webhook_key(secret)
    except ValueError as error:
        raise SecretInvalid(_("A secret is whsec_ and 24 to 64 bytes in base64."), field="secret") from error
    return secret


def message_id(key: str) -> str:
    """A name without dots for the message of this key."""
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
