"""Users and teams as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer
from core.models import CalendarDay
from users.models import Leave, Team, User


class TeamSerializer(ScopedModelSerializer):
    """A team in the tree of teams."""

    depth = serializers.IntegerField(read_only=True, help_text="0 for a team without a parent.")

    class Meta:
        model = Team
        fields = ["id", "name", "name_en", "parent", "depth", "created_at", "updated_at"]
        read_only_fields = fields


class UserSerializer(ScopedModelSerializer):
    """A colleague: who they are, never how they log in."""

    team = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = ["id", "username", "name", "email", "phone", "role", "team", "language", "time_zone", "is_active"]
        read_only_fields = fields


class LeaveSerializer(ScopedModelSerializer):
    """An absence, first and last day included."""

    user = NamedRelatedField(queryset=User.objects.all(), help_text="Oneself, or somebody whom one leads.")
    delegate = NamedRelatedField(
        queryset=User.objects.all(),
        required=False,
        allow_null=True,
        help_text="The stand-in: another active user, who decides approvals in their place.",
    )

    class Meta:
        model = Leave
        fields = ["id", "user", "from_date", "until_date", "kind", "delegate", "note", "created_at", "updated_at"]


class CalendarDaySerializer(ScopedModelSerializer):
    """A holiday or a make-up working day that an administrator entered."""

    class Meta:
        model = CalendarDay
        fields = ["id", "country", "date", "working", "name", "name_en"]
        validators: list[Any] = []  # the same country and date again is a correction
        extra_kwargs = {"country": {"help_text": "ISO 3166-1 alpha-2."}}
