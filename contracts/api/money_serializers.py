"""Instalments, receipts and receivables as JSON."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers

from contracts.ageing import Bucket, bucket_on, days_overdue
from contracts.models import Contract, Instalment, Receipt, ReceiptShare
from contracts.services.parts import MAX_INSTALMENTS
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from core.money import CURRENCY_CHOICES


class InstalmentSerializer(ScopedModelSerializer):
    """An instalment of any version; `is_current` while its version is the signed one.

    `bucket` and `days_overdue` are those of today, null where nothing of it is open or it is not of a signed plan.
    """

    contract = NamedRelatedField(read_only=True)
    account = NamedRelatedField(source="contract.account", read_only=True)
    currency = serializers.CharField(source="contract.currency", read_only=True)
    open_amount = serializers.DecimalField(max_digits=18, decimal_places=3, read_only=True)
    bucket = serializers.SerializerMethodField()
    days_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Instalment
        fields = [
            "id", "contract", "account", "version", "position", "title", "amount", "currency", "due_by", "due_date",
            "event", "days_after", "event_date", "invoice_number", "invoice_date", "settled_amount", "open_amount",
            "is_current", "bucket", "days_overdue",
        ]  # fmt: skip
        read_only_fields = fields

    def get_bucket(self, row: Instalment) -> str | None:
        is_open = row.is_current and row.open_amount > 0
        return bucket_on(row.due_date, timezone.localdate()).value if is_open else None

    def get_days_overdue(self, row: Instalment) -> int | None:
        is_open = row.is_current and row.open_amount > 0
        return days_overdue(row.due_date, timezone.localdate()) if is_open else None


class EventSerializer(StrictSerializer):
    """When the event happened; null takes it back."""

    date = serializers.DateField(allow_null=True)


class InvoiceSerializer(StrictSerializer):
    """An empty number takes the invoice away."""

    number = serializers.CharField(max_length=60, allow_blank=True)
    date = serializers.DateField(required=False, allow_null=True, default=None)


class ShareSerializer(StrictSerializer, serializers.ModelSerializer):
    """What of a receipt is meant for an instalment, named by its position in the plan."""

    instalment = serializers.IntegerField(source="instalment_position", min_value=0, max_value=32_767)

    class Meta:
        model = ReceiptShare
        fields = ["instalment", "amount"]


class ReceiptSerializer(ScopedModelSerializer):
    """Money that came in for a contract, or went back (`kind`). Never changed; a wrong one is voided.

    What is not assigned goes to the instalments in the order in which they are due.
    """

    contract = NamedRelatedField(queryset=Contract.objects.all())
    currency = serializers.ChoiceField(
        choices=CURRENCY_CHOICES, required=False, help_text="Default, and the only one possible: that of the contract."
    )
    shares = ShareSerializer(many=True, required=False, max_length=MAX_INSTALMENTS)
    allow_credit = serializers.BooleanField(
        required=False, write_only=True, help_text="Keep what is more than all that is open as credit."
    )
    posted_by = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Receipt
        fields = [
            "id", "contract", "kind", "date", "amount", "currency", "method", "reference", "invoice_number", "note",
            "shares", "allow_credit", "posted_by", "voided_at", "void_reason", "created_at",
        ]  # fmt: skip
        read_only_fields = ["voided_at", "void_reason", "created_at"]


class VoidSerializer(StrictSerializer):
    """Why it counts no more."""

    reason = serializers.CharField(max_length=300)


class CellSerializer(serializers.Serializer):
    """The open instalments of one bucket and currency."""

    currency = serializers.CharField()
    bucket = serializers.ChoiceField(choices=Bucket.choices)
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=3)
    reporting_amount = serializers.DecimalField(
        max_digits=20, decimal_places=3, allow_null=True, help_text="By the rate of today; null: there is none."
    )


class SumSerializer(serializers.Serializer):
    """One bucket over all currencies that have a rate."""

    bucket = serializers.ChoiceField(choices=Bucket.choices)
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=3)


class ReceivablesSerializer(serializers.Serializer):
    """Ageing of today: by bucket and currency, and all together; `not_converted` names currencies without a rate."""

    as_of = serializers.DateField()
    reporting_currency = serializers.CharField()
    results = CellSerializer(many=True)
    totals = SumSerializer(many=True, help_text="In the reporting currency, without what has no rate.")
    not_converted = serializers.ListField(child=serializers.CharField())
