"""Robots: made by users for themselves, by those who lead for their teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit.services import diff, record, snapshot
from core.sealing import SealBroken
from notifications.channels import ROBOTS, Dead, Message, Outcome, Sent
from notifications.channels.signing import new_webhook_secret
from notifications.choices import WEBHOOK, DeliveryStatus, DropReason
from notifications.errors import NotYourTeam, TooManyRobots
from notifications.letters import absolute
from notifications.models import Delivery, Robot
from notifications.services.routing import reroute
from users.models import Team, User

MOST = 20
"""Robots of one user, and of one team."""
HIDDEN = "•••"


@transaction.atomic
def add_robot(robot: Robot, *, url: str, secret: str, actor: User) -> Robot:
    """Store a robot: the actor's own, or of a team that the actor leads. The audit log has its name and host, never its
    address or secret.

    Raises NotYourTeam, OutgoingError (field `url`), SecretInvalid (field `secret`), TooManyRobots, ValidationError.
    """
    if robot.team is None:
        robot.user = actor
    elif not leads_team(actor, robot.team):
        raise NotYourTeam(field="team")
    if Robot.objects.filter(user=robot.user, team=robot.team).count() >= MOST:
        raise TooManyRobots(most=MOST)
    robot.language = robot.language or actor.language
    _aim(robot, url, secret)
    robot.full_clean()
    robot.save()
    record("robot.added", robot, actor=actor, changes={"channel": (None, robot.channel), "host": (None, robot.host)})
    if robot.user_id is not None:
        reroute(actor)
    return robot


@transaction.atomic
def update_robot(robot: Robot, *, url: str, secret: str, actor: User) -> Robot:
    """Store a changed name, language, events, whether it is active, and what is typed anew: an empty address keeps both
    address and secret, an empty secret of a webhook keeps the secret. It stays whose it is, and of its channel.

    Raises what `add_robot` raises.
    """
    stored = Robot.objects.select_for_update(of=("self",)).select_related("team").get(pk=robot.pk)
    robot.user, robot.team, robot.channel = stored.user, stored.team, stored.channel
    if robot.team is not None and not leads_team(actor, robot.team):
        raise NotYourTeam(field="team")
    before = snapshot(stored)
    changed = _aim_anew(robot, stored, url, secret)
    robot.full_clean()
    changes: dict[str, Any] = {**diff(before, robot), **changed}
    if changes:
        robot.save()
        record("robot.updated", robot, actor=actor, changes=changes)
    return robot


@transaction.atomic
def remove_robot(robot: Robot, *, actor: User) -> None:
    """It hears nothing more; what waited for it is not sent."""
    waiting = Delivery.objects.waiting().filter(robot=robot)
    waiting.update(status=DeliveryStatus.DROPPED, error=DropReason.NO_ROBOT)
    record("robot.removed", robot, actor=actor, changes={"channel": (robot.channel, None)})
    robot.delete()


def try_robot(robot: Robot, *, now: dt.datetime) -> Outcome:
    """Send a word to the robot now, and tell what became of it."""
    with override(robot.language):
        title = _("A word from KAM: this robot works.")
    message = Message(title, (title,), absolute("/"), "test", f"test-{robot.pk}-{now:%Y%m%d%H%M%S%f}")
    try:
        outcome = ROBOTS[robot.channel].send(robot.target, message)
    except SealBroken as error:
        outcome = Dead(error.code)
    note_result(robot.pk, outcome, now)
    return outcome


def note_result(pk: int, outcome: Outcome, now: dt.datetime) -> None:
    """Remember what a robot said last."""
    error = "" if isinstance(outcome, Sent) else outcome.reason[:300]
    Robot.objects.filter(pk=pk).update(last_at=now, last_error=error)


def leads_team(user: User, team: Team) -> bool:
    """Whether `user` decides what the chat of `team` is told."""
    if not user.is_active or not user.leads:
        return False
    return user.sees_everything or (user.team is not None and team.path.startswith(user.team.path))


def secret_for(channel: str) -> str:
    """A fresh one where the robot of this channel cannot do without and none is given by the other side."""
    return new_webhook_secret() if channel == WEBHOOK else ""


def _aim(robot: Robot, url: str, secret: str) -> None:
    """A secret is kept where the channel has a use for it."""
    channel = ROBOTS.get(robot.channel)
    if channel is None:
        raise ValidationError({"channel": _("There is no such channel.")})
    secret = secret if channel.signs else ""
    channel.examine({"url": url, "secret": secret})
    robot.seal_target(url, secret)


def _aim_anew(robot: Robot, stored: Robot, url: str, secret: str) -> dict[str, tuple[str, str]]:
    """What of address and secret changes, without saying what it is."""
    if not url and not secret:
        return {}
    target = stored.target
    keeps = robot.channel == WEBHOOK or not url
    new = {"url": url or target["url"], "secret": secret or (target["secret"] if keeps else "")}
    _aim(robot, new["url"], new["secret"])
    names = {"url": "sealed_url", "secret": "sealed_secret"}
    return {names[name]: (HIDDEN, HIDDEN) for name, value in new.items() if value != target[name]}
