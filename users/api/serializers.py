"""Users and teams as JSON."""

from __future__ import annotations

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer
from users.models import Team, User


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
