"""How many alerts one person has at once: they have the most dangerous, the others are held back, counted and shown."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Q

from audit.services import entry, record_many
from health.choices import ACTIVE_ALERTS, AlertStatus
from health.models import Alert
from health.ranking import Claim, share_out
from health.services.alert_deadlines import Deadlines
from health.services.alert_notes import notes_of_opening
from health.services.alert_summary import refresh_alert_summaries
from health.services.policy import policy_now
from interactions.services.sets import update_rows
from notifications.services import Note, notify_many
from users.models import User

CLAIMING = (AlertStatus.HELD, *ACTIVE_ALERTS)
TOGETHER = 20
"""People whose alerts are shared out in one transaction."""


class Shared(NamedTuple):
    """How many alerts their owners got, and how many were taken back for more dangerous ones."""

    opened: int
    held: int


def share_load(now: dt.datetime, *, anew: bool = False) -> Shared:
    """Open what was held back where there is room, the most dangerous first; hold back what goes beyond the policy.

    `anew`: also where there is no room, but something more dangerous may have come. Called again, it changes nothing.
    """
    limit = policy_now().open_alerts_per_manager
    wanted = _crowded(limit, anew=anew)
    opened = held = 0
    for at in range(0, len(wanted), TOGETHER):
        with transaction.atomic():
            found = _share(wanted[at : at + TOGETHER], limit, now)
            opened, held = opened + found.opened, held + found.held
    return Shared(opened, held)


def _crowded(limit: int, *, anew: bool) -> list[int | None]:
    """Owners who have too many, or from whom something is held back though there is room, or (`anew`) at all."""
    rows = Alert.objects.filter(status__in=CLAIMING).order_by().values("owner")
    rows = rows.annotate(waiting=Count("pk", filter=Q(status=AlertStatus.HELD)))
    rows = rows.annotate(theirs=Count("pk", filter=Q(status__in=ACTIVE_ALERTS)))
    wanted = Q(theirs__gt=limit) | Q(waiting__gt=0, theirs__lt=limit)
    rows = rows.filter(wanted | Q(waiting__gt=0) if anew else wanted)
    return sorted(rows.values_list("owner", flat=True), key=lambda pk: pk or 0)


def _share(owner_ids: list[int | None], limit: int, now: dt.datetime) -> Shared:
    """Each person's alerts, locked, shared out anew."""
    whose = Q(owner__in=[pk for pk in owner_ids if pk is not None])
    if None in owner_ids:
        whose |= Q(owner__isnull=True)
    rows = Alert.objects.filter(whose, status__in=CLAIMING).order_by("pk").select_for_update()
    by_owner: dict[int | None, list[Claim]] = defaultdict(list)
    for pk, owner_id, status, rank, cleared_on in rows.values_list("pk", "owner", "status", "rank", "cleared_on"):
        by_owner[owner_id].append(
            Claim(pk, rank, status == AlertStatus.ACKNOWLEDGED, status == AlertStatus.OPEN, cleared_on is not None)
        )
    to_open: list[int] = []
    to_hold: list[int] = []
    for claims in by_owner.values():
        given = share_out(claims, limit)
        to_open += [claim.key for claim in claims if claim.key in given and not (claim.open or claim.taken)]
        to_hold += [claim.key for claim in claims if claim.key not in given and claim.open]
    changed = _open(to_open, now) | _hold(to_hold, now)
    if changed:
        refresh_alert_summaries(changed)
    return Shared(len(to_open), len(to_hold))


def _open(keys: list[int], now: dt.datetime) -> set[int]:
    """Their owners have them from now on, and are told. Returns the accounts."""
    if not keys:
        return set()
    alerts = list(_with_words(Alert.objects.filter(pk__in=keys)).order_by("owner", "-rank", "pk"))
    deadlines = Deadlines(policy_now())
    for alert in alerts:
        alert.status, alert.opened_at = AlertStatus.OPEN, now
        alert.due_at = deadlines.of(alert.account, alert.owner, now)
    names = ("id", "status", "opened_at", "due_at", "updated_at")
    update_rows(Alert, names, [(row.pk, row.status.value, row.opened_at, row.due_at, now) for row in alerts])
    record_many(_changed("alert.opened", alert, AlertStatus.HELD) for alert in alerts)
    notify_many(_notes(alerts, now))
    return {alert.account_id for alert in alerts}


def _hold(keys: list[int], now: dt.datetime) -> set[int]:
    """Taken back, until there is room again. Returns the accounts."""
    alerts = list(_with_words(Alert.objects.filter(pk__in=keys)).order_by("pk")) if keys else []
    Alert.objects.filter(pk__in=keys).update(status=AlertStatus.HELD, due_at=None, updated_at=now)
    for alert in alerts:
        alert.status = AlertStatus.HELD
    record_many(_changed("alert.held", alert, AlertStatus.OPEN) for alert in alerts)
    return {alert.account_id for alert in alerts}


def _with_words(rows: Any) -> Any:
    """With what deadlines and notes need, without the evidence."""
    return rows.select_related("account", "owner").defer("evidence", "evidence_now", "resolution")


def _changed(action: str, alert: Alert, before: AlertStatus) -> Any:
    return entry(action, alert, actor=None, changes={"status": (before.value, str(alert.status))})


def _notes(alerts: Iterable[Alert], now: dt.datetime) -> list[Note]:
    def owner_of(alert: Alert) -> User | None:
        return alert.owner

    return [note for owner, mine in groupby(alerts, owner_of) for note in notes_of_opening(owner, list(mine), now)]
