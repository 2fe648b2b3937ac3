"""What a test needs from outside the process, and what happens where it is missing.

`require("redis")` skips the test with a reason; with `KAM_REQUIRE_SERVICES=1` (`make test-services`, CI) it fails
instead, so that no test can be skipped there by accident.
"""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

BUNDLE = Path(settings.BASE_DIR) / "static" / "build" / "app.js"


def chromium_path() -> str | None:
    """The system's Chromium, or None; `CHROMIUM` names another one."""
    wanted = os.environ.get("CHROMIUM")
    return wanted or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _postgresql() -> str:
    return "" if connection.vendor == "postgresql" else "set DATABASE_URL to a PostgreSQL database"


def _redis() -> str:
    return "" if os.environ.get("REDIS_URL") else "set REDIS_URL to a Redis server"


def _chromium() -> str:
    return "" if chromium_path() else "install chromium, or set CHROMIUM to its path"


def _frontend() -> str:
    return "" if BUNDLE.is_file() else "build the front end with `make frontend`"


def _gettext() -> str:
    return "" if shutil.which("xgettext") else "install gettext"


_CHECKS = {
    "postgresql": _postgresql,
    "redis": _redis,
    "chromium": _chromium,
    "frontend": _frontend,
    "gettext": _gettext,
}


def require(*services: str) -> None:
    """Skip the running test unless every named service is there; with KAM_REQUIRE_SERVICES=1 fail it.

    Names: postgresql, redis, chromium, frontend, gettext. Call it inside a test or a fixture.
    """
    reasons = [reason for name in services if (reason := _CHECKS[name]())]
    if reasons:
        missing("; ".join(reasons))


def missing(reason: str) -> None:
    """Skip with `reason`, or fail where nothing may be skipped."""
    if os.environ.get("KAM_REQUIRE_SERVICES") == "1":
        pytest.fail(f"needed here: {reason}", pytrace=False)
    pytest.skip(f"needs more than this machine has: {reason}")
