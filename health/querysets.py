"""Sets of scores, alerts and playbooks.

Policies, rules, profiles, playbooks and models are the company's: known to everybody who logs in, changed by who owns
policies. What is about an account is as visible as the account.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import AccountScopedQuerySet
from health.choices import ACTIVE_ALERTS, AlertStatus, JobStatus, PlaybookRunStatus, StepStatus

if TYPE_CHECKING:
    from users.models import User


class CompanyQuerySet(models.QuerySet[Any]):
    """What belongs to the company."""

    def visible_to(self, user: User) -> Self:
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """For who owns the company's policies."""
        return self if user.is_active and user.owns_policies else self.none()


class ProfileQuerySet(CompanyQuerySet):
    def active(self) -> Self:
        """In the order in which an account looks for its profile."""
        return self.filter(is_active=True).order_by("position", "pk")


class RuleQuerySet(CompanyQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True).order_by("pk")


class PlaybookQuerySet(CompanyQuerySet):
    def active(self) -> Self:
        return self.filter(is_active=True)


class BacktestQuerySet(models.QuerySet[Any]):
    """A backtest names every account of the company: for those who see everything."""

    def visible_to(self, user: User) -> Self:
        return self if user.is_active and user.sees_everything else self.none()

    def editable_by(self, user: User) -> Self:
        return self.visible_to(user)

    def waiting(self) -> Self:
        return self.filter(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])


class AlertQuerySet(AccountScopedQuerySet):
    def unresolved(self) -> Self:
        return self.exclude(status=AlertStatus.RESOLVED)

    def active(self) -> Self:
        """Open or acknowledged: somebody has to act."""
        return self.filter(status__in=ACTIVE_ALERTS)

    def held(self) -> Self:
        """Fired, but beyond what their owner's load lets through."""
        return self.filter(status=AlertStatus.HELD)

    def overdue(self, now: dt.datetime) -> Self:
        return self.active().filter(due_at__lt=now)

    def waking(self, today: dt.date) -> Self:
        """Snoozed until a day that has come."""
        return self.filter(status=AlertStatus.SNOOZED, snoozed_until__lte=today)


class AlertPartQuerySet(AccountScopedQuerySet):
    account_path = "alert__account"


class PlaybookRunQuerySet(AccountScopedQuerySet):
    def running(self) -> Self:
        return self.filter(status=PlaybookRunStatus.RUNNING)


class PlaybookCaseQuerySet(AccountScopedQuerySet):
    account_path = "run__account"


class PlaybookTaskQuerySet(AccountScopedQuerySet):
    account_path = "run__account"

    def open(self) -> Self:
        """Still to be done, of playbooks that still run."""
        return self.filter(Q(status=StepStatus.OPEN), run__status=PlaybookRunStatus.RUNNING)
