"""The REST API of instalments, receipts and receivables."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts import ageing, services
from contracts.ageing import Bucket, bucket_on, days_overdue
from contracts.forms.money import (
    INSTALMENT_SORTS,
    RECEIPT_DEFAULT_SORT,
    RECEIPT_SORTS,
    InstalmentFilter,
    InstalmentListFilter,
    ReceiptFilter,
)
from contracts.models import Contract, Instalment, Receipt, ReceiptShare
from contracts.rates import dated_rates
from contracts.services.parts import MAX_INSTALMENTS
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet
from core.money import CURRENCY_CHOICES

RECEIPT_EXAMPLE = OpenApiExample(
    "A transfer for two instalments",
    request_only=True,
    value={
        "contract": 42,
        "date": "2026-05-12",
        "amount": "50000.00",
        "currency": "CNY",
        "method": "transfer",
        "reference": "FT2605120031",
        "shares": [{"instalment": 1, "amount": "40256.25"}, {"instalment": 2, "amount": "9743.75"}],
    },
)


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

    What no share says goes to the instalments in the order in which they are due.
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


class InstalmentViewSet(ReadOnlyScopedViewSet):
    """Instalments of all versions; `?current=true` for those that count, `?bucket=90%2B` for those long overdue."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = InstalmentSerializer
    filterset_class = InstalmentListFilter
    sorts: ClassVar = INSTALMENT_SORTS
    default_sort = "id"

    def get_queryset(self) -> models.QuerySet[Any]:
        return Instalment.objects.visible_to(self.request.user).select_related("contract__account")

    @extend_schema(request=EventSerializer, responses=InstalmentSerializer)
    @action(detail=True, methods=["post"])
    def event(self, request: Request, pk: int) -> Response:
        """Note when the event that it waits for happened: that makes it due."""
        row, values = self._editable(), _body(self, EventSerializer)
        services.record_event(row, **values, actor=request.user, today=timezone.localdate())
        return self.shown(row)

    @extend_schema(request=InvoiceSerializer, responses=InstalmentSerializer)
    @action(detail=True, methods=["post"])
    def invoice(self, request: Request, pk: int) -> Response:
        """Note its invoice."""
        row, values = self._editable(), _body(self, InvoiceSerializer)
        services.set_invoice(row, **values, actor=request.user)
        return self.shown(row)

    def _editable(self) -> Instalment:
        row: Instalment = self.get_object()
        require_editable(self.request.user, row.contract.account_id)
        return row


class ReceiptViewSet(ReadOnlyScopedViewSet):
    """Receipts and refunds of the contracts that the caller sees."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = ReceiptSerializer
    filterset_class = ReceiptFilter
    sorts: ClassVar = RECEIPT_SORTS
    default_sort = RECEIPT_DEFAULT_SORT

    def get_queryset(self) -> models.QuerySet[Any]:
        rows = Receipt.objects.visible_to(self.request.user).select_related("contract__account", "posted_by")
        return rows.prefetch_related("shares")

    @extend_schema(examples=[RECEIPT_EXAMPLE])
    def create(self, request: Request) -> Response:
        """Post a receipt or refund; the plan is settled anew.

        400 `more_than_open` unless `allow_credit` is true, `more_than_received`, `currency_differs`,
        `no_such_instalment`, `shares_too_large`; 409 `receipts_need_signature`.
        """
        serializer = self.validated()
        require_editable(request.user, serializer.validated_data["contract"].account_id)
        shares = serializer.validated_data.pop("shares", [])
        allow_credit = serializer.validated_data.pop("allow_credit", False)
        receipt = services.post_receipt(
            serializer.build(), [(share["instalment_position"], share["amount"]) for share in shares],
            actor=request.user, now=timezone.now(), allow_credit=allow_credit,
        )  # fmt: skip
        return self.shown(receipt, status.HTTP_201_CREATED)

    @extend_schema(request=VoidSerializer, responses=ReceiptSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: int) -> Response:
        """It counts no more, and why. 409 `receipt_voided`, `refund_given`."""
        receipt = self.get_object()
        require_editable(request.user, receipt.contract.account_id)
        values = _body(self, VoidSerializer)
        services.void_receipt(receipt, **values, actor=request.user, now=timezone.now())
        return self.shown(receipt)


class ReceivablesViewSet(ScopedViewSet):
    """What is open of signed contracts, by how long it is overdue."""

    tag = "Contracts"
    scope = "contracts"
    serializer_class = ReceivablesSerializer
    filterset_class = InstalmentFilter
    pagination_class = None

    def get_queryset(self) -> models.QuerySet[Any]:
        return Instalment.objects.visible_to(self.request.user).open()

    @extend_schema(responses=forced_singular_serializer(ReceivablesSerializer))
    def list(self, request: Request) -> Response:
        """The ageing of today; the instalments behind each number are `/instalments/?bucket=…&currency=…`."""
        today, rates = timezone.localdate(), dated_rates()
        cells = ageing.counted(self.filter_queryset(self.get_queryset()), today)
        found = ageing.ageing(cells, rates, today)
        answer = {
            "as_of": today,
            "reporting_currency": rates.reporting,
            "results": [
                {**cell._asdict(), "reporting_amount": rates.convert(cell.amount, cell.currency, today)}
                for row in found.rows
                for cell in row.columns
                if cell.count
            ],
            "totals": [cell._asdict() for cell in found.reporting.columns],
            "not_converted": found.reporting.unpriced,
        }
        return Response(ReceivablesSerializer(answer, context=self.get_serializer_context()).data)


def _body(view: Any, serializer_class: Any) -> dict[str, Any]:
    serializer = serializer_class(data=view.request.data, context=view.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values
