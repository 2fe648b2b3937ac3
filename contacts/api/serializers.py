"""People, employments and lines of the relationship map as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Account
from contacts.models import CONTACT_FIELDS, EMPLOYMENT_FIELDS, Contact, ContactLink, Employment
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from users.models import User


class EmploymentSerializer(ScopedModelSerializer):
    """A person at one account: what they do there, and their part in its decisions as we judge it."""

    contact = NamedRelatedField(queryset=Contact.objects.filter(erased=False))
    account = NamedRelatedField(queryset=Account.objects.all())
    reports_to = ScopedRelatedField(
        queryset=Employment.objects.all(),
        required=False,
        allow_null=True,
        help_text="The id of the superior's employment at the same account; circles are refused.",
    )
    owner = NamedRelatedField(
        queryset=User.objects.active(), required=False, allow_null=True, help_text="Who of us keeps the relationship."
    )

    class Meta:
        model = Employment
        fields = ["id", "contact", "account", *EMPLOYMENT_FIELDS, "created_at", "updated_at"]
        validators: list[Any] = []  # the service checks, with everything else


class EmploymentUpdateSerializer(EmploymentSerializer):
    """Person and account stay: who goes to another account is moved there."""

    contact = NamedRelatedField(read_only=True)
    account = NamedRelatedField(read_only=True)


class NewEmploymentSerializer(EmploymentSerializer):
    """The employment that a new person begins with, or somebody who moves to another account."""

    class Meta(EmploymentSerializer.Meta):
        fields = ["account", *EMPLOYMENT_FIELDS]

    contact = None


class EndSerializer(StrictSerializer):
    """The last day at the account."""

    last_day = serializers.DateField()


class ContactSerializer(ScopedModelSerializer):
    """A person. Names are one field, family name first in Chinese; phone numbers are E.164; lunar birthdays are month
    and day of the lunar calendar."""

    employments = EmploymentSerializer(
        source="jobs", many=True, read_only=True, help_text="Those that the caller sees, the newest first."
    )

    class Meta:
        model = Contact
        fields = ["id", *CONTACT_FIELDS, "erased", "employments", "created_at", "updated_at"]
        read_only_fields = ["erased"]


class ContactCreateSerializer(ContactSerializer):
    """A new person with the employment that they begin with: there is no contact without an account."""

    employment = NewEmploymentSerializer(help_text="Where the person works.")

    class Meta(ContactSerializer.Meta):
        fields = [*CONTACT_FIELDS, "employment"]

    employments = None


class ContactLinkSerializer(ScopedModelSerializer):
    """A line of the relationship map: who influences whom, who is in conflict with whom; between two employments."""

    account = NamedRelatedField(queryset=Account.objects.all())
    source = ScopedRelatedField(queryset=Employment.objects.all(), help_text="Id of an employment at the account.")
    target = ScopedRelatedField(queryset=Employment.objects.all(), help_text="Id of another one.")

    class Meta:
        model = ContactLink
        fields = ["id", "account", "source", "target", "kind", "note", "created_at"]
        validators: list[Any] = []
