"""What happened at an account that a campaign asks about some days later: visits, signatures, deliveries.

An event is asked about from `event_days` after its day on, for two more weeks: so long a standstill, or a contact that
was asked a short time ago, may delay the question. Nobody is asked about what lies before the campaign's start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from contracts.models import Contract
from interactions.choices import Kind
from interactions.models import Interaction
from orders.models import Order
from surveys.choices import Event
from surveys.models import Campaign, Invitation

CATCH_UP_DAYS = 14


def _visits(first: dt.date, last: dt.date) -> tuple[QuerySet[Any], str]:
    return Interaction.objects.order_by().filter(kind=Kind.VISIT, date__range=(first, last)), "date"


def _signatures(first: dt.date, last: dt.date) -> tuple[QuerySet[Any], str]:
    return Contract.objects.order_by().filter(signed_on__range=(first, last)), "signed_on"


def _deliveries(first: dt.date, last: dt.date) -> tuple[QuerySet[Any], str]:
    return Order.objects.order_by().filter(delivered_on__range=(first, last)), "delivered_on"


_SOURCES: dict[str, Callable[[dt.date, dt.date], tuple[QuerySet[Any], str]]] = {
    Event.VISIT_DONE: _visits,
    Event.CONTRACT_SIGNED: _signatures,
    Event.ORDER_DELIVERED: _deliveries,
}


def window(campaign: Campaign, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the events that are asked about on `today`; the last is before the first while
    there are none."""
    last = today - dt.timedelta(days=campaign.event_days)
    return max(campaign.start_date, last - dt.timedelta(days=CATCH_UP_DAYS)), last


def newest_event(campaign: Campaign, today: dt.date) -> Any:
    """For a query of employments: the primary key of the newest event that its contact was not asked about yet, or
    null. Of visits only those count in which the contact took part; of others those of the account."""
    if campaign.event not in _SOURCES:
        return Value(None, output_field=CharField())
    rows, day = _SOURCES[campaign.event](*window(campaign, today))
    rows = rows.filter(account=OuterRef("account_id"))
    if campaign.event == Event.VISIT_DONE:
        rows = rows.filter(contacts=OuterRef("contact_id"))
    asked = Invitation.objects.order_by().filter(
        campaign=campaign, contact=OuterRef(OuterRef("contact_id")), occasion=occasion(campaign.event, OuterRef("pk"))
    )
    return Subquery(rows.filter(~Exists(asked)).order_by(f"-{day}", "-pk").values("pk")[:1])


def accounts_with_events(campaign: Campaign, today: dt.date) -> Any:
    """The accounts at which something happened that may be asked about on `today`."""
    rows, _day = _SOURCES[campaign.event](*window(campaign, today)) if campaign.event in _SOURCES else (None, "")
    return Contract.objects.none().values("account") if rows is None else rows.values("account")


def occasion(event: str, key: Any) -> Any:
    """In SQL, the occasion of an invitation about an event: `visit_done:123`."""
    return Concat(Value(f"{event}:"), Cast(key, CharField()), output_field=CharField())
