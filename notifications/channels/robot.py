"""The robots: channels that post to an address which somebody typed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from django.utils.translation import gettext_lazy as _

from core import outgoing
from core.errors import DomainError
from notifications.channels.base import Channel, Dead, Message, Outcome, Retry, Target, Unsure
from notifications.channels.calling import reason_of

JSON = {"Content-Type": "application/json; charset=utf-8"}


class SecretInvalid(DomainError):
    code = "robot_secret_invalid"
    message = _("This is not a secret of such a robot.")


class Call(NamedTuple):
    """What is sent where."""

    url: str
    body: bytes
    headers: Mapping[str, str] = {}


class RobotChannel(Channel):
    """`hosts` are the only ones that addresses may name besides those that an administrator allows; none: any host that
    is public."""

    hosts: ClassVar[tuple[str, ...]] = ()
    icon: ClassVar[str] = "robot"

    @abstractmethod
    def call(self, target: Target, message: Message) -> Call:
        """The request. Raises SecretInvalid."""

    @abstractmethod
    def outcome(self, answer: outgoing.Answer) -> Outcome:
        """What an answer means."""

    @property
    def signs(self) -> bool:
        """Whether a robot of this kind can have a secret."""
        return "secret" in self.fields

    def send(self, target: Target, message: Message) -> Outcome:
        try:
            call = self.call(target, message)
            answer = outgoing.post(call.url, call.body, {**JSON, **call.headers}, hosts=self.hosts)
        except SecretInvalid as error:
            return Dead(reason_of(error.code))
        except outgoing.OutgoingError as error:
            return self._not_answered(error)
        return self.outcome(answer)

    def examine(self, target: Target) -> None:
        """Raises OutgoingError (field `url`) or SecretInvalid (field `secret`) where the target is none."""
        outgoing.check(target["url"], hosts=self.hosts)

    def check(self, target: Target) -> str:
        try:
            self.examine(target)
        except (outgoing.OutgoingError, SecretInvalid) as error:
            return str(error)
        return ""

    def _not_answered(self, error: outgoing.OutgoingError) -> Outcome:
        reason = reason_of(error.code, *(str(value) for value in error.params.values()))
        if error.unsure and not self.repeatable:
            return Unsure(reason)
        return Retry(reason) if error.retry else Dead(reason)
