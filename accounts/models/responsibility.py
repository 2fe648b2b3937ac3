"""What is kept beside an account: manager history, team, tier history."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import AccountScopedQuerySet
from accounts.choices import MemberRole, Right, Tier, TierSource
from accounts.models.accounts import Account
from core.models import Timestamped
from users.models import User


class ManagerAssignment(models.Model):
    """Who was the account's primary manager, from when until when, and why. The open one has no `until_date`."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("account")
    )
    manager = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("manager"))
    from_date = models.DateField(_("from"))
    until_date = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=250)
    assigned_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assigned by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("manager assignment")
        verbose_name_plural = _("manager assignments")
        ordering = ["-from_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(until_date__isnull=True), name="accounts_one_open_manager"
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
                name="accounts_assignment_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manager} ({self.from_date})"


class AccountMember(Timestamped):
    """A member of the account team beside the manager, with a right and an optional last day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="members", verbose_name=_("account"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=MemberRole, default=MemberRole.DEPUTY)
    right = models.CharField(_("right"), max_length=4, choices=Right, default=Right.READ)
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("The last day of the right; empty: no end.")
    )

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "user"],
                name="accounts_member_once",
                violation_error_message=_("This person is on the account team already."),
            )
        ]
        indexes = [models.Index(fields=["user", "account"], name="accounts_members_by_user")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    def is_current(self, today: dt.date) -> bool:
        """True until the end of the last day of the right."""
        return self.expires_on is None or self.expires_on >= today


class TierHistory(models.Model):
    """Each tier an account has had: since when, from which, why, decided by whom."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tier_history", verbose_name=_("account")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    previous_tier = models.CharField(_("previous tier"), max_length=1, choices=Tier, blank=True)
    since = models.DateField(_("since"))
    source = models.CharField(_("source"), max_length=10, choices=TierSource)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier change")
        verbose_name_plural = _("tier history")
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["account", "-since", "-id"], name="tier_history_by_account")]

    def __str__(self) -> str:
        return f"{self.previous_tier or '–'} → {self.tier or '–'}"
