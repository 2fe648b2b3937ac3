"""Reads the day that a request asks about."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone

from core.http import UserRequest
from dashboards.days import TEAM, Day, parse_date
from users.models import Role, User


def asked_day(request: UserRequest) -> Day:
    """Raises Http404 for a person whom the user does not lead."""
    today = timezone.localdate()
    user = request.user
    day = Day(viewer=user, today=today, date=parse_date(request.GET.get("day", ""), today))
    if request.GET.get("view") != TEAM or not user.leads:
        return day
    people = _people_of(user)
    chosen = request.GET.get("person", "")
    person = next((someone for someone in people if str(someone.pk) == chosen), None)
    if chosen and person is None:
        raise Http404
    return Day(user, today, day.date, team=True, person=person, people=people)


def _people_of(user: User) -> list[User]:
    """Whom the user leads: who manages accounts, or did and still has visits to make."""
    known = User.objects.visible_to(user).active()
    led = known.filter(role__in=[Role.ACCOUNT_MANAGER, Role.SUPERVISOR]) if user.sees_everything else None
    if led is None:
        led = known.led_by(user) if user.team else known.filter(pk=user.pk)
    return list(led.order_by("name", "pk").only("pk", "name", "username"))
