"""Load the demo's health: the churn model learnt from its orders, eight weeks of scores, alerts in every state and
playbooks at work. Everything is made by the services that make it in earnest."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Account
from health.choices import ACTIVE_ALERTS, AlertOutcome, LostCause
from health.models import Alert, PlaybookTask
from health.services.alert_rules import ensure_defaults
from health.services.alerts import acknowledge_alert, resolve_alert, snooze_alert
from health.services.jobs import run_health
from health.services.playbook_runs import start_playbook
from health.services.playbook_tasks import complete_task
from health.services.playbooks import recommended
from health.services.shipped_playbooks import ensure_playbooks
from health.services.training import train

DAY = dt.timedelta(days=1)
WEEKS = 8
MOST_ACCOUNTS = 3000  # a larger company is scored by its first night
SAID = {
    AlertOutcome.SAVED: "已上门沟通，客户恢复下单。",
    AlertOutcome.FALSE_ALARM: "客户盘点停产，属计划内，已核实。",
    AlertOutcome.LOST: "客户改用竞争对手产品，价格无法匹配。",
}


def load_health(*, today: dt.date, now: dt.datetime) -> None:
    """Eight weeks of nights, a week apart, with what people did in between."""
    ensure_playbooks()
    ensure_defaults()
    if Account.objects.count() > MOST_ACCOUNTS:
        return
    # Scores of most accounts are kept on Mondays.
    monday = today - today.weekday() * DAY
    nights = [monday - 7 * week * DAY for week in range(WEEKS, -1, -1)]
    train(nights[0], _at(nights[0], today, now))
    for night in nights:
        moment = _at(night, today, now)
        run_health(night, moment)
        if night < monday:
            _handle(night, moment)
            _finish(night, moment)
    if today > monday:
        run_health(today, now)


def _at(night: dt.date, today: dt.date, now: dt.datetime) -> dt.datetime:
    return now - (today - night)


def _handle(today: dt.date, now: dt.datetime) -> None:
    """What people did in the week after: of seven alerts one is saved, one was a false alarm or a loss, one sleeps, two
    are worked on by a playbook."""
    for alert in Alert.objects.filter(status__in=ACTIVE_ALERTS).exclude(owner=None).select_related("owner", "account"):
        lot = (alert.pk * 7 + alert.account_id) % 7
        if today - alert.opened_on < 7 * (lot % 3) * DAY:
            continue
        if lot == 0:
            _resolve(alert, AlertOutcome.SAVED, now)
        elif lot == 1:
            _resolve(alert, AlertOutcome.FALSE_ALARM if alert.pk % 3 else AlertOutcome.LOST, now)
        elif lot == 2:
            snooze_alert(alert, today + 20 * DAY, actor=alert.owner, now=now)
        elif lot in (3, 4) and alert.acknowledged_at is None:
            acknowledge_alert(alert, actor=alert.owner, now=now)
            _work(alert, today)


def _finish(today: dt.date, now: dt.datetime) -> None:
    """Of three playbooks two are worked through in time."""
    due = PlaybookTask.objects.open().filter(due_date__lt=today).exclude(owner=None)
    for task in due.select_related("owner", "run__account", "run__playbook").order_by("pk"):
        if task.run_id % 3:
            complete_task(task, actor=task.owner, now=now)


def _resolve(alert: Alert, outcome: AlertOutcome, now: dt.datetime) -> None:
    said: Any = SAID[outcome]
    cause = LostCause.COMPETITOR if outcome == AlertOutcome.LOST else ""
    resolve_alert(alert, outcome, actor=alert.owner, now=now, lost_cause=cause, resolution=said)


def _work(alert: Alert, today: dt.date) -> None:
    """The playbook that is recommended, where the account does not have it at work already."""
    for playbook in recommended(alert)[:1]:
        if not alert.account.playbook_runs.running().filter(playbook=playbook).exists():
            start_playbook(playbook, alert.account, alert=alert, actor=alert.owner, today=today)
