"""Parse what people type on the account pages."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Status
from accounts.models import PROFILE_FIELDS, Account, AccountMember, Tag
from users.models import User


class AccountPicker(forms.TextInput):
    """A text input that takes an account's code and suggests accounts while typing (all of them never fit a select)."""

    template_name = "accounts/account_picker.html"


class AccountChoiceField(forms.ModelChoiceField):
    """Chooses one account by its code; narrow it with `scope_form`."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {"queryset": Account.objects.all(), "to_field_name": "code", "widget": AccountPicker}
        super().__init__(**{**defaults, **kwargs})
        self.error_messages["invalid_choice"] = _("There is no account with this code.")


class AccountForm(forms.ModelForm):
    """Everything on an account that people may type; tags are separated by commas."""

    parent = AccountChoiceField(
        label=_("parent account"), required=False, help_text=_("Type a code or part of a name. Empty: no parent.")
    )
    tags = forms.CharField(label=_("tags"), required=False, max_length=400, help_text=_("Separated by commas."))

    class Meta:
        model = Account
        fields = (*PROFILE_FIELDS, "tags")
        widgets = {
            "customer_since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "founded_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "business_scope": forms.Textarea(attrs={"rows": 3}),
            "profile": forms.Textarea(attrs={"rows": 3}),
        }

    sections = (
        (_("Account"), ("code", "name", "name_en", "credit_code", "parent", "tags")),
        (_("Relationship"), ("status", "stage", "interruption_reason", "category", "source", "customer_since")),
        (_("Where and what"), ("industry", "size", "region", "country", "city", "address", "phone", "website")),
        (
            _("Potential"),
            (
                "annual_purchase_amount",
                "annual_purchase_currency",
                "potential",
                "strategic_fit",
                "payment_behaviour",
            ),
        ),
        (
            _("Profile archive"),
            (
                "legal_representative",
                "founded_on",
                "registered_capital_amount",
                "registered_capital_currency",
                "employees",
                "business_scope",
                "profile",
            ),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Ending a relationship is a process of its own, not a choice in a form.
        self.fields["status"].choices = [c for c in Status.choices if c[0] != Status.TERMINATED]
        if self.instance.pk:
            self.initial["tags"] = ", ".join(tag.name for tag in self.instance.tags.all())
            self.initial["parent"] = self.instance.parent and self.instance.parent.code

    def clean_parent(self) -> Account | None:
        # A parent that the user does not see is not on the form, and stays.
        return self.cleaned_data["parent"] or getattr(self.instance, "hidden_parent", None)

    def clean_tags(self) -> list[str]:
        names = [name.strip() for name in re.split(r"[,，;；、]", self.cleaned_data["tags"])]
        longest = cast(int, Tag._meta.get_field("name").max_length)
        if too_long := next((name for name in names if len(name) > longest), None):
            raise forms.ValidationError(
                _("The tag “%(tag)s” is longer than %(most)s characters."), params={"tag": too_long, "most": longest}
            )
        return [name for name in names if name]

    def _save_m2m(self) -> None:
        """Tags are names here; the service saves them."""


class AssignForm(forms.Form):
    """A new primary manager, and why."""

    manager = forms.ModelChoiceField(label=_("account manager"), queryset=User.objects.active().order_by("name"))
    reason = forms.CharField(label=_("reason"), max_length=250)


class MemberForm(forms.ModelForm):
    """A member of the account team."""

    class Meta:
        model = AccountMember
        fields = ["user", "role", "right", "expires_on"]
        widgets = {"expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.active().order_by("name")

    def _get_validation_exclusions(self) -> set[str]:
        # The account is not on the form, but "once per account" is checked with it.
        return super()._get_validation_exclusions() - {"account"}  # type: ignore[misc]  # private, and stable since Django 1.2
