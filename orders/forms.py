"""Parse what people type on the pages of the orders."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.money import CURRENCY_CHOICES


class RateForm(forms.Form):
    """A dated exchange rate."""

    currency = forms.ChoiceField(
        label=_("currency"),
        choices=[(code, name) for code, name in CURRENCY_CHOICES if code != settings.REPORTING_CURRENCY],
    )
    valid_from = forms.DateField(label=_("valid from"), widget=forms.DateInput(attrs={"type": "date"}))
    rate = forms.DecimalField(
        label=_("rate"),
        max_digits=20,
        decimal_places=10,
        help_text=_("Units of the reporting currency for one unit of this currency."),
    )
