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
    BULK_STATUSES,
    BulkResultSerializer,
    BulkUpsertRequestSerializer,
    BulkUpsertSerializer,
    ExchangeRateSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    ProductLineSerializer,
    ProductSerializer,
)
from orders.filters import ORDER_SORTS, PRODUCT_SORTS, OrderFilter, ProductFilter
from orders.models import Order, OrderLine, Product, ProductLine
from orders.services import OrderRow
from orders.services.products import save_product, save_product_line
from users.models import User

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
    filterset_class = OrderFilter
    sorts = ORDER_SORTS
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
        outcomes = upsert(**serializer.validated_data, actor=request.user)
        counts = Counter(outcome.status for outcome in outcomes)
        results = [{"index": index, **bulk_row(outcome)} for index, outcome in enumerate(outcomes)]
        return Response({**{name: counts[name] for name in BULK_STATUSES}, "results": results})


def upsert(source: str, orders: list[Any], actor: User) -> list[services.Outcome]:
    """One outcome for each of `orders`: those that cannot be read are rejected, the others go to the service."""
    rows: list[OrderRow] = []
    refused: dict[int, services.Outcome] = {}
    for index, data in enumerate(orders):
        try:
            rows.append(parse_order(data))
        except DomainError as error:
            name = data.get("external_id") if isinstance(data, dict) else ""
            refused[index] = services.Outcome(name if isinstance(name, str) else "")
            refused[index].refuse(error)
    done = iter(services.upsert_orders(rows, source=source, actor=actor, today=timezone.localdate()))
    return [refused[index] if index in refused else next(done) for index in range(len(orders))]


def bulk_row(outcome: services.Outcome) -> dict[str, Any]:
    """An outcome as the answer has it."""
    return {
        "external_id": outcome.external_id,
        "status": outcome.status,
        "id": outcome.order_id,
        "code": outcome.code,
        "message": outcome.message,
        "field": outcome.field,
    }


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
    filterset_class = ProductFilter
    sorts = PRODUCT_SORTS
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
