"""Every write to orders, facts and rates: one function per verb."""

from orders.services.batch import LineRow, OrderRow, line_row
from orders.services.facts import rebuild_all_facts, rebuild_facts, refresh_summaries, reprice_facts
from orders.services.rates import set_exchange_rate
from orders.services.upsert import Outcome, upsert_orders

__all__ = [
    "LineRow",
    "OrderRow",
    "Outcome",
    "line_row",
    "rebuild_all_facts",
    "rebuild_facts",
    "refresh_summaries",
    "reprice_facts",
    "set_exchange_rate",
    "upsert_orders",
]
