"""Nights over scores that are set by hand."""

import datetime as dt

from health.models import AccountHealth
from health.services.alerting import raise_alerts
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_health, make_health_run, make_part

DAY = dt.timedelta(days=1)
GAP = {"measure": "signal:order_gap", "op": "gte", "value": 0.5}
NPS = {"measure": "signal:nps_low", "op": "gte", "value": 0.5}


def night(days=0, **fields):
    """The scores as they are, looked at some days later."""
    day = TODAY + days * DAY
    AccountHealth.objects.update(as_of=day)
    run = make_health_run(day, **fields)
    return raise_alerts(run, NOW + days * DAY)


def scored(manager, count, **fields):
    """So many accounts, the first the most dangerous."""
    found = []
    for number in range(count):
        account = AccountFactory(manager=manager)
        make_health(account, value_at_risk_amount=f"{1000 * (count - number)}", **fields)
        found.append(account)
    return found


def better(account):
    AccountHealth.objects.filter(pk=account.pk).update(parts=[make_part(severity=0.1)], probability=0.1)
