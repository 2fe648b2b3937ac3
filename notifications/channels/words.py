"""Why a message was not delivered, in words: the codes of `Retry` and `Dead`."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import outgoing
from core.sealing import SealBroken
from notifications.channels.robot import SecretInvalid

REASONS: dict[str, str | Promise] = {
    "rate_limited": gettext_lazy("Too many messages in a short time; it is tried again later."),
    "busy": gettext_lazy("The service is not ready; it is tried again later."),
    "unreadable": gettext_lazy("The answer is none that this service gives. Does the address belong to it?"),
    "signature": gettext_lazy("The secret does not fit the robot, or the clock of this server is wrong."),
    "keyword": gettext_lazy(
        "The robot only takes messages with one of its keywords. Add the keyword “KAM” to its security settings."
    ),
    "ip_refused": gettext_lazy("The robot does not take messages from this server: add its IP address there."),
    "robot_gone": gettext_lazy("There is no such robot any more: it was removed or stopped, or its address changed."),
    "refused": gettext_lazy("The service refused the message."),
    SealBroken.code: SealBroken.message,
    SecretInvalid.code: SecretInvalid.message,
}
CALLS = {error.code: error.message for error in [outgoing.OutgoingError, *outgoing.OutgoingError.__subclasses__()]}


def in_words(reason: str) -> str:
    """A sentence in the reader's language, and what the other side said."""
    code, _space, said = reason.partition(" ")
    if code in CALLS:
        return str(CALLS[code]) % {"host": said, "hosts": said}
    if code not in REASONS:
        return reason
    sentence = str(REASONS[code])
    return _("%(sentence)s (Its answer: %(said)s)") % {"sentence": sentence, "said": said} if said else sentence
