"""How many of those who were asked have answered, by tier."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from surveys.choices import InvitationStatus
from surveys.models import Campaign, Invitation
from users.models import User

NEVER_REACHED = (InvitationStatus.WAITING, InvitationStatus.BOUNCED, InvitationStatus.WITHDRAWN)
"""Invitations that are no reason to expect an answer: not sent yet, not delivered, taken back."""


@dataclass(frozen=True)
class Rate:
    """`asked`: invitations that reached somebody; `tier` None for all."""

    tier: str | None
    asked: int
    answered: int

    @property
    def share(self) -> float | None:
        return self.answered / self.asked if self.asked else None


def response_rates(campaign: Campaign, user: User) -> list[Rate]:
    """All first, then tier by tier, of the accounts that `user` sees; one statement."""
    rows = Invitation.objects.visible_to(user).filter(campaign=campaign).exclude(status__in=NEVER_REACHED)
    answered = Count("pk", filter=Q(status=InvitationStatus.ANSWERED))
    found = rows.order_by().values("tier").annotate(asked=Count("pk"), answered=answered)
    tiers = [Rate(row["tier"], row["asked"], row["answered"]) for row in found]
    tiers.sort(key=lambda rate: (not rate.tier, rate.tier))
    total = Rate(None, sum(rate.asked for rate in tiers), sum(rate.answered for rate in tiers))
    return [total, *tiers]
