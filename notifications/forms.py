"""Forms of the settings of notifications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from core.forms import LookupSelect
from notifications.channels import ROBOTS
from notifications.choices import EmailMode
from notifications.desk import robot_channels
from notifications.events import GROUPS, Choice, Group
from notifications.models import NotificationPreference, Robot
from users.models import Team, User


@dataclass(frozen=True)
class Row:
    """One line of the table: a group with its controls; `copied` for those who lead."""

    group: Group
    email: BoundField
    robots: list[BoundField]
    copied: BoundField | None


class ChoicesForm(forms.Form):
    """A table of all groups: how each is delivered. Robots of channels that are not in `channels` stay as they are."""

    def __init__(
        self,
        data: Any,
        choices: Mapping[str, Choice],
        channels: Sequence[tuple[str, str]],
        *,
        copies: bool = False,
    ) -> None:
        super().__init__(data)
        self.choices, self.channels, self.copies = choices, list(channels), copies
        for code, choice in choices.items():
            label = GROUPS[code].label
            self.fields[f"{code}-email"] = forms.ChoiceField(
                label=_("E-mail: %(event)s") % {"event": label}, choices=EmailMode.choices, initial=choice.email
            )
            for channel, name in self.channels:
                self.fields[f"{code}-{channel}"] = forms.BooleanField(
                    label=f"{name}: {label}", required=False, initial=channel in choice.robots
                )
            if copies:
                self.fields[f"{code}-copied"] = forms.BooleanField(
                    label=_("Also what concerns the people below: %(event)s") % {"event": label},
                    required=False,
                    initial=choice.copied,
                )

    def rows(self) -> Iterator[Row]:
        """The lines of the table."""
        for code in self.choices:
            robots = [self[f"{code}-{channel}"] for channel, _name in self.channels]
            yield Row(GROUPS[code], self[f"{code}-email"], robots, self[f"{code}-copied"] if self.copies else None)

    def chosen(self) -> dict[str, Choice]:
        """What was chosen, by group; the form is valid."""
        shown = {channel for channel, _name in self.channels}
        return {code: self._chosen(code, choice, shown) for code, choice in self.choices.items()}

    def _chosen(self, code: str, choice: Choice, shown: set[str]) -> Choice:
        values = self.cleaned_data
        ticked = {channel for channel in shown if values[f"{code}-{channel}"]}
        copied = values[f"{code}-copied"] if self.copies else choice.copied
        return Choice(values[f"{code}-email"], frozenset(ticked | (choice.robots - shown)), copied)


class PreferenceForm(forms.ModelForm):
    class Meta:
        model = NotificationPreference
        fields = ("quiet_from", "quiet_until", "working_days_only", "urgent_always")
        widgets: ClassVar = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }


class RobotForm(forms.ModelForm):
    """A robot of one's own."""

    channel = forms.ChoiceField(label=_("Channel"), choices=robot_channels)
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_("As the chat shows it when the robot is made; it is never shown again."),
        widget=forms.URLInput(attrs={"placeholder": "https://…", "autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=_("Secret"),
        max_length=200,
        required=False,
        help_text=_(
            "DingTalk and Feishu: where the robot checks signatures. Of a webhook KAM makes one if you leave it empty."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Robot
        fields: tuple[str, ...] = ("channel", "name")

    field_order: tuple[str, ...] = ("team", "channel", "name", "url", "secret", "language", "groups")

    def target(self) -> dict[str, str]:
        """What was typed; the form is valid."""
        return {name: self.cleaned_data[name].strip() for name in ("url", "secret")}


class TeamRobotForm(RobotForm):
    """A robot of a team: what its members are told of these events goes there too."""

    groups = forms.MultipleChoiceField(
        label=_("Events"),
        choices=lambda: [(code, group.label) for code, group in GROUPS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta(RobotForm.Meta):
        fields = ("team", "channel", "name", "language", "groups")
        widgets: ClassVar = {"team": LookupSelect("users:team_lookup")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].required = True

    def limit_to(self, user: User) -> None:
        """Only the teams that `user` leads."""
        if not user.sees_everything:
            self.fields["team"].queryset = Team.objects.subtree(user.team) if user.team else Team.objects.none()


class RobotChangeForm(RobotForm):
    """A robot that there is; it keeps its channel."""

    channel: Any = None

    class Meta(RobotForm.Meta):
        fields = ("name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].required = False
        self.fields["url"].label = _("New address")
        self.fields["url"].help_text = _(
            "Leave it empty to keep the address. With a new one the secret is typed anew too."
        )
        self.fields["secret"].label = _("New secret")
        if not ROBOTS[self.instance.channel].signs:
            del self.fields["secret"]

    def target(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "").strip() for name in ("url", "secret")}

    field_order = ("name", "url", "secret", "language", "groups", "is_active")


class TeamRobotChangeForm(RobotChangeForm):
    """The same of a team's, which it stays."""

    groups = forms.MultipleChoiceField(
        label=_("Events"),
        choices=lambda: [(code, group.label) for code, group in GROUPS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta(RobotForm.Meta):
        fields = ("name", "language", "groups", "is_active")
