"""A real HTTP server in a thread of the test, for what calls other systems: it answers what the test wants, and keeps
what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What the server answers: an object as JSON, or a text as it is; `wait` seconds before, `drip` seconds a byte."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    drip: float = 0
    raw: bytes | None = None

    @property
    def content(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class FakeServer:
    """`replies` are given one after the other, the last for all further requests; `answer` decides by the request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: list[Reply] = [Reply()]
        self.answer: Callable[[Asked], Reply] | None = None
        self.stopped = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"

    def url(self, path: str = "/hook") -> str:
        return f"http://{self.host}{path}"

    def reply(self, asked: Asked) -> Reply:
        if self.answer is not None:
            return self.answer(asked)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                fake.asked.append(asked)
                reply = fake.reply(asked)
                fake.stopped.wait(reply.wait)
                if reply.raw is not None:
                    self.wfile.write(reply.raw)
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.content)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for byte in reply.content if reply.drip else [reply.content]:
                    time.sleep(reply.drip)
                    self.wfile.write(bytes([byte]) if isinstance(byte, int) else byte)

            def log_message(self, *_args: object) -> None:
                """Says nothing."""

        return Handler


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    """A server on 127.0.0.1, until the end."""
    fake = FakeServer()
    fake.server.handle_error = lambda *_args: None  # type: ignore[method-assign]  callers hang up, as they are told to
    thread = threading.Thread(target=fake.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield fake
    fake.stopped.set()
    fake.server.shutdown()
    fake.server.server_close()
