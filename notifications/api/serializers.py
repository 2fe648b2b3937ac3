"""Serializers of notifications and their settings."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import ScopedModelSerializer, StrictSerializer
from notifications.channels import CHANNELS
from notifications.choices import EMAIL, EmailMode
from notifications.events import GROUPS, Choice
from notifications.models import Notification, NotificationPreference


class NotificationSerializer(ScopedModelSerializer):
    """One thing that the caller should know. `text` is in the caller's language, `url` a path of KAM."""

    event = serializers.SerializerMethodField()
    text = serializers.CharField(source="sentence", read_only=True)

    class Meta:
        model = Notification
        fields = ("id", "event", "kind", "text", "url", "created_at", "read_at")
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=list(GROUPS)))
    def get_event(self, note: Notification) -> str:
        return note.group.code


class UnreadSerializer(serializers.Serializer):
    unread = serializers.IntegerField()


class ReadAllSerializer(serializers.Serializer):
    """How many were unread."""

    read = serializers.IntegerField()


@extend_schema_field(
    {"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", "example": "21:00:00"}
)
class QuietField(serializers.TimeField):
    """A time of day by the clock on the wall."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%H:%M:%S", "input_formats": ["%H:%M:%S", "%H:%M"], "allow_null": True, **kwargs})


class EventChoiceSerializer(StrictSerializer):
    """How one event reaches the caller besides the bell: `email` never, now or digest; `robots` are channels."""

    email = serializers.ChoiceField(choices=EmailMode.choices)
    robots = serializers.ListField(child=serializers.CharField(max_length=20), max_length=20)

    def validate_robots(self, value: list[str]) -> list[str]:
        """Only channels that there are."""
        unknown = [code for code in value if code not in CHANNELS or code == EMAIL]
        if unknown:
            raise serializers.ValidationError(", ".join(unknown), code="unknown_channel")
        return value


class EventsSerializer(StrictSerializer):
    """All events, each with how it reaches the caller."""

    def get_fields(self) -> dict[str, Any]:
        return {code: EventChoiceSerializer() for code in GROUPS}


class PreferenceSerializer(StrictSerializer):
    """Quiet hours by the clock of the caller's time zone (both ends or neither), and the choice for every event."""

    quiet_from = QuietField()
    quiet_until = QuietField()
    working_days_only = serializers.BooleanField()
    urgent_always = serializers.BooleanField()
    events = EventsSerializer()

    def apply(self) -> tuple[NotificationPreference, dict[str, Choice]]:
        """The unsaved settings, and the choices."""
        values: dict[str, Any] = dict(self.validated_data)
        events = values.pop("events")
        choices = {code: Choice(event["email"], frozenset(event["robots"])) for code, event in events.items()}
        return NotificationPreference(**values), choices


def preference_data(preference: NotificationPreference, choices: dict[str, Choice]) -> dict[str, Any]:
    """As PreferenceSerializer shows it."""
    return {
        "quiet_from": preference.quiet_from,
        "quiet_until": preference.quiet_until,
        "working_days_only": preference.working_days_only,
        "urgent_always": preference.urgent_always,
        "events": {
            code: {"email": str(choice.email), "robots": sorted(choice.robots)} for code, choice in choices.items()
        },
    }
