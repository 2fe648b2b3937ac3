"""How long each report that comes with the product takes: `python -m benchmarks.reports [user name …]`.

It reads the database of DATABASE_URL and writes nothing. A report that needs more than the two seconds of a page is
said to run in the background.
"""

from __future__ import annotations

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")
django.setup()

from django.db import connection  # noqa: E402  Django has to be set up first
from django.utils import timezone  # noqa: E402

from accounts.models import Account  # noqa: E402
from core.errors import DomainError  # noqa: E402
from dashboards.reports.opening import asked_by, opened  # noqa: E402
from dashboards.reports.running import ONLINE, Listing, run  # noqa: E402
from dashboards.reports.shipped import SHIPPED  # noqa: E402
from users.models import Role, User  # noqa: E402


def measure(viewer: User, code: str) -> tuple[float, str]:
    """Seconds, and what came of it."""
    definition, one = opened(SHIPPED[code].definition).ready()
    began = time.monotonic()
    try:
        result = run(definition, one, asked_by(viewer, timezone.now()), ONLINE)
    except DomainError as error:
        return time.monotonic() - began, f"background ({error.code})"
    lines = result.count if isinstance(result, Listing) else len(result.rows)
    return time.monotonic() - began, f"{lines:,}"


def main() -> None:
    names = sys.argv[1:]
    people = User.objects.filter(username__in=names) if names else User.objects.filter(role=Role.DIRECTOR)[:1]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{timezone.localdate()}, {os.cpu_count()} cores, {connection.vendor}, load {load} at the start.\n")
    for viewer in people:
        accounts = Account.objects.visible_to(viewer).order_by().count()
        print(f"As {viewer.get_role_display()} who sees {accounts:,} accounts:\n")
        print("| report | s | rows or lines |\n| --- | --- | --- |")
        for code in SHIPPED:
            seconds, what = measure(viewer, code)
            print(f"| {code} | {seconds:.2f} | {what} |", flush=True)
        print()


if __name__ == "__main__":
    main()
