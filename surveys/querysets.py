"""Sets of questionnaires, campaigns, invitations, answers and follow-ups.

Questionnaires and campaigns are the company's: known to everybody who logs in, changed by who owns policies. What is
about an account is as visible as the account. An answer of an anonymous campaign has no account: nobody sees the row;
only its sums are shown, from five answers up.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.access import AccountScopedQuerySet
from surveys.choices import OPEN_INVITATIONS, CampaignStatus, FollowUpStatus, ResponseStatus

if TYPE_CHECKING:
    from users.models import User


class CompanyQuerySet(models.QuerySet[Any]):
    """What belongs to the company."""

    def visible_to(self, user: User) -> Self:
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """For who owns the company's policies."""
        return self if user.is_active and user.owns_policies else self.none()


class CampaignQuerySet(CompanyQuerySet):
    def running(self, today: dt.date) -> Self:
        """Campaigns that ask on `today`."""
        rows = self.filter(status=CampaignStatus.RUNNING, start_date__lte=today)
        return rows.filter(models.Q(end_date__isnull=True) | models.Q(end_date__gte=today))


class InvitationQuerySet(AccountScopedQuerySet):
    def open(self) -> Self:
        """Invitations whose link still takes an answer, their expiry apart."""
        return self.filter(status__in=OPEN_INVITATIONS)


class InvitationPartQuerySet(AccountScopedQuerySet):
    account_path = "invitation__account"


class ResponseQuerySet(AccountScopedQuerySet):
    """Answers; those of anonymous campaigns have no account and are seen by nobody as rows."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user).filter(account__isnull=False)

    def complete(self) -> Self:
        return self.filter(status=ResponseStatus.COMPLETE)


class AnswerQuerySet(AccountScopedQuerySet):
    account_path = "response__account"

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user).filter(response__account__isnull=False)


class ResultHolderQuerySet(AccountScopedQuerySet):
    """Where the sums of an account's answers stand."""


class FollowUpQuerySet(AccountScopedQuerySet):
    def unfinished(self) -> Self:
        return self.exclude(status=FollowUpStatus.CLOSED)

    def late(self, now: dt.datetime) -> Self:
        """Unfinished and past the deadline."""
        return self.unfinished().filter(due_at__lt=now)


class FollowUpPartQuerySet(AccountScopedQuerySet):
    account_path = "follow_up__account"
