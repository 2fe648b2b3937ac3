"""Forms for people and teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.forms import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from users.models import Team, User
from users.zones import zone_choices

SEARCHABLE = {"data-search": ""}


class TeamChoiceField(ModelChoiceField):
    """Teams in the order of the tree, each with its depth before its name."""

    def label_from_instance(self, team: Team) -> str:
        return f"{'— ' * team.depth}{team.local_name}"


class ZoneMixin(forms.Form):
    """A time zone among all there are; one that the user has already stays a choice."""

    time_zone = forms.ChoiceField(
        label=_("time zone"), choices=zone_choices, widget=forms.Select(attrs=SEARCHABLE), initial=settings.TIME_ZONE
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = getattr(getattr(self, "instance", None), "time_zone", "")
        field = self.fields["time_zone"]
        if current and not field.valid_value(current):
            field.choices = [(current, current), *field.choices]


class UserForm(ZoneMixin, forms.ModelForm):
    """What an administrator decides of a user; whether they are active has a button of its own."""

    team = TeamChoiceField(
        label=_("team"), queryset=Team.objects.all(), required=False, widget=forms.Select(attrs=SEARCHABLE)
    )

    class Meta:
        model = User
        fields = ["name", "username", "email", "phone", "role", "team", "may_export", "language", "time_zone"]

    sections = (
        (_("Person"), ("name", "username", "email", "phone")),
        (_("Work"), ("role", "team", "may_export")),
        (_("Preferences"), ("language", "time_zone")),
    )


class ProfileForm(ZoneMixin, forms.ModelForm):
    """What people change of themselves."""

    class Meta:
        model = User
        fields = ["name", "phone", "language", "time_zone"]


class TeamForm(forms.ModelForm):
    """A team and its place in the tree."""

    parent = TeamChoiceField(
        label=_("parent team"),
        queryset=Team.objects.all(),
        required=False,
        widget=forms.Select(attrs=SEARCHABLE),
        help_text=_("Empty: at the top. Moving a team takes all teams below it along."),
    )

    class Meta:
        model = Team
        fields = ["name", "name_en", "parent"]


class LanguageForm(forms.Form):
    """One of the languages of the interface."""

    language = forms.ChoiceField(choices=settings.LANGUAGES)
