"""The visit after the one that was just completed."""

from __future__ import annotations

import datetime as dt

from accounts.models import Account
from audit.services import record
from core.workdays import country_code, work_calendars
from interactions.cadence import due_date
from interactions.choices import Duty, VisitSource
from interactions.models import Visit
from interactions.plan_values import Horizon, Person
from interactions.planner import plan_person
from interactions.services.needs import Material, Subject, single
from interactions.services.rhythms import company_date, rules_in_force
from interactions.services.workload import DAY, capacities, leave_days, visits_per_day
from users.models import User

REACH = 14 * DAY  # how long after the due date a day is looked for


def propose_next(account: Account, duty: str, *, now: dt.datetime) -> Visit | dt.date | None:
    """The next planned visit of this duty to the account; where there is none, it is planned as the planner would.

    Returns the due date where no day has room, and None where no visit is to follow. Call it in the transaction of the
    write that it follows from.
    """
    today = company_date(now)
    planned = Visit.objects.planned().filter(account=account, duty=duty, planned_date__gte=today)
    if found := planned.select_related("account", "owner").order_by("planned_date", "pk").first():
        return found
    material = single(account, rules_in_force(), today)
    subject = material.subjects[account.pk]
    visitor, days = subject.visitor(duty), material.need(subject, duty).cadence.on(today)
    if visitor is None or days is None:
        return None
    return _place(material, subject, duty, visitor, days)


def _place(material: Material, subject: Subject, duty: str, visitor: int, days: int) -> Visit | dt.date | None:
    today, need = material.as_of, material.need(subject, duty)
    due = max(due_date(need.last, need.created, days), today)
    first, last = today + DAY, due + REACH
    horizon = Horizon(first, last, work_calendars([country_code(subject.country)], first, last))
    person = _person(visitor, horizon)
    if person is None:
        return None
    found = plan_person(person, [need], horizon)
    if not found.visits:
        return due if found.gaps else None
    proposal = found.visits[0]
    visit = Visit(
        account_id=subject.pk,
        owner_id=visitor,
        duty=Duty(duty),
        planned_date=proposal.date,
        source=VisitSource.POLICY,
        due_date=proposal.due,
        cadence_days=proposal.cadence_days,
    )
    visit.save()
    changes = {"planned_date": (None, visit.planned_date), "owner": (None, str(visit.owner))}
    record("visit.planned", visit, actor=None, changes=changes)
    return visit


def _person(pk: int, horizon: Horizon) -> Person | None:
    """The visitor with all their planned visits taken for granted; None where they are deactivated."""
    if not User.objects.active().filter(pk=pk).exists():
        return None
    taken = Visit.objects.planned().filter(owner=pk, planned_date__gte=horizon.first).order_by()
    return Person(
        pk=pk,
        capacity=capacities([pk], visits_per_day())[pk],
        leave=leave_days([pk], horizon.first, horizon.last)[pk],
        taken=tuple(taken.values_list("planned_date", "account__city")),
    )
