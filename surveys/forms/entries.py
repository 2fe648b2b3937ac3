"""Whose answer staff enter, and how it came."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contacts.models import Contact
from core.forms import DayInput, LookupSelect
from surveys.choices import CampaignStatus, ResponseSource
from surveys.models import Campaign

SOURCES = [(ResponseSource.PHONE, _("By phone")), (ResponseSource.PAPER, _("On paper"))]


class EntryAccountForm(forms.Form):
    """Which account answered."""

    account = forms.ModelChoiceField(
        label=_("account"), queryset=Account.objects.all(), widget=LookupSelect("accounts:account_lookup")
    )


class EntryForm(forms.Form):
    """Which campaign, who of the account, in which language, how and when."""

    campaign = forms.ModelChoiceField(
        label=_("survey campaign"), queryset=Campaign.objects.exclude(status=CampaignStatus.DRAFT)
        .filter(anonymous=False).defer("definition", "texts"),
    )  # fmt: skip
    contact = forms.ModelChoiceField(
        label=_("contact"), queryset=Contact.objects.none(), required=False,
        empty_label=_("Somebody at the account, not known by name"),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)
    source = forms.ChoiceField(
        label=pgettext_lazy("of an answer", "how"), choices=SOURCES, widget=forms.RadioSelect
    )  # fmt: skip
    date = forms.DateField(label=pgettext_lazy("of an answer", "answered on"), widget=DayInput)

    def __init__(self, *args: Any, account: Account, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.filter(employments__account=account, erased=False).distinct()
        self.fields["date"].initial = today
        self.fields["source"].initial = ResponseSource.PHONE
