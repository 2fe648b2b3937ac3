"""A database of its own for processes that are killed."""

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connection


class Sandbox:
    """A copy of the test's own empty database, so that nobody waits for migrations; processes may share it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder / name, f"kam_sigkill_{os.getpid()}_{name}"
        self.folder.mkdir()
        self.env = {**os.environ, "KAM_DATA_DIR": str(self.folder), "PYTHONUNBUFFERED": "1"}
        self.postgresql = connection.vendor == "postgresql"
        if self.postgresql:
            template = connection.settings_dict["NAME"]
            self.env["DATABASE_URL"] = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{self.name}"
            connection.close()
            self._copy_from(template)
        else:
            connection.ensure_connection()
            copy = sqlite3.connect(self.folder / "kam.sqlite3")
            connection.connection.backup(copy)
            copy.close()

    def _copy_from(self, template: str) -> None:
        """Refused while anybody is connected, as a thread of the live server or autovacuum may be for a moment."""
        for attempt in range(60):
            try:
                self._admin(f"CREATE DATABASE {self.name} TEMPLATE {template}")
            except psycopg2.errors.ObjectInUse:
                if attempt == 59:
                    raise
                time.sleep(0.5)
                others = f"FROM pg_stat_activity WHERE datname = '{template}'"
                self._admin(f"SELECT pg_terminate_backend(pid) {others}")
            else:
                return

    def _admin(self, statement: str) -> None:
        database = psycopg2.connect(**{**connection.get_connection_params(), "dbname": "postgres"})
        database.autocommit = True
        database.cursor().execute(statement)
        database.close()

    def start(self, *args: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *args]
        return subprocess.Popen(command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        if self.postgresql:
            database = psycopg2.connect(**{**connection.get_connection_params(), "dbname": self.name})
        else:
            database = sqlite3.connect(self.folder / "kam.sqlite3", timeout=20)
        cursor = database.cursor()
        cursor.execute(query)
        found = cursor.fetchall()
        database.close()
        return [tuple(str(value) for value in row) for row in found]

    def close(self) -> None:
        if self.postgresql:
            self._admin(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
