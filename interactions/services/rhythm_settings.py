"""What one account wants otherwise than the contact policy says."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from audit.services import diff, record, snapshot
from interactions.models import AccountRhythm
from interactions.services.rhythms import refresh_rhythms
from users.models import User


@transaction.atomic
def set_rhythm(rhythm: AccountRhythm, *, actor: User | None, today: dt.date) -> AccountRhythm:
    """Save an account's own cadence, pause and fixed weekday; what is empty follows the policy.

    Raises ValidationError: an own cadence and a pause need a reason, and end in the future if they end.
    """
    Account.objects.select_for_update(of=("self",)).get(pk=rhythm.account_id)
    stored = AccountRhythm.objects.filter(account=rhythm.account_id).first()
    rhythm.pk = stored.pk if stored else None
    rhythm._state.adding = stored is None
    rhythm.created_at = stored.created_at if stored else rhythm.created_at
    rhythm.full_clean()
    _check(rhythm, stored or AccountRhythm(), today)
    changes = diff(snapshot(stored or AccountRhythm(account_id=rhythm.account_id)), rhythm)
    if stored is None and not changes:
        return rhythm
    rhythm.save()
    if changes:
        reason = "; ".join(filter(None, (rhythm.override_reason, rhythm.pause_reason)))
        record("rhythm.set", rhythm, actor=actor, changes=changes, reason=reason)
        refresh_rhythms([rhythm.account_id], today=today)
    return rhythm


def _check(rhythm: AccountRhythm, stored: AccountRhythm, today: dt.date) -> None:
    errors: dict[str, str] = {}
    if rhythm.cadence_days and not rhythm.override_reason.strip():
        errors["override_reason"] = _("Say why this account has a cadence of its own.")
    if rhythm.override_until and not rhythm.cadence_days:
        errors["cadence_days"] = _("An end without a cadence means nothing: enter the days or remove the end.")
    if rhythm.paused_until and not rhythm.pause_reason.strip():
        errors["pause_reason"] = _("Say why no visits are planned.")
    for name in ("override_until", "paused_until"):
        day = getattr(rhythm, name)
        if day and day < today and day != getattr(stored, name):
            errors[name] = _("This day is over.")
    if errors:
        raise ValidationError(errors)
