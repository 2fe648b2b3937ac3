"""What others did to a portfolio: the audit's entries about its accounts since the day before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Account
from audit.models import AuditEntry
from dashboards.portfolio import accounts_of
from users.models import User

# What the nightly jobs do by the dozen; it is in the calendar and on My day already.
ROUTINE = ("visit.planned", "visit.moved", "visit.cancelled", "greeting.proposed")


def since(today: dt.date) -> dt.datetime:
    """The beginning of yesterday, in the zone of the person who reads."""
    return timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=1), dt.time()))


def entries(viewer: User, managers: Any, today: dt.date) -> QuerySet[AuditEntry]:
    """Entries since yesterday about the accounts of these managers that the viewer sees.

    Neither what the viewer did, nor the routine of the jobs.
    """
    found = AuditEntry.objects.filter(at__gte=since(today)).exclude(actor=viewer).order_by()
    found = found.exclude(actor__isnull=True, action__in=ROUTINE)
    if managers is None and viewer.sees_everything:
        return found.filter(account_id__isnull=False)
    return found.filter(account_id__in=accounts_of(viewer, managers).values("pk"))


def with_accounts(found: Iterable[Any], viewer: User) -> list[Any]:
    """The entries, each with its `account` as far as the viewer sees it; one statement."""
    rows = list(found)
    ids = {row.account_id for row in rows}
    accounts = Account.objects.visible_to(viewer).order_by().only("name", "name_en", "tier").in_bulk(ids) if ids else {}
    for row in rows:
        row.account = accounts.get(row.account_id)
    return [row for row in rows if row.account is not None]
