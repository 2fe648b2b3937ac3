"""Campaigns, their rules and who would be asked, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Account
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from orders.models import ProductLine
from surveys.choices import NotAsked
from surveys.models import Campaign, LoopRule, QuestionnaireVersion
from surveys.services.audience import ASKED, Preview
from surveys.services.loop_rules import MAX_RULES
from users.models import User


class NothingSerializer(StrictSerializer):
    """No body, or an empty one."""


class LoopRuleSerializer(ScopedModelSerializer):
    """An answer from `low` to `high` (both included) to `question` opens a follow-up of that kind."""

    class Meta:
        model = LoopRule
        fields = ["question", "low", "high", "kind"]


class CampaignSerializer(ScopedModelSerializer):
    """A campaign. Once it has started, most of it can no longer be changed.

    `audience` is `{"accounts": {filter of the account list: [values]}, "tiers": [], "stages": [], "roles": []}`; what
    is empty asks everybody. `texts` is `{language: {"subject", "body", "reminder_subject", "reminder_body"}}`; what is
    missing comes from the product.
    """

    questionnaire_version = NamedRelatedField(
        queryset=QuestionnaireVersion.objects.all(), help_text="A published version (survey-versions)."
    )
    status = serializers.ChoiceField(choices=Campaign._meta.get_field("status").choices, read_only=True)
    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")
    product_line = NamedRelatedField(queryset=ProductLine.objects.all(), required=False, allow_null=True)
    audience = serializers.DictField(required=False)
    texts = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)), required=False
    )

    class Meta:
        model = Campaign
        fields = [
            "id", "name", "questionnaire_version", "status", "owner", "audience", "timing", "every_months_a",
            "every_months_b", "every_months_c", "event", "event_days", "start_date", "end_date", "channel", "anonymous",
            "product_line", "sender_name", "reply_to", "texts", "reminder_days", "started_at", "ended_at", "created_at",
            "updated_at",
        ]  # fmt: skip
        read_only_fields = ["started_at", "ended_at"]


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with its rules and, from its start on, the frozen copy of the questions."""

    definition = serializers.DictField(read_only=True, help_text="Empty while it is a draft.")
    loop_rules = LoopRuleSerializer(many=True, read_only=True)

    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, "definition", "loop_rules"]


class LoopRulesSerializer(StrictSerializer):
    """All rules of a campaign."""

    loop_rules = LoopRuleSerializer(many=True, max_length=MAX_RULES)


class AskedRowSerializer(serializers.Serializer):
    """A contact at an account; of `no_contact` the account alone."""

    account = serializers.IntegerField()
    account_name = serializers.CharField()
    contact = serializers.IntegerField(allow_null=True)
    contact_name = serializers.CharField(allow_blank=True)


class NotAskedSerializer(serializers.Serializer):
    """One reason not to ask: the first that holds counts."""

    reason = serializers.ChoiceField(choices=NotAsked.choices)
    text = serializers.CharField()
    count = serializers.IntegerField()
    first = AskedRowSerializer(many=True)


class PreviewSerializer(serializers.Serializer):
    """Who would be asked on a day and who not."""

    asked = serializers.IntegerField()
    first = serializers.SerializerMethodField()
    not_asked = serializers.SerializerMethodField()

    @extend_schema_field(AskedRowSerializer(many=True))
    def get_first(self, found: Preview) -> list[dict[str, Any]]:
        return list(_rows(found, ASKED))

    @extend_schema_field(NotAskedSerializer(many=True))
    def get_not_asked(self, found: Preview) -> list[dict[str, Any]]:
        return [
            {"reason": reason, "text": str(NotAsked(reason).label), "count": count, "first": list(_rows(found, reason))}
            for reason, count in found.not_asked.items()
        ]


def _rows(found: Preview, reason: str) -> Iterator[dict[str, Any]]:
    for row in found.rows.get(reason, ()):
        account = row if isinstance(row, Account) else row.account
        contact = None if isinstance(row, Account) else row.contact
        yield {
            "account": account.pk,
            "account_name": str(account),
            "contact": contact and contact.pk,
            "contact_name": str(contact) if contact else "",
        }
