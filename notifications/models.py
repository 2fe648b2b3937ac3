"""Notification: one thing that one user should know, with the address where it is; how and when it is delivered."""

from __future__ import annotations

import datetime as dt
import hashlib
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.languages import LANGUAGE_CHOICES
from core.models import Timestamped
from core.sealing import seal, unseal
from notifications.channels import CHANNELS
from notifications.channels.words import in_words
from notifications.choices import AGAIN, DeliveryMode, DeliveryStatus, DropReason, EmailMode
from notifications.events import GROUPS, Group, group_of, thread_of
from notifications.querysets import DeliveryQuerySet, NotificationQuerySet, OwnQuerySet, RobotQuerySet
from notifications.sentences import icon_of, sentence
from users.models import Role, Team, User


class Notification(models.Model):
    """Written by a service in the transaction of what it tells; `key` makes it once however often the job runs.

    `kind` names a sentence of `notifications/sentences.py` that is filled with `params` in the reader's language.
    `routed_at` is when it was decided by which channels it goes out: until then the row is the queue.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict)
    url = models.CharField(_("address"), max_length=300)
    key = models.CharField(_("key"), max_length=120)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(pgettext_lazy("time", "read"), null=True, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True, editable=False)
    copy_for = models.CharField(_("copy of what concerns"), max_length=80, blank=True, editable=False)
    """The name of the person below the reader whom it concerns, where it does not concern the reader."""

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_by_user"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notifications_unread"),
            models.Index(fields=["id"], condition=models.Q(routed_at__isnull=True), name="notifications_to_route"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notifications_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"

    @property
    def sentence(self) -> str:
        """What it says, in the reader's language."""
        words = sentence(self.kind, self.params)
        return told_of(self.copy_for, words) if self.copy_for else words

    @property
    def icon(self) -> str:
        return icon_of(self.kind)

    @property
    def is_unread(self) -> bool:
        return self.read_at is None

    @property
    def group(self) -> Group:
        return group_of(self.kind)

    @property
    def thread(self) -> str:
        """Equal for what repeats itself: the same kind about the same account."""
        return hashlib.sha256(thread_of(self.kind, self.params, self.url).encode()).hexdigest()[:40]


def told_of(name: str, words: str) -> str:
    """What one person is told, for another who reads it."""
    return gettext("For %(user)s: %(sentence)s") % {"user": name, "sentence": words}


def channel_label(code: str) -> str:
    """The channel's name in the reader's language; the code of one that there is no more."""
    return str(CHANNELS[code].label) if code in CHANNELS else code


class DeliveryRule(Timestamped):
    """What users of one role get of one group where they have not chosen else. No row: what comes with KAM."""

    role = models.CharField(_("role"), max_length=20, choices=Role)
    group = models.CharField(_("event"), max_length=20)
    email = models.CharField(_("e-mail"), max_length=6, choices=EmailMode)
    robots = models.JSONField(_("robots"), default=list, blank=True)
    copied = models.BooleanField(_("also what concerns the people below"), default=False)

    objects = models.Manager()

    class Meta:
        verbose_name = _("default of notifications")
        verbose_name_plural = _("defaults of notifications")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["role", "group"], name="notifications_one_rule")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {GROUPS[self.group].label if self.group in GROUPS else self.group}"


class NotificationPreference(Timestamped):
    """What one user has set: quiet hours, and for some groups something else than the default of the role.

    `choices` has those groups alone: code -> {"email": …, "robots": […]}.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="notification_preference", verbose_name=_("user")
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=dt.time(21))
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True, default=dt.time(8))
    working_days_only = models.BooleanField(
        _("only on working days"),
        default=True,
        help_text=_("Not on weekends, holidays and days of leave: what comes then arrives afterwards."),
    )
    urgent_always = models.BooleanField(
        _("escalations at any time"), default=False, help_text=_("Escalations do not wait for the end of quiet hours.")
    )
    choices = models.JSONField(_("choices"), default=dict, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("setting of notifications")
        verbose_name_plural = _("settings of notifications")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="notifications_quiet_hours_have_two_ends",
                violation_error_message=_("Quiet hours have a beginning and an end, or neither; the two differ."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Robot(Timestamped):
    """A robot of a chat, or a webhook: of one user, or of a team, whose members' events of some groups go there."""

    channel = models.CharField(_("channel"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    host = models.CharField(_("host"), max_length=255)
    """All of the address that is shown: the rest is as good as a password."""
    sealed_url = models.TextField(_("address"), editable=False)
    sealed_secret = models.TextField(_("secret"), blank=True, editable=False)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="robots", verbose_name=_("user")
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="robots", verbose_name=_("team")
    )
    groups = models.JSONField(_("events"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGE_CHOICES, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    last_at = models.DateTimeField(_("last message"), null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, default="", db_default="", editable=False)
    """Why the last message was not taken, as a channel says it; empty where it was."""
    paced_until = models.DateTimeField(null=True, blank=True, editable=False)
    """How far ahead its turns are taken (`services/pacing.py`)."""

    objects = RobotQuerySet.as_manager()

    class Meta:
        verbose_name = _("robot")
        verbose_name_plural = _("robots")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True, team__isnull=False)
                | models.Q(user__isnull=False, team__isnull=True),
                name="notifications_robot_of_one",
                violation_error_message=_("A robot is a user's or a team's."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> dict[str, str]:
        """As its channel takes it. Raises SealBroken."""
        return {
            "url": unseal(self.sealed_url, purpose="robot.url"),
            "secret": unseal(self.sealed_secret, purpose="robot.secret"),
        }

    def seal_target(self, url: str, secret: str) -> None:
        """Keep the address and the secret, unreadable in the database."""
        self.host = (urlsplit(url).hostname or "")[:255]
        self.sealed_url = seal(url, purpose="robot.url")
        self.sealed_secret = seal(secret, purpose="robot.secret")

    @property
    def channel_label(self) -> str:
        return channel_label(self.channel)

    @property
    def signs(self) -> bool:
        """Whether it has a secret."""
        return bool(self.sealed_secret)

    @property
    def last_words(self) -> str:
        """Why the last message was not taken, in the reader's language."""
        return in_words(self.last_error) if self.last_error else ""


_DOTS: dict[str, str] = {
    DeliveryStatus.WAITING: "info",
    DeliveryStatus.SENDING: "info",
    DeliveryStatus.SENT: "ok",
    DeliveryStatus.UNCERTAIN: "warning",
    DeliveryStatus.DEAD: "danger",
    DeliveryStatus.DROPPED: "muted",
}


class Delivery(models.Model):
    """One notification on its way by one channel. The rows are the queue; those sent together share a `lead`.

    `lead` is the number of the row under which they went: it makes the key of the message, so it stays at every try.
    `digest_for` stands at the lead of a digest alone: there is one a day.
    """

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("notification")
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("user"))
    channel = models.CharField(_("channel"), max_length=20)
    robot = models.ForeignKey(Robot, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries")
    target = models.CharField(_("to"), max_length=254, blank=True)
    mode = models.CharField(_("as"), max_length=6, choices=DeliveryMode, default=DeliveryMode.NOW)
    thread = models.CharField(max_length=40)
    key = models.CharField(max_length=160, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    lead = models.BigIntegerField(null=True, blank=True)
    digest_for = models.DateField(null=True, blank=True)
    error = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(status="waiting"), name="deliveries_waiting"),
            models.Index(fields=["claimed_at"], condition=models.Q(status="sending"), name="deliveries_sending"),
            models.Index(fields=["status", "-id"], name="deliveries_by_status"),
            models.Index(fields=["created_at"], name="deliveries_by_time"),
            models.Index(fields=["lead"], name="deliveries_by_lead"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "digest_for"], name="deliveries_one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.notification_id}"

    @property
    def channel_label(self) -> str:
        return channel_label(self.channel)

    @property
    def dot(self) -> str:
        """The colour of the status."""
        return "warning" if self.will_be_tried_again else _DOTS[self.status]

    @property
    def may_be_sent_again(self) -> bool:
        return self.status in AGAIN

    @property
    def will_be_tried_again(self) -> bool:
        return self.status == DeliveryStatus.WAITING and self.attempts > 0

    @property
    def why(self) -> str:
        """The reason in the reader's language; what the other side said is as it said it."""
        return str(DropReason(self.error).label) if self.error in DropReason.values else in_words(self.error)
