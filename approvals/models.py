"""Who has to agree to what: rules with steps, and requests with the people asked and what they said.

A request is about a row of another app, named by `subject` and `object_id`; that app registers what follows from the
outcome (registry.py). This room lies below accounts, so that claims, tiers and terminations can use it too.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.choices import Approver, Mode, RequestStatus, StepStatus, Subject
from approvals.querysets import (
    ApprovalPartQuerySet,
    ApprovalRequestQuerySet,
    ApprovalRuleQuerySet,
    ApprovalVoteQuerySet,
)
from core.models import Timestamped
from users.models import User


class ApprovalRule(Timestamped):
    """Which steps a request takes: the first active rule by `position` whose conditions all hold.

    An empty condition holds for everything. `min_amount` is in the reporting currency; `tiers` and `kinds` are lists of
    codes ("" among `tiers` is no tier); `min_discount` is per cent of the list value.
    """

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    subject = models.CharField(pgettext_lazy("of an approval", "subject"), max_length=20, choices=Subject)
    position = models.PositiveSmallIntegerField(pgettext_lazy("in an order", "position"), default=1)
    is_active = models.BooleanField(_("in force"), default=True)
    min_amount = models.DecimalField(
        _("from an amount of"), max_digits=18, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0)], help_text=_("In the reporting currency."),
    )  # fmt: skip
    min_discount = models.DecimalField(
        _("from a discount of"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)], help_text=_("In per cent of the list value."),
    )  # fmt: skip
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    kinds = models.JSONField(_("kinds"), default=list, blank=True)

    objects = ApprovalRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering = ["subject", "position", "pk"]

    def __str__(self) -> str:
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class ApprovalRuleStep(models.Model):
    """One step of a rule: who is asked, and whether one of them is enough. `people` only for named persons."""

    rule = models.ForeignKey(ApprovalRule, on_delete=models.CASCADE, related_name="steps", verbose_name=_("rule"))
    position = models.PositiveSmallIntegerField(pgettext_lazy("in an order", "position"))
    approver = models.CharField(_("approver"), max_length=10, choices=Approver)
    mode = models.CharField(_("mode"), max_length=3, choices=Mode, default=Mode.ONE)
    people = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("people"))

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        ordering = ["rule", "position"]
        constraints = [models.UniqueConstraint(fields=["rule", "position"], name="approvals_rule_step_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_approver_display()}"


class ApprovalRequest(models.Model):
    """One request, from asking to its end; a new round is a new request. `facts` are what the rule was chosen by.

    `title` names the row in the words of the moment; `url` is its page; `note` what the requester wrote.
    """

    subject = models.CharField(pgettext_lazy("of an approval", "subject"), max_length=20, choices=Subject)
    object_id = models.PositiveBigIntegerField(_("row"))
    title = models.CharField(_("title"), max_length=200)
    url = models.CharField(_("address"), max_length=300)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    facts = models.JSONField(_("facts"), default=dict)
    rule_name = models.CharField(_("rule"), max_length=120, blank=True)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="approval_requests", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"))
    status = models.CharField(
        pgettext_lazy("of an approval", "status"), max_length=10, choices=RequestStatus, default=RequestStatus.PENDING
    )
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject", "object_id"], name="approvals_by_row"),
            models.Index(fields=["requested_by", "-id"], name="approvals_by_requester"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "object_id"], condition=Q(status="pending"), name="approvals_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", closed_at__isnull=True)
                | (~Q(status="pending") & Q(closed_at__isnull=False)),
                name="approvals_closed_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("approvals:request_detail", args=[self.pk])

    @property
    def is_pending(self) -> bool:
        return self.status == RequestStatus.PENDING

    @property
    def account_id(self) -> int | None:
        """The account that the facts name: the audit files the request under it."""
        return self.facts.get("account_id")


class ApprovalStep(models.Model):
    """One step of a request; at most one is open."""

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.CASCADE, related_name="steps", verbose_name=_("approval")
    )
    position = models.PositiveSmallIntegerField(pgettext_lazy("in an order", "position"))
    approver = models.CharField(_("approver"), max_length=10, choices=Approver)
    mode = models.CharField(_("mode"), max_length=3, choices=Mode)
    status = models.CharField(
        pgettext_lazy("of an approval step", "status"), max_length=10, choices=StepStatus, default=StepStatus.WAITING
    )
    nobody_fits = models.BooleanField(
        _("nobody fits"), default=False, help_text=_("Nobody is what the step asks for: it went to the directors.")
    )
    opened_at = models.DateTimeField(_("opened"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = ApprovalPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval step")
        verbose_name_plural = _("approval steps")
        ordering = ["request", "position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="approvals_step_once"),
            models.UniqueConstraint(fields=["request"], condition=Q(status="open"), name="approvals_one_open_step"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_approver_display()}"


class ApprovalVote(models.Model):
    """A person asked in a step. `decided_by` is somebody else where a stand-in decided during their leave."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="votes", verbose_name=_("step"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approval_votes", verbose_name=_("approver"))
    status = models.CharField(
        pgettext_lazy("of an approval step", "status"), max_length=10, choices=StepStatus, default=StepStatus.WAITING
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    comment = models.TextField(_("comment"), blank=True, max_length=2000)
    in_place_of = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("in place of"),
        help_text=_("Who was asked first and left."),
    )  # fmt: skip

    objects = ApprovalVoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["step", "pk"]
        constraints = [models.UniqueConstraint(fields=["step", "user"], name="approvals_asked_once")]
        indexes = [models.Index(fields=["user"], condition=Q(status="open"), name="approvals_open_by_user")]

    def __str__(self) -> str:
        return str(self.user)


class ApprovalComment(models.Model):
    """What somebody said about a request without deciding it."""

    request = models.ForeignKey(
        ApprovalRequest, on_delete=models.CASCADE, related_name="comments", verbose_name=_("approval")
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("user"))
    text = models.TextField(_("comment"), max_length=2000)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]
