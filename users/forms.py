"""Forms for people and teams."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.forms import ModelChoiceField
from django.utils.translation import gettext_lazy as _

from core.forms import LookupSelect
from core.models import CalendarDay
from users.calendars import FIRST_YEAR, LAST_YEAR, country_choices
from users.models import Leave, Team, User
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


class LeaveForm(forms.ModelForm):
    """An absence; whose it is can be chosen only when it is new."""

    user = forms.ModelChoiceField(
        label=_("user"),
        queryset=User.objects.filter(is_active=True).order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
        empty_label=None,
    )
    delegate = forms.ModelChoiceField(
        label=_("stand-in"),
        queryset=User.objects.order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
        required=False,
        help_text=_("Decides approvals in place of the one who is away during these days."),
    )

    class Meta:
        model = Leave
        fields = ["user", "from_date", "until_date", "kind", "delegate", "note"]

    def limit_to(self, actor: User) -> None:
        """The people whose leave `actor` may enter; an absence that is there stays its person's. A stand-in is active,
        or was named before."""
        stand_ins = self.fields["delegate"]
        stand_ins.queryset = stand_ins.queryset.filter(Q(is_active=True) | Q(pk=self.instance.delegate_id))
        field = self.fields["user"]
        if self.instance.pk or not actor.leads:
            del self.fields["user"]
            return
        field.queryset = field.queryset.whose_leave_is_editable_by(actor)


class CalendarDayForm(forms.ModelForm):
    """A holiday or a make-up working day of the year that the page is about."""

    working = forms.TypedChoiceField(
        label=_("kind"),
        choices=[("0", _("Holiday")), ("1", _("Make-up working day"))],
        coerce=lambda value: value == "1",
    )

    class Meta:
        model = CalendarDay
        fields = ["date", "working", "name", "name_en"]

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        if day.year != self.year:
            raise forms.ValidationError(_("This day is not in %(year)s.") % {"year": self.year})
        return day


class CalendarImportForm(forms.Form):
    """Lines pasted from the published list."""

    text = forms.CharField(
        label=_("days, one a line"),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        max_length=40_000,
        help_text=_("A date or a range, “off” or “work” (休, 班), a name; an English name after a bar."),
    )


class CalendarChoiceForm(forms.Form):
    """Which calendar to open."""

    country = forms.ChoiceField(label=_("country"), choices=country_choices, widget=forms.Select(attrs=SEARCHABLE))
    year = forms.IntegerField(label=_("year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
