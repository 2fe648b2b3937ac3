"""What every benchmark here needs: Django, a stopwatch that counts statements, a table, the machine's load."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")
if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
    sys.exit("Set DATABASE_URL to the PostgreSQL database of the benchmark; benchmarks/README.md says how to make it.")
django.setup()

from django.db import connection  # noqa: E402  only after django.setup()

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass
class Statements:
    """The statements of one piece of work and the time that the database took for them, in milliseconds."""

    texts: list[str] = field(default_factory=list)
    milliseconds: float = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  Django's
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.milliseconds += (time.perf_counter() - start) * 1000
            self.texts.append(sql)


@contextmanager
def counted() -> Iterator[Statements]:
    """Counts the statements inside."""
    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements


@dataclass(frozen=True)
class Measured:
    """Milliseconds and statements of one piece of work, repeated.

    `processor_p50` is this process's own computing: the part that a busy machine does not make longer.
    """

    p50: float
    p95: float
    processor_p50: float
    database_p50: float
    statements: int

    @property
    def cells(self) -> list[str]:
        times = (self.p50, self.p95, self.processor_p50, self.database_p50)
        return [*(f"{time:.1f}" for time in times), str(self.statements)]


def measure(work: Callable[[int], Any], repeat: int = 60, warm: int = 5) -> Measured:
    """Run `work(number)` `repeat` times after `warm` times that do not count."""
    times, processor, database, count = [], [], [], 0
    for number in range(-warm, repeat):
        if number == 0:  # as gunicorn does after loading (kam/gunicorn_conf.py)
            gc.collect()
            gc.freeze()
        with counted() as statements:
            start, computing = time.perf_counter(), time.process_time()
            work(number)
            elapsed, computed = time.perf_counter() - start, time.process_time() - computing
        if number >= 0:
            times.append(elapsed * 1000)
            processor.append(computed * 1000)
            database.append(statements.milliseconds)
            count = max(count, len(statements.texts))
    times.sort()
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    return Measured(p50, p95, statistics.median(processor), statistics.median(database), count)


def load() -> str:
    """The machine's load averages over 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def machine() -> str:
    """What the numbers were taken on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0].split()[0]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {server}"


class Report:
    """Prints a section and, at the end, puts it in the place of its earlier version in RESULTS.md."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.lines = [f"## {title}", "", f"{time.strftime('%Y-%m-%d')}, {machine()}, load {load()} at the start.", ""]
        print("\n".join(self.lines))

    def table(self, heads: list[str], rows: list[list[str]]) -> None:
        lines = ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]
        self.text("\n".join(lines) + "\n")

    def text(self, text: str) -> None:
        print(text)
        self.lines += [text, ""]

    def save(self) -> None:
        """Write the section to RESULTS.md."""
        self.text(f"Load {load()} at the end.")
        sections = RESULTS.read_text(encoding="utf-8").split("\n## ") if RESULTS.exists() else ["# Results"]
        mine = "\n".join(self.lines).strip().removeprefix("## ")
        heads = [section.partition("\n")[0] for section in sections]
        if self.title in heads:
            sections[heads.index(self.title)] = mine
        else:
            sections.append(mine)
        RESULTS.write_text("\n\n## ".join(section.strip() for section in sections) + "\n", encoding="utf-8")
