"""On which of the next days a person could still go to an account."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count

from accounts.models import Account
from core.workdays import country_code, work_calendars
from interactions.models import Visit
from interactions.services.workload import capacities, leave_days, visits_per_day
from users.models import User

LOOK_AHEAD = dt.timedelta(days=60)
DAY = dt.timedelta(days=1)


def next_free_day(owner: User, account: Account, after: dt.date) -> dt.date:
    """The first of `free_days`."""
    return free_days(owner, account, after, 1)[0]


def free_days(owner: User, account: Account, after: dt.date, count: int) -> list[dt.date]:
    """The first working days of the account's country after `after` on which `owner` is not away and has room; where
    there is none in two months, the first working day."""
    first, last = after + DAY, after + LOOK_AHEAD
    country = country_code(account.country)
    calendar = work_calendars([country], first, last)[country]
    away = leave_days([owner.pk], first, last)[owner.pk]
    planned = Visit.objects.planned().filter(owner=owner).between(first, last).order_by()
    taken = dict(planned.values("planned_date").annotate(visits=Count("pk")).values_list("planned_date", "visits"))
    room = capacities([owner.pk], visits_per_day())[owner.pk]
    days = [day for day in calendar.working_days(first, last) if day not in away and taken.get(day, 0) < room]
    return days[:count] or [calendar.next_working(first)]
