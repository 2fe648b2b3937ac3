"""Where people work: begin, change, end, move, place on the map; and who of us keeps the relationship."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from accounts.models import Account
from audit.services import diff, entry, record, record_many, snapshot
from contacts.errors import (
    AlreadyEmployed,
    BeforeAccount,
    ContactErased,
    DateInFuture,
    DatesInverted,
    EmploymentEnded,
    OutsideMap,
    OwnerInactive,
    ReportsToCycle,
    SameAccount,
    SuperiorHasLeft,
)
from contacts.models import Employment
from users.models import User

MAP_SIZE = 10_000


@transaction.atomic
def add_employment(employment: Employment, *, actor: User | None, today: dt.date) -> Employment:
    """Let a person work at one more account.

    Raises ValidationError, ContactErased, AlreadyEmployed, DateInFuture, BeforeAccount, OwnerInactive, ReportsToCycle,
    SuperiorHasLeft.
    """
    lock_people_of(employment.account_id)
    check_new_employment(employment, today)
    employment.save()
    record("employment.added", employment, actor=actor)
    return employment


@transaction.atomic
def update_employment(employment: Employment, *, actor: User | None, today: dt.date) -> Employment:
    """Save the changed fields of an employment; person and account stay. Raises what `add_employment` raises."""
    lock_people_of(employment.account_id)
    stored = Employment.objects.select_for_update(of=("self",)).get(pk=employment.pk)
    before = snapshot(stored)
    employment.contact_id, employment.account_id = stored.contact_id, stored.account_id
    if employment.contact.erased:
        raise ContactErased
    employment.full_clean()
    changes = diff(before, employment)
    if {"from_date", "until_date"} & changes.keys():
        _check_dates(employment, today)
        _check_once(employment, today)
    if "owner" in changes:
        _check_owner(employment)
    if "reports_to" in changes:
        _check_superior(employment, today)
    employment.save(update_fields=[*(before.keys() - {"id"}), "updated_at"])
    if changes:
        record("employment.updated", employment, actor=actor, changes=changes)
    return employment


@transaction.atomic
def end_employment(employment: Employment, last_day: dt.date, *, actor: User | None) -> Employment:
    """The person leaves the account after `last_day`; they and what happened with them stay.

    Raises DatesInverted, EmploymentEnded where they left earlier.
    """
    stored = Employment.objects.select_for_update(of=("self",)).get(pk=employment.pk)
    if stored.until_date is not None and stored.until_date <= last_day:
        raise EmploymentEnded
    if stored.from_date is not None and last_day < stored.from_date:
        raise DatesInverted(field="last_day")
    Employment.objects.filter(pk=stored.pk).update(until_date=last_day)
    record("employment.ended", stored, actor=actor, changes={"until_date": (stored.until_date, last_day)})
    employment.until_date = last_day
    return employment


@transaction.atomic
def move_contact(
    employment: Employment, new_employment: Employment, *, actor: User | None, today: dt.date
) -> Employment:
    """The person goes to another account: the old employment ends on the day before the new one begins (today, where
    no first day is given; never before it began). Returns the new one.

    Raises SameAccount, EmploymentEnded, and what `add_employment` raises.
    """
    new_employment.contact = employment.contact
    if new_employment.account_id == employment.account_id:
        raise SameAccount(field="account")
    lock_people_of(employment.account_id, new_employment.account_id)
    if not employment.is_current(today):
        raise EmploymentEnded
    new_employment.from_date = new_employment.from_date or today
    check_new_employment(new_employment, today)
    last_day = new_employment.from_date - dt.timedelta(days=1)
    if employment.from_date is not None:
        last_day = max(last_day, employment.from_date)
    end_employment(employment, last_day, actor=actor)
    new_employment.save()
    record("employment.added", new_employment, actor=actor)
    return new_employment


@transaction.atomic
def place_on_map(employment: Employment, x: int | None, y: int | None, *, actor: User | None) -> Employment:
    """Put the person somewhere on the relationship map; None for both: back to where the chart puts them.

    Raises OutsideMap.
    """
    inside = [place for place in (x, y) if place is not None and 0 <= place <= MAP_SIZE]
    if len(inside) != 2 and (x, y) != (None, None):
        raise OutsideMap
    stored = Employment.objects.select_for_update(of=("self",)).get(pk=employment.pk)
    Employment.objects.filter(pk=stored.pk).update(map_x=x, map_y=y)
    changes = {"map_x": (stored.map_x, x), "map_y": (stored.map_y, y)}
    record("employment.placed", stored, actor=actor, changes=changes)
    employment.map_x, employment.map_y = x, y
    return employment


@transaction.atomic
def hand_over_relationships(employment_ids: Collection[int], owner: User, *, actor: User | None) -> int:
    """Make `owner` the relationship owner of all these employments, in a set; returns how many changed.

    Raises OwnerInactive.
    """
    if not owner.is_active:
        raise OwnerInactive(field="owner")
    rows = list(
        Employment.objects.select_for_update(of=("self",))
        .filter(pk__in=employment_ids)
        .exclude(owner=owner)
        .select_related("contact", "account")
        .order_by("pk")
    )
    Employment.objects.filter(pk__in=[row.pk for row in rows]).update(owner=owner)
    record_many(
        entry("employment.updated", row, actor=actor, changes={"owner": (row.owner_id, owner.pk)}) for row in rows
    )
    return len(rows)


def lock_people_of(*account_ids: int) -> None:
    """One change of who reports to whom at a time in these accounts, until the end of the transaction: two at once
    could close a circle between them. Rows that only point at the account do not wait."""
    accounts = Account.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=account_ids)
    list(accounts.order_by("pk").values_list("pk", flat=True))


def check_new_employment(employment: Employment, today: dt.date) -> None:
    """Everything that an employment must be; its account is locked. Raises what `add_employment` raises."""
    if employment.contact.erased:
        raise ContactErased
    _check_once(employment, today)
    employment.full_clean()
    _check_dates(employment, today)
    _check_owner(employment)
    _check_superior(employment, today)


def _check_once(employment: Employment, today: dt.date) -> None:
    if not employment.is_current(today):
        return
    others = Employment.objects.filter(contact=employment.contact_id, account=employment.account_id)
    if others.current(today).exclude(pk=employment.pk).exists():
        raise AlreadyEmployed(field="account")


def _check_dates(employment: Employment, today: dt.date) -> None:
    begin, founded = employment.from_date, employment.account.founded_on
    if begin is not None and begin > today:
        raise DateInFuture(field="from_date")
    for name, day in (("from_date", begin), ("until_date", employment.until_date)):
        if day is not None and founded is not None and day < founded:
            raise BeforeAccount(field=name, founded=founded.isoformat())


def _check_owner(employment: Employment) -> None:
    if employment.owner is not None and not employment.owner.is_active:
        raise OwnerInactive(field="owner")


def _check_superior(employment: Employment, today: dt.date) -> None:
    """Raises SuperiorHasLeft, ReportsToCycle. One statement, whatever the depth: the superiors of the whole account."""
    if employment.reports_to is None:
        return
    if not employment.reports_to.is_current(today):
        raise SuperiorHasLeft(field="reports_to")
    if employment.pk is not None and closes_circle(employment):
        raise ReportsToCycle(field="reports_to")


def closes_circle(employment: Employment) -> bool:
    """Whether who goes up from the superior of `employment` comes back to it."""
    people = Employment.objects.filter(account=employment.account_id, reports_to__isnull=False).order_by()
    superiors = dict(people.values_list("pk", "reports_to"))
    superiors[employment.pk] = employment.reports_to_id
    above, seen = employment.reports_to_id, set()
    while above is not None and above not in seen:
        if above == employment.pk:
            return True
        seen.add(above)
        above = superiors.get(above)
    return False
