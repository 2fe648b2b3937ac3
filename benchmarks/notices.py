"""10,000 notifications at once to 500 people: told, put into the outbox, sent; everything is rolled back."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from benchmarks.harness import Report, counted

# isort: split
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notifications.models import Delivery, Notification
from notifications.services import notify_many
from notifications.services.inbox import Note
from notifications.services.outbox import send_due
from notifications.services.routing import route_new
from users.models import User

PEOPLE = 500
HEADS = ["work", "what came of it", "seconds", "own processor", "waiting for the database", "statements"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=10_000)
    options = parser.parse_args()
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    report = Report("Notifications: 10,000 at once")
    with transaction.atomic():
        run(report, options.notes)
        transaction.set_rollback(True)
    report.save()


def run(report: Report, number: int) -> None:
    people = list(User.objects.active().order_by("pk")[:PEOPLE])
    # A working day, ten in the morning: nobody's quiet hours.
    now = timezone.make_aware(timezone.datetime(2026, 3, 16, 10))
    notes = [
        Note([people[n % len(people)]], "mentioned", words(n), f"/accounts/{n + 1}/", f"bench:{n}")
        for n in range(number)
    ]
    rows = [
        timed("told (written into the bell)", lambda: notify_many(notes), Notification.objects.count),
        timed("put into the outbox", lambda: route_new(lambda: now), Delivery.objects.count),
    ]
    began = time.monotonic()
    sent = timed(
        "sent by e-mail, one call of the sender (50 s at most)",
        lambda: send_due(lambda: now + timezone.timedelta(seconds=time.monotonic() - began)),
        lambda: Delivery.objects.filter(status="sent").count(),
    )
    report.text(f"{number:,} notifications of {len(people)} people, each about another account.\n")
    report.table(HEADS, [*rows, sent])


def words(number: int) -> dict[str, object]:
    return {"actor": "王小明", "account": f"澄屿精密机械{number}", "title": "季度会"}


def timed(name: str, work: Callable[[], object], outcome: Callable[[], int]) -> list[str]:
    before = outcome()
    wall, computing = time.perf_counter(), time.process_time()
    with counted() as statements:
        work()
    wall, computing = time.perf_counter() - wall, time.process_time() - computing
    waited = statements.milliseconds / 1000
    return [
        name, f"{outcome() - before:,}", f"{wall:.1f}", f"{computing:.1f}", f"{waited:.1f}", str(len(statements.texts)),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
