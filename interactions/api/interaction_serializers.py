"""Interactions, their files and next steps as JSON."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from accounts.models import Account
from contacts.models import Contact
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from interactions.models import LOG_FIELDS, CheckIn, Interaction, InteractionFile, NextStep, Topic, Visit
from users.models import User

STEP_FIELDS = ["kind", "text", "owner", "due_date"]


class TopicsField(serializers.ListField):
    """Topics by their names; new names are added."""

    child = serializers.CharField(max_length=Topic._meta.get_field("name").max_length)

    def get_attribute(self, instance: Interaction) -> list[str]:
        return [topic.name for topic in instance.topics.all()]


class NewStepSerializer(ScopedModelSerializer):
    """A promise or next step of an interaction that is being logged."""

    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")

    class Meta:
        model = NextStep
        fields = STEP_FIELDS


class NextStepSerializer(ScopedModelSerializer):
    """A promise to the customer or a next step of ours."""

    account = NamedRelatedField(queryset=Account.objects.all())
    interaction = ScopedRelatedField(
        queryset=Interaction.objects.all(), required=False, allow_null=True, help_text="What it follows from."
    )
    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")
    closed_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = NextStep
        fields = [
            "id",
            "account",
            "interaction",
            *STEP_FIELDS,
            "status",
            "closed_at",
            "closed_by",
            "closing_note",
            "created_at",
            "updated_at",
        ]


class NextStepUpdateSerializer(NextStepSerializer):
    """Account and interaction stay; the status changes by `complete`, `drop` and `reopen`."""

    account = NamedRelatedField(read_only=True)
    interaction = ScopedRelatedField(read_only=True, allow_null=True)


class CompleteSerializer(StrictSerializer):
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="How it ended.")


class GivenReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=250, help_text="Why.")


class NoBodySerializer(StrictSerializer):
    """Nothing to say."""


class CheckInSerializer(ScopedModelSerializer):
    """Where somebody was, in degrees (WGS 84); send it only with that person's consent."""

    class Meta:
        model = CheckIn
        fields = ["latitude", "longitude", "accuracy_m", "checked_in_at"]


class InteractionFileSerializer(ScopedModelSerializer):
    """A file of an interaction; `content` is where its bytes are."""

    interaction = ScopedRelatedField(read_only=True)
    uploaded_by = NamedRelatedField(read_only=True, allow_null=True)
    content = serializers.SerializerMethodField()

    class Meta:
        model = InteractionFile
        fields = [
            "id",
            "interaction",
            "name",
            "size",
            "content_type",
            "is_photo",
            "uploaded_by",
            "created_at",
            "content",
        ]
        read_only_fields = ["name", "size", "content_type", "is_photo"]

    def get_content(self, row: InteractionFile) -> str:
        return reverse("api:interaction-file-content", args=[row.pk])


class FileUploadSerializer(StrictSerializer):
    """One file as multipart/form-data."""

    interaction = ScopedRelatedField(queryset=Interaction.objects.all())
    file = serializers.FileField(allow_empty_file=True)


class InteractionSerializer(ScopedModelSerializer):
    """Something that happened between us and an account. `date` is the business date in the author's time zone."""

    account = NamedRelatedField(read_only=True)
    author = NamedRelatedField(read_only=True, allow_null=True)
    contacts = NamedRelatedField(
        many=True, queryset=Contact.objects.all(), required=False, help_text="People of the customer, by id."
    )
    colleagues = NamedRelatedField(
        many=True, queryset=User.objects.active(), required=False, help_text="Our people beside the author, by id."
    )
    topics = TopicsField(required=False, max_length=20)
    mentioned = NamedRelatedField(many=True, read_only=True, help_text="Colleagues named by @name in the text.")
    not_notified = serializers.SerializerMethodField(
        help_text="In the answer to a write: named by @name, but told nothing, since they do not see the account."
    )
    visit = serializers.SerializerMethodField(help_text="The planned visit that it completed.")
    check_in = CheckInSerializer(read_only=True, allow_null=True)
    next_steps = NextStepSerializer(many=True, read_only=True)
    files = InteractionFileSerializer(many=True, read_only=True)

    class Meta:
        model = Interaction
        fields = [
            "id",
            "account",
            *LOG_FIELDS,
            "date",
            "topics",
            "contacts",
            "colleagues",
            "author",
            "mentioned",
            "not_notified",
            "top_seniority",
            "visit",
            "check_in",
            "next_steps",
            "files",
            "client_key",
            "created_at",
            "updated_at",
        ]

    def get_visit(self, row: Interaction) -> int | None:
        visit = getattr(row, "visit", None)
        return visit and visit.pk

    def get_not_notified(self, row: Interaction) -> list[str]:
        return [str(user) for user in row.not_notified]


class InteractionCreateSerializer(InteractionSerializer):
    """A new interaction with its next steps; `visit` names a planned visit that is thereby done."""

    account = NamedRelatedField(queryset=Account.objects.all())
    visit = ScopedRelatedField(queryset=Visit.objects.all(), required=False, allow_null=True)
    check_in = CheckInSerializer(required=False, allow_null=True)
    next_steps = NewStepSerializer(many=True, required=False, max_length=20)
    client_key = serializers.UUIDField(
        required=False, help_text="Chosen by the client: the same key again answers with the first row."
    )

    def parts(self) -> dict[str, Any]:
        """What belongs to the interaction and is no column of it, as `log_interaction` takes it."""
        data = self.validated_data
        names = ("contacts", "colleagues", "topics")
        found = {name: data.pop(name) for name in names if name in data}
        steps = data.pop("next_steps", ())
        check_in = data.pop("check_in", None)
        caller = self.context["request"].user
        return {
            **found,
            "visit": data.pop("visit", None),
            "check_in": CheckIn(**check_in) if check_in else None,
            "steps": [NextStep(**{"owner": caller, **step}) for step in steps],
        }
