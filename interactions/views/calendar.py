"""The visit calendar: week, month and list, the events behind it, dragging, and the route of one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.forms import scope_form
from core.http import UserRequest
from interactions import services, timetable
from interactions.daynames import leaves_between, special_days
from interactions.forms.calendar import ALL, MINE, MONTH, TEAM, WEEK, CalendarForm, DropForm, EventsForm
from interactions.models import Visit
from interactions.timetable import Day, Span
from interactions.views.visits import editable_visit
from users.models import Role, Team, User

MOST_EVENTS, MOST_DAYS, MOST_LISTED = 600, 62, 300
SHOWN = ("planned", "done", "missed")


@dataclass(frozen=True)
class Chosen:
    """What the address of the calendar asks for; values that make no sense are as if they were not there."""

    form: CalendarForm
    day: dt.date
    view: str
    whose: str
    owner: User | None
    team: Team | None

    @classmethod
    def by(cls, request: UserRequest) -> Chosen:
        team = TEAM if request.user.role == Role.SUPERVISOR else MINE
        form = CalendarForm({"whose": team, **request.GET.dict()})
        scope_form(form, request.user)
        form.is_valid()
        values = form.cleaned_data
        day = values.get("date") or timezone.localdate()
        if not 1990 < day.year < 2200:
            day = timezone.localdate()
        whose = values.get("whose") or team
        return cls(form, day, values.get("view") or WEEK, whose, values.get("owner"), values.get("team"))

    def visits(self, user: User) -> models.QuerySet[Any]:
        """The visits asked for, of those to accounts that `user` sees; cancelled ones are not shown."""
        visits = Visit.objects.visible_to(user).filter(status__in=SHOWN).select_related("account", "owner")
        if self.owner is not None:
            return visits.filter(owner=self.owner)
        if self.team is not None:
            return visits.filter(owner__in=User.objects.visible_to(user).filter(team__path__startswith=self.team.path))
        if self.whose == TEAM and user.team is not None:
            return visits.filter(owner__in=User.objects.visible_to(user).led_by(user))
        return visits if self.whose in (TEAM, ALL) else visits.filter(owner=user)

    @property
    def span(self) -> Span:
        return timetable.month_of(self.day) if self.view == MONTH else timetable.week_of(self.day)

    @property
    def is_mine(self) -> bool:
        return not (self.owner or self.team) and self.whose == MINE


@require_GET
def visit_calendar(request: UserRequest) -> HttpResponse:
    """Week or month for the mouse and the keyboard; the same days as a list, which needs no script."""
    chosen, today = Chosen.by(request), timezone.localdate()
    span = chosen.span
    visits = list(chosen.visits(request.user).between(span.first, span.last)[: MOST_LISTED + 1])
    context = {
        "chosen": chosen,
        "form": chosen.form,
        "span": span,
        "today": today,
        "days": _days(request.user, visits[:MOST_LISTED], span, today),
        "cut": len(visits) > MOST_LISTED,
        "limit": MOST_LISTED,
        "title": _title(chosen, span),
        "views": CalendarForm.base_fields["view"].choices,
        "words": _words(),
    }
    return render(request, "interactions/visit_calendar.html", context)


@require_GET
def visit_events(request: UserRequest) -> JsonResponse:
    """The visits and special days from `start` to the day before `end`, at most 62 days, as JSON for the calendar."""
    form = EventsForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": _("Say from which day to which.")}, status=400)
    chosen = Chosen.by(request)
    first = form.cleaned_data["start"] or chosen.span.first
    end = form.cleaned_data["end"] or chosen.span.last + timetable.DAY
    last = min(end - timetable.DAY, first + (MOST_DAYS - 1) * timetable.DAY)
    # A day more at both ends: the owner's day may be another one than the reader's.
    rows = list(chosen.visits(request.user).between(first - timetable.DAY, last + timetable.DAY)[: MOST_EVENTS + 1])
    editable = set(
        Visit.objects.editable_by(request.user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    events = [_event(row, chosen, editable=row.pk in editable) for row in rows[:MOST_EVENTS]]
    note = ""
    if len(rows) > MOST_EVENTS:
        note = ngettext(
            "Only the first %(count)d visit is shown. Choose a person or a team.",
            "Only the first %(count)d visits are shown. Choose a person or a team.",
            MOST_EVENTS,
        ) % {"count": MOST_EVENTS}
    return JsonResponse({"events": events + _backgrounds(request.user, rows, chosen, first, last), "note": note})


@require_POST
def visit_drop(request: UserRequest, pk: int) -> JsonResponse:
    """Move a visit to where it was dropped. Answers with warnings instead, until they are confirmed; with words and a
    status of 4xx where it cannot be moved."""
    visit = editable_visit(request.user, pk)
    form = DropForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("This is no day to move a visit to.")}, status=400)
    zone = timezone.get_current_timezone()
    day, time = timetable.owners_start(form.cleaned_data["date"], form.cleaned_data["time"], visit.owner, zone)
    if not form.cleaned_data["confirmed"] and (
        warnings := services.warnings_for(visit.owner, visit.account, day, visit=visit)
    ):
        return JsonResponse({"warnings": [str(warning) for warning in warnings]})
    try:
        moved = services.move_visit(visit, day, start_time=time, actor=request.user, today=timezone.localdate())
    except DomainError as error:
        return JsonResponse({"error": str(error), "code": error.code}, status=error.status)
    text = _("%(account)s: moved to %(date)s.") % {
        "account": visit.account.local_name,
        "date": formats.date_format(moved.planned_date, "DATE_FORMAT"),
    }
    return JsonResponse({"moved": True, "text": text})


@require_GET
def visit_route(request: UserRequest) -> HttpResponse:
    """One day's visits by city and address, to print or to have on the phone."""
    chosen, today = Chosen.by(request), timezone.localdate()
    visits = list(
        chosen.visits(request.user).filter(planned_date=chosen.day).prefetch_related("contacts")[: MOST_LISTED + 1]
    )
    for visit in visits:
        visit.state = timetable.state_of(visit, today)
    context = {
        "chosen": chosen,
        "form": chosen.form,
        "stops": timetable.route_of(visits[:MOST_LISTED]),
        "count": len(visits),
        "previous": chosen.day - timetable.DAY,
        "following": chosen.day + timetable.DAY,
        "names": [name for day, name, _working in special_days(visits, chosen.day, chosen.day)],
        "today": today,
    }
    return render(request, "interactions/visit_route.html", context)


def _days(user: User, visits: list[Visit], span: Span, today: dt.date) -> list[Day]:
    """The days of the list: all of a week, of a month those with something on them."""
    days = {
        span.first + n * timetable.DAY: Day(span.first + n * timetable.DAY)
        for n in range((span.last - span.first).days + 1)
    }
    for day in days.values():
        day.working = day.date.weekday() < 5
    for visit in timetable.by_time(visits):
        visit.state = timetable.state_of(visit, today)
        days[visit.planned_date].visits.append(visit)
    for date, name, working in special_days(visits, span.first, span.last):
        days[date].names.append(name)
        days[date].working = working
    for leave in leaves_between(user, {visit.owner_id for visit in visits} | {user.pk}, span.first, span.last):
        for day in days.values():
            if leave.from_date <= day.date <= leave.until_date:
                day.away.append(f"{leave.user}: {leave.get_kind_display()}")
    return list(days.values())


def _title(chosen: Chosen, span: Span) -> str:
    if chosen.view == MONTH:
        return formats.date_format(chosen.day, "YEAR_MONTH_FORMAT")
    first, last = (formats.date_format(day, "DATE_FORMAT") for day in (span.first, span.last))
    return f"{first} – {last}"


def _event(visit: Visit, chosen: Chosen, *, editable: bool) -> dict[str, Any]:
    """One visit as the calendar's script reads it."""
    day, time = timetable.shown_start(visit, timezone.get_current_timezone())
    state = timetable.state_of(visit, timezone.localdate())
    start = dt.datetime.combine(day, time or dt.time())
    end = start + dt.timedelta(minutes=visit.duration_minutes) if time else start + timetable.DAY
    return {
        "id": str(visit.pk),
        "title": visit.account.local_name,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "allDay": time is None,
        "editable": editable and visit.status == "planned",
        "classNames": [f"visit-{state}"],
        "extendedProps": {
            "url": visit.get_absolute_url(),
            "move": reverse("interactions:visit_move", args=[visit.pk]),
            "drop": reverse("interactions:visit_drop", args=[visit.pk]),
            "state": state,
            "stateText": _("Overdue") if state == timetable.OVERDUE else visit.get_status_display(),
            "person": "" if chosen.is_mine or chosen.owner else str(visit.owner),
            "tier": visit.account.tier,
            "city": visit.account.city,
            "purpose": visit.purpose,
        },
    }


def _backgrounds(
    user: User, visits: list[Visit], chosen: Chosen, first: dt.date, last: dt.date
) -> list[dict[str, Any]]:
    """Holidays, make-up working days and leave, behind the visits."""
    found = []
    for day, name, working in special_days(visits, first, last):
        found.append(_background(f"day-{day}-{name}", name, day, day, "day-working" if working else "day-off"))
    people = {chosen.owner.pk} if chosen.owner else {visit.owner_id for visit in visits} | {user.pk}
    for leave in leaves_between(user, people, first, last):
        mine = chosen.is_mine or chosen.owner
        name = leave.get_kind_display() if mine else f"{leave.user}: {leave.get_kind_display()}"
        found.append(_background(f"leave-{leave.pk}", name, leave.from_date, leave.until_date, "day-leave"))
    return found


def _background(key: str, title: str, first: dt.date, last: dt.date, css: str) -> dict[str, Any]:
    return {
        "id": key,
        "title": title,
        "start": f"{first.isoformat()}T00:00:00",
        "end": f"{(last + timetable.DAY).isoformat()}T00:00:00",
        "allDay": True,
        "display": "background",
        "editable": False,
        "classNames": [css],
        "extendedProps": {},
    }


def _words() -> dict[str, str]:
    """What the script says."""
    # icons: clock-exclamation circle-check circle-x calendar-off calendar-check beach
    return {
        "allDay": _("Without a time"),
        "more": _("+%(count)s more") % {"count": "{n}"},
        "close": _("Close"),
        "pending": _("Move to %(date)s? Enter moves it, Escape leaves it where it was.") % {"date": "{date}"},
        "back": _("Left where it was."),
        "failed": _("The visit was not moved: no connection. Try again."),
        "undo": _("Undo"),
        "confirm": _("Move it all the same?"),
        "fixed": _("This visit cannot be moved."),
        "hint": _("Arrow keys move by day and week, Enter opens the form"),
    }
