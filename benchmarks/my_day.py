"""My day and the briefs at scale: a manager with 200 accounts, 30 visits today and 50 open steps; time, statements.

Rows are added inside a transaction that is rolled back: the database stays as it was.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Callable

from benchmarks.harness import Report, measure

# isort: split
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountSummary
from contacts.models import Contact, Employment
from core import agenda
from core.agenda import Part, Question
from interactions.models import Greeting, Interaction, NextStep, PlanningGap, Visit
from users.models import User

ACCOUNTS, VISITS, STEPS, TALKS = 200, 30, 50, 5
COMPANY = 50_000
SIZES = (Account, Visit, NextStep, Interaction)
TABLES = (Account, AccountSummary, Contact, Employment, Interaction, Visit, NextStep, Greeting, PlanningGap)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--work", default="", help="only what has this in its name; nothing is saved then")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    report = Report("My day")
    with transaction.atomic():
        user, leader, director = (User.objects.get(username=name) for name in ("alice", "lee", "dora"))
        today = timezone.localdate()
        fill(user, today)
        fill_company(today)
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ANALYZE {table._meta.db_table}")
        sizes = ", ".join(f"{table.objects.count():,} {table._meta.model_name}s" for table in SIZES)
        mine = f"{user.managed_accounts.count()} accounts, {VISITS} visits today, {STEPS} open steps"
        report.text(f"{sizes}. The manager has {mine}.")
        chosen = {name: work for name, work in works(user, leader, director).items() if options.work in name}
        rows = [[name, *measure(work, options.repeat).cells] for name, work in chosen.items()]
        transaction.set_rollback(True)
    report.table(["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"], rows)
    if not options.work:
        report.save()


def fill(user: User, today: dt.date) -> None:
    """The manager's own: accounts with people and history, visits of today, steps around today, greetings, gaps."""
    mine = list(user.managed_accounts.values_list("pk", flat=True)[:ACCOUNTS])
    more = Account.objects.exclude(manager=user).order_by("pk")[: ACCOUNTS - len(mine)]
    Account.objects.filter(pk__in=[account.pk for account in more]).update(manager=user)
    mine = list(user.managed_accounts.values_list("pk", flat=True))
    Visit.objects.filter(owner=user, planned_date__lte=today).delete()
    NextStep.objects.filter(owner=user).delete()
    people = Contact.objects.bulk_create([Contact(name=f"王{pk}") for pk in mine for _ in range(4)])
    Employment.objects.bulk_create(
        [Employment(contact=person, account_id=mine[n // 4], position="采购") for n, person in enumerate(people)]
    )
    _talk(mine, user, today)
    times = [dt.time(8 + n % 10, 30 * (n % 2)) if n % 3 else None for n in range(VISITS)]
    Visit.objects.bulk_create(
        Visit(account_id=pk, owner=user, planned_date=today, start_time=time, cadence_days=14, due_date=today)
        for pk, time in zip(mine, times, strict=False)
    )
    Visit.objects.bulk_create(
        Visit(account_id=pk, owner=user, planned_date=today - dt.timedelta(days=1)) for pk in mine[40:46]
    )
    NextStep.objects.bulk_create(
        NextStep(account_id=mine[n], owner=user, text="报价", due_date=today + dt.timedelta(days=n % 20 - 10))
        for n in range(STEPS)
    )
    Greeting.objects.bulk_create(
        Greeting(account_id=mine[n // 4], contact=people[n], owner=user, occasion="birthday", date=today)
        for n in range(5)
    )
    PlanningGap.objects.filter(account__in=mine).delete()
    PlanningGap.objects.bulk_create(
        PlanningGap(account_id=pk, user=user, duty="manager", due_date=today, reason="over_capacity", as_of=today)
        for pk in mine[50:60]
    )


def _talk(accounts: list[int], user: User, today: dt.date) -> None:
    Interaction.objects.bulk_create(
        Interaction(
            account_id=pk,
            kind="visit",
            occurred_at=timezone.now() - dt.timedelta(days=n * 9 + 1),
            date=today - dt.timedelta(days=n * 9 + 1),
            minutes="谈了价格与交付。" * 20,
            author=user,
        )
        for pk in accounts
        for n in range(TALKS)
    )


def fill_company(today: dt.date) -> None:
    """What everybody else has: visits of today and later, and open steps, so that the tables have their size."""
    rest = list(Account.objects.exclude(manager=None).values_list("pk", "manager")[:COMPANY])
    chance = random.Random(1)
    Visit.objects.bulk_create(
        (
            Visit(account_id=a, owner_id=m, planned_date=today + dt.timedelta(days=chance.randrange(1, 40)))
            for a, m in rest
        ),
        batch_size=5000,
    )
    NextStep.objects.bulk_create(
        (
            NextStep(account_id=a, owner_id=m, text="x", due_date=today + dt.timedelta(days=chance.randrange(-5, 60)))
            for a, m in rest
        ),
        batch_size=5000,
    )
    AccountSummary.objects.filter(contact_due_date=None).update(
        contact_due_date=today + dt.timedelta(days=5), last_contact_date=today - dt.timedelta(days=9)
    )


def works(user: User, leader: User, director: User) -> dict[str, Callable[[int], None]]:
    """Every page of the day, as something to repeat."""
    visit = Visit.objects.filter(owner=user, planned_date=timezone.localdate()).first()

    def page(person: User, name: str, *args: int, **query: str) -> Callable[[int], None]:
        client = Client()
        client.force_login(person)
        url = reverse(name, args=args)

        def get(_number: int) -> None:
            response = client.get(url, query)
            assert response.status_code == 200, (url, response.status_code)  # noqa: S101  a benchmark

        return get

    today = timezone.localdate()
    question = Question(user, [user.pk], today, today)
    return {
        "My day, the page": page(user, "home"),
        "My day, its lists without the page": lambda _n: agenda.read(question, 8, cap={Part.TIMETABLE: 40}) and None,
        "portfolio in four numbers": page(user, "dashboards:portfolio_panel"),
        "changes since yesterday": page(user, "dashboards:changes_panel"),
        "all overdue steps": page(user, "dashboards:agenda_list", kind="steps_overdue"),
        "brief of a visit": page(user, "dashboards:visit_brief", visit.pk),
        "brief as PDF": page(user, "dashboards:visit_brief_pdf", visit.pk),
        "30 briefs as one PDF": page(user, "dashboards:day_briefs_pdf"),
        "supervisor, My team": page(leader, "home", view="team"),
        "supervisor, the team's portfolio": page(leader, "dashboards:portfolio_panel", view="team"),
        "director, everybody's day": page(director, "home", view="team"),
        "director, portfolio of all": page(director, "dashboards:portfolio_panel", view="team"),
    }


if __name__ == "__main__":
    main()
