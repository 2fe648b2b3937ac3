"""One verb for many alerts. Each is done or refused by itself, as if somebody had gone through them one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from core.errors import DomainError
from health.models import Alert
from health.services import alerts as services
from users.models import User

MAX_ALERTS = 200
"""At once."""
ACKNOWLEDGE, SNOOZE, WAKE, RESOLVE, REASSIGN = "acknowledge", "snooze", "wake", "resolve", "reassign"
VERBS = (ACKNOWLEDGE, SNOOZE, WAKE, RESOLVE, REASSIGN)
ENDING = ("outcome", "lost_cause", "resolution")
NOT_FOUND = "not_found"


class Refusal(NamedTuple):
    """Why one of them stays as it is; without an alert where there is none that the actor sees."""

    pk: int
    alert: Alert | None
    code: str
    message: str


class Outcome(NamedTuple):
    """What became of them, in the order in which they were named."""

    done: list[Alert]
    refused: list[Refusal]


def act_on_alerts(
    alerts: models.QuerySet[Any], ids: Iterable[int], verb: str, values: Mapping[str, Any], *, actor: User,
    now: dt.datetime,
) -> Outcome:  # fmt: skip
    """Do `verb` to each of `alerts` (what the actor sees) that `ids` name, with what the verb needs: `until` to snooze,
    `owner` to reassign, `outcome` (with `lost_cause` and `resolution`) to resolve."""
    ids = list(dict.fromkeys(ids))
    act, rows = _door(verb, values, actor, now), alerts.in_bulk(ids)
    outcome = Outcome([], [])
    for pk in ids:
        alert = rows.get(pk)
        if alert is None:
            text = _("There is no such row, or you may not see it.")
            outcome.refused.append(Refusal(pk, None, NOT_FOUND, text))
            continue
        try:
            act(alert)
        except DomainError as error:
            outcome.refused.append(Refusal(pk, alert, error.code, str(error)))
        else:
            outcome.done.append(alert)
    return outcome


def _door(verb: str, values: Mapping[str, Any], actor: User, now: dt.datetime) -> Callable[[Alert], object]:
    """The verb for one alert."""
    ending = {name: values[name] for name in ENDING if name in values}
    doors: dict[str, Callable[[Alert], object]] = {
        ACKNOWLEDGE: lambda alert: services.acknowledge_alert(alert, actor=actor, now=now),
        SNOOZE: lambda alert: services.snooze_alert(alert, values["until"], actor=actor, now=now),
        WAKE: lambda alert: services.wake_alert(alert, actor=actor, now=now),
        RESOLVE: lambda alert: services.resolve_alert(alert, **ending, actor=actor, now=now),
        REASSIGN: lambda alert: services.reassign_alert(alert, values["owner"], actor=actor, now=now),
    }
    return doors[verb]
