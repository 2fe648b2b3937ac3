"""Parse the health policy."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from health.models import HealthPolicy


class HealthPolicyForm(forms.ModelForm):
    """What counts for all scores and alerts."""

    class Meta:
        model = HealthPolicy
        fields = (
            "open_alerts_per_manager", "due_hours_a", "due_hours_b", "due_hours_c", "director_after_hours",
            "quiet_days", "keep_days", "day_from", "day_until",
        )  # fmt: skip
        widgets = {name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("day_from", "day_until")}
        help_texts = {
            "open_alerts_per_manager": _("What fires beyond that is held back, counted and shown; the worst first."),
            "due_hours_a": _("Working hours until somebody has acknowledged the alert; then the supervisor is told."),
            "quiet_days": _("After a false alarm the same reason does not fire again at this account for so long."),
            "keep_days": _("Older scores are deleted."),
        }

    sections = (
        (_("Load"), ("open_alerts_per_manager", "quiet_days")),
        (_("Deadlines"), ("due_hours_a", "due_hours_b", "due_hours_c", "director_after_hours")),
        (_("Working hours"), ("day_from", "day_until")),
        (pgettext_lazy("of scores", "History"), ("keep_days",)),
    )
