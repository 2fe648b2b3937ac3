"""`manage.py prepare` and `manage.py serve`, alone and as `make run` uses them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError

from kam.demo_cast import DEMO_PASSWORD
from kam.management.commands import prepare, serve
from tests.factories.users import UserFactory


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class TestPort:
    @pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "8000x", "８０００"])
    def test_refuses_what_is_no_port(self, text):
        with pytest.raises(CommandError, match="is not a port"):
            serve.parse_port(text)

    def test_takes_a_port(self):
        assert serve.parse_port("8080") == 8080

    def test_says_that_a_port_is_in_use(self, busy_port):
        with pytest.raises(CommandError, match=rf"^Port {busy_port} is in use by another program: .*PORT=\.$"):
            serve.check_port("127.0.0.1", busy_port)

    def test_says_that_an_address_is_not_ours(self):
        with pytest.raises(CommandError, match=r"^nowhere\.invalid:8000 cannot be listened on: "):
            serve.check_port("nowhere.invalid", 8000)

    def test_knows_whether_something_answers(self, busy_port, free_port):
        assert serve.answers("127.0.0.1", busy_port)
        assert not serve.answers("127.0.0.1", free_port)


class TestLoginLines:
    def test_names_the_people_who_are_there(self, db):
        UserFactory(username="dora")
        UserFactory(username="somebody")
        lines = "\n".join(serve.login_lines())
        assert DEMO_PASSWORD in lines
        assert "Director" in lines
        assert "dora" in lines
        assert "alice" not in lines
        assert "somebody" not in lines

    def test_says_nothing_without_demo_data(self, db):
        assert serve.login_lines() == []


class TestStaticChecksum:
    def test_changes_with_a_file(self, settings, tmp_path):
        settings.STATICFILES_DIRS = [("build", tmp_path)]
        before = prepare.static_checksum()
        (tmp_path / "app.js").write_text("1")
        assert prepare.static_checksum() != before


class Installation:
    """An embedded installation of its own in a folder."""

    def __init__(self, folder, port: int) -> None:
        self.port = port
        self.env = {**os.environ, "KAM_DATA_DIR": str(folder), "PORT": str(port), "WEB_WORKERS": "1"}
        for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HOST"):
            self.env.pop(name, None)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=settings.BASE_DIR, env=self.env, capture_output=True, text=True, check=False)

    @contextmanager
    def serving(self):
        command = [sys.executable, "-u", "manage.py", "serve"]
        process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)

    def readyz(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def wait_until_ready(self, seconds: float = 180) -> dict:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, answer = self.readyz()
            if status == 200:
                return answer
            time.sleep(0.2)
        raise AssertionError(f"not ready after {seconds} s: {status} {answer}")


def group_members(group: int) -> list[str]:
    listing = subprocess.run(["ps", "-o", "pid=,args=", "-g", str(group)], capture_output=True, text=True, check=False)
    return [line for line in listing.stdout.splitlines() if "defunct" not in line]


@pytest.fixture(scope="module")
def prepared_folder(tmp_path_factory):
    """An installation with twelve accounts, made from nothing once; the tests work on copies."""
    folder = tmp_path_factory.mktemp("installation")
    prepared = Installation(folder, 8000).manage("prepare", "--demo-accounts", "12")
    assert prepared.returncode == 0, prepared.stderr
    assert "12 accounts" in prepared.stdout
    return folder


@pytest.fixture
def here(prepared_folder, tmp_path, free_port):
    shutil.copytree(prepared_folder, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path, free_port)


@pytest.mark.slow
@pytest.mark.embedded
class TestEmbeddedInstallation:
    def test_runs_and_stops_cleanly(self, here, free_port):
        again = here.manage("prepare", "--demo-accounts", "12")
        assert (again.returncode, again.stdout) == (0, "")
        with here.serving() as process:
            assert here.wait_until_ready()["parts"]["worker"]["status"] == "ok"
            busy = here.manage("serve")
            assert (busy.returncode, busy.stdout) == (1, "")
            assert busy.stderr.startswith(f"CommandError: Port {free_port} is in use")
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=30)[0]
            assert process.returncode == 0
        assert f"http://localhost:{free_port}/" in said
        assert "alice" in said
        assert DEMO_PASSWORD in said
        assert said.rstrip().endswith("Stopped.")
        assert "Traceback" not in said
        assert group_members(process.pid) == []

    def test_everything_ends_with_a_supervisor_that_is_killed(self, here):
        with here.serving() as process:
            here.wait_until_ready()
            assert len(group_members(process.pid)) >= 4
            process.kill()
            deadline = time.monotonic() + 30
            while group_members(process.pid) and time.monotonic() < deadline:
                time.sleep(0.2)
            assert group_members(process.pid) == []

    def test_two_do_not_share_a_folder(self, tmp_path, free_port):
        here = Installation(tmp_path, free_port)
        (tmp_path / "serve.lock").touch()
        with (tmp_path / "serve.lock").open("a") as lock:
            serve.fcntl.flock(lock, serve.fcntl.LOCK_EX)
            refused = here.manage("serve")
        assert refused.returncode == 1
        assert refused.stderr.strip() == f"CommandError: KAM is running already from {tmp_path}: stop it first."
