"""What kind of days the calendar shows: holidays and make-up days of the customers' countries, and who is on leave."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from core.workdays import HOME, WorkCalendar, country_code, country_name, work_calendars
from interactions.models import Visit
from users.models import Leave, User

COUNTRIES_SHOWN = 3
LEAVES_SHOWN = 60


def countries_of(visits: Iterable[Visit]) -> list[str]:
    """The countries of the visited accounts, the most frequent first, at most three; the home country without any."""
    counted = Counter(country_code(visit.account.country) for visit in visits)
    return [code for code, _count in counted.most_common(COUNTRIES_SHOWN)] or [HOME]


def special_days(visits: Iterable[Visit], first: dt.date, last: dt.date) -> list[tuple[dt.date, str, bool]]:
    """(day, name, working) of every holiday and make-up day; the country beside the name where there are several."""
    countries = countries_of(visits)
    calendars = work_calendars(countries, first, last)
    found = []
    for code in countries:
        calendar: WorkCalendar = calendars[code]
        suffix = f" ({country_name(code)})" if len(countries) > 1 else ""
        found += [
            (day, name + suffix, calendar.is_working(day))
            for day, name in calendar.names.items()
            if first <= day <= last
        ]
    return sorted(found)


def leaves_between(viewer: User, owners: Iterable[int], first: dt.date, last: dt.date) -> list[Leave]:
    """Leave of these people that `viewer` may know of."""
    leaves = Leave.objects.visible_to(viewer).touching(first, last).filter(user__in=set(owners))
    return list(leaves.select_related("user").order_by("from_date", "pk")[:LEAVES_SHOWN])
