"""Forms of the relationship map. Their people are those of one account; the view narrows them to the user's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from contacts.choices import LinkKind
from contacts.models import ContactLink, Employment


class MapForm(forms.Form):
    """A form about people of one account."""

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if hasattr(field, "queryset"):
                field.queryset = field.queryset.filter(account=account)


class PlaceForm(MapForm):
    """Where a person stands; nothing: where the chart puts them."""

    person = forms.ModelChoiceField(Employment.objects.all(), label=_("person"))
    x = forms.IntegerField(required=False)
    y = forms.IntegerField(required=False)


class SuperiorForm(MapForm):
    """Whom a person reports to."""

    person = forms.ModelChoiceField(Employment.objects.all(), label=_("person"))
    superior = forms.ModelChoiceField(Employment.objects.all(), required=False, label=_("reports to"))


class LineForm(MapForm):
    """A line of influence or conflict."""

    source = forms.ModelChoiceField(Employment.objects.all(), label=_("from person"))
    target = forms.ModelChoiceField(Employment.objects.all(), label=_("to person"))
    kind = forms.ChoiceField(choices=LinkKind, label=_("kind"))
    note = forms.CharField(max_length=200, required=False, label=_("note"))


class LineChoiceForm(MapForm):
    """One line that is drawn."""

    line = forms.ModelChoiceField(ContactLink.objects.all(), label=_("line of the map"))
