"""Parse what is typed about a promise or a next step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountChoiceField
from accounts.models import Account
from core.forms import DayInput, LookupSelect
from interactions.models import Interaction, NextStep
from users.models import User


class StepStartForm(forms.Form):
    """What the address says: `?account=&interaction=`; nonsense is left out."""

    account = forms.ModelChoiceField(queryset=Account.objects.all(), required=False)
    interaction = forms.ModelChoiceField(queryset=Interaction.objects.select_related("account"), required=False)


class StepForm(forms.ModelForm):
    """A promise or a next step; the account is fixed once it is saved."""

    account = AccountChoiceField(label=_("account"), help_text=_("Type a code or part of a name."))
    interaction = forms.ModelChoiceField(queryset=Interaction.objects.all(), required=False, widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(
        label=_("owner"),
        queryset=User.objects.active().order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )

    class Meta:
        model = NextStep
        fields = ("account", "interaction", "text", "kind", "owner", "due_date")
        widgets = {"kind": forms.RadioSelect, "due_date": DayInput, "text": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if self.instance.pk:
            del self.fields["account"], self.fields["interaction"]
        elif self.initial.get("account"):
            self.fields["account"].widget = forms.HiddenInput()

    def clean_account(self) -> Account:
        account = self.cleaned_data["account"]
        if not Account.objects.editable_by(self.user).filter(pk=account.pk).exists():
            raise forms.ValidationError(_("You may read this account but not change it."))
        return account

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        interaction = data.get("interaction")
        if interaction is not None and interaction.account_id != getattr(data.get("account"), "pk", None):
            data["interaction"] = None
        return data


class ReasonForm(forms.Form):
    """Why a step is dropped."""

    reason = forms.CharField(label=_("reason"), max_length=300)
