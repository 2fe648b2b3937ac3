"""Sets of policies, runs, proposals and overrides. Policies and runs are company-wide; the rest follows the account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef

from accounts.access import AccountScopedQuerySet
from tiers.choices import UNCHANGED, State, tier_value

if TYPE_CHECKING:
    from users.models import User


class PolicyQuerySet(models.QuerySet[Any]):
    """Policies, their versions and their runs."""

    def visible_to(self, user: User) -> Self:
        """Everybody who logs in may know the rules that sort their accounts."""
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """Directors and administrators own the policies."""
        return self if user.is_active and user.owns_policies else self.none()


class RunQuerySet(PolicyQuerySet):
    def with_status(self) -> Self:
        """Adds `has_pending`, which `TierRun.status` reads, in the same statement."""
        proposals = apps.get_model("tiers", "TierProposal").objects
        return self.annotate(has_pending=Exists(proposals.filter(run=OuterRef("pk"), state=State.PENDING)))

    def newest_first(self) -> Self:
        return self.order_by("-as_of", "-pk")


class ProposalQuerySet(AccountScopedQuerySet):
    def pending(self) -> Self:
        return self.filter(state=State.PENDING)

    def in_move(self, move: str) -> Self:
        """Those of a move as `B-A`, `none-C` or `unchanged`; none for another name."""
        if move == UNCHANGED:
            return self.filter(state=State.NO_CHANGE)
        before, separator, after = move.partition("-")
        if not separator:
            return self.none()
        moved = self.filter(tier_before=tier_value(before), proposed_tier=tier_value(after))
        return moved.exclude(state=State.NO_CHANGE)

    def count_by_move(self) -> list[tuple[str, str, str, int]]:
        """(tier before, proposed tier, state, number) of every combination there is, in one statement."""
        groups = self.order_by().values_list("tier_before", "proposed_tier", "state")
        return list(groups.annotate(n=Count("pk")).order_by("tier_before", "proposed_tier", "state"))


class OverrideQuerySet(AccountScopedQuerySet):
    def live(self, today: dt.date) -> Self:
        """Overrides in force on `today`; the last day counts."""
        return self.filter(ended_on__isnull=True, expires_on__gte=today)
