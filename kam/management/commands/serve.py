"""`manage.py serve`: pages, background worker and schedule of an embedded installation, as one process group."""

import errno
import fcntl
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.utils import translation

from core.commands import TerminalCommand
from kam.demo_cast import DEMO_LOGINS, DEMO_PASSWORD
from kam.supervisor import Program, Supervisor
from users.models import User


class Command(TerminalCommand):
    help = "Serves the pages and runs the background worker and the schedule until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="default: $HOST or 127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="default: $PORT or 8000")
        parser.add_argument("--prepare", action="store_true", help="first do what `manage.py prepare` does")
        parser.add_argument("--demo-accounts", type=int, default=0, help="with --prepare: as there")

    def handle(self, *_args: Any, **options: Any) -> None:
        host, port = options["host"], parse_port(options["port"])
        check_port(host, port)
        with self._lock():
            if options["prepare"]:
                call_command("prepare", demo_accounts=options["demo_accounts"], stdout=self.stdout)
            self.stdout.write("Starting pages, worker and schedule…")
            self.waiting = True
            supervisor = Supervisor(programs(host, port), on_tick=lambda: self._announce(host, port))
            supervisor.run()
            self.stdout.write("Stopping…")
            supervisor.end_all()
        self.stdout.write("Stopped.")

    def _lock(self) -> IO[str]:
        """One `serve` per data folder: a second schedule would do everything twice."""
        lock = (settings.DATA_DIR / "serve.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"KAM is running already from {settings.DATA_DIR}: stop it first.") from error
        return lock

    def _announce(self, host: str, port: int) -> None:
        """Print the address and the demo logins, once, when the pages answer."""
        if not self.waiting or not answers(host, port):
            return
        self.waiting = False
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104  compared, not bound
        self.stdout.write(self.style.SUCCESS(f"\nKAM is at http://{shown}:{port}/ (Ctrl-C stops it)."))
        for line in login_lines():
            self.stdout.write(line)
        self.stdout.flush()
        connections.close_all()


def login_lines() -> list[str]:
    """The demo logins that are in the database, one line each, with the password; empty without demo data."""
    there = set(
        User.objects.filter(username__in=[who.username for who in DEMO_LOGINS]).values_list("username", flat=True)
    )
    if not there:
        return []
    with translation.override("en"):
        lines = [f"  {who.label!s:<16} {who.username}" for who in DEMO_LOGINS if who.username in there]
    return [f"Demo logins, all with the password {DEMO_PASSWORD}:", *lines, ""]


def parse_port(text: str) -> int:
    """The port number; raises CommandError when `text` is none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT={text} is not a port: give a number from 1 to 65535.")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raises CommandError with one sentence when the port cannot be listened on."""
    try:
        family, kind, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: f"Port {port} is in use by another program: stop that one, or choose another with PORT=.",
            errno.EACCES: f"Port {port} is reserved for the system: choose one above 1023 with PORT=.",
        }.get(error.errno or 0, f"{host}:{port} cannot be listened on: {error.strerror}.")
        raise CommandError(reason) from error


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=0.2):
            return True
    except OSError:
        return False


def programs(host: str, port: int) -> list[Program]:
    """The three programs of an embedded installation."""
    python = [
        sys.executable,
        "-W",
        "ignore:You're running the worker",
        "-m",
    ]  # as root: said by Celery, meant for pickle
    celery = [*python, "celery", "--quiet", "--app", "kam"]
    worker = [
        "worker",
        "--pool",
        "threads",
        "--concurrency",
        "2",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    return [
        Program(
            "The web server",
            [*python, "gunicorn", "--config", "python:kam.gunicorn_conf", "kam.wsgi"],
            env={"HOST": host, "PORT": str(port)},
        ),
        # SIGQUIT: do not wait for a running task, its row says that it is unfinished
        Program("The worker", [*celery, *worker], orphan_signal=signal.SIGQUIT),
        Program("The schedule", [*celery, "beat", "--pidfile", ""]),
    ]
