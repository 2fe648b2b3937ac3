"""Parse what is done about an alert."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput, LookupSelect
from health.choices import AlertOutcome, LostCause
from users.models import User

OUTCOMES = (AlertOutcome.SAVED, AlertOutcome.LOST, AlertOutcome.FALSE_ALARM)
"""What a person can say; an alert is withdrawn by the system."""
LONGEST = 5000


def few_lines(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class BesideAList(forms.Form):
    """Its fields have ids of their own: the filters of the list are on the same page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "alert_%s", **kwargs})


class SnoozeForm(BesideAList):
    """Until when the alert rests."""

    until = forms.DateField(label=_("until"), widget=DayInput, error_messages={"required": _("Say until when.")})

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()


class ResolveForm(BesideAList):
    """How it ended; of a loss the cause."""

    outcome = forms.ChoiceField(
        label=_("outcome"),
        choices=[(outcome.value, outcome.label) for outcome in OUTCOMES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how it ended.")},
    )
    lost_cause = forms.ChoiceField(
        label=_("cause of the loss"), choices=[("", "–"), *LostCause.choices], required=False
    )
    resolution = forms.CharField(label=_("what happened"), required=False, max_length=LONGEST, widget=few_lines())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") == AlertOutcome.LOST and not data.get("lost_cause"):
            self.add_error("lost_cause", _("Say why the customer was lost."))
        return data

    @property
    def cause(self) -> str:
        """Only of a loss."""
        data = self.cleaned_data
        return str(data["lost_cause"]) if data["outcome"] == AlertOutcome.LOST else ""


class CommentForm(BesideAList):
    """What somebody notes beside it."""

    text = forms.CharField(
        label=_("comment"), max_length=LONGEST, widget=few_lines(), error_messages={"required": _("Write something.")}
    )


class ReassignForm(BesideAList):
    """Who is to act."""

    owner = forms.ModelChoiceField(
        label=_("owner"),
        queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
        error_messages={"required": _("Say who is to act.")},
    )
