"""The planner over a company of its own: time, statements, every rule checked on every row, run twice, and killed.

    DATABASE_URL=postgres://…/kam_planning python -m benchmarks.planning --prepare   # fills an empty database
    DATABASE_URL=postgres://…/kam_planning python -m benchmarks.planning

The second call plans, checks every visit and prints the violations, plans again, takes a day off one person, and does
the same on a copy of the database where the planner is killed half-way and started again. It begins by taking away what
an earlier call planned.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.harness import Report, counted

# isort: split
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account, AccountMember
from accounts.services.bulk import insert_accounts
from core.bulk import analyze, copy_rows
from core.workdays import country_code, work_calendars
from interactions import services
from interactions.models import AccountRhythm, Capacity, ContactPolicy, Interaction, PlanningGap, PolicyRule, Visit
from users.models import Leave, Team, User

DAY = dt.timedelta(days=1)
WEEKS = 6
CITIES = [
    "上海",
    "苏州",
    "杭州",
    "南京",
    "无锡",
    "宁波",
    "合肥",
    "武汉",
    "成都",
    "广州",
    "深圳",
    "北京",
    "天津",
    "青岛",
    "大连",
]
CONTENT = (
    "SELECT account_id, duty, planned_date, owner_id, status, source, due_date, cadence_days FROM interactions_visit"
)
GAPS = "SELECT account_id, duty, user_id, due_date, reason FROM interactions_planninggap"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--managers", type=int, default=500)
    parser.add_argument("--no-kill", action="store_true")
    options = parser.parse_args()
    as_of = timezone.localdate()
    if options.prepare:
        prepare(options.accounts, options.managers, as_of)
        return
    clear()
    copy = None if options.no_kill else copy_database()
    report = Report("Planning")
    rows = [measured("first run", as_of)]
    violations = check(as_of)
    rows.append(measured("the same again", as_of))
    rows.append(after_a_day_off(as_of))
    rows.append(measured("the next morning", as_of + DAY))
    report.table(
        [
            "run",
            "seconds",
            "own computing",
            "database",
            "planned",
            "kept",
            "moved",
            "cancelled",
            "gaps",
            "statements per batch",
        ],
        rows,
    )
    report.text(f"Violations, every row checked: {violations}.")
    if copy:
        report.text(kill_half_way(copy, as_of))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report.text(f"{Account.objects.count():,} accounts; peak memory of the process {peak:.0f} MB.")
    report.save()


def measured(name: str, as_of: dt.date) -> list[str]:
    """One run: its seconds, what it did, and the statements of its batches (fewest to most)."""
    marks = []
    with counted() as statements:
        start, computing = time.perf_counter(), time.process_time()
        result = services.plan_visits(
            as_of, weeks=WEEKS, now=timezone.now(), progress=lambda _done, _total: marks.append(len(statements.texts))
        )
        seconds, computed = time.perf_counter() - start, time.process_time() - computing
    per_batch = [after - before for before, after in pairwise(marks)] or marks
    numbers = [result.planned, result.kept, result.moved, result.cancelled, sum(result.gaps.values())]
    database = f"{statements.milliseconds / 1000:.1f}"
    print(f"{name}: {seconds:.1f} s, computing {computed:.1f} s, database {database} s, {dict(result.by_reason())}")
    return [
        name,
        f"{seconds:.1f}",
        f"{computed:.1f}",
        database,
        *(f"{n:,}" for n in numbers),
        f"{min(per_batch)} to {max(per_batch)}",
    ]


def after_a_day_off(as_of: dt.date) -> list[str]:
    """How much moves when one person takes a day off."""
    busy = Visit.objects.planned().filter(source="policy", planned_date__gt=as_of).order_by("pk").first()
    Leave.objects.create(user=busy.owner, from_date=busy.planned_date, until_date=busy.planned_date)
    lost = Visit.objects.planned().filter(owner=busy.owner, planned_date=busy.planned_date, pinned=False).count()
    return measured(f"after one person's day off ({lost} visits on it)", as_of)


def check(as_of: dt.date) -> dict[str, int]:
    """Every planned visit against every rule, and every need against the plan."""
    last = as_of + WEEKS * 7 * DAY - DAY
    visits = list(
        Visit.objects.planned()
        .order_by("pk")
        .values_list(
            "account", "duty", "owner", "planned_date", "source", "pinned", "account__country", "account__manager"
        )
    )
    found: Counter[str] = Counter(
        dict.fromkeys(
            ["twice", "over capacity", "no working day", "on leave", "wrong visitor", "beyond", "forgotten"], 0
        )
    )
    generated = [visit for visit in visits if visit[4] == "policy" and not visit[5]]
    found["twice"] = sum(n - 1 for n in Counter((v[0], v[1], v[3]) for v in generated).values())
    capacity = defaultdict(lambda: ContactPolicy.objects.in_force().get().visits_per_day)
    capacity.update(Capacity.objects.values_list("user", "visits_per_day"))
    load = Counter((visit[2], visit[3]) for visit in visits)
    planned_days = {(visit[2], visit[3]) for visit in generated}
    found["over capacity"] = sum(load[key] > capacity[key[0]] for key in planned_days)
    calendars = work_calendars({country_code(visit[6]) for visit in generated}, as_of, last)
    away = {
        (leave.user_id, leave.from_date + n * DAY)
        for leave in Leave.objects.all()
        for n in range((leave.until_date - leave.from_date).days + 1)
    }
    sponsors = set(AccountMember.objects.filter(role="executive_sponsor").values_list("account", "user"))
    for account, duty, owner, date, _source, _pinned, country, manager in generated:
        found["no working day"] += not calendars[country_code(country)].is_working(date)
        found["on leave"] += (owner, date) in away
        found["wrong visitor"] += (owner != manager) if duty == "manager" else (account, owner) not in sponsors
        found["beyond"] += not as_of <= date <= last
    planned = {visit[0] for visit in visits if visit[1] == "manager"} | set(
        PlanningGap.objects.filter(duty="manager").values_list("account", flat=True)
    )
    due = Account.objects.filter(summary__contact_due_date__lte=last).values_list("pk", flat=True)
    found["forgotten"] = sum(pk not in planned for pk in due)
    print(f"checked {len(visits):,} visits")
    return dict(found)


def clear() -> None:
    """As before the first run."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM interactions_visit WHERE source = 'policy'")
        cursor.execute("DELETE FROM interactions_planninggap; DELETE FROM interactions_planningrun")
        cursor.execute("DELETE FROM users_leave WHERE from_date = until_date")
        cursor.execute("DELETE FROM audit_auditentry WHERE action LIKE 'visit.%'")
    analyze(Account, Interaction, Visit)


def administer(statement: str) -> None:
    """Outside of the database that is copied."""
    database = psycopg2.connect(**{**connection.get_connection_params(), "dbname": "postgres"})
    database.autocommit = True
    database.cursor().execute(statement)
    database.close()


def copy_database() -> str:
    name = connection.settings_dict["NAME"]
    connection.close()
    administer(f"DROP DATABASE IF EXISTS {name}_killed WITH (FORCE)")
    administer(f"CREATE DATABASE {name}_killed TEMPLATE {name}")
    return f"{name}_killed"


def kill_half_way(name: str, as_of: dt.date) -> str:
    """Run the planner's command in a process, kill it, run it again, and compare with an unkilled run."""
    environment = {**os.environ, "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"}
    manage = Path(__file__).resolve().parent.parent / "manage.py"
    command = [sys.executable, str(manage), "plan_visits", "--as-of", f"{as_of}", "--weeks", f"{WEEKS}"]
    database = psycopg2.connect(**{**connection.get_connection_params(), "dbname": name})
    database.autocommit = True

    def rows(statement: str) -> list[tuple[Any, ...]]:
        cursor = database.cursor()
        cursor.execute(statement)
        return cursor.fetchall()

    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  our own command
    while (
        process.poll() is None
        and rows("SELECT COUNT(*) FROM interactions_visit WHERE source = 'policy'")[0][0] < 20_000
    ):
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    half = rows("SELECT COUNT(*) FROM interactions_visit WHERE source = 'policy'")[0][0]
    subprocess.run(command, env=environment, check=True)  # noqa: S603  as above
    killed = [Counter(rows(statement)) for statement in (CONTENT, GAPS)]
    doubled = rows(
        "SELECT COUNT(*) FROM (SELECT 1 FROM interactions_visit WHERE status = 'planned' AND source = 'policy' "
        "GROUP BY account_id, duty, planned_date HAVING COUNT(*) > 1) doubled"
    )[0][0]
    database.close()
    connection.ensure_connection()
    clear()
    services.plan_visits(as_of, weeks=WEEKS, now=timezone.now())
    whole = []
    for statement in (CONTENT, GAPS):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            whole.append(Counter(cursor.fetchall()))
    different = [sum(((a - b) + (b - a)).values()) for a, b in zip(killed, whole, strict=True)]
    administer(f"DROP DATABASE {name} WITH (FORCE)")
    return (
        f"Killed with SIGKILL after {half:,} visits and run again: {doubled} doubled; {different[0]} visits and "
        f"{different[1]} gaps differ from a run that nobody killed."
    )


def prepare(accounts: int, managers: int, as_of: dt.date) -> None:
    """A company in an empty database: people, accounts, a year of contacts, leave, some visits by hand."""
    chance = random.Random(7)
    with transaction.atomic():
        team = Team.objects.create(name="Planning")
        people = User.objects.bulk_create(
            [
                User(username=f"p{n}", email=f"p{n}@example.com", name=f"经理{n}", team=team)
                for n in range(managers + 50)
            ]
        )
        rows = [new_account(n, people[n % managers], chance) for n in range(accounts)]
        insert_accounts(rows, actor=None, reason="benchmark", today=as_of - 400 * DAY)
        Account.objects.update(created_at=timezone.now() - 400 * DAY)
        policy = ContactPolicy.objects.create(
            number=1, status="in_force", visits_per_day=6, in_force_from=timezone.now(), note="benchmark"
        )
        rules = [
            PolicyRule(policy=policy, tier=tier, cadence_days=days)
            for tier, days in zip("ABC", (14, 30, 90), strict=True)
        ]
        PolicyRule.objects.bulk_create([*rules, PolicyRule(policy=policy, tier="A", duty="sponsor", cadence_days=60)])
        AccountMember.objects.bulk_create(
            [
                AccountMember(account=row, user=people[managers + n % 50], role="executive_sponsor")
                for n, row in enumerate(row for row in rows if row.tier == "A")
            ],
            batch_size=2000,
        )
        add_history(rows, chance, as_of)
        add_exceptions(rows, people, chance, as_of)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def new_account(number: int, manager: User, chance: random.Random) -> Account:
    abroad = chance.random() < 0.03
    return Account(
        code=f"P{number:06d}",
        name=f"规划测试{number}有限公司",
        manager=manager,
        tier=chance.choices("ABC", (5, 20, 75))[0],
        status="active",
        region="east",
        city=chance.choice(CITIES),
        country=chance.choice(["Germany", "Japan"]) if abroad else "中国",
    )


def add_history(rows: list[Account], chance: random.Random, as_of: dt.date) -> None:
    """Three contacts each on average; one account in ten never had one."""
    columns = (
        "account", "kind", "direction", "occurred_at", "date", "title", "minutes", "place", "outcome", "top_seniority",
        "author", "client_key", "created_at", "updated_at",
    )  # fmt: skip
    noon = timezone.now()

    def contacts() -> Any:
        for row in rows:
            if chance.random() < 0.1:
                continue
            most = {"A": 20, "B": 40, "C": 110}[row.tier]
            for n in range(chance.randint(1, 5)):
                ago = chance.randint(n * most, (n + 1) * most)
                moment = noon - ago * DAY
                kind = chance.choice(["visit", "call", "meeting", "email", "note"]) if n else "visit"
                key = uuid.UUID(int=chance.getrandbits(128))
                yield (
                    row.pk, kind, "out", moment, as_of - ago * DAY, "", "", "", "", chance.randint(0, 4),
                    row.manager_id, key, noon, noon,
                )  # fmt: skip

    copy_rows(Interaction, columns, contacts())


def add_exceptions(rows: list[Account], people: list[User], chance: random.Random, as_of: dt.date) -> None:
    """Leave, capacities, pauses and weekdays of customers, visits by hand."""
    Leave.objects.bulk_create(
        Leave(user=person, from_date=start, until_date=start + chance.randint(2, 9) * DAY)
        for person in people
        if chance.random() < 0.4
        for start in [as_of + chance.randint(0, 40) * DAY]
    )
    Capacity.objects.bulk_create(
        Capacity(user=person, visits_per_day=chance.choice([0, 2, 4, 8])) for person in chance.sample(people, 25)
    )
    AccountRhythm.objects.bulk_create(
        AccountRhythm(
            account=row,
            weekday=chance.choice([None, 1, 3]),
            paused_until=chance.choice([None, None, as_of + chance.randint(5, 90) * DAY]),
            cadence_days=chance.choice([None, None, 21]),
        )
        for row in chance.sample(rows, len(rows) // 50)
    )
    Visit.objects.bulk_create(
        Visit(
            account=row,
            owner_id=row.manager_id,
            planned_date=as_of + chance.randint(0, 50) * DAY,
            source="manual",
            pinned=True,
        )
        for row in chance.sample(rows, len(rows) // 50)
    )


if __name__ == "__main__":
    main()
