"""SurveyPolicy, Campaign with its rules, Invitation, SurveyMail (the outbox), AskedContact (the fatigue guard)."""

from __future__ import annotations

import datetime as dt
import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from accounts.choices import Tier
from accounts.models import Account
from contacts.models import Contact
from core.languages import LANGUAGE_CHOICES
from core.models import Timestamped
from orders.models import ProductLine
from surveys.choices import (
    CampaignStatus,
    Channel,
    Event,
    FollowUpKind,
    InvitationStatus,
    MailKind,
    MailStatus,
    Timing,
)
from surveys.models.questionnaires import QuestionnaireVersion
from surveys.querysets import CampaignQuerySet, CompanyQuerySet, InvitationPartQuerySet, InvitationQuerySet
from users.models import User


def new_seed() -> str:
    """128 random bits in hexadecimal: what the token of an invitation is made from, with the secret key."""
    return secrets.token_hex(16)


class SurveyPolicy(models.Model):
    """The one row of rules for all campaigns; who changes the policy changes what every campaign may do.

    Hours are working hours (`day_from` to `day_until` on working days of the account's country).
    """

    min_days_between = models.PositiveSmallIntegerField(
        _("days between two surveys of a contact"), default=90, validators=[MaxValueValidator(3650)]
    )
    mails_per_minute = models.PositiveIntegerField(
        _("mails per minute"), default=60, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    answer_days = models.PositiveSmallIntegerField(
        _("days in which a link takes an answer"), default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )  # fmt: skip
    follow_up_hours_a = models.PositiveSmallIntegerField(_("hours to close the loop, tier A"), default=16)
    follow_up_hours_b = models.PositiveSmallIntegerField(_("hours to close the loop, tier B"), default=24)
    follow_up_hours_c = models.PositiveSmallIntegerField(_("hours to close the loop, others"), default=40)
    day_from = models.TimeField(_("working day from"), default=dt.time(9))
    day_until = models.TimeField(_("working day until"), default=dt.time(18))

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey policy")
        verbose_name_plural = _("survey policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(day_until__gt=F("day_from")), name="surveys_working_day_in_order",
                violation_error_message=_("The working day ends before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Campaign(Timestamped):
    """Who is asked what, when and how. `definition` is the frozen copy of the questionnaire, taken at the start.

    `audience` is `{"accounts": {filter of the account list: [values]}, "tiers": [...], "stages": [...],
    "roles": [decision roles]}`; empty lists ask everybody. `every_months_a/b/c`: of recurring campaigns, 0 asks that
    tier never. `texts` is `{language: {"subject", "body", "reminder_subject", "reminder_body"}}`; what is empty comes
    from the product. In an anonymous campaign no answer knows its contact or account.
    """

    name = models.CharField(_("name"), max_length=120)
    questionnaire_version = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("questionnaire")
    )
    definition = models.JSONField(_("questions"), default=dict, editable=False)
    status = FSMField(
        pgettext_lazy("of a campaign", "status"), max_length=8, choices=CampaignStatus.choices,
        default=CampaignStatus.DRAFT,
    )  # fmt: skip
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner"))
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    timing = models.CharField(_("when"), max_length=10, choices=Timing, default=Timing.ONCE)
    every_months_a = models.PositiveSmallIntegerField(_("tier A every … months"), default=6)
    every_months_b = models.PositiveSmallIntegerField(_("tier B every … months"), default=12)
    every_months_c = models.PositiveSmallIntegerField(_("others every … months"), default=0)
    event = models.CharField(_("event"), max_length=16, choices=Event, blank=True)
    event_days = models.PositiveSmallIntegerField(
        _("days after the event"), default=2, validators=[MaxValueValidator(365)]
    )
    start_date = models.DateField(_("start"))
    end_date = models.DateField(_("end"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=6, choices=Channel, default=Channel.EMAIL)
    anonymous = models.BooleanField(_("anonymous"), default=False)
    product_line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("product line"),
    )  # fmt: skip
    sender_name = models.CharField(_("sender"), max_length=80, blank=True)
    reply_to = models.EmailField(_("replies to"), blank=True)
    texts = models.JSONField(_("texts of the mails"), default=dict, blank=True)
    reminder_days = models.PositiveSmallIntegerField(
        _("reminder after days"), null=True, blank=True, default=7,
        validators=[MinValueValidator(1), MaxValueValidator(180)],
    )  # fmt: skip
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey campaign")
        verbose_name_plural = _("survey campaigns")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "start_date"], name="surveys_campaigns_by_status")]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="surveys_campaign_name"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="surveys_campaign_in_order", violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(timing="event") | ~Q(event=""), name="surveys_campaign_event",
                violation_error_message=_("Say which event the campaign follows."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("surveys:campaign_detail", args=[self.pk])

    @transition(status, source=[CampaignStatus.DRAFT, CampaignStatus.PAUSED], target=CampaignStatus.RUNNING)
    def to_running(self) -> None:
        """It starts, or goes on."""

    @transition(status, source=CampaignStatus.RUNNING, target=CampaignStatus.PAUSED)
    def to_paused(self) -> None:
        """Nobody is asked and no mail goes out; links still take answers."""

    @transition(
        status, source=[CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.PAUSED],
        target=CampaignStatus.ENDED,
    )  # fmt: skip
    def to_ended(self) -> None:
        """Links are over."""


class LoopRule(models.Model):
    """An answer from `low` to `high` (both included) to `question` opens a follow-up of that kind."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="loop_rules", verbose_name=_("survey campaign")
    )
    question = models.CharField(_("question"), max_length=40)
    low = models.SmallIntegerField(_("from"))
    high = models.SmallIntegerField(_("to"))
    kind = models.CharField(_("kind"), max_length=10, choices=FollowUpKind, default=FollowUpKind.RECOVERY)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up rule")
        verbose_name_plural = _("follow-up rules")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(high__gte=F("low")), name="surveys_rule_in_order",
                violation_error_message=_("The range ends before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.question} {self.low}–{self.high}"


class Invitation(Timestamped):
    """One contact is asked once. `occasion` is what for: "" in a campaign that asks once, the first day of the period
    in a recurring one (2026-07-01), kind and key of the event (visit_done:123).

    The link's token is made from `seed` and the secret key (`surveys/tokens.py`); the table has only its SHA-256. The
    frozen facts (tier, manager, team, region) are those of the day on which the contact was asked.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("survey campaign"),
        db_index=False,
    )  # fmt: skip
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("account"), db_index=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, related_name="invitations", verbose_name=_("contact")
    )
    occasion = models.CharField(_("occasion"), max_length=60, blank=True)
    external_id = models.CharField(_("number elsewhere"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGE_CHOICES)
    status = models.CharField(
        pgettext_lazy("of an invitation", "status"), max_length=10, choices=InvitationStatus,
        default=InvitationStatus.WAITING, editable=False,
    )  # fmt: skip
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    asked_on = models.DateField(_("asked on"))
    expires_on = models.DateField(_("last day to answer"))
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True, editable=False)
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("account manager"),
    )  # fmt: skip
    product_line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("product line"),
    )  # fmt: skip

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account", "-id"], name="surveys_invited_by_account"),
            models.Index(fields=["campaign", "status", "id"], name="surveys_invited_by_status"),
            models.Index(
                fields=["expires_on"], condition=Q(status__in=["waiting", "sent", "opened", "started"]),
                name="surveys_invited_open",
            ),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact", "occasion"], name="surveys_asked_once"),
            models.UniqueConstraint(
                fields=["campaign", "external_id"], condition=~Q(external_id=""), name="surveys_invited_external"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.account}"


class SurveyMail(models.Model):
    """A mail in the outbox: the row is the queue. One invitation and one reminder each at most."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="mails", verbose_name=_("invitation")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MailKind)
    status = models.CharField(
        pgettext_lazy("of a mail", "status"), max_length=10, choices=MailStatus, default=MailStatus.WAITING
    )
    due_at = models.DateTimeField(_("not before"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(pgettext_lazy("of a mail", "sent"), null=True, editable=False)
    error = models.CharField(_("what the mail server said"), max_length=300, blank=True)

    objects = InvitationPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey mail")
        verbose_name_plural = _("survey mails")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="waiting"), name="surveys_mails_waiting"),
            models.Index(fields=["claimed_at"], condition=Q(claimed_at__isnull=False), name="surveys_mails_claimed"),
        ]
        constraints = [models.UniqueConstraint(fields=["invitation", "kind"], name="surveys_mail_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.invitation_id}"

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.invitation.account_id


class AskedContact(models.Model):
    """The day on which a contact was last asked, over all campaigns: the fatigue guard locks and moves this row."""

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, primary_key=True, related_name="asked", verbose_name=_("contact")
    )
    asked_on = models.DateField(_("asked on"))

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact asked")
        verbose_name_plural = _("contacts asked")

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.asked_on}"
