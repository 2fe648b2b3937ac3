"""Visits and what could not be planned, as JSON."""

from __future__ import annotations

from rest_framework import serializers

from accounts.models import Account
from contacts.models import Contact
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from interactions.models import Interaction, PlanningGap, Visit
from users.models import User


class VisitSerializer(ScopedModelSerializer):
    """A visit. `start_time` is in the visitor's time zone; `due_date` and `cadence_days` say why the planner made it.

    `uid` and `sequence` are those of the calendar entry. `pinned`: made or moved by hand, the planner leaves it there.
    """

    account = NamedRelatedField(queryset=Account.objects.all())
    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")
    contacts = NamedRelatedField(many=True, queryset=Contact.objects.all(), required=False)
    interaction = ScopedRelatedField(read_only=True, allow_null=True)
    closed_by = NamedRelatedField(read_only=True, allow_null=True)
    warnings = serializers.SerializerMethodField(
        help_text="In the answer to a write: what speaks against the day. It is written all the same."
    )

    class Meta:
        model = Visit
        fields = [
            "id",
            "account",
            "owner",
            "duty",
            "planned_date",
            "start_time",
            "duration_minutes",
            "purpose",
            "contacts",
            "source",
            "pinned",
            "due_date",
            "cadence_days",
            "status",
            "interaction",
            "closed_at",
            "closed_by",
            "closing_note",
            "uid",
            "sequence",
            "warnings",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "source", "pinned", "due_date", "cadence_days", "status", "closed_at", "closing_note", "uid", "sequence",
        ]  # fmt: skip

    def get_warnings(self, row: Visit) -> list[str]:
        return getattr(row, "warnings", [])


class VisitUpdateSerializer(VisitSerializer):
    """Day and visitor change by `move`, the status by `complete` and `cancel`."""

    account = NamedRelatedField(read_only=True)
    owner = NamedRelatedField(read_only=True)

    class Meta(VisitSerializer.Meta):
        read_only_fields = [*VisitSerializer.Meta.read_only_fields, "duty", "planned_date"]


class MoveSerializer(StrictSerializer):
    planned_date = serializers.DateField()
    start_time = serializers.TimeField(required=False, allow_null=True, help_text="Left out: as it is; null: none.")
    owner = ScopedRelatedField(queryset=User.objects.active(), required=False, help_text="Left out: as it is.")


class CompleteVisitSerializer(StrictSerializer):
    interaction = ScopedRelatedField(
        queryset=Interaction.objects.all(),
        required=False,
        allow_null=True,
        help_text="What was logged about it. To log and complete at once, post the interaction with its `visit`.",
    )


class CancelVisitSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=200)


class CompletedVisitSerializer(serializers.Serializer):
    """The visit that is done, and what follows: the next visit, or the due date where no day had room for one."""

    visit = VisitSerializer()
    next_visit = VisitSerializer(allow_null=True)
    next_due_date = serializers.DateField(allow_null=True)


class PlanningGapSerializer(ScopedModelSerializer):
    """A visit that is due and could not be planned, as the newest planning left it."""

    account = NamedRelatedField(read_only=True)
    user = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = PlanningGap
        fields = ["id", "account", "user", "duty", "due_date", "reason", "as_of"]
        read_only_fields = ["duty", "due_date", "reason", "as_of"]
