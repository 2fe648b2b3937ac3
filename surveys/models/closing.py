"""FollowUp: an answer that somebody has to act on, until the customer was told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from core.models import Timestamped
from interactions.models import Interaction
from surveys.choices import Cause, FollowUpKind, FollowUpOutcome, FollowUpStatus
from surveys.models.answers import Response
from surveys.models.campaigns import Campaign
from surveys.querysets import FollowUpPartQuerySet, FollowUpQuerySet
from users.models import User


class FollowUp(Timestamped):
    """What the account's manager does about low (or very good) answers: one open per account, campaign and kind;
    further answers join it. `due_at` (UTC) is the deadline by tier in working hours, counted from the first answer."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("survey campaign")
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="survey_follow_ups", verbose_name=_("account"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FollowUpKind, default=FollowUpKind.RECOVERY)
    status = models.CharField(
        pgettext_lazy("of a follow-up", "status"), max_length=10, choices=FollowUpStatus,
        default=FollowUpStatus.OPEN, editable=False,
    )  # fmt: skip
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="survey_follow_ups", verbose_name=_("owner")
    )
    opened_at = models.DateTimeField(pgettext_lazy("of a follow-up", "opened"))
    due_at = models.DateTimeField(_("deadline"))
    contacted_at = models.DateTimeField(_("customer contacted"), null=True, blank=True)
    interaction = models.ForeignKey(
        Interaction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("interaction"),
    )  # fmt: skip
    cause = models.CharField(_("cause"), max_length=16, choices=Cause, blank=True)
    action = models.TextField(_("what was done"), blank=True, max_length=5000)
    customer_told = models.BooleanField(_("the customer was told"), default=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=FollowUpOutcome, blank=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("closed by")
    )
    responses = models.ManyToManyField(
        Response, through="FollowUpResponse", related_name="follow_ups", verbose_name=_("survey responses")
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=~Q(status="closed"), name="surveys_follow_ups_due"),
            models.Index(fields=["owner", "due_at"], condition=~Q(status="closed"), name="surveys_follow_ups_own"),
            models.Index(fields=["account", "-id"], name="surveys_follow_ups_account"),
            models.Index(fields=["campaign", "opened_at"], name="surveys_follow_ups_opened"),
            models.Index(fields=["due_at", "id"], name="surveys_follow_ups_all"),
            models.Index(fields=["opened_at", "id"], name="surveys_follow_ups_by_opening"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "account", "kind"], condition=~Q(status="closed"), name="surveys_one_follow_up"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="surveys_follow_up_closed_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.campaign}"

    def get_absolute_url(self) -> str:
        return reverse("surveys:follow_up_detail", args=[self.pk])


class FollowUpResponse(models.Model):
    """Which answer opened or joined a follow-up, by which question and value."""

    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.CASCADE, related_name="reasons", verbose_name=_("follow-up")
    )
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="+", verbose_name=_("survey response")
    )
    question = models.CharField(_("question"), max_length=40)
    value = models.SmallIntegerField(_("value"))

    objects = FollowUpPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason of a follow-up")
        verbose_name_plural = _("reasons of follow-ups")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "response", "question"], name="surveys_reason_once")
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.value}"
