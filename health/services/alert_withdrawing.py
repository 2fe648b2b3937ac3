"""Alerts that the system takes back before anybody has acted: the relationship has ended, the rule is gone, or the
reason of one that was held back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q

from accounts.choices import Status
from audit.services import entry, record_many
from health.choices import AlertOutcome, AlertStatus
from health.models import Alert, AlertRule
from health.services.alert_summary import refresh_alert_summaries

BATCH = 500


def withdraw_ended(now: dt.datetime) -> int:
    """Everything unresolved of terminated accounts, and what nobody has touched of reasons that no active rule is
    about any more; in batches. Returns how many."""
    reasons = set(AlertRule.objects.active().order_by().values_list("reason", flat=True))
    untouched = Q(status__in=[AlertStatus.HELD, AlertStatus.OPEN], acknowledged_at__isnull=True)
    ended = Q(account__status=Status.TERMINATED) | (untouched & ~Q(reason__in=reasons))
    done = 0
    for keys in _batches(ended):
        with transaction.atomic():
            done += withdraw_alerts(keys, now)
    return done


def withdraw_alerts(keys: list[int], now: dt.datetime) -> int:
    """Take back those of them that are unresolved still; call it in a transaction. Returns how many."""
    if not keys:
        return 0
    rows = Alert.objects.unresolved().filter(pk__in=keys).select_related("account").order_by("pk")
    alerts = list(rows.defer("evidence", "evidence_now").select_for_update(of=("self",)))
    before = {alert.pk: alert.status for alert in alerts}
    Alert.objects.filter(pk__in=before).update(
        status=AlertStatus.RESOLVED, outcome=AlertOutcome.WITHDRAWN, resolved_at=now, resolved_by=None,
        snoozed_until=None, updated_at=now,
    )  # fmt: skip
    record_many(
        entry("alert.withdrawn", alert, actor=None, changes={"status": (before[alert.pk], AlertStatus.RESOLVED.value)})
        for alert in alerts
    )
    refresh_alert_summaries({alert.account_id for alert in alerts})
    return len(alerts)


def _batches(ended: Q) -> Iterator[list[int]]:
    """The keys as they are now, in keyset batches."""
    last, rows = 0, Alert.objects.unresolved().filter(ended).order_by("pk")
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield keys
        last = keys[-1]
