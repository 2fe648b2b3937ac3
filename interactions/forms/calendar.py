"""What the calendar's address asks for, and what dragging sends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import LookupSelect
from users.models import Team, User

MONTH, WEEK, LIST = "month", "week", "list"
MINE, TEAM, ALL = "mine", "team", "all"


class CalendarForm(forms.Form):
    """Which days, in which view, and whose visits."""

    date = forms.DateField(label=_("date"), required=False)
    view = forms.ChoiceField(
        required=False,
        choices=[
            (WEEK, pgettext_lazy("calendar", "Week")),
            (MONTH, pgettext_lazy("calendar", "Month")),
            (LIST, pgettext_lazy("calendar", "List")),
        ],
    )
    whose = forms.ChoiceField(
        label=_("visits of"),
        required=False,
        choices=[
            (MINE, pgettext_lazy("visits of", "Me")),
            (TEAM, pgettext_lazy("visits of", "My team")),
            (ALL, pgettext_lazy("visits of", "Everybody I see")),
        ],
    )
    owner = forms.ModelChoiceField(
        label=_("person"),
        required=False,
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = forms.ModelChoiceField(
        label=_("team"), required=False, queryset=Team.objects.all(), widget=LookupSelect("users:team_lookup")
    )


class EventsForm(forms.Form):
    """The days of which the calendar asks for the visits; `end` is the day after the last. Without: this week."""

    start = forms.DateField(required=False)
    end = forms.DateField(required=False)


class DropForm(forms.Form):
    """Where a visit was dropped, in the reader's own time; `confirmed` after a warning."""

    date = forms.DateField()
    time = forms.TimeField(required=False)
    confirmed = forms.BooleanField(required=False)
