"""Invitations as JSON."""

from __future__ import annotations

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from surveys.api.intake import BULK_STATUSES
from surveys.models import Campaign, Invitation
from surveys.services.inviting import MAX_ROWS

DELIVERED, BOUNCED = "delivered", "bounced"


class InvitationSerializer(ScopedModelSerializer):
    """A contact asked once. In anonymous campaigns nothing says when they opened the link or answered."""

    campaign = NamedRelatedField(read_only=True)
    account = NamedRelatedField(read_only=True)
    contact = NamedRelatedField(read_only=True, allow_null=True)
    manager = NamedRelatedField(read_only=True, allow_null=True)
    product_line = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "campaign", "account", "contact", "occasion", "external_id", "email", "language", "status",
            "asked_on", "expires_on", "opened_at", "answered_on", "tier", "manager", "product_line",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class BulkInviteSerializer(StrictSerializer):
    """Up to 1,000 contacts to be invited to one campaign."""

    campaign = ScopedRelatedField(queryset=Campaign.objects.all())
    invitations = serializers.ListField(min_length=1, max_length=MAX_ROWS)


# What follows only describes the bulk call; surveys.api.intake reads it.
class BulkInvitationSerializer(serializers.Serializer):
    """One contact: by `contact` or `email`, at an account that the caller may change."""

    external_id = serializers.CharField(max_length=80, required=False, help_text="The client's number for it.")
    account = serializers.CharField(max_length=40, help_text="The account's code.")
    contact = serializers.IntegerField(required=False)
    email = serializers.CharField(max_length=254, required=False, help_text="As the contact has it.")
    happened_on = serializers.DateField(
        required=False, help_text="Of an event: the mail goes out as many days after it as the campaign says."
    )
    occasion = serializers.CharField(
        max_length=60, required=False,
        help_text="What for; a contact is asked once an occasion. Default: by the campaign's timing, of an event "
        "`<event>:<external_id>`.",
    )  # fmt: skip


class BulkInviteRequestSerializer(BulkInviteSerializer):
    """Up to 1,000 contacts to be invited to one campaign."""

    invitations = BulkInvitationSerializer(many=True, min_length=1, max_length=MAX_ROWS)


class BulkInviteRowSerializer(serializers.Serializer):
    """What became of one row."""

    index = serializers.IntegerField(help_text="Its place in the call, from 0.")
    external_id = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(choices=BULK_STATUSES)
    id = serializers.IntegerField(allow_null=True, help_text="The invitation, also the earlier one of `asked`.")
    code = serializers.CharField(allow_blank=True, help_text="Why it was rejected; stable, for programs.")
    message = serializers.CharField(allow_blank=True, help_text="Why it was rejected, for people.")
    field = serializers.CharField(allow_null=True)


class BulkInviteResultSerializer(serializers.Serializer):
    """What became of the rows, counted and one by one in the order of the call."""

    created = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = BulkInviteRowSerializer(many=True)


class LinkSerializer(serializers.Serializer):
    """The way to an answer: whoever has it can answer."""

    url = serializers.URLField()
    token = serializers.CharField(help_text="For survey-answers.")
    expires_on = serializers.DateField()


class DeliverySerializer(StrictSerializer):
    """What became of the mail."""

    status = serializers.ChoiceField(choices=[DELIVERED, BOUNCED])
    error = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="What the mail server said."
    )
