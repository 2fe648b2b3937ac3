"""What a user answers for here: the campaigns that they own; what is handed on when they leave: their follow-ups (see
users/duties.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from surveys.choices import CampaignStatus
from surveys.models import Campaign
from surveys.services.escalation import hand_over as give
from users.duties import DutySource, register, register_heir
from users.models import User


def count_owned(user_ids: Collection[int], viewer: User | None) -> dict[int, int]:
    """Campaigns that have not ended, by their owner; everybody sees them all."""
    rows = Campaign.objects.exclude(status=CampaignStatus.ENDED).filter(owner__in=user_ids)
    rows = rows if viewer is None else rows.visible_to(viewer)
    return dict(rows.order_by().values("owner").annotate(campaigns=Count("pk")).values_list("owner", "campaigns"))


def describe(count: int) -> str:
    """Completes "Chen still is …"."""
    return ngettext("owner of %(count)d survey campaign", "owner of %(count)d survey campaigns", count) % {
        "count": count
    }


def campaign_list_url(user: User) -> str:
    open_states = "&".join(f"status={status}" for status in CampaignStatus.values if status != CampaignStatus.ENDED)
    return f"{reverse('surveys:campaign_list')}?owner={user.pk}&{open_states}"


def hand_over(user: User, now: dt.datetime) -> None:
    """To the managers of the accounts, which have been handed over by hand before; else to who leads."""
    give(now=now, owner=user)


register(DutySource(_("survey campaigns owned"), count_owned, describe, campaign_list_url))
register_heir(hand_over)
