"""Keeps a handful of programs running as one process group.

A program that ends is started again, later each time it ends soon. All of them end with the supervisor, also when it is
killed with SIGKILL (Linux: the kernel sends them a signal; elsewhere they see Ctrl-C through the process group only).
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0
STOP_WITHIN_SECONDS = 10.0
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Program:
    """One command that has to be running, and what the supervisor knows of it."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    orphan_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS

    def start(self, now: float) -> None:
        """Start it as a child that dies with this process."""
        self.started_at = now
        self.process = subprocess.Popen(  # noqa: S603  our own commands, no shell
            self.command, env={**os.environ, **self.env}, preexec_fn=_die_with(os.getpid(), self.orphan_signal)
        )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def _die_with(parent: int, orphan_signal: signal.Signals) -> Callable[[], None]:
    def in_the_child() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_the_child


class Supervisor:
    """Runs programs until it is told to stop (SIGINT, SIGTERM, SIGHUP or `stop()`)."""

    def __init__(self, programs: Sequence[Program], *, on_tick: Callable[[], None] = lambda: None) -> None:
        self.programs = list(programs)
        self.on_tick = on_tick
        self.stopping = False

    def run(self) -> None:
        """Start everything and keep it running; returns when told to stop. Then call `end_all`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        while not self.stopping:
            self.tick(time.monotonic())
            time.sleep(TICK_SECONDS)

    def stop(self, *_signal: object) -> None:
        """Ask `run` to end; also the signal handler."""
        self.stopping = True

    def tick(self, now: float) -> None:
        """Start what is due and notice what has ended; `now` in seconds of the monotonic clock."""
        for program in self.programs:
            if program.process is None:
                if now >= program.start_at:
                    program.start(now)
            elif not program.is_running():
                self._plan_restart(program, now)
        self.on_tick()

    def _plan_restart(self, program: Program, now: float) -> None:
        code = program.process.returncode if program.process else None
        if now - program.started_at >= HEALTHY_AFTER_SECONDS:
            program.pause = FIRST_PAUSE_SECONDS
        program.process, program.start_at = None, now + program.pause
        logger.error("%s ended (%s); it starts again in %.0f s.", program.name, _reason(code), program.pause)
        program.pause = min(program.pause * 2, LONGEST_PAUSE_SECONDS)

    def end_all(self) -> None:
        """Ask every program to end, then make it: nothing is running when this returns."""
        running = [program.process for program in self.programs if program.process and program.is_running()]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _reason(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
