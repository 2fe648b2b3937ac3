"""Parse what people type on the pages of visits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountChoiceField
from accounts.models import Account
from contacts.models import Contact
from core.forms import DayInput, LookupSelect
from interactions.models import Visit
from users.models import User


class TimeInput(forms.TimeInput):
    """The browser's own time picker."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": "300", **(attrs or {})}, format="%H:%M")


class AccountChoiceForm(forms.Form):
    """The first question where the page was not opened from an account."""

    account = AccountChoiceField(label=_("account"), help_text=_("Type a code or part of a name."))


class WarnedForm(forms.Form):
    """A form whose day may be warned about: `confirmed` is the day and person that the tick was for, so that a tick
    does not outlive a change of either."""

    confirmed = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    @property
    def key(self) -> str:
        values = self.cleaned_data
        return f"{values['planned_date']}:{values['owner'].pk}"

    @property
    def is_confirmed(self) -> bool:
        return self.cleaned_data["confirmed"] == self.key


class VisitDetailsForm(forms.ModelForm):
    """What a visit is for, when on its day, and with whom of the customer's people."""

    class Meta:
        model = Visit
        fields = ["start_time", "duration_minutes", "purpose", "contacts"]
        widgets = {"start_time": TimeInput(), "contacts": forms.CheckboxSelectMultiple}

    wide = ("purpose",)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Q(employments__until_date__isnull=True) | Q(employments__until_date__gte=timezone.localdate())
        people = Contact.objects.filter(there, employments__account=account)
        if self.instance.pk:
            people |= Contact.objects.filter(visits=self.instance.pk)
        self.fields["contacts"].queryset = people.distinct().order_by("name", "pk")
        self.fields["start_time"].help_text = _("In the visitor's time zone; empty if not agreed yet.")


class VisitForm(WarnedForm, VisitDetailsForm):
    """A new visit to one account."""

    owner = forms.ModelChoiceField(
        label=_("visitor"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )

    class Meta(VisitDetailsForm.Meta):
        fields = ["planned_date", "start_time", "duration_minutes", "owner", "purpose", "contacts"]
        widgets = {**VisitDetailsForm.Meta.widgets, "planned_date": DayInput()}


class MoveForm(WarnedForm):
    """Another day, time or person for a visit."""

    planned_date = forms.DateField(label=_("date"), widget=DayInput())
    start_time = forms.TimeField(label=_("time"), required=False, widget=TimeInput())
    owner = forms.ModelChoiceField(
        label=_("visitor"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )

    @classmethod
    def of(cls, visit: Visit, day: dt.date | None = None) -> MoveForm:
        """The form as it is opened: what the visit has, or another `day`."""
        values = {"planned_date": day or visit.planned_date, "start_time": visit.start_time, "owner": visit.owner_id}
        return cls(initial=values)


class CancelForm(forms.Form):
    """Why a visit does not take place."""

    reason = forms.CharField(
        label=_("reason"),
        max_length=200,
        help_text=_("The need stays: if contact is due, the planner proposes another day."),
    )
