"""Facts and readings for tests of signals and scores."""

import datetime as dt

from health.facts.orders import OrderFacts
from health.models import HealthProfile
from health.signals import Reading
from tests.factories import TODAY
from tests.factories.orders import make_order


def orders(*rows, is_priced=True):
    """OrderFacts of (days before TODAY, sold) or (days, sold, returned) or (days, sold, returned, lines)."""
    table = sorted((TODAY.toordinal() - ago, sold, *rest) for ago, sold, *rest in rows)
    filled = [(*row, *(0, 1 if row[1] else 0)[len(row) - 2 :]) for row in table]
    days, sales, returns, lines = (list(column) for column in zip(*filled, strict=True))
    return OrderFacts(days, [float(x) for x in sales], [float(x) for x in returns], lines, is_priced)


def rhythm(account, gap=30, silent=0, count=8, amount=100, **fields):
    """Orders every `gap` days, the last one `silent` days before TODAY."""
    for number in range(count):
        make_order(account, amount, date=TODAY - dt.timedelta(days=silent + 1 + number * gap), **fields)


def make_profile(**fields):
    """An unsaved profile that weighs two signals alike; other fields as given."""
    given = {
        "name": "通用",
        "groups": {"buying": 50, "contact": 50},
        "signals": {"order_gap": {"weight": 10, "bound": 2}, "contact_gap": {"weight": 10, "bound": 1.5}},
        **fields,
    }
    return HealthProfile(**given)


def readings(**values):
    """`readings(order_gap=3)`: signal -> its reading."""
    facts = {"days": 60, "interval": 30, "cadence": 30, "ever": True}
    return {key: Reading(value, TODAY, facts) for key, value in values.items()}
