"""What is planned: Visit, the rhythm of one account, capacity, what could not be planned, greetings, feeds."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import AccountScopedQuerySet
from accounts.models import Account
from contacts.models import Contact
from core.models import Timestamped
from interactions.choices import (
    Duty,
    GapReason,
    GreetingStatus,
    Occasion,
    VisitSource,
    VisitStatus,
    Weekday,
)
from interactions.models.interactions import Interaction
from interactions.querysets import (
    CapacityQuerySet,
    FeedQuerySet,
    GreetingQuerySet,
    PlanningGapQuerySet,
    PlanningRunQuerySet,
    VisitQuerySet,
)
from users.models import User


class Visit(Timestamped):
    """A visit: planned, then done, missed or cancelled. Overdue is computed from dates.

    `planned_date` (and `start_time` in the owner's time zone, if agreed) is when; `due_date` the last day within the
    cadence when it was planned, `cadence_days` the cadence then: the reason shown. `pinned`: made or moved by hand, so
    the planner leaves it where it is. `uid` and `sequence` are the identity and revision of the calendar entry
    (RFC 5545); the sequence grows with every change of time or status.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="visits", verbose_name=_("account"))
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits", verbose_name=_("visitor"))
    duty = models.CharField(_("duty"), max_length=8, choices=Duty, default=Duty.MANAGER)
    planned_date = models.DateField(_("date"))
    start_time = models.TimeField(_("time"), null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration in minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(24 * 60)]
    )
    purpose = models.CharField(_("purpose"), max_length=160, blank=True)
    contacts = models.ManyToManyField(
        Contact, blank=True, related_name="visits", verbose_name=_("the customer's people")
    )
    source = models.CharField(
        _("source"), max_length=8, choices=VisitSource, default=VisitSource.MANUAL, editable=False
    )
    pinned = models.BooleanField(_("fixed by hand"), default=False, editable=False)
    due_date = models.DateField(_("due"), null=True, blank=True, editable=False)
    cadence_days = models.PositiveSmallIntegerField(_("cadence in days"), null=True, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=VisitStatus, default=VisitStatus.PLANNED, editable=False
    )
    interaction = models.OneToOneField(
        Interaction,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="visit",
        verbose_name=_("interaction"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("closed by")
    )
    closing_note = models.CharField(_("reason"), max_length=200, blank=True, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ["planned_date", "start_time", "pk"]
        indexes = [
            models.Index(fields=["owner", "planned_date"], name="visits_by_owner"),
            models.Index(fields=["account", "planned_date"], name="visits_by_account"),
            models.Index(fields=["planned_date", "id"], include=["status", "account"], name="visits_by_date"),
            models.Index(
                fields=["planned_date", "id"], include=["account"], condition=Q(status="planned"), name="visits_planned"
            ),
            models.Index(
                fields=["owner", "planned_date"], condition=Q(status="planned"), name="visits_planned_by_owner"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "duty", "planned_date"],
                condition=Q(status="planned", source="policy"),
                name="interactions_visit_planned_once",
            ),
            models.CheckConstraint(
                condition=Q(status="planned", closed_at__isnull=True)
                | (~Q(status="planned") & Q(closed_at__isnull=False)),
                name="interactions_visit_closed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.planned_date:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("interactions:visit_detail", args=[self.pk])

    def is_overdue(self, today: dt.date) -> bool:
        """Planned for a day that is over."""
        return self.status == VisitStatus.PLANNED and self.planned_date < today


class AccountRhythm(Timestamped):
    """What one account wants otherwise than the contact policy says.

    `cadence_days` replaces the policy's cadence of the account manager until `override_until` (empty: for good), with a
    reason; `paused_until` stops all planning through that day, with a reason; `weekday` is the customer's fixed day.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="rhythm", verbose_name=_("account"))
    cadence_days = models.PositiveSmallIntegerField(
        _("own cadence in days"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    override_until = models.DateField(_("own cadence until"), null=True, blank=True)
    override_reason = models.CharField(_("reason for the own cadence"), max_length=200, blank=True)
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    pause_reason = models.CharField(_("reason for the pause"), max_length=200, blank=True)
    weekday = models.PositiveSmallIntegerField(_("fixed weekday"), choices=Weekday, null=True, blank=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rhythm of an account")
        verbose_name_plural = _("rhythms of accounts")

    def __str__(self) -> str:
        return str(self.account)


class Capacity(Timestamped):
    """How many visits a day one person can do, where it is not what the policy says; 0 plans none."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="capacity", verbose_name=_("user"))
    visits_per_day = models.PositiveSmallIntegerField(_("visits per day"), validators=[MaxValueValidator(20)])

    objects = CapacityQuerySet.as_manager()

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")
        ordering = ["user"]

    def __str__(self) -> str:
        return f"{self.user}: {self.visits_per_day}"


class PlanningRun(models.Model):
    """One run of the planner, with what it did. `finished_at` is empty while it runs, or where it was killed."""

    as_of = models.DateField(_("as of"))
    weeks = models.PositiveSmallIntegerField(_("weeks"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    planned = models.PositiveIntegerField(_("planned"), default=0)
    kept = models.PositiveIntegerField(_("kept"), default=0)
    moved = models.PositiveIntegerField(_("moved"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)
    missed = models.PositiveIntegerField(_("missed"), default=0)
    gaps = models.PositiveIntegerField(_("could not be planned"), default=0)

    objects = PlanningRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("planning run")
        verbose_name_plural = _("planning runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class PlanningGap(models.Model):
    """A visit that is due and could not be planned, with its reason, as the newest planning left it."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="planning_gaps", verbose_name=_("account")
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="planning_gaps", verbose_name=_("visitor")
    )
    duty = models.CharField(_("duty"), max_length=8, choices=Duty)
    due_date = models.DateField(_("due"))
    reason = models.CharField(_("reason"), max_length=16, choices=GapReason)
    as_of = models.DateField(_("as of"))

    objects = PlanningGapQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit that could not be planned")
        verbose_name_plural = _("visits that could not be planned")
        ordering = ["due_date", "pk"]
        indexes = [models.Index(fields=["user", "due_date"], name="gaps_by_user")]
        constraints = [
            models.UniqueConstraint(fields=["account", "duty"], name="interactions_one_gap_per_duty"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_reason_display()}"


class Greeting(Timestamped):
    """A greeting proposed to the person responsible, once per contact, occasion and day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="greetings", verbose_name=_("account"))
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="greetings", verbose_name=_("contact"))
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="greetings", verbose_name=pgettext_lazy("of a greeting", "from")
    )
    occasion = models.CharField(_("occasion"), max_length=20, choices=Occasion)
    date = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=10, choices=GreetingStatus, default=GreetingStatus.PROPOSED)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)

    objects = GreetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("greeting")
        verbose_name_plural = _("greetings")
        ordering = ["date", "pk"]
        indexes = [
            models.Index(fields=["owner", "date"], condition=Q(status="proposed"), name="greetings_open_by_owner")
        ]
        constraints = [
            models.UniqueConstraint(fields=["contact", "occasion", "date"], name="interactions_greeting_once")
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_occasion_display()}"


class CalendarFeed(models.Model):
    """The secret address of a user's calendar; only the token's SHA-256 is kept. Revoking deletes the row."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("user"))
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_read_at = models.DateTimeField(_("last read"), null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user)
