"""The working calendar of a country: administrators enter holidays and make-up days, and confirm the year."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from audit.services import record
from core.models import CalendarDay, CalendarYear
from core.workdays import package_days
from users.calendars import check_year, parse_lines
from users.errors import CalendarForAdministrators, CalendarLinesWrong
from users.models import User


@transaction.atomic
def set_calendar_day(day: CalendarDay, *, actor: User | None) -> CalendarDay:
    """Enter a holiday or a make-up working day; the same country and date again is a correction.

    Raises CalendarForAdministrators, CalendarYearUnknown, ValidationError.
    """
    _check_actor(actor)
    check_year(day.country, day.date.year if day.date else 0)
    stored = CalendarDay.objects.select_for_update().filter(country=day.country, date=day.date).first()
    before = (stored.working, stored.name) if stored else (None, None)
    day.pk = stored.pk if stored else None
    day._state.adding = stored is None
    day.full_clean()
    day.save()
    if before != (day.working, day.name):
        changes = {"working": (before[0], day.working), "name": (before[1], day.name)}
        record("calendar_day.set", day, actor=actor, changes=changes)
    return day


@transaction.atomic
def remove_calendar_day(day: CalendarDay, *, actor: User | None) -> None:
    """Take an entered day away: what the package says of it counts again. Raises CalendarForAdministrators."""
    _check_actor(actor)
    record("calendar_day.removed", day, actor=actor, changes={"name": (day.name, None)})
    CalendarDay.objects.filter(pk=day.pk).delete()


@transaction.atomic
def fill_calendar_year(country: str, year: int, *, actor: User | None) -> int:
    """Enter what the package knows and nobody has entered yet; returns how many days that were.

    Raises CalendarForAdministrators, CalendarYearUnknown.
    """
    _check_actor(actor)
    check_year(country, year)
    english = {day.date: day.name for day in package_days(country, year, "en")}
    known = package_days(country, year, "zh-hans" if country == "CN" else None)
    entered = set(CalendarDay.objects.filter(country=country, date__year=year).values_list("date", flat=True))
    days = [
        CalendarDay(country=country, date=d.date, working=d.working, name=d.name[:80], name_en=english[d.date][:80])
        for d in known
        if d.date not in entered
    ]
    return _save_all(country, year, days, "calendar.filled", actor=actor)


@transaction.atomic
def import_calendar_days(country: str, year: int, text: str, *, actor: User | None) -> int:
    """Enter pasted lines, all of them or none; returns how many days that were.

    Raises CalendarForAdministrators, CalendarYearUnknown, CalendarLinesWrong.
    """
    _check_actor(actor)
    check_year(country, year)
    days, problems = parse_lines(text, country, year)
    if problems:
        raise CalendarLinesWrong(problems)
    return _save_all(country, year, days, "calendar.imported", actor=actor)


@transaction.atomic
def confirm_calendar_year(country: str, year: int, *, confirmed: bool, actor: User | None) -> CalendarYear:
    """Say that a year's calendar is as published, or take that back: the year is provisional again.

    Raises CalendarForAdministrators, CalendarYearUnknown.
    """
    _check_actor(actor)
    check_year(country, year)
    row, _made = CalendarYear.objects.select_for_update().get_or_create(country=country, year=year)
    if row.confirmed != confirmed:
        row.confirmed = confirmed
        row.save(update_fields=["confirmed"])
        record("calendar.confirmed" if confirmed else "calendar.reopened", row, actor=actor)
    return row


def _check_actor(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.is_administrator):
        raise CalendarForAdministrators


def _save_all(country: str, year: int, days: Iterable[CalendarDay], action: str, *, actor: User | None) -> int:
    saved = CalendarDay.objects.bulk_create(
        days,
        update_conflicts=True,
        update_fields=["working", "name", "name_en"],
        unique_fields=["country", "date"],
    )
    row, _made = CalendarYear.objects.get_or_create(country=country, year=year)
    if saved:
        record(action, row, actor=actor, changes={"days": (None, len(saved))})
    return len(saved)
