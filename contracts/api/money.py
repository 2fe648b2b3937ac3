"""The REST API of instalments, receipts and receivables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.access import require_editable
from contracts import ageing, services
from contracts.api.money_serializers import (
    EventSerializer,
    InstalmentSerializer,
    InvoiceSerializer,
    ReceiptSerializer,
    ReceivablesSerializer,
    VoidSerializer,
)
from contracts.forms.money import (
    INSTALMENT_SORTS,
    RECEIPT_DEFAULT_SORT,
    RECEIPT_SORTS,
    InstalmentFilter,
    InstalmentListFilter,
    ReceiptFilter,
)
from contracts.models import Instalment, Receipt
from contracts.rates import dated_rates
from core.api.views import ReadOnlyScopedViewSet, ScopedViewSet

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
                {**asdict(cell), "reporting_amount": rates.convert(cell.amount, cell.currency, today)}
                for row in found.rows
                for cell in row.columns
                if cell.count
            ],
            "totals": [asdict(cell) for cell in found.reporting.columns],
            "not_converted": found.reporting.unpriced,
        }
        return Response(ReceivablesSerializer(answer, context=self.get_serializer_context()).data)


def _body(view: Any, serializer_class: Any) -> dict[str, Any]:
    serializer = serializer_class(data=view.request.data, context=view.get_serializer_context())
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values
