"""The supervisor with real processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from kam.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Program, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  not a file to keep
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervise():
    made = []

    def make(*commands):
        supervisor = Supervisor([Program(f"program {number}", command) for number, command in enumerate(commands)])
        made.append(supervisor)
        return supervisor

    yield make
    for supervisor in made:
        supervisor.end_all()


class TestSupervisor:
    def test_starts_every_program(self, supervise):
        supervisor = supervise(SLEEPER, SLEEPER)
        supervisor.tick(0)
        assert all(program.is_running() for program in supervisor.programs)

    def test_starts_one_again_that_was_killed_and_leaves_the_other_alone(self, supervise, caplog):
        supervisor = supervise(SLEEPER, SLEEPER)
        supervisor.tick(0)
        first, second = supervisor.programs
        other = second.process
        first.process.kill()
        wait_until(lambda: not first.is_running())
        supervisor.tick(1)
        assert "killed by SIGKILL" in caplog.text
        supervisor.tick(1 + FIRST_PAUSE_SECONDS)
        assert first.is_running()
        assert second.process is other

    def test_waits_longer_each_time_it_ends_soon(self, supervise):
        supervisor = supervise([sys.executable, "-c", "raise SystemExit(3)"])
        program, now, pauses = supervisor.programs[0], 0.0, []
        for _ in range(7):
            supervisor.tick(now)
            process = program.process
            wait_until(lambda process=process: process.poll() is not None)
            supervisor.tick(now)
            pauses.append(program.start_at - now)
            now = program.start_at
        assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]

    def test_forgets_the_pause_of_one_that_ran_for_long(self, supervise):
        supervisor = supervise([sys.executable, "-c", ""])
        program = supervisor.programs[0]
        program.pause = LONGEST_PAUSE_SECONDS
        supervisor.tick(0)
        wait_until(lambda: not program.is_running())
        supervisor.tick(100)
        assert program.start_at == 100 + FIRST_PAUSE_SECONDS

    def test_kills_what_does_not_end_by_itself(self, supervise, monkeypatch):
        monkeypatch.setattr("kam.supervisor.STOP_WITHIN_SECONDS", 0.3)
        supervisor = supervise(STUBBORN)
        supervisor.tick(0)
        time.sleep(0.3)
        process = supervisor.programs[0].process
        supervisor.end_all()
        assert process.returncode in (-signal.SIGKILL, -signal.SIGTERM)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_children_die_with_a_supervisor_that_is_killed():
    script = (
        "import sys; from kam.supervisor import Program, Supervisor\n"
        f"s = Supervisor([Program('sleeper', {SLEEPER!r})]); s.tick(0)\n"
        "print(s.programs[0].process.pid, flush=True); s.run()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ)
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_alive(child))


def test_stops_on_a_signal():
    script = (
        "from kam.supervisor import Program, Supervisor\n"
        f"s = Supervisor([Program('sleeper', {SLEEPER!r})], on_tick=lambda: print('up', flush=True))\n"
        "s.run(); s.end_all(); print('clean', flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[0].rstrip().endswith("clean")
    assert process.returncode == 0
