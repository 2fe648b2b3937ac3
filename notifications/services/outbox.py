"""The outbox of notifications: the rows are the queue, and what goes together is one message.

A message is sent in three steps, each committed: its rows are *claimed* (which keeps other senders off them for a
while), are *sending* just before the other side is called, *sent* right after it took the message. A sender that dies
before the second step leaves rows that are claimed again, under the same key. Of what one leaves that dies after it
nobody knows whether it went out: a channel that knows its messages by their key gets it again, any other has an
*uncertain* one that a person may send again. Who does not take a message gets it later, at growing distances, and at
last it is a *dead letter*.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from core.sealing import SealBroken
from notifications.channels import CHANNELS, Channel, Dead, Outcome, Retry, Sent
from notifications.choices import EMAIL, DeliveryMode, DeliveryStatus, DropReason
from notifications.desk import Desk
from notifications.letters import message_of
from notifications.models import Delivery
from notifications.services.pacing import MOST_TOGETHER, burst_of, take_turn
from notifications.services.refusals import tell_of_refusal
from notifications.services.robots import note_result

Clock = Callable[[], dt.datetime]
LEASE = dt.timedelta(minutes=5)
"""After which rows that were claimed and not sent are anybody's again."""
UNSURE_AFTER = dt.timedelta(minutes=15)
WORK_FOR = dt.timedelta(seconds=50)
LOOK_AT = 50
"""How many rows are looked up at a time."""
DELAYS = (1, 5, 15, 60, 180, 360, 720)
"""Minutes before the next try, by the number of tries; after one more the message is a dead letter."""
MOST_ATTEMPTS = len(DELAYS) + 1
LONGEST_WAIT = dt.timedelta(days=1)
"""However long the other side asks to wait."""


@dataclass
class Done:
    """What a call of the sender did, in messages."""

    sent: int = 0
    put_back: int = 0
    dead: int = 0
    uncertain: int = 0
    dropped: int = 0
    resting: set[tuple[str, int | None]] = field(default_factory=set)
    """Channels and robots that are not asked again in this call."""
    seen: set[int] = field(default_factory=set)
    """Rows that this call has had in hand, or tried to."""


def send_due(clock: Clock) -> Done:
    """Send what is due, for at most WORK_FOR. Any number of senders may run at once, and be killed."""
    began, done = clock(), Done()
    settle_stale(began)
    with ExitStack() as stack:
        sessions: dict[str, Channel] = {}
        while clock() - began < WORK_FOR:
            leads = [lead for lead in _due(clock(), done) if lead.pk not in done.seen]
            if not leads:
                break
            desk = Desk((lead.user for lead in leads), clock())
            for lead in leads:
                if clock() - began >= WORK_FOR:
                    break
                if lead.channel not in sessions:
                    sessions[lead.channel] = stack.enter_context(CHANNELS[lead.channel].session())
                _send(lead, desk, sessions[lead.channel], clock, done)
    return done


def settle_stale(now: dt.datetime) -> int:
    """What was being sent when its sender died. Returns how many rows."""
    stale = Delivery.objects.filter(status=DeliveryStatus.SENDING, claimed_at__lt=now - UNSURE_AFTER)
    repeatable = [code for code, channel in CHANNELS.items() if channel.repeatable]
    again = stale.filter(channel__in=repeatable)
    count = again.update(status=DeliveryStatus.WAITING, claimed_at=None, due_at=now)
    return count + stale.exclude(channel__in=repeatable).update(status=DeliveryStatus.UNCERTAIN)


def _due(now: dt.datetime, done: Done) -> list[Delivery]:
    """Some rows that are due, the oldest first, each with whom it is for."""
    rows = Delivery.objects.free(now, LEASE).filter(due_at__lte=now, channel__in=CHANNELS)
    for channel, robot in done.resting:
        rows = rows.exclude(Q(channel=channel) & (Q(robot=robot) if robot else Q(robot__isnull=True)))
    return list(rows.select_related("user__team", "notification").order_by("due_at", "pk")[:LOOK_AT])


def _send(lead: Delivery, desk: Desk, channel: Channel, clock: Clock, done: Done) -> None:
    """Send the message that the row belongs to, if it is still there to be sent."""
    now = clock()
    if lead.pk in done.seen or (lead.channel, lead.robot_id) in done.resting:
        return
    done.seen.add(lead.pk)
    rows = _claim(lead, desk, now, done)
    done.seen |= {row.pk for row in rows}
    if not rows:
        return
    language, zone = _reader(rows[0])
    with translation.override(language), timezone.override(zone):
        message = message_of(rows)
        if not _begin(rows, now, clock()):
            return
        try:
            outcome = channel.send(_target(rows[0]), message)
        except SealBroken as error:
            outcome = Dead(error.code)
    _settle(rows, outcome, clock(), done)


@transaction.atomic
def _claim(lead: Delivery, desk: Desk, now: dt.datetime, done: Done) -> list[Delivery]:
    """Take the rows that go together with `lead`; none where another sender was faster, or where they must wait or are
    no longer wanted."""
    found = _lock(lead, now)
    if lead.pk not in {row.pk for row in found}:
        return []
    mine = Delivery.objects.filter(pk__in=[row.pk for row in found])
    later = _must_wait_until(lead, found, desk, now)
    if later is not None:
        mine.update(due_at=later, claimed_at=None)
        return []
    wanted = _drop_unwanted(found, done)
    if not wanted:
        return []
    if not take_turn(wanted[0], now):
        done.resting.add((lead.channel, lead.robot_id))
        return []
    first = wanted[0]
    number = first.lead or first.pk
    Delivery.objects.filter(pk__in=[row.pk for row in wanted]).update(claimed_at=now, lead=number)
    if first.mode == DeliveryMode.DIGEST and first.digest_for is None and not _first_of_the_day(first, wanted, desk):
        return []
    for row in wanted:
        row.lead = number
    return wanted


def _lock(lead: Delivery, now: dt.datetime) -> list[Delivery]:
    """The rows that go together with `lead`, the oldest first."""
    burst = burst_of(lead, now, LEASE) if lead.lead is None else None
    rows = Delivery.objects.free(now, LEASE).filter(_together(lead, now) if burst is None else burst)
    rows = rows.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True)
    rows = rows.select_related("notification", "user__team", "robot")
    found = list(rows if burst is None else rows[:MOST_TOGETHER])
    return sorted(found, key=lambda row: row.pk)


def _together(lead: Delivery, now: dt.datetime) -> Q:
    """Rows of the same message: those that were in it at the last try; else what repeats itself, or what is due of the
    digest."""
    if lead.lead is not None:
        return Q(lead=lead.lead)
    same = Q(user=lead.user_id, channel=lead.channel, robot=lead.robot_id, mode=lead.mode, lead__isnull=True)
    return same & (Q(due_at__lte=now) if lead.mode == DeliveryMode.DIGEST else Q(thread=lead.thread))


def _must_wait_until(lead: Delivery, rows: list[Delivery], desk: Desk, now: dt.datetime) -> dt.datetime | None:
    """It is quiet by now, as settings or leave were changed, or nobody sent it in time."""
    team = rows[0].robot is not None and rows[0].robot.team_id is not None
    if not team and rows[0].notification.group.urgent and desk.urgent_always(lead.user):
        return None
    open_from = (desk.team_hours() if team else desk.hours(lead.user)).open_from(now)
    return open_from if open_from > now else None


def _drop_unwanted(rows: list[Delivery], done: Done) -> list[Delivery]:
    """Those that are still wanted; the rest is dropped with its reason. What was tried before stays whole, or goes."""
    reasons: dict[str, list[int]] = {}
    for row in rows:
        if reason := _unwanted(row):
            reasons.setdefault(reason, []).append(row.pk)
    if rows[0].lead and sum(map(len, reasons.values())) < len(rows):
        return rows
    dropped: set[int] = set()
    for reason, pks in reasons.items():
        Delivery.objects.filter(pk__in=pks).update(status=DeliveryStatus.DROPPED, error=reason, claimed_at=None)
        dropped |= set(pks)
    done.dropped += len(dropped)
    return [row for row in rows if row.pk not in dropped]


def _unwanted(row: Delivery) -> str:
    if row.channel != EMAIL and row.robot is None:
        return DropReason.NO_ROBOT
    if row.robot is not None and not row.robot.is_active:
        return DropReason.ROBOT_OFF
    if not row.user.is_active:
        return DropReason.INACTIVE
    of_team = row.robot is not None and row.robot.team_id is not None
    return DropReason.READ if row.notification.read_at is not None and not of_team else ""


def _first_of_the_day(first: Delivery, rows: list[Delivery], desk: Desk) -> bool:
    """Make this the digest of the day on which it was due; False where that has gone out: these wait for the next."""
    hours, due = desk.hours(first.user), max(row.due_at for row in rows)
    day = due.astimezone(hours.zone).date()
    try:
        with transaction.atomic():
            Delivery.objects.filter(pk=first.pk).update(digest_for=day)
    except IntegrityError:
        pks = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=pks).update(claimed_at=None, lead=None, due_at=hours.digest_after(due))
        return False
    first.digest_for = day
    return True


def _begin(rows: Sequence[Delivery], claimed_at: dt.datetime, now: dt.datetime) -> bool:
    """From here on it may have gone out. False where another sender took the rows, this one having been too slow."""
    mine = Delivery.objects.waiting().filter(pk__in=[row.pk for row in rows], claimed_at=claimed_at)
    fields = {"status": DeliveryStatus.SENDING, "claimed_at": now, "attempts": F("attempts") + 1}
    with transaction.atomic():
        all_mine = mine.update(**fields, target=_shown_target(rows[0])) == len(rows)
        transaction.set_rollback(not all_mine)
    return all_mine


def _settle(rows: Sequence[Delivery], outcome: Outcome, now: dt.datetime, done: Done) -> None:
    """Write what the other side said."""
    first, attempts = rows[0], rows[0].attempts + 1
    if first.robot_id is not None:
        note_result(first.robot_id, outcome, now)
    sending = Delivery.objects.filter(pk__in=[row.pk for row in rows], status=DeliveryStatus.SENDING)
    if isinstance(outcome, Sent):
        sending.update(status=DeliveryStatus.SENT, sent_at=now, error="", claimed_at=None)
        done.sent += 1
    elif isinstance(outcome, Retry) and attempts < MOST_ATTEMPTS:
        due = now + delay(attempts, outcome.after_seconds)
        sending.update(status=DeliveryStatus.WAITING, claimed_at=None, due_at=due, error=outcome.reason[:300])
        done.put_back += 1
        if outcome.everywhere or first.robot_id:
            done.resting.add((first.channel, first.robot_id))
    elif isinstance(outcome, Retry | Dead):
        with transaction.atomic():
            sending.update(status=DeliveryStatus.DEAD, claimed_at=None, error=outcome.reason[:300])
            if isinstance(outcome, Dead):
                tell_of_refusal(first, outcome.reason, now)
        done.dead += 1
    else:
        sending.update(status=DeliveryStatus.UNCERTAIN, claimed_at=None, error=outcome.reason[:300])
        done.uncertain += 1


def delay(attempts: int, asked: float | None) -> dt.timedelta:
    """Until the next try: longer at each, a fifth more or less so that not all come at once, and never before the other
    side asks for it."""
    base = dt.timedelta(minutes=DELAYS[min(attempts, len(DELAYS)) - 1]) * random.uniform(0.8, 1.2)  # noqa: S311  no secret
    return min(max(base, dt.timedelta(seconds=min(asked or 0, 86400))), LONGEST_WAIT)


def _reader(row: Delivery) -> tuple[str, ZoneInfo]:
    """Language and time zone of whoever reads the message."""
    if row.robot is not None and row.robot.team_id is not None:
        return row.robot.language, ZoneInfo(settings.TIME_ZONE)
    return row.user.language, ZoneInfo(row.user.time_zone)


def _target(row: Delivery) -> dict[str, str]:
    """Raises SealBroken."""
    return row.robot.target if row.robot else {"address": row.user.email}


def _shown_target(row: Delivery) -> str:
    return row.robot.name if row.robot else row.user.email
