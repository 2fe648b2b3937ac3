"""A mail server of the tests' own: a real one, on a free port of this machine."""

import socket
import time
from contextlib import closing
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PostOffice:
    """Keeps what it is given in `letters`; `refuse[address]` is what it answers for an address instead, `slow` the
    seconds that it takes over each letter, `hang_up` how: "before" or "after" it has taken the letter."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self.letters: list = []
        self.refuse: dict[str, str] = {}
        self.slow = 0.0
        self.hang_up = ""
        self.controller: Controller | None = None

    def open(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()
        return self

    def close(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def __enter__(self):
        return self.open()

    def __exit__(self, *_error) -> None:
        self.close()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        if self.hang_up == "before":
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        time.sleep(self.slow)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        if self.hang_up == "after":
            server.transport.abort()
        return "250 Taken"

    @property
    def addresses(self) -> list[str]:
        """Who got a letter, each letter once."""
        return [letter["To"] for letter in self.letters]
