"""What to do next at an account, from what is known about it: one sentence and where to do it."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from core.agenda import link
from health.choices import AlertStatus, SignalGroup
from health.explanations import Explanation


class NextStep(NamedTuple):
    """`words` say why, `label` is what the button says."""

    words: str
    label: str
    url: str


def next_step(account: Any, found: Explanation, alerts: list[Any], task: Any, today: dt.date) -> NextStep | None:
    """An alert that nobody has taken on, then the open task of a playbook, then any alert, a contact that is overdue,
    the heaviest loss; None where nothing is to be done. `alerts` are the active ones, the worst first."""
    fresh = next((alert for alert in alerts if alert.status == AlertStatus.OPEN), None)
    if fresh is not None:
        return _alert_step(fresh)
    if task is not None:
        return NextStep(str(task), _("Open the playbook"), task.get_absolute_url())
    if alerts:
        return _alert_step(alerts[0])
    if account.summary.is_overdue(today):
        visit = link("interactions:visit_create", account=account.pk)
        return NextStep(_("The next contact is overdue."), _("Plan a visit"), visit)
    heaviest = next((part for part in found.lost if part.is_bad), None)
    return _step_for(account.pk, heaviest.group, heaviest.words) if heaviest else None


def _alert_step(alert: Any) -> NextStep:
    words = _("Alert: %(reason)s") % {"reason": alert.get_reason_display()}
    return NextStep(words, _("Handle alert"), alert.get_absolute_url())


def _step_for(account_pk: int, group: str, words: str) -> NextStep:
    """The part of the account's page where something can be done about a group of signals."""
    places = {
        SignalGroup.BUYING: (_("Open the orders"), "orders:account_panel"),
        SignalGroup.SATISFACTION: (_("Open the answers"), "surveys:account_panel"),
        SignalGroup.CONTRACTS: (_("Open the contracts"), "contracts:account_panel"),
        SignalGroup.RELATIONSHIP: (_("Open the people"), "contacts:account_panel"),
    }
    if group not in places:
        return NextStep(words, _("Plan a visit"), link("interactions:visit_create", account=account_pk))
    label, name = places[SignalGroup(group)]
    return NextStep(words, label, link(name, account_pk))
