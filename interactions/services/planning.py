"""The planner over the company: people in batches, each batch a transaction of its own."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.choices import MemberRole, Status
from accounts.models import Account, AccountMember, ManagerAssignment
from audit.services import record
from core.workdays import work_calendars
from interactions.cadence import MANAGER, SPONSOR, RuleBook
from interactions.errors import MayNotPlan
from interactions.models import PlanningRun, Visit
from interactions.plan_values import Horizon, Person, Plan
from interactions.planner import plan_person
from interactions.services.needs import (
    Material,
    Subject,
    VisitRow,
    alerted_accounts,
    countries_of,
    gather,
    subjects_of,
)
from interactions.services.plan_rows import Changes, clear_gaps, write
from interactions.services.rhythms import company_date, refresh_rhythms, rules_in_force
from interactions.services.visits import GRACE, former_managers, miss_overdue
from interactions.services.workload import DAY, capacities, leave_days, visits_per_day
from users.models import User

PEOPLE = 25  # in one batch
ACCOUNTS = 5000  # without anybody responsible, in one batch
MAX_WEEKS = 26
STALE = dt.timedelta(minutes=15)  # a run that has not ended after that was killed
COUNTS = ("planned", "kept", "moved", "cancelled", "missed")
Progress = Callable[[int, int], None]


@dataclass
class Report:
    """What a run did, or would do. `gaps` counts by (user or None, reason)."""

    as_of: dt.date
    weeks: int
    planned: int = 0
    kept: int = 0
    moved: int = 0
    cancelled: int = 0
    missed: int = 0
    gaps: Counter[tuple[int | None, str]] = field(default_factory=Counter)

    def by_reason(self) -> Counter[str]:
        """How many could not be planned, by reason."""
        found: Counter[str] = Counter()
        for (_user, reason), number in self.gaps.items():
            found[reason] += number
        return found

    def add(self, changes: Changes) -> None:
        """Count what one batch changes."""
        self.planned += len(changes.new)
        self.kept += changes.kept
        self.moved += len(changes.moved) + len(changes.handed)
        self.cancelled += len(changes.dropped)
        self.gaps.update((visitor, gap.reason) for visitor, gap in changes.gaps)


@dataclass(frozen=True)
class Frame:
    """What all batches of a run share."""

    horizon: Horizon
    book: RuleBook
    capacity: int
    urgent: Collection[int]
    now: dt.datetime
    dry_run: bool

    @property
    def as_of(self) -> dt.date:
        return self.horizon.first


def plan_visits(
    as_of: dt.date,
    *,
    weeks: int = 6,
    now: dt.datetime,
    dry_run: bool = False,
    user_ids: Collection[int] | None = None,
    progress: Progress | None = None,
    urgent: Collection[int] | None = None,
    run: PlanningRun | None = None,
) -> Report:
    """Plan the visits of `weeks` weeks from `as_of` on; a second call changes nothing.

    People go in batches, each in a transaction that first locks their rows: two planners at once follow one another,
    and one that is killed leaves whole batches. `user_ids` plans only for these; `urgent` are accounts that come first,
    else those with an open alert; `dry_run` writes nothing and reports the same numbers. `run` is the row to report to,
    else a new one.
    """
    report, today = Report(as_of, weeks), company_date(now)
    horizon = _horizon(as_of, weeks)
    first = alerted_accounts() if urgent is None else frozenset(urgent)
    frame = Frame(horizon, rules_in_force(), visits_per_day(), first, now, dry_run)
    if not dry_run:
        run = _begin(run, report, now)
        report.missed = miss_overdue(today=min(as_of, today), now=now, owner_ids=user_ids)
    else:
        report.missed = _would_miss(min(as_of, today), user_ids)
    batches = _batches(user_ids)
    for number, work in enumerate(batches):
        done = _plan_batch(work, frame, report, run)
        if not dry_run:
            refresh_rhythms(done, today=today)
        if progress is not None:
            progress(number + 1, len(batches))
    if run is not None:
        _save(run, report, finished_at=now)
    return report


def ask_for_planning(*, actor: User, now: dt.datetime) -> PlanningRun:
    """Leave a row that a worker carries out; where one is under way already, that one. Raises MayNotPlan."""
    if not actor.leads:
        raise MayNotPlan
    under_way = PlanningRun.objects.filter(finished_at__isnull=True, started_at__gt=now - STALE).first()
    if under_way is not None:
        return under_way
    with transaction.atomic():
        run = PlanningRun.objects.create(as_of=company_date(now), weeks=6, started_at=now)
        record("planning_run.asked", run, actor=actor)
    return run


def carry_out_planning(pk: int, *, now: dt.datetime) -> Report | None:
    """Do the run of this row unless it is finished; nothing is lost or doubled by doing it twice."""
    run = PlanningRun.objects.filter(pk=pk, finished_at__isnull=True).first()
    if run is None:
        return None
    return plan_visits(run.as_of, weeks=run.weeks, now=now, run=run)


def dead_runs(now: dt.datetime) -> list[int]:
    """Runs of the last day that did not end: their worker was killed, or the message never came."""
    runs = PlanningRun.objects.filter(finished_at__isnull=True, started_at__lte=now - STALE)
    newest = PlanningRun.objects.filter(finished_at__isnull=False).order_by("-pk").values_list("pk", flat=True).first()
    return list(runs.filter(started_at__gt=now - DAY, pk__gt=newest or 0).values_list("pk", flat=True))


def is_planned(day: dt.date) -> bool:
    """A whole run as of that day has ended."""
    return PlanningRun.objects.filter(as_of=day, finished_at__isnull=False).exists()


def heirs(today: dt.date) -> list[int]:
    """Account managers who have yet to inherit coming visits of a former or deactivated one: planning does it."""
    former = ManagerAssignment.objects.order_by().filter(
        account=OuterRef("account"), manager=OuterRef("owner"), until_date__isnull=False
    )
    left = Visit.objects.planned().filter(duty=MANAGER, planned_date__gte=today, account__manager__is_active=True)
    left = left.exclude(owner=F("account__manager")).exclude(account__status=Status.TERMINATED)
    left = left.filter(Exists(former) | Q(owner__is_active=False))
    return sorted(left.order_by().values_list("account__manager", flat=True).distinct())


def _horizon(as_of: dt.date, weeks: int) -> Horizon:
    last = as_of + weeks * 7 * DAY - DAY
    return Horizon(as_of, last, work_calendars(countries_of(Account.objects.all()), as_of, last))


def _would_miss(today: dt.date, user_ids: Collection[int] | None) -> int:
    visits = Visit.objects.planned().filter(planned_date__lt=today - GRACE)
    return (visits if user_ids is None else visits.filter(owner__in=user_ids)).count()


def _batches(user_ids: Collection[int] | None) -> list[tuple[str, list[int]]]:
    """`people` or `accounts` (those that nobody manages), and their keys."""
    managers = Account.objects.filter(manager__isnull=False).order_by().values_list("manager", flat=True).distinct()
    members = AccountMember.objects.filter(role=MemberRole.EXECUTIVE_SPONSOR).order_by()
    people = set(managers) | set(members.values_list("user", flat=True).distinct())
    found = [
        ("people", keys) for keys in _cut(sorted(people & set(user_ids) if user_ids is not None else people), PEOPLE)
    ]
    if user_ids is None:
        alone = Account.objects.filter(manager__isnull=True).order_by("pk").values_list("pk", flat=True)
        found += [("accounts", keys) for keys in _cut(list(alone), ACCOUNTS)]
    return found


def _cut(keys: Sequence[int], size: int) -> Iterator[list[int]]:
    return (list(keys[start : start + size]) for start in range(0, len(keys), size))


@transaction.atomic
def _plan_batch(work: tuple[str, list[int]], frame: Frame, report: Report, run: PlanningRun | None) -> Collection[int]:
    """Plan one batch and report; returns the accounts that it looked at."""
    kind, keys = work
    people: dict[int, User] = {}
    if kind == "people":
        # Without a claim on the key: rows that point at the person can be written meanwhile.
        locked = User.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
        people = {user.pk: user for user in locked.only("pk", "name", "username", "is_active")}
        sponsored = AccountMember.objects.filter(role=MemberRole.EXECUTIVE_SPONSOR, user__in=keys).values("account")
        accounts = Account.objects.filter(Q(manager__in=keys) | Q(pk__in=sponsored))
    else:
        list(Account.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        accounts = Account.objects.filter(pk__in=keys, manager__isnull=True)
    subjects = subjects_of(accounts, frame.as_of)
    material = gather(subjects, frame.book, frame.as_of, frame.as_of - GRACE)
    duties = _duties(subjects.values(), people)
    changes = _plan(material, duties, people, frame)
    if not frame.dry_run:
        clear_gaps(
            [subject.pk for subject, duty, _visitor in duties if duty == MANAGER],
            [subject.pk for subject, duty, _visitor in duties if duty == SPONSOR],
        )
        names = {pk: str(user) for pk, user in people.items()}
        write(changes, subjects, names, frame.as_of, frame.now)
    report.add(changes)
    if run is not None:
        _save(run, report)
    return subjects


def _duties(subjects: Iterable[Subject], people: Collection[int]) -> list[tuple[Subject, str, int | None]]:
    """(account, duty, visitor) of what this batch plans: every duty of every account is in exactly one batch.

    A duty that nobody has is planned with the account's manager, and without one among the accounts nobody manages.
    """
    found: list[tuple[Subject, str, int | None]] = []
    for subject in subjects:
        home = subject.manager in people if people else True
        if home:
            found.append((subject, MANAGER, subject.manager))
        if subject.sponsor in people or (subject.sponsor is None and home):
            found.append((subject, SPONSOR, subject.sponsor))
    return found


def _plan(
    material: Material, duties: Sequence[tuple[Subject, str, int | None]], people: dict[int, User], frame: Frame
) -> Changes:
    changes = Changes()
    heirs = _heirs(material, duties, people)
    changes.handed = [(visitor, row) for row, visitor in heirs]
    needs: dict[int | None, list[Any]] = {}
    for subject, duty, visitor in duties:
        needs.setdefault(visitor, []).append(material.need(subject, duty, frame.urgent))
    rows = {row.pk: row for found in material.visits.values() for row in found}
    persons = _persons(material, people, heirs, frame)
    for visitor in sorted(needs, key=lambda pk: pk or 0):
        person = persons.get(visitor or 0, Person(None, 0))
        plan: Plan = plan_person(person, needs[visitor], frame.horizon)
        changes.add(visitor, plan, rows)
    return changes


def _heirs(
    material: Material, duties: Sequence[tuple[Subject, str, int | None]], people: dict[int, User]
) -> list[tuple[VisitRow, int]]:
    """Visits by hand that a former or deactivated manager leaves to the one of today."""
    strange = [
        (row, visitor)
        for subject, duty, visitor in duties
        if duty == MANAGER and visitor in people and people[visitor].is_active and subject.status != Status.TERMINATED
        for row in material.visits.get((subject.pk, duty), ())
        if row.is_fixed(material.as_of) and row.owner != visitor
    ]
    former = former_managers({row.account for row, _visitor in strange}) if strange else set()
    return [
        (row, visitor)
        for row, visitor in strange
        if visitor is not None and ((row.account, row.owner) in former or not row.owner_is_active or not row.pinned)
    ]


def _persons(
    material: Material, people: dict[int, User], heirs: Sequence[tuple[VisitRow, int]], frame: Frame
) -> dict[int, Person]:
    """The people with what they can do, when they are away, and the visits by hand that they have."""
    taken: dict[int, list[tuple[dt.date, str]]] = {pk: [] for pk in people}
    leaving = {row.pk for row, _visitor in heirs}
    by_hand = Visit.objects.planned().filter(Q(pinned=True) | Q(source="manual"), owner__in=people)
    rows = by_hand.filter(planned_date__gte=frame.as_of).order_by("pk")
    for pk, owner, date, city in rows.values_list("pk", "owner", "planned_date", "account__city"):
        if pk not in leaving:
            taken[owner].append((date, city))
    for row, visitor in heirs:
        if row.date >= frame.as_of:
            taken[visitor].append((row.date, row.city))
    capacity = capacities(people, frame.capacity)
    away = leave_days(people, frame.horizon.first, frame.horizon.last)
    return {
        pk: Person(pk, capacity[pk], frozenset(away[pk]), tuple(taken[pk]), user.is_active)
        for pk, user in people.items()
    }


def _begin(run: PlanningRun | None, report: Report, now: dt.datetime) -> PlanningRun:
    """The row of the run; one that goes on counts on from what it had done."""
    if run is None:
        return PlanningRun.objects.create(as_of=report.as_of, weeks=report.weeks, started_at=now)
    report.planned, report.moved, report.cancelled = run.planned, run.moved, run.cancelled
    run.started_at = now
    run.save(update_fields=["started_at"])
    return run


def _save(run: PlanningRun, report: Report, finished_at: dt.datetime | None = None) -> None:
    for name in COUNTS:
        setattr(run, name, getattr(report, name))
    run.gaps, run.finished_at = sum(report.gaps.values()), finished_at
    run.save(update_fields=[*COUNTS, "gaps", "finished_at"])
