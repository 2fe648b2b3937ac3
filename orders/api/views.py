"""The REST API of orders, the catalogue and exchange rates."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ReadOnlyScopedViewSet
from core.errors import DomainError
from core.models import ExchangeRate
from core.paging import Sort
from orders import services
from orders.api.intake import parse_order
from orders.api.serializers import (
    BulkResultSerializer,
    BulkUpsertRequestSerializer,
    BulkUpsertSerializer,
    ExchangeRateSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    ProductLineSerializer,
    ProductSerializer,
)
from orders.models import Order, OrderLine, Product, ProductLine
from orders.services.products import save_product, save_product_line

UPSERT_EXAMPLE = OpenApiExample(
    "Two lines",
    request_only=True,
    value={
        "source": "erp",
        "orders": [
            {
                "external_id": "SO-2026-000417",
                "account": "C00042",
                "order_date": "2026-03-16",
                "currency": "CNY",
                "lines": [
                    {"product": "P-100", "quantity": "20", "unit_price": "149.50", "product_line": "PUMPS"},
                    {"product": "P-220", "quantity": "1", "unit_price": "3800.00"},
                ],
            }
        ],
    },
)


class OrderViewSet(ReadOnlyScopedViewSet):
    """Orders of the accounts that the caller sees."""

    tag = "Orders"
    scope = "orders"
    serializer_class = OrderSerializer
    sorts = {"order_date": Sort("order_date"), "total": Sort("total_amount"), "id": Sort("pk")}
    default_sort = "-order_date"

    def get_queryset(self) -> models.QuerySet[Any]:
        orders = Order.objects.visible_to(self.request.user).select_related("account")
        if self.action == "retrieve":
            lines = OrderLine.objects.select_related("product").order_by("position")
            return orders.prefetch_related(models.Prefetch("lines", queryset=lines))
        return orders

    def get_serializer_class(self) -> type[OrderSerializer]:
        return OrderDetailSerializer if self.action == "retrieve" else OrderSerializer

    @extend_schema(
        request=BulkUpsertRequestSerializer, responses={200: BulkResultSerializer}, examples=[UPSERT_EXAMPLE]
    )
    @action(detail=False, methods=["post"], url_path="bulk-upsert")
    def bulk_upsert(self, request: Request) -> Response:
        """Create or change up to 1,000 orders, named by source and external id; the outcome of each is in the answer.

        A rejected order does not hold up the others. The same call again changes nothing.
        """
        serializer = BulkUpsertSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rows = [{"index": index} for index in range(len(serializer.validated_data["orders"]))]
        batch = []
        for row, data in zip(rows, serializer.validated_data["orders"], strict=True):
            try:
                batch.append((row, parse_order(data)))
            except DomainError as error:
                name = data.get("external_id") if isinstance(data, dict) else None
                row |= {"external_id": name if isinstance(name, str) else "", "status": "rejected", "id": None}
                row |= {"code": error.code, "message": str(error), "field": error.field}
        outcomes = services.upsert_orders(
            [order for _row, order in batch],
            source=serializer.validated_data["source"],
            actor=request.user,
            today=timezone.localdate(),
        )
        for (row, _order), outcome in zip(batch, outcomes, strict=True):
            row |= {"external_id": outcome.external_id, "status": outcome.status, "id": outcome.order_id}
            row |= {"code": outcome.code, "message": outcome.message, "field": outcome.field}
        counts = Counter(row["status"] for row in rows)
        totals = {name: counts[name] for name in ("created", "updated", "unchanged", "rejected")}
        return Response({**totals, "results": rows})


class ProductLineViewSet(ReadOnlyScopedViewSet):
    """Product lines."""

    tag = "Orders"
    scope = "products"
    serializer_class = ProductLineSerializer
    sorts = {"code": Sort("code"), "id": Sort("pk")}
    default_sort = "code"

    def get_queryset(self) -> models.QuerySet[Any]:
        return ProductLine.objects.visible_to(self.request.user)

    def create(self, request: Request) -> Response:
        """Add a product line."""
        line = save_product_line(self.validated().build(), actor=request.user)
        return self.shown(line, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a product line."""
        line = self.get_object()
        return self.shown(save_product_line(self.validated(line, partial=partial).apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a product line."""
        return self.update(request, pk, partial=True)


class ProductViewSet(ReadOnlyScopedViewSet):
    """Products."""

    tag = "Orders"
    scope = "products"
    serializer_class = ProductSerializer
    sorts = {"code": Sort("code"), "name": Sort("name"), "id": Sort("pk")}
    default_sort = "code"

    def get_queryset(self) -> models.QuerySet[Any]:
        return Product.objects.visible_to(self.request.user).select_related("line")

    def create(self, request: Request) -> Response:
        """Add a product."""
        return self.shown(save_product(self.validated().build(), actor=request.user), status.HTTP_201_CREATED)

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """Change a product; where it moves to another product line, past revenue moves with it."""
        product = self.get_object()
        return self.shown(save_product(self.validated(product, partial=partial).apply(), actor=request.user))

    def partial_update(self, request: Request, pk: int) -> Response:
        """Change some fields of a product."""
        return self.update(request, pk, partial=True)


class ExchangeRateViewSet(ReadOnlyScopedViewSet):
    """Dated exchange rates into the reporting currency."""

    tag = "Orders"
    scope = "rates"
    serializer_class = ExchangeRateSerializer
    sorts = {"valid_from": Sort("valid_from"), "currency": Sort("currency"), "id": Sort("pk")}
    default_sort = "-valid_from"

    def get_queryset(self) -> models.QuerySet[Any]:
        return ExchangeRate.objects.order_by()

    def create(self, request: Request) -> Response:
        """Set the rate of a currency from a day on; the same currency and day again is a correction."""
        rate = services.set_exchange_rate(
            **self.validated().validated_data, actor=request.user, today=timezone.localdate()
        )
        return self.shown(rate, status.HTTP_201_CREATED)
