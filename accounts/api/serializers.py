"""Accounts, manager assignments, team members and tier history as JSON."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.choices import HealthBand, Status
from accounts.models import PROFILE_FIELDS, Account, AccountMember, ManagerAssignment, Tag, TierHistory
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField
from users.models import User


class TagsField(serializers.ListField):
    """Tags by their names."""

    child = serializers.CharField(max_length=Tag._meta.get_field("name").max_length)

    def get_attribute(self, instance: Account) -> list[str]:
        return [tag.name for tag in instance.tags.all()]


class AccountSerializer(ScopedModelSerializer):
    """An account. Enumerations are codes; the currency of each amount is beside it."""

    parent = ScopedRelatedField(
        queryset=Account.objects.all(), required=False, allow_null=True, help_text="The id of the parent account."
    )
    manager = NamedRelatedField(read_only=True, allow_null=True, help_text="Changed by assignments only.")
    tags = TagsField(required=False, max_length=50)
    revenue_12m_amount = serializers.DecimalField(
        source="summary.revenue_12m_amount",
        max_digits=18,
        decimal_places=2,
        read_only=True,
        help_text="Net revenue of the 12 full months before this one.",
    )
    revenue_prior_12m_amount = serializers.DecimalField(
        source="summary.revenue_prior_12m_amount",
        max_digits=18,
        decimal_places=2,
        read_only=True,
        help_text="Net revenue of the 12 months before those.",
    )
    revenue_currency = serializers.SerializerMethodField(help_text="The reporting currency.")
    revenue_complete = serializers.BooleanField(
        source="summary.revenue_complete", read_only=True, help_text="False: an exchange rate was missing for some."
    )
    last_order_date = serializers.DateField(source="summary.last_order_date", read_only=True, allow_null=True)
    last_contact_date = serializers.DateField(
        source="summary.last_contact_date",
        read_only=True,
        allow_null=True,
        help_text="The newest interaction that counts for the contact policy.",
    )
    contact_due_date = serializers.DateField(
        source="summary.contact_due_date",
        read_only=True,
        allow_null=True,
        help_text="The last day within the cadence; null where no cadence applies.",
    )
    next_visit_date = serializers.DateField(
        source="summary.next_visit_date", read_only=True, allow_null=True, help_text="The earliest planned visit."
    )
    next_renewal_date = serializers.DateField(
        source="summary.next_renewal_date",
        read_only=True,
        allow_null=True,
        help_text="The earliest end of a running contract's term that no signed contract follows.",
    )
    health_score = serializers.IntegerField(
        source="summary.health_score", read_only=True, allow_null=True, help_text="0 to 100, of the last night."
    )
    health_band = serializers.ChoiceField(
        source="summary.health_band", choices=HealthBand.choices, read_only=True, allow_blank=True
    )
    health_trend = serializers.ListField(
        source="summary.health_trend",
        child=serializers.IntegerField(allow_null=True),
        read_only=True,
        help_text="The scores of the last Mondays, the oldest first, then the newest one; null where there is none.",
    )
    open_alerts = serializers.IntegerField(source="summary.open_alerts", read_only=True)

    class Meta:
        model = Account
        fields = [
            "id",
            *PROFILE_FIELDS,
            "tags",
            "manager",
            "tier",
            "tier_since",
            "revenue_12m_amount",
            "revenue_prior_12m_amount",
            "revenue_currency",
            "revenue_complete",
            "last_order_date",
            "last_contact_date",
            "contact_due_date",
            "next_visit_date",
            "next_renewal_date",
            "health_score",
            "health_band",
            "health_trend",
            "open_alerts",
            "created_at",
            "updated_at",
        ]

    def get_revenue_currency(self, account: Account) -> str:
        return settings.REPORTING_CURRENCY

    def validate_status(self, value: str) -> str:
        if value == Status.TERMINATED:
            raise serializers.ValidationError(
                _("Ending a relationship is a process of its own, not a change of status."), code="status_not_settable"
            )
        return value


class AccountCreateSerializer(AccountSerializer):
    """A new account; its manager may be named at once by those who lead others."""

    manager = NamedRelatedField(
        queryset=User.objects.active(),
        required=False,
        allow_null=True,
        help_text="Default: the caller, or nobody where the caller is a director or an administrator.",
    )


class AssignmentSerializer(ScopedModelSerializer):
    """One span of an account's history of managers; the open one has no `until_date`."""

    account = NamedRelatedField(queryset=Account.objects.all())
    manager = NamedRelatedField(queryset=User.objects.active())
    assigned_by = NamedRelatedField(read_only=True, allow_null=True)
    reason = serializers.CharField(max_length=250, help_text="Why the account changes hands.")

    class Meta:
        model = ManagerAssignment
        fields = ["id", "account", "manager", "from_date", "until_date", "reason", "assigned_by", "created_at"]
        read_only_fields = ["from_date", "until_date"]


class AccountAssignmentSerializer(AssignmentSerializer):
    """As AssignmentSerializer, where the account is in the address."""

    account = NamedRelatedField(read_only=True)


class MemberSerializer(ScopedModelSerializer):
    """A member of an account team beside the manager."""

    account = NamedRelatedField(queryset=Account.objects.all())
    user = NamedRelatedField(queryset=User.objects.active())

    class Meta:
        model = AccountMember
        fields = ["id", "account", "user", "role", "right", "expires_on", "created_at", "updated_at"]


class MemberUpdateSerializer(MemberSerializer):
    """Role, right and last day; another person or account is another member."""

    account = NamedRelatedField(read_only=True)
    user = NamedRelatedField(read_only=True)


class TierHistorySerializer(ScopedModelSerializer):
    """A change of an account's tier: from which, since when, why, decided by whom. An empty tier is none."""

    account = NamedRelatedField(read_only=True)
    decided_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = TierHistory
        fields = [
            "id",
            "account",
            "tier",
            "previous_tier",
            "since",
            "source",
            "reason",
            "decided_by",
            "created_at",
        ]
        read_only_fields = fields
