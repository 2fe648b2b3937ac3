"""What every channel can do: carry one message to one target, and say what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from django.utils.functional import Promise

Target = Mapping[str, str]
"""Where a message goes: `address` for e-mail; `url`, and `secret` where the channel signs, for a robot."""


class Line(NamedTuple):
    """One thing that happened, with the absolute link to it ("" where there is none)."""

    text: str
    url: str = ""


class Section(NamedTuple):
    """The lines of one group of events, for channels that can show headings."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Message:
    """What is delivered, already in the receiver's language, which is active while it is sent."""

    title: str
    """One line."""
    lines: tuple[str, ...]
    """What happened, a line each; a digest has many."""
    url: str
    """An absolute link into KAM; who follows it logs in."""
    kind: str
    """The code of the event, `digest`, or `burst`."""
    key: str
    """The same at every try to deliver this message, and no other's."""
    sections: tuple[Section, ...] = ()
    """`lines` again under headings, each with its own link; only a digest has them."""


class Sent(NamedTuple):
    """The other side has taken it."""


class Retry(NamedTuple):
    """It was not taken, and may be if sent again: 429, 5xx, nobody answers. `after_seconds` as the other side asks;
    `everywhere`: no other message of this channel would be taken now."""

    reason: str
    after_seconds: float | None = None
    everywhere: bool = False


class Dead(NamedTuple):
    """It will never be taken: a bad address, 4xx, a host that we refuse to call."""

    reason: str


class Unsure(NamedTuple):
    """It may have been taken or not, and sending it again could tell twice: a person decides."""

    reason: str


Outcome = Sent | Retry | Dead | Unsure


class Pace(NamedTuple):
    """What the other side allows one target: `number` messages in any `seconds`, of them `at_once` one right after the
    other (fewer than `number`: what was sent before counts too)."""

    number: int
    seconds: float
    at_once: int

    @property
    def step(self) -> float:
        """Seconds that one message costs: a full reserve and what grows meanwhile stay within `number`."""
        return self.seconds / (self.number - self.at_once + 1)


class Channel(ABC):
    """One way to reach somebody. An instance holds no state: any number of senders use it at once."""

    code: ClassVar[str]
    label: ClassVar[str | Promise]
    fields: ClassVar[tuple[str, ...]] = ("url",)
    """What a target has."""
    repeatable: ClassVar[bool] = False
    """Whether the other side knows a repeated message by its key: if so, what a killed sender left is sent again."""

    pace: ClassVar[Pace | None] = None
    """How fast one target takes messages; whoever has such a limit reads a burst as one message."""

    @abstractmethod
    def send(self, target: Target, message: Message) -> Outcome:
        """Deliver; raises nothing that has to do with the other side or the network."""

    def check(self, target: Target) -> str:
        """What is wrong with the target, a sentence in the reader's language; "" where nothing is."""
        return ""

    @contextmanager
    def session(self) -> Iterator[Channel]:
        """For who sends many messages in a row: a channel that keeps its connection open."""
        yield self
