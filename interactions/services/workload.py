"""What the planner needs to know of people: how much they can do, when they are away, what they have taken on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import MemberRole
from accounts.models import Account, AccountMember
from core.workdays import country_code, work_calendars
from interactions.models import Capacity, ContactPolicy, Visit
from users.models import Leave, User

DEFAULT_VISITS_PER_DAY = 4
DAY = dt.timedelta(days=1)


def visits_per_day() -> int:
    """What everybody can do who has no capacity of their own."""
    policy = ContactPolicy.objects.in_force().only("visits_per_day").first()
    return policy.visits_per_day if policy else DEFAULT_VISITS_PER_DAY


def capacities(user_ids: Collection[int], otherwise: int) -> dict[int, int]:
    """User -> visits per day."""
    own = Capacity.objects.filter(user__in=user_ids).order_by().values_list("user", "visits_per_day")
    return {**dict.fromkeys(user_ids, otherwise), **dict(own)}


def leave_days(user_ids: Collection[int], first: dt.date, last: dt.date) -> dict[int, set[dt.date]]:
    """User -> the days from `first` to `last` on which they are away."""
    away: dict[int, set[dt.date]] = {pk: set() for pk in user_ids}
    leaves = Leave.objects.filter(user__in=user_ids).touching(first, last).order_by()
    for user, start, end in leaves.values_list("user", "from_date", "until_date"):
        start, end = max(start, first), min(end, last)
        away[user].update(start + number * DAY for number in range((end - start).days + 1))
    return away


def sponsor_ids(account_ids: Iterable[int], day: dt.date) -> dict[int, int]:
    """Account -> its executive sponsor on that day: of several, who is active, then who came first."""
    members = AccountMember.objects.filter(account__in=account_ids, role=MemberRole.EXECUTIVE_SPONSOR)
    rows = members.exclude(expires_on__lt=day).order_by("-user__is_active", "pk").values_list("account", "user")
    found: dict[int, int] = {}
    for account, user in rows:
        found.setdefault(account, user)
    return found


def warnings_for(owner: User, account: Account, date: dt.date, *, visit: Visit | None = None) -> list[str]:
    """What speaks against a visit of `owner` to `account` on that day, in sentences; by hand it is allowed still.

    `visit` is the one that is moved there: it does not stand in its own way.
    """
    shown = formats.date_format(date, "DATE_FORMAT")
    return [
        *_day_warnings(account, date, shown),
        *_leave_warnings(owner, date, shown),
        *_load_warnings(owner, date, shown, visit),
    ]


def _day_warnings(account: Account, date: dt.date, shown: str) -> list[str]:
    country = country_code(account.country)
    calendar = work_calendars([country], date, date)[country]
    if calendar.is_working(date):
        return []
    if name := calendar.holiday_name(date):
        return [_("%(date)s is a holiday at the customer's: %(name)s.") % {"date": shown, "name": name}]
    return [_("%(date)s is no working day at the customer's.") % {"date": shown}]


def _leave_warnings(owner: User, date: dt.date, shown: str) -> list[str]:
    if not Leave.objects.filter(user=owner).touching(date, date).exists():
        return []
    return [_("%(name)s is on leave on %(date)s.") % {"name": owner, "date": shown}]


def _load_warnings(owner: User, date: dt.date, shown: str, visit: Visit | None) -> list[str]:
    others = Visit.objects.planned().filter(owner=owner, planned_date=date)
    count = others.exclude(pk=visit.pk).count() if visit is not None and visit.pk else others.count()
    most = capacities([owner.pk], visits_per_day())[owner.pk]
    if count < most:
        return []
    text = ngettext(
        "%(name)s has %(count)s visit on %(date)s already, and can do %(most)s a day.",
        "%(name)s has %(count)s visits on %(date)s already, and can do %(most)s a day.",
        count,
    )
    return [text % {"name": owner, "count": count, "date": shown, "most": most}]
