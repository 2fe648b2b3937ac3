"""Results that left the house as a file are recorded: by whom, in which form, about which answers."""

from __future__ import annotations

from audit.services import record
from surveys.models import Campaign
from users.models import User


def record_export(campaign: Campaign, *, form: str, about: str, actor: User) -> None:
    """Record that `actor` took the results of a campaign as a file (`xlsx`, `csv`)."""
    record("survey_campaign.exported", campaign, actor=actor, changes={"format": ["", form]}, reason=about)
