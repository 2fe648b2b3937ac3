"""How fast robots are spoken to: within what their makers allow, and a burst in one message.

`Robot.paced_until` is when all that was said would have been said at an even pace; nothing is said while that lies
further ahead than the reserve which the channel allows at once. One conditional UPDATE takes the turn, so any number
of senders keep the pace together, and one that is killed loses a turn and nothing else.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce, Greatest

from notifications.channels import CHANNELS, Pace
from notifications.choices import DeliveryMode
from notifications.events import URGENT_KINDS
from notifications.models import Delivery, Robot

BURST = 3
"""When more single messages than these are due for one robot, they go as one."""
MOST_TOGETHER = 20
"""Lines that the shortest of the robots' messages holds."""


def pace_of(lead: Delivery) -> Pace | None:
    """None where nobody has to wait for a turn."""
    return CHANNELS[lead.channel].pace if lead.robot_id is not None else None


def take_turn(lead: Delivery, now: dt.datetime) -> bool:
    """Whether the robot may be spoken to now; then its turn is taken."""
    pace = pace_of(lead)
    if pace is None or lead.robot_id is None:
        return True
    step, reserve = dt.timedelta(seconds=pace.step), dt.timedelta(seconds=pace.step * (pace.at_once - 1))
    free = Robot.objects.filter(Q(paced_until__isnull=True) | Q(paced_until__lte=now + reserve), pk=lead.robot_id)
    present = Value(now, output_field=DateTimeField())
    return bool(free.update(paced_until=Greatest(Coalesce("paced_until", present), present) + step))


def burst_of(lead: Delivery, now: dt.datetime, lease: dt.timedelta) -> Q | None:
    """What goes into one message with `lead`, as too much is due at once for this robot; escalations never wait for
    others, and what was tried before stays as it was."""
    if pace_of(lead) is None or lead.mode != DeliveryMode.NOW or lead.notification.kind in URGENT_KINDS:
        return None
    due = Q(robot=lead.robot_id, mode=DeliveryMode.NOW, lead__isnull=True, due_at__lte=now)
    due &= ~Q(notification__kind__in=URGENT_KINDS)
    ready = Delivery.objects.free(now, lease).filter(due).order_by()
    return due if ready[: BURST + 1].count() > BURST else None
