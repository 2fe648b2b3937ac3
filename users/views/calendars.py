"""Working calendars by country and year: everybody reads them, administrators change them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from audit.models import AuditEntry
from core.http import UserRequest, requires
from core.models import CalendarDay
from core.workdays import HOME, country_name
from users import calendars, services
from users.errors import CalendarLinesWrong, CalendarYearUnknown
from users.forms import CalendarChoiceForm, CalendarDayForm, CalendarImportForm

HISTORY = 30


@require_GET
def calendar_list(request: UserRequest) -> HttpResponse:
    """The calendars in use, and a choice of any other country and year."""
    today = timezone.localdate()
    form = CalendarChoiceForm(request.GET or None, initial={"country": HOME, "year": today.year})
    if "country" in request.GET and form.is_valid():
        return redirect("users:calendar_year", form.cleaned_data["country"], form.cleaned_data["year"])
    lines = calendars.year_lines(range(today.year - 1, today.year + 2))
    return render(request, "users/calendar_list.html", {"lines": lines, "form": form, "this_year": today.year})


@require_GET
def calendar_year(request: UserRequest, country: str, year: int) -> HttpResponse:
    """The twelve months of a year, and its holidays and make-up days."""
    return _page(request, country, year)


@requires("is_administrator")
@require_POST
def calendar_day_set(request: UserRequest, country: str, year: int) -> HttpResponse:
    """Enter or correct a day."""
    _check(country, year)
    form = CalendarDayForm(request.POST, instance=CalendarDay(country=country), year=year)
    if form.is_valid():
        try:
            day = services.set_calendar_day(form.save(commit=False), actor=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("%(day)s was saved.") % {"day": day})
            return redirect("users:calendar_year", country, year)
    return _page(request, country, year, day_form=form)


@requires("is_administrator")
@require_POST
def calendar_day_remove(request: UserRequest, pk: int) -> HttpResponse:
    """Take an entered day away."""
    day = get_object_or_404(calendars.entered_days(), pk=pk)
    services.remove_calendar_day(day, actor=request.user)
    messages.success(request, _("%(day)s was removed.") % {"day": day})
    return redirect("users:calendar_year", day.country, day.date.year)


@requires("is_administrator")
@require_POST
def calendar_import(request: UserRequest, country: str, year: int) -> HttpResponse:
    """Enter pasted lines, all or none."""
    _check(country, year)
    form = CalendarImportForm(request.POST)
    if form.is_valid():
        try:
            number = services.import_calendar_days(country, year, form.cleaned_data["text"], actor=request.user)
        except CalendarLinesWrong as error:
            form.add_error("text", [str(error), *error.lines])
        else:
            messages.success(
                request, ngettext("%(n)d day was saved.", "%(n)d days were saved.", number) % {"n": number}
            )
            return redirect("users:calendar_year", country, year)
    return _page(request, country, year, import_form=form)


@requires("is_administrator")
@require_POST
def calendar_fill(request: UserRequest, country: str, year: int) -> HttpResponse:
    """Enter what the programme knows of the year."""
    _check(country, year)
    number = services.fill_calendar_year(country, year, actor=request.user)
    messages.success(request, ngettext("%(n)d day was entered.", "%(n)d days were entered.", number) % {"n": number})
    return redirect("users:calendar_year", country, year)


@requires("is_administrator")
@require_POST
def calendar_confirm(request: UserRequest, country: str, year: int) -> HttpResponse:
    """Confirm a year, or make it provisional again (`confirmed=0`)."""
    _check(country, year)
    confirmed = request.POST.get("confirmed") != "0"
    services.confirm_calendar_year(country, year, confirmed=confirmed, actor=request.user)
    text = _("The calendar %(year)s is confirmed.") if confirmed else _("The calendar %(year)s is provisional again.")
    messages.success(request, text % {"year": year})
    return redirect("users:calendar_year", country, year)


def _check(country: str, year: int) -> None:
    try:
        calendars.check_year(country, year)
    except CalendarYearUnknown as error:
        raise Http404(str(error)) from error


def _page(request: UserRequest, country: str, year: int, **forms: Any) -> HttpResponse:
    _check(country, year)
    days = calendars.special_days(country, year)
    row = calendars.year_row(country, year)
    context = {
        "country": country,
        "country_name": country_name(country),
        "year": year,
        "days": days,
        "weekdays": calendars.weekday_heads(),
        "months": calendars.months(country, year, days),
        "confirmed": row is not None and row.confirmed,
        "today": timezone.localdate(),
        "day_form": CalendarDayForm(year=year),
        "import_form": CalendarImportForm(),
        **forms,
    }
    if request.user.sees_everything and row is not None:
        context["entries"] = AuditEntry.objects.of(row).with_names(request.user)[:HISTORY]
    return render(request, "users/calendar_year.html", context)
