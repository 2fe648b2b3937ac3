"""Visits as iCalendar (RFC 5545): the personal feed, and the invitation to one visit.

Times carry the owner's time zone with its VTIMEZONE, so that a daylight-saving change moves nothing; the length is a
DURATION and not a DTEND, because the end of a visit in the hour that a change repeats has no local time of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText, vUri

from interactions.choices import VisitStatus

if TYPE_CHECKING:
    from contacts.models import Contact
    from interactions.models import Visit
    from users.models import User

PRODUCT = "-//KAM//Visits//EN"
REFRESH = dt.timedelta(hours=1)
REMINDER = dt.timedelta(minutes=30)


def feed(visits: Iterable[Visit], owner: User) -> bytes:
    """The calendar of `owner`'s own visits, in their language; with the account and the contacts fetched."""
    zone = zone_of(owner)
    with translation.override(owner.language):
        name = _("Visits of %(name)s") % {"name": owner}
        calendar = _calendar("PUBLISH")
        calendar.add("X-WR-CALNAME", name)
        calendar.add("NAME", name)
        calendar.add("X-WR-TIMEZONE", zone.key)
        calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", REFRESH)
        for visit in visits:
            event = _event(visit, zone)
            event.add("SUMMARY", _("Visit: %(account)s") % {"account": visit.account.local_name})
            event.add("DESCRIPTION", _for_us(visit))
            event.add("URL", vUri(settings.BASE_URL + visit.get_absolute_url()))
            event.add("TRANSP", "OPAQUE" if visit.start_time else "TRANSPARENT")
            if visit.start_time and visit.status == VisitStatus.PLANNED:
                event.add_component(_reminder())
            calendar.add_component(event)
    return _written(calendar, zone)


def invitation(visit: Visit, contacts: Iterable[Contact]) -> bytes:
    """One visit as an invitation to the customer's people: what they may read, and nothing of ours.

    A cancelled visit is a cancellation, with the same identity.
    """
    zone = zone_of(visit.owner)
    cancelled = visit.status == VisitStatus.CANCELLED
    calendar = _calendar("CANCEL" if cancelled else "REQUEST")
    event = _event(visit, zone)
    event.add("SUMMARY", visit.purpose or _("Visit by %(name)s") % {"name": visit.owner})
    event.add("TRANSP", "OPAQUE" if visit.start_time else "TRANSPARENT")
    event.add("ORGANIZER", _address(visit.owner.email, str(visit.owner)))
    for contact in contacts:
        if contact.email:
            guest = _address(contact.email, contact.name)
            guest.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
            event.add("ATTENDEE", guest)
    calendar.add_component(event)
    return _written(calendar, zone)


def zone_of(user: User) -> ZoneInfo:
    """The user's time zone, or the company's where the machine does not know it (any more)."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(settings.TIME_ZONE)


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _event(visit: Visit, zone: ZoneInfo) -> Event:
    """When, where and in which state: what both kinds of calendars say."""
    event = Event()
    event.add("UID", f"{visit.uid}@kam")
    event.add("SEQUENCE", visit.sequence)
    event.add("DTSTAMP", visit.updated_at.astimezone(dt.UTC))
    event.add("LAST-MODIFIED", visit.updated_at.astimezone(dt.UTC))
    event.add("CREATED", visit.created_at.astimezone(dt.UTC))
    if visit.start_time is None:
        event.add("DTSTART", visit.planned_date)
        event.add("DTEND", visit.planned_date + dt.timedelta(days=1))
    else:
        event.add("DTSTART", dt.datetime.combine(visit.planned_date, visit.start_time, tzinfo=zone))
        event.add("DURATION", dt.timedelta(minutes=visit.duration_minutes))
    event.add("STATUS", "CANCELLED" if visit.status == VisitStatus.CANCELLED else "CONFIRMED")
    place = ", ".join(filter(None, [visit.account.address, visit.account.city]))
    if place:
        event.add("LOCATION", place)
    return event


def _for_us(visit: Visit) -> str:
    """What the visitor wants to know before going: why, whom, what for."""
    lines = [visit.purpose] if visit.purpose else []
    if visit.cadence_days and visit.due_date:
        due = date_format(visit.due_date, "DATE_FORMAT")
        lines.append(_("Cadence %(days)s days, due %(date)s") % {"days": visit.cadence_days, "date": due})
    if people := [contact.local_name for contact in visit.contacts.all()]:
        lines.append(_("With: %(names)s") % {"names": _(", ").join(people)})
    if visit.status == VisitStatus.CANCELLED and visit.closing_note:
        lines.append(_("Cancelled: %(reason)s") % {"reason": visit.closing_note})
    return "\n".join([*lines, settings.BASE_URL + visit.get_absolute_url()])


def _reminder() -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _("Visit"))
    alarm.add("TRIGGER", -REMINDER)
    return alarm


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    # A parameter cannot hold quotation marks or control characters at all.
    address.params["CN"] = vText("".join(c for c in name if c not in '"\r\n' and c.isprintable()))
    return address


def _written(calendar: Calendar, zone: ZoneInfo) -> bytes:
    """The text, with the rules of the zone for the years that the events are in."""
    days = [event.decoded("DTSTART") for event in calendar.walk("VEVENT")]
    timed = [day.date() for day in days if isinstance(day, dt.datetime)]
    if timed and zone.key != "UTC":
        first, last = min(timed), max(timed)
        calendar.add_missing_timezones(
            first_date=dt.date(first.year, 1, 1) - dt.timedelta(days=370), last_date=dt.date(last.year + 1, 12, 31)
        )
    return calendar.to_ical()
