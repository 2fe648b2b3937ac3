"""What happened: Interaction with its files, check-in and next steps."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from contacts.choices import Seniority
from contacts.models import Contact
from core.models import Timestamped
from interactions.choices import Direction, Kind, Mood, Outcome, StepKind, StepStatus
from interactions.querysets import InteractionPartQuerySet, InteractionQuerySet, NextStepQuerySet
from users.models import User

MAX_MINUTES_LENGTH = 50_000
# What people and clients may write on an interaction beside its participants and topics.
LOG_FIELDS = (
    "kind",
    "direction",
    "occurred_at",
    "duration_minutes",
    "place",
    "title",
    "minutes",
    "outcome",
    "mood",
)


class Topic(models.Model):
    """What was talked about: a free label of interactions."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Interaction(Timestamped):
    """Something that happened between us and an account.

    `occurred_at` is the moment (UTC), `date` the same as a business date in the time zone of who logged it: cadence and
    coverage count in it. `minutes` is Markdown, at most 50,000 characters. `top_seniority` is the highest level among
    the contacts who took part, as it was then: the contact policy may ask for a minimum. `client_key` is chosen by the
    form or client that logs it, so that a repeated sending makes nothing twice.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="interactions", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    direction = models.CharField(_("began"), max_length=3, choices=Direction, default=Direction.OUTBOUND)
    occurred_at = models.DateTimeField(_("when"))
    date = models.DateField(_("date"), editable=False)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration in minutes"), null=True, blank=True, validators=[MaxValueValidator(24 * 60)]
    )
    place = models.CharField(_("place"), max_length=120, blank=True)
    title = models.CharField(_("subject"), max_length=160, blank=True)
    minutes = models.TextField(_("minutes"), blank=True, max_length=MAX_MINUTES_LENGTH)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    mood = models.PositiveSmallIntegerField(_("mood"), choices=Mood, null=True, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="interactions", verbose_name=_("topics"))
    contacts = models.ManyToManyField(
        Contact, blank=True, related_name="interactions", verbose_name=_("the customer's people")
    )
    colleagues = models.ManyToManyField(User, blank=True, related_name="interactions", verbose_name=_("our people"))
    mentioned = models.ManyToManyField(
        User, blank=True, editable=False, related_name="+", verbose_name=_("mentioned colleagues")
    )
    top_seniority = models.PositiveSmallIntegerField(
        _("highest level present"), choices=Seniority, default=Seniority.UNKNOWN, editable=False
    )
    author = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="logged_interactions",
        verbose_name=_("logged by"),
    )
    client_key = models.UUIDField(default=uuid.uuid4, editable=False)

    # What logging it found out, for whoever logged it; not kept.
    not_notified: Sequence[User] = ()
    proposal: Any = None

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["account", "-occurred_at", "-id"], name="interactions_by_account"),
            models.Index(fields=["-occurred_at", "-id"], name="interactions_by_time"),
            models.Index(fields=["account", "kind", "top_seniority", "date"], name="interactions_for_cadence"),
        ]
        constraints = [models.UniqueConstraint(fields=["author", "client_key"], name="interactions_sent_once")]

    def __str__(self) -> str:
        return self.title or f"{self.get_kind_display()} {self.date:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("interactions:interaction_detail", args=[self.pk])

    # Django's own build the dictionary of all choices for every call: much of the time of a timeline.
    def get_kind_display(self) -> str:  # type: ignore[no-redef]
        return str(Kind(self.kind).label) if self.kind in Kind else self.kind

    def get_direction_display(self) -> str:  # type: ignore[no-redef]
        return str(Direction(self.direction).label)


def upload_path(instance: InteractionFile, filename: str) -> str:
    """Where a file of an interaction lies below MEDIA_ROOT: a name of its own, so that nothing is overwritten."""
    return f"interactions/{uuid.uuid4().hex}{PurePath(filename).suffix[:12].lower()}"


class InteractionFile(models.Model):
    """A file of an interaction; `is_photo` for the photo of a check-in."""

    interaction = models.ForeignKey(
        Interaction, on_delete=models.CASCADE, related_name="files", verbose_name=_("interaction")
    )
    file = models.FileField(_("file"), upload_to=upload_path, max_length=120)
    name = models.CharField(_("name"), max_length=160)
    size = models.PositiveIntegerField(_("size in bytes"))
    content_type = models.CharField(_("content type"), max_length=100)
    is_photo = models.BooleanField(_("photo of the check-in"), default=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = InteractionPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.interaction.account_id

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


class CheckIn(models.Model):
    """Where and when somebody was at the customer's: recorded only with their consent. Degrees in WGS 84."""

    interaction = models.OneToOneField(
        Interaction, on_delete=models.CASCADE, related_name="check_in", verbose_name=_("interaction")
    )
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    accuracy_m = models.PositiveIntegerField(_("accuracy in metres"), null=True, blank=True)
    checked_in_at = models.DateTimeField(_("checked in"))

    objects = InteractionPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")

    def __str__(self) -> str:
        return f"{self.latitude}, {self.longitude}"


class NextStep(Timestamped):
    """A promise to the customer or a next step of ours: a task of its owner until done or dropped."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="next_steps", verbose_name=_("account"))
    interaction = models.ForeignKey(
        Interaction,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="next_steps",
        verbose_name=_("interaction"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=StepKind, default=StepKind.NEXT_STEP)
    text = models.CharField(_("what"), max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="next_steps", verbose_name=_("owner"))
    due_date = models.DateField(_("due"))
    status = models.CharField(_("status"), max_length=8, choices=StepStatus, default=StepStatus.OPEN, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("closed by")
    )
    closing_note = models.CharField(_("closing note"), max_length=300, blank=True, editable=False)

    objects = NextStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("next step")
        verbose_name_plural = _("next steps")
        ordering = ["due_date", "pk"]
        indexes = [
            models.Index(fields=["owner", "due_date"], condition=Q(status="open"), name="steps_open_by_owner"),
            models.Index(fields=["due_date", "id"], condition=Q(status="open"), name="steps_open"),
            models.Index(fields=["account", "due_date"], name="steps_by_account"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True) | (~Q(status="open") & Q(closed_at__isnull=False)),
                name="interactions_step_closed_once",
            )
        ]

    def __str__(self) -> str:
        return self.text

    def is_overdue(self, today: dt.date) -> bool:
        return self.status == StepStatus.OPEN and self.due_date < today
