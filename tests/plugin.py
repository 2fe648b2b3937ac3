"""Prepares the environment of a test run before the settings are read (loaded by `-p tests.plugin` in pyproject.toml).

`DATABASE_URL` and `REDIS_URL` decide what the suite runs on and are left alone; everything else is fixed here, so that
neither a `.env` file nor the shell changes what a test sees.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def _redis_of_this_worker(url: str) -> str:
    """Give every xdist worker its own database number: clearing one worker's cache must not empty another's."""
    base, _, number = url.rpartition("/")
    if not number.isdigit():
        base, number = url.rstrip("/"), "0"
    return f"{base}/{int(number) + 1 + int(WORKER[2:])}"


def _prepare() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kam-tests-"))
    for name in [name for name in os.environ if name.startswith(("EMAIL_", "CSRF_", "ADMIN_"))]:
        del os.environ[name]
    os.environ |= {
        "ENV_FILE": os.devnull,
        "KAM_DATA_DIR": str(folder),
        "SECRET_KEY": "a-key-for-tests-only-with-more-than-fifty-characters-in-it",
        "ALLOWED_HOSTS": "*",
        "HTTPS": "0",
        "DEBUG": "0",
        "BASE_URL": "http://testserver",
        "TIME_ZONE": "Asia/Shanghai",
        "REPORTING_CURRENCY": "CNY",
        "LOG_LEVEL": "WARNING",
        "EMAIL_URL": "memorymail://",
        "STATICFILES_BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # playwright's synchronous driver runs an event loop in the test's thread
    }
    if not os.environ.get("REDIS_URL"):
        os.environ["CACHE_URL"] = "locmemcache://kam-tests"
    elif WORKER:
        os.environ["REDIS_URL"] = _redis_of_this_worker(os.environ["REDIS_URL"])
    return folder


_folder = _prepare()


def pytest_configure() -> None:
    """Make tests fast (no slow hasher), quiet (no real broker) and comparable (English)."""
    from django.conf import settings  # noqa: PLC0415  settings are read only after _prepare()
    from django.utils.translation import trans_real  # noqa: PLC0415  as above

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CELERY_BROKER_TRANSPORT = "memory"
    settings.CELERY_BROKER_URL = "memory://"  # the tests of a real worker name its broker themselves
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {}
    settings.LANGUAGE_CODE = "en"
    if options := settings.DATABASES["default"].get("OPTIONS", {}).get("options"):  # PostgreSQL: no need to be durable
        settings.DATABASES["default"]["OPTIONS"]["options"] = f"{options} -c synchronous_commit=off"
    trans_real._default = None  # the catalogue of the language that was the default until now


def pytest_unconfigure() -> None:
    """Remove the run's data folder."""
    shutil.rmtree(_folder, ignore_errors=True)


DOORS = {"client", "client_for", "api_for", "admin_client"}
"""Fixtures that ask pages or the API."""
DATABASES = {"db", "transactional_db", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a database server, leave out what says the same on every database, and has been said on SQLite.

    Run there as well: services, query sets, jobs, what kills or waits for somebody (`server`), every page and API route
    at 3 and 30 rows (`everywhere`), the API under nonsense, and the browser. Not: rules without a database, and single
    answers of pages and API, whose statements are among those. `KAM_EVERYTHING=1` runs these too.
    """
    if not os.environ.get("DATABASE_URL", "").startswith("postgres") or os.environ.get("KAM_EVERYTHING"):
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        (kept if _is_about_the_server(item) else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _is_about_the_server(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(name) for name in ("server", "everywhere", "e2e")):
        return True
    fixtures = set(getattr(item, "fixturenames", ()))
    return not fixtures & DOORS and bool(fixtures & DATABASES or item.get_closest_marker("django_db"))


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Start every test with an empty cache: rate limits and counters are kept there."""
    from django.core.cache import cache  # noqa: PLC0415  as above

    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _empty_quickly() -> None:
    """Empty the tables after a test of several transactions in milliseconds, where Django takes seconds: content types
    and permissions stay, and need not be made again; PostgreSQL deletes from the tables that have rows, where TRUNCATE
    makes every file anew, and waits for (or deadlocks with) a request that is still under way."""
    from django.core.management.commands import flush  # noqa: PLC0415  as above
    from django.db import connection  # noqa: PLC0415  as above

    operations = type(connection.ops)  # the class: the thread that drives the browser has a connection of its own
    django_sql_flush = operations.sql_flush

    def sql_flush(self: Any, style: object, tables: list[str], **kwargs: object) -> list[str]:
        tables = [table for table in tables if table not in ("django_content_type", "auth_permission")]
        if self.connection.vendor != "postgresql":  # SQLite empties row by row, which triggers would refuse
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_fixed*'")
                triggers = cursor.fetchall()
            emptied = django_sql_flush(self, style, tables, **kwargs)
            return [*(f"DROP TRIGGER {name}" for name, _sql in triggers), *emptied, *(sql for _name, sql in triggers)]
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)  # noqa: S608  ours
        with self.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            full = [table for (table,) in cursor.fetchall()]
        # Neither foreign keys nor the triggers of what never changes are asked.
        return ["SET LOCAL session_replication_role = replica", *(f'DELETE FROM "{table}"' for table in full)]  # noqa: S608

    operations.sql_flush = sql_flush  # type: ignore[method-assign]
    flush.emit_post_migrate_signal = lambda *args, **kwargs: None  # type: ignore[assignment]


# A real worker


@pytest.fixture(scope="session")
def _worker_broker() -> str:
    """The URL of a Redis database of this run's own, apart from the one that holds the cache."""
    from tests.services import require  # noqa: PLC0415  as above

    require("postgresql", "redis")
    base, _, number = os.environ["REDIS_URL"].rpartition("/")
    return f"{base}/{int(number) + 8}"


@pytest.fixture(scope="session")
def _worker_process(_worker_broker: str, django_db_setup: None) -> Iterator[None]:
    """One Celery worker on this run's test database, for the whole session."""
    from django.conf import settings  # noqa: PLC0415  as above
    from django.db import connection  # noqa: PLC0415  as above

    there = connection.settings_dict
    user = f"{there['USER']}:{there['PASSWORD']}".rstrip(":")
    address = f"{user}@{there['HOST']}:{there['PORT'] or 5432}" if there["HOST"] else ""
    env = {
        **os.environ,
        "DATABASE_URL": f"postgres://{address}/{there['NAME']}",
        "REDIS_URL": _worker_broker,
        "CACHE_URL": os.environ["REDIS_URL"],
    }
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "--app", "kam", "worker"]
    process = subprocess.Popen([*celery, "--concurrency", "1"], env=env, cwd=settings.BASE_DIR)
    yield
    process.terminate()
    process.wait(20)


@pytest.fixture
def worker(_worker_process: None, _worker_broker: str, transactional_db: None) -> Iterator[None]:
    """A Celery worker in a process of its own does what the test's services ask for with `delay_on_commit`.

    Needs PostgreSQL and Redis. The test commits for real; wait for the effect, it comes from another process.
    """
    from kombu import Connection  # noqa: PLC0415  as above

    from kam.celery import app  # noqa: PLC0415  as above

    before = app.connection_for_write
    app.connection_for_write = lambda *_args, **_kwargs: Connection(_worker_broker)
    app.amqp._producer_pool = app.__dict__["_pool"] = None
    _wait_for_worker(app)
    yield
    app.connection_for_write = before
    app.amqp._producer_pool = app.__dict__["_pool"] = None


def _wait_for_worker(app: "object") -> None:
    deadline = time.monotonic() + 60
    while not app.control.ping(timeout=0.5, connection=app.connection_for_write()):  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, "the worker did not start"
