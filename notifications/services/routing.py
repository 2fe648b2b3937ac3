"""From the bell to the outbox: by which channels, and when, each new notification goes out.

A notification without `routed_at` is the queue. Its deliveries are made in sets, in the transaction that sets
`routed_at`; their keys are unique, so a router that was killed leaves nothing half done and nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Max

from notifications.choices import EMAIL, DeliveryMode, DeliveryStatus, EmailMode
from notifications.desk import Desk
from notifications.events import BELL_ONLY, REPEATS_WITHIN
from notifications.models import Delivery, Notification, Robot
from notifications.sight import withhold_unseen
from users.leaders import Leaders
from users.models import Role, User

AT_ONCE = 2000
WORK_FOR = dt.timedelta(seconds=40)


def route_new(clock: Callable[[], dt.datetime]) -> int:
    """Put what is new into the outbox; returns how many notifications. Any number of callers may run at once."""
    began, count = clock(), 0
    while clock() - began < WORK_FOR:
        routed = _route_some(clock())
        if not routed:
            break
        count += routed
    return count


def reroute(user: User) -> None:
    """What waits for `user` is decided anew: after they have chosen otherwise. What a sender has in hand stays."""
    waiting = Delivery.objects.filter(user=user, robot__team__isnull=True, lead__isnull=True, claimed_at__isnull=True)
    waiting = waiting.waiting().order_by("pk").select_for_update(of=("self",))
    rows = list(waiting.values_list("pk", "notification_id"))
    Delivery.objects.filter(pk__in=[pk for pk, _notification in rows]).delete()
    notifications = {notification for _pk, notification in rows}
    Notification.objects.filter(pk__in=notifications, read_at__isnull=True).update(routed_at=None)


@transaction.atomic
def _route_some(now: dt.datetime) -> int:
    new = Notification.objects.filter(routed_at__isnull=True).order_by("pk")
    notes = list(new.select_related("user__team").select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    if not notes:
        return 0
    desk = Desk((note.user for note in notes), now)
    told = [note for note in notes if note.user.is_active and note.read_at is None and note.kind not in BELL_ONLY]
    if desk.copies_any:
        _copy(told, desk)
    rows = [row for note in told for row in _deliveries(note, desk, now)]
    _hold_back_repeats(rows, now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=AT_ONCE)
    Notification.objects.filter(pk__in=[note.pk for note in notes]).update(routed_at=now)
    return len(notes)


def _deliveries(note: Notification, desk: Desk, now: dt.datetime) -> Iterable[Delivery]:
    """The rows of one notification."""
    user, group = note.user, note.group
    choice, hours = desk.choice(user, group), desk.hours(user)
    at_once = group.urgent and desk.urgent_always(user)
    due = now if at_once else hours.open_from(now)
    if choice.email == EmailMode.NOW:
        yield _row(note, EMAIL, due, now, f"{note.pk}:email", target=user.email)
    elif choice.email == EmailMode.DIGEST:
        later, key = hours.digest_after(now), f"{note.pk}:email"
        yield _row(note, EMAIL, later, now, key, target=user.email, mode=DeliveryMode.DIGEST)
    for robot in desk.robots(user, group):
        yield _row(note, robot.channel, due, now, f"{note.pk}:{robot.pk}", target=robot.name, robot=robot)
    if note.copy_for:
        return
    for robot in desk.team_robots(user, group):
        # Of several members who are told the same, the team hears once.
        key, open_from = f"{robot.pk}:{note.key}", desk.team_hours().open_from(now)
        yield _row(note, robot.channel, open_from, now, key, target=robot.name, robot=robot)


def _row(
    note: Notification,
    channel: str,
    due: dt.datetime,
    now: dt.datetime,
    key: str,
    *,
    target: str,
    robot: Robot | None = None,
    mode: str = DeliveryMode.NOW,
) -> Delivery:
    return Delivery(
        notification=note,
        user=note.user,
        channel=channel,
        robot=robot,
        target=target,
        mode=mode,
        thread=note.thread,
        key=key,
        due_at=due,
        created_at=now,
    )


def _hold_back_repeats(rows: list[Delivery], now: dt.datetime) -> None:
    """What repeats something that went out a moment ago waits until REPEATS_WITHIN is over; one statement."""
    threads = {row.thread for row in rows if row.mode == DeliveryMode.NOW}
    recent = Delivery.objects.filter(created_at__gt=now - REPEATS_WITHIN, mode=DeliveryMode.NOW, thread__in=threads)
    recent = recent.exclude(status=DeliveryStatus.DROPPED).order_by()
    columns = ("user_id", "channel", "robot_id", "thread")
    last = {tuple(key): at for *key, at in recent.values_list(*columns).annotate(at=Max("created_at"))}
    for row in rows:
        before = last.get((row.user_id, row.channel, row.robot_id, row.thread))
        if before is not None and row.mode == DeliveryMode.NOW and row.due_at <= now:
            row.due_at = before + REPEATS_WITHIN


def _copy(notes: list[Notification], desk: Desk) -> None:
    """Tell those who lead, where the defaults of their role say so and they see what it is about."""
    leaders = Leaders()
    copies = [
        Notification(
            user=leader, kind=note.kind, params=note.params, url=note.url, key=note.key, copy_for=str(note.user)
        )
        for note in notes
        if not note.copy_for
        for leader in _leaders_of(note.user, leaders)
        if leader.pk != note.user_id and desk.copies(leader, note.group)
    ]
    Notification.objects.bulk_create(withhold_unseen(copies), ignore_conflicts=True, batch_size=AT_ONCE)


def _leaders_of(user: User, leaders: Leaders) -> Iterable[User]:
    """The supervisors of the person's team, and the directors; each once."""
    found = {leader.pk: leader for leader in [*leaders.above(user), *leaders.directors]}
    return found.values() if user.role in (Role.ACCOUNT_MANAGER, Role.SUPERVISOR) else ()
