"""What people at customers can be reported on: a row is somebody's work at one account."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.report_columns import account_columns, manager_columns
from contacts.birthdays import LAST_YEAR, LEAP_MONTHS, LONGEST_MONTH, BirthdayImpossible, next_birthday
from contacts.choices import (
    DECIDERS,
    Attitude,
    BirthdayCalendar,
    Channel,
    Closeness,
    Consent,
    DecisionRole,
    Influence,
    Seniority,
)
from contacts.models import Employment
from core.reporting import Asked, Column, Kind, ReportObject, extend, register, yes_if

DAY = dt.timedelta(days=1)


def _rows(asked: Asked) -> QuerySet[Any]:
    """Nobody who was erased."""
    return Employment.objects.visible_to(asked.viewer).filter(contact__erased=False).order_by()


def _there(asked: Asked) -> Q:
    return Q(until_date__isnull=True) | Q(until_date__gte=asked.today)


@lru_cache(maxsize=24)
def _birthdays(first: dt.date, last: dt.date) -> dict[tuple[str, int, bool], tuple[int, ...]]:
    """The days of each month of either calendar whose birthday is kept in a span of days."""
    found: dict[tuple[str, int, bool], list[int]] = defaultdict(list)
    for calendar in BirthdayCalendar.values:
        for month in range(1, 13):
            for leap in (False, True) if calendar == BirthdayCalendar.LUNAR and month in LEAP_MONTHS else (False,):
                for day in range(1, (LONGEST_MONTH if calendar == BirthdayCalendar.LUNAR else 31) + 1):
                    if _is_kept(calendar, month, day, first, last, leap=leap):
                        found[calendar, month, leap].append(day)
    return {key: tuple(days) for key, days in found.items()}


def _is_kept(calendar: str, month: int, day: int, first: dt.date, last: dt.date, *, leap: bool) -> bool:
    try:
        return next_birthday(calendar, month, day, leap, first) <= last
    except BirthdayImpossible:
        return False


def birthday_next_month(asked: Asked) -> Q:
    """Contacts whose birthday, solar or lunar, is kept in the month after that of today."""
    first = (asked.today.replace(day=28) + 4 * DAY).replace(day=1)
    if first.year > LAST_YEAR - 1:
        return Q(pk__in=[])
    found = Q(pk__in=[])
    for (calendar, month, leap), days in _birthdays(first, (first + 31 * DAY).replace(day=1) - DAY).items():
        leap_month = Q(contact__birthday_leap_month=leap) if calendar == BirthdayCalendar.LUNAR else Q()
        found |= leap_month & Q(
            contact__birthday_calendar=calendar, contact__birthday_month=month, contact__birthday_day__in=days
        )
    return found


_contacts = ReportObject(
    key="contacts",
    label=_("Contacts"),
    model=lambda: Employment,
    rows=_rows,
    shown=("contact", "account", "position", "decision_role", "attitude", "manager"),
    url="contacts:contact_detail",
    url_path="contact_id",
    columns=(
        Column("contact", _("Contact"), Kind.RELATION, "contact", english="name_en", url="contacts:contact_detail"),
        Column("position", _("Position"), Kind.TEXT, "position", groups=False),
        Column("department", _("Department"), Kind.TEXT, "department"),
        Column("seniority", _("Level"), Kind.CHOICE, "seniority", choices=Seniority.choices),
        Column("decision_role", _("Role in decisions"), Kind.CHOICE, "decision_role", choices=DecisionRole.choices),
        Column("attitude", _("Attitude to us"), Kind.CHOICE, "attitude", choices=Attitude.choices),
        Column("influence", _("Influence"), Kind.CHOICE, "influence", choices=Influence.choices),
        Column("closeness", _("Closeness today"), Kind.CHOICE, "closeness", choices=Closeness.choices),
        Column("closeness_wanted", _("Closeness wanted"), Kind.CHOICE, "wanted_closeness", choices=Closeness.choices),
        Column("there", _("Still there"), Kind.YESNO, value=yes_if(_there)),
        Column("from", _("There since"), Kind.DATE, "from_date"),
        Column("until", _("Last day"), Kind.DATE, "until_date"),
        Column("channel", _("Preferred channel"), Kind.CHOICE, "contact__preferred_channel", choices=Channel.choices),
        Column("consent", _("Consent"), Kind.CHOICE, "contact__consent", choices=Consent.choices),
        Column(
            "calendar",
            _("Calendar of the birthday"),
            Kind.CHOICE,
            "contact__birthday_calendar",
            choices=BirthdayCalendar.choices,
        ),
        Column("birth_month", _("Month of birth"), Kind.NUMBER, "contact__birthday_month", sums=()),
        Column("birth_day", _("Day of birth"), Kind.NUMBER, "contact__birthday_day", sums=()),
        Column("birthday_next_month", _("Birthday next month"), Kind.YESNO, value=yes_if(birthday_next_month)),
        *manager_columns("owner", "keeper", _("Relationship owner")),
        *account_columns(),
    ),
)


def _current(asked: Asked) -> QuerySet[Any]:
    """Who works at the account today. For accounts."""
    rows = Employment.objects.filter(account=OuterRef("pk"), contact__erased=False).current(asked.today)
    return rows.order_by()


def _people(asked: Asked) -> Any:
    counted = _current(asked).values("account").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _has_decider(asked: Asked) -> Q:
    return Q(Exists(_current(asked).filter(decision_role__in=DECIDERS)))


def _has_role(asked: Asked) -> Q:
    return Q(Exists(_current(asked).exclude(decision_role="")))


register(_contacts)
extend(
    "accounts",
    [
        Column("people", _("People known"), Kind.NUMBER, value=_people, sums=("sum", "avg", "min", "max")),
        Column("has_decider", _("Decision maker known"), Kind.YESNO, value=yes_if(_has_decider)),
        Column("has_role", _("A role in decisions known"), Kind.YESNO, value=yes_if(_has_role)),
    ],
)
