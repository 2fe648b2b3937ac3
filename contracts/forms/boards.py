"""What the addresses of board and calendar ask for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.dates import LABELS
from core.forms import LookupSelect
from users.models import User


class CalendarForm(forms.Form):
    """Which month, which dates, whose contracts."""

    date = forms.DateField(required=False)
    kind = forms.MultipleChoiceField(
        label=_("dates"), required=False, choices=[(kind.value, label) for kind, label in LABELS.items()]
    )
    owner = forms.ModelChoiceField(
        label=_("owner"), required=False, queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
