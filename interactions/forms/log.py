"""Parse what is typed where an interaction is logged or changed."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountChoiceField
from accounts.models import Account
from contacts.models import Contact
from core.forms import DayInput
from interactions.choices import Direction, Kind, Mood, Outcome, StepKind
from interactions.models import MAX_MINUTES_LENGTH, CheckIn, Interaction, NextStep, Topic, Visit
from interactions.moments import zone_of
from users.models import User

NOW, TODAY, YESTERDAY, OTHER_DAY = "now", "today", "yesterday", "day"
WHEN = [
    (NOW, _("Now")),
    (TODAY, _("Today")),
    (YESTERDAY, _("Yesterday")),
    (OTHER_DAY, _("Another day")),
]
NOON = dt.time(12)
OLDEST_DRAFT = dt.timedelta(days=30)
STEP_DAYS = 7
MAX_STEPS = 20
LONGEST_NUMBER = 18
_PLAIN = ("kind", "outcome", "mood", "minutes", "title", "place", "direction", "duration_minutes")
_SEPARATORS = re.compile(r"[,，;；、\n]")


class StartForm(forms.Form):
    """What the address says of the interaction to log: `?account=&contact=&visit=&kind=`; nonsense is left out."""

    account = forms.ModelChoiceField(queryset=Account.objects.all(), required=False)
    contact = forms.ModelChoiceField(queryset=Contact.objects.all(), required=False)
    visit = forms.ModelChoiceField(queryset=Visit.objects.select_related("account"), required=False)
    kind = forms.ChoiceField(choices=Kind.choices, required=False)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files, none included."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files if file]


class RowsField(forms.ModelMultipleChoiceField):
    """Several rows; numbers that no database has are no choice, and no error of the database either."""

    def clean(self, value: Any) -> Any:
        for pk in value or ():
            if len(str(pk)) > LONGEST_NUMBER:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": pk}
                )
        return super().clean(value)


class MinutesField(forms.CharField):
    """Browsers send a line's end as two characters; people see and count one."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)


class LogForm(forms.Form):
    """One interaction on one screen; only the account, the kind and the time must be given."""

    client_key = forms.UUIDField(widget=forms.HiddenInput)
    written_at = forms.DateTimeField(
        widget=forms.HiddenInput, required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ"]
    )
    visit = forms.ModelChoiceField(queryset=Visit.objects.all(), required=False, widget=forms.HiddenInput)
    account = AccountChoiceField(label=_("account"))
    kind = forms.ChoiceField(label=_("kind"), choices=Kind.choices, widget=forms.RadioSelect)
    contacts = RowsField(
        label=_("the customer's people"),
        queryset=Contact.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    when = forms.ChoiceField(label=_("when"), choices=WHEN, widget=forms.RadioSelect, initial=NOW)
    day = forms.DateField(label=_("date"), required=False, widget=DayInput)
    time = forms.TimeField(
        label=_("time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    outcome = forms.ChoiceField(label=_("outcome"), choices=Outcome.choices, required=False, widget=forms.RadioSelect)
    mood = forms.TypedChoiceField(
        label=_("mood"), choices=Mood.choices, required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    minutes = MinutesField(
        label=_("minutes"),
        required=False,
        max_length=MAX_MINUTES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    topics = forms.CharField(label=_("topics"), required=False, max_length=400)
    title = forms.CharField(label=_("subject"), required=False, max_length=160)
    place = forms.CharField(label=_("place"), required=False, max_length=120)
    direction = forms.ChoiceField(
        label=_("began"), choices=Direction.choices, widget=forms.RadioSelect, initial=Direction.OUTBOUND
    )
    duration_minutes = forms.IntegerField(
        label=_("duration in minutes"), required=False, min_value=0, max_value=24 * 60
    )
    colleagues = RowsField(
        label=_("our people"), queryset=User.objects.active(), required=False, widget=forms.CheckboxSelectMultiple
    )
    files = ManyFilesField(label=_("files"), required=False)  # type: ignore[assignment]  # a field, not the uploads
    photo = forms.FileField(label=_("photo"), required=False)
    consent = forms.BooleanField(label=_("Record where I am"), required=False)
    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    accuracy_m = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, interaction: Interaction | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.interaction = user, interaction
        self.initial.setdefault("client_key", uuid.uuid4())
        if interaction is not None:
            for name in ("visit", "written_at", "account", "photo", "consent"):
                del self.fields[name]
            self.initial = {**_initial_of(interaction), **self.initial}

    def clean_account(self) -> Account:
        account = self.cleaned_data["account"]
        if not Account.objects.editable_by(self.user).filter(pk=account.pk).exists():
            raise forms.ValidationError(_("You may read this account but not change it."))
        return account

    def clean_topics(self) -> list[str]:
        names = [name.strip().lstrip("#") for name in _SEPARATORS.split(self.cleaned_data["topics"])]
        longest = Topic._meta.get_field("name").max_length or 0
        if too_long := next((name for name in names if len(name) > longest), None):
            raise forms.ValidationError(
                _("The topic “%(topic)s” is longer than %(most)s characters."),
                params={"topic": too_long, "most": longest},
            )
        return list(dict.fromkeys(filter(None, names)))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == OTHER_DAY and not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Say on which day."))
        if data.get("consent") and (data.get("latitude") is None or data.get("longitude") is None):
            self.add_error("consent", _("The position could not be found. Try again, or leave the check-in out."))
        return data

    def moment(self, now: dt.datetime) -> dt.datetime:
        """When it happened. "Now", "today" and "yesterday" mean when the form was filled in, should it arrive late."""
        data, zone, written = self.cleaned_data, zone_of(self.user), self._written(now)
        if data["when"] == NOW:
            return written
        today = written.astimezone(zone).date()
        day = {TODAY: today, YESTERDAY: today - dt.timedelta(days=1)}.get(data["when"], data["day"])
        if data["when"] == TODAY and data["time"] is None:
            return written
        return _aware(day, data["time"] or NOON, zone)

    def _written(self, now: dt.datetime) -> dt.datetime:
        """When the form was filled in, as far as the device's clock is to be believed."""
        written = self.cleaned_data.get("written_at")
        return written if written and now - OLDEST_DRAFT <= written <= now else now

    def fill(self, interaction: Interaction, now: dt.datetime) -> Interaction:
        """The row with what was typed."""
        data = self.cleaned_data
        for name in _PLAIN:
            setattr(interaction, name, data[name])
        kept = self.interaction is not None and not {"when", "day", "time"} & set(self.changed_data)
        if not kept:
            interaction.occurred_at = self.moment(now)
        if self.interaction is None:
            interaction.account, interaction.client_key = data["account"], data["client_key"]
        return interaction

    def check_in(self, now: dt.datetime) -> CheckIn | None:
        """Where they were, only where they agreed to have it recorded."""
        data = self.cleaned_data
        if not data["consent"] or data["latitude"] is None or data["longitude"] is None:
            return None
        digits = {name: round(data[name], 5) for name in ("latitude", "longitude")}
        return CheckIn(**digits, accuracy_m=data["accuracy_m"], checked_in_at=self._written(now))


def _aware(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=zone)


def _initial_of(interaction: Interaction) -> dict[str, Any]:
    local = interaction.occurred_at.astimezone(zone_of(interaction.author))
    return {
        **{name: getattr(interaction, name) for name in (*_PLAIN, "client_key")},
        "when": OTHER_DAY,
        "day": local.date(),
        "time": local.time().replace(second=0, microsecond=0),
        "contacts": [contact.pk for contact in interaction.contacts.all()],
        "colleagues": [colleague.pk for colleague in interaction.colleagues.all()],
        "topics": ", ".join(topic.name for topic in interaction.topics.all()),
    }


class NextVisitForm(forms.Form):
    """The next visit, as it is offered after logging: accepted, moved, or planned where there was none."""

    account = AccountChoiceField(label=_("account"))
    visit = forms.ModelChoiceField(queryset=Visit.objects.planned().select_related("owner"), required=False)
    planned_date = forms.DateField(label=_("date"))


class StepRowForm(forms.Form):
    """One next step below an interaction; a row without text is left out."""

    text = forms.CharField(label=_("what"), required=False, max_length=300)
    promise = forms.BooleanField(label=_("Promised to the customer"), required=False)
    owner = forms.ModelChoiceField(label=_("owner"), queryset=User.objects.active(), required=False)
    due_date = forms.DateField(label=_("due"), required=False, widget=DayInput)

    def step(self, user: User, today: dt.date) -> NextStep | None:
        """The unsaved step: of the user and due in a week unless said otherwise."""
        data = self.cleaned_data
        if not data.get("text"):
            return None
        return NextStep(
            text=data["text"],
            kind=StepKind.PROMISE if data["promise"] else StepKind.NEXT_STEP,
            owner=data["owner"] or user,
            due_date=data["due_date"] or today + dt.timedelta(days=STEP_DAYS),
        )


StepFormSet = forms.formset_factory(StepRowForm, extra=1, max_num=MAX_STEPS, absolute_max=MAX_STEPS, validate_max=True)
STEP_PREFIX = "steps"
