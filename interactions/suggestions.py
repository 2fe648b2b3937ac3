"""What the form for logging offers, so that most of it is a tap: visits of today, recent accounts, people, topics."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q

from accounts.models import Account
from contacts.models import Contact, Employment
from interactions.models import Interaction, Topic, Visit
from users.models import User

RECENT, LOOKED_BACK = 6, 60
VISITS, LATE_DAYS = 6, 7
PEOPLE, COLLEAGUES, TOPICS = 40, 40, 8


def open_visits(user: User, today: dt.date) -> list[Visit]:
    """The user's planned visits of today and of the last days, today's first."""
    visits = (
        Visit.objects.editable_by(user)
        .planned()
        .between(today - dt.timedelta(days=LATE_DAYS), today)
        .filter(owner=user)
        .select_related("account")
    )
    return list(visits.order_by("-planned_date", "start_time", "pk")[:VISITS])


def recent_accounts(user: User) -> list[Account]:
    """The accounts of the user's newest interactions that they may change, newest first."""
    newest = (Interaction.objects.editable_by(user).filter(author=user).select_related("account").order_by("-pk"))[
        :LOOKED_BACK
    ]
    return list({row.account_id: row.account for row in newest}.values())[:RECENT]


def employers(contact: Contact, user: User, today: dt.date) -> list[Account]:
    """Where a person works today, of the accounts that the user may change."""
    jobs = Employment.objects.editable_by(user).current(today).filter(contact=contact).select_related("account")
    return [job.account for job in jobs[:RECENT]]


def next_visit(account: Account, user: User, today: dt.date) -> Visit | None:
    """The first planned visit from today on."""
    planned = Visit.objects.visible_to(user).planned().filter(account=account, planned_date__gte=today)
    return planned.order_by("planned_date", "start_time", "pk").first()


def people_at(account: Account, today: dt.date, user: User, also: list[int] | None = None) -> list[Employment]:
    """Who works there, the highest level first; and those in `also`, even where they have left."""
    employments = Employment.objects.visible_to(user).filter(account=account).select_related("contact")
    current = Q(until_date__isnull=True) | Q(until_date__gte=today)
    rows = employments.filter(current | Q(contact__in=also or []) if also else current)
    return list({row.contact_id: row for row in rows.order_by("-seniority", "pk")[: PEOPLE * 2]}.values())[:PEOPLE]


def colleagues_for(user: User, account: Account | None) -> list[User]:
    """Who of us may have been there or gets a next step: the user, their team, the account's people."""
    near = Q(pk=user.pk)
    if user.team_id is not None:
        near |= Q(team=user.team_id)
    if account is not None:
        on_team = account.members.order_by().values("user")
        near |= Q(pk=account.manager_id) | Q(pk__in=on_team)
    people = list(User.objects.visible_to(user).active().filter(near).order_by("name", "pk")[:COLLEAGUES])
    return sorted(people, key=lambda person: person.pk != user.pk)


def usual_topics(user: User) -> list[str]:
    """What the user writes about most."""
    used: Any = Topic.objects.filter(interactions__author=user).annotate(times=Count("pk"))
    return list(used.order_by("-times", "name").values_list("name", flat=True)[:TOPICS])
