"""Forms of API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.scopes import RESOURCES, scopes_for
from users.models import User

ACTIONS = {"read": _("read"), "write": _("write")}


class TokenForm(forms.Form):
    """A new token: what for, which scopes, how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What the token is for, such as the name of the system.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the system needs. It never sees more than you do."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("365", _("1 year")),
            ("0", _("Without an end")),
        ],
        initial="90",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope, self._label(*scope.split(":"))) for scope in scopes_for(user)]

    @staticmethod
    def _label(resource: str, action: str) -> str:
        return gettext("%(resource)s: %(action)s") % {"resource": RESOURCES[resource], "action": ACTIONS[action]}
