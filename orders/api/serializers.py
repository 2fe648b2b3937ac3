"""Products, orders, rates and the bulk call as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import NamedRelatedField, ScopedModelSerializer, StrictSerializer
from core.models import ExchangeRate
from orders.api.intake import MAX_ORDERS
from orders.models import Order, OrderKind, OrderLine, Product, ProductLine

BULK_STATUSES = ["created", "updated", "unchanged", "rejected"]


class ProductLineSerializer(ScopedModelSerializer):
    """A group of products."""

    class Meta:
        model = ProductLine
        fields = ["id", "code", "name", "name_en"]


class ProductSerializer(ScopedModelSerializer):
    """What an order line sells."""

    line = NamedRelatedField(queryset=ProductLine.objects.all(), help_text="The product line.")

    class Meta:
        model = Product
        fields = ["id", "code", "name", "name_en", "line", "created_at", "updated_at"]


class OrderLineSerializer(ScopedModelSerializer):
    """One line; amounts in the order's currency."""

    product = serializers.CharField(source="product.code", help_text="The product's code.")
    product_name = serializers.CharField(source="product.name")

    class Meta:
        model = OrderLine
        fields = ["position", "product", "product_name", "quantity", "unit_price", "amount", "cost_amount"]
        read_only_fields = fields


class OrderSerializer(ScopedModelSerializer):
    """An order without its lines; returns have a negative total."""

    account = NamedRelatedField(read_only=True)

    class Meta:
        model = Order
        fields = [
            "id",
            "account",
            "source",
            "external_id",
            "order_date",
            "delivered_on",
            "kind",
            "currency",
            "total_amount",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class OrderDetailSerializer(OrderSerializer):
    """An order with its lines."""

    lines = OrderLineSerializer(many=True, read_only=True)

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "lines"]
        read_only_fields = fields


class ExchangeRateSerializer(StrictSerializer, serializers.ModelSerializer):
    """Units of the reporting currency for one unit of `currency`, from a day on."""

    class Meta:
        model = ExchangeRate
        fields = ["id", "currency", "valid_from", "rate"]
        validators: list[Any] = []  # the same currency and day again is a correction


# What follows only describes the bulk call; orders.api.intake reads it.
class BulkLineSerializer(serializers.Serializer):
    """One line. Numbers are best sent as text, so that no digit is lost."""

    product = serializers.CharField(max_length=60, help_text="The product's code; a new one joins the catalogue.")
    quantity = serializers.DecimalField(max_digits=16, decimal_places=3, help_text="Negative on returns.")
    unit_price = serializers.DecimalField(max_digits=18, decimal_places=4, min_value=0)
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=3, required=False, help_text="Checked: quantity × unit price, rounded."
    )
    cost_amount = serializers.DecimalField(max_digits=18, decimal_places=3, required=False, allow_null=True)
    product_name = serializers.CharField(max_length=200, required=False, help_text="Used when the product is new.")
    product_line = serializers.CharField(max_length=40, required=False, help_text="A code; used when it is new.")


class BulkOrderSerializer(serializers.Serializer):
    """One order with all its lines; lines that it no longer has are removed."""

    external_id = serializers.CharField(max_length=80, help_text="The order's number in the source system.")
    account = serializers.CharField(max_length=40, help_text="The account's code.")
    order_date = serializers.DateField()
    delivered_on = serializers.DateField(
        required=False, allow_null=True, help_text="When the goods arrived; without it, what is known stays."
    )
    currency = serializers.CharField(max_length=3, help_text="ISO 4217.")
    kind = serializers.ChoiceField(choices=OrderKind.choices, required=False, help_text="Default: by the total's sign.")
    lines = BulkLineSerializer(many=True)


class BulkUpsertSerializer(StrictSerializer):
    """Up to 1,000 orders of one source system."""

    source = serializers.CharField(max_length=40, help_text="The source system; with external_id it names an order.")
    orders = serializers.ListField(min_length=1, max_length=MAX_ORDERS)


class BulkUpsertRequestSerializer(BulkUpsertSerializer):
    """Up to 1,000 orders of one source system."""

    orders = BulkOrderSerializer(many=True, min_length=1, max_length=MAX_ORDERS)


class BulkRowSerializer(serializers.Serializer):
    """What became of one order."""

    index = serializers.IntegerField(help_text="Its place in the call, from 0.")
    external_id = serializers.CharField()
    status = serializers.ChoiceField(choices=BULK_STATUSES)
    id = serializers.IntegerField(allow_null=True)
    code = serializers.CharField(help_text="Why it was rejected; stable, for programs.")
    message = serializers.CharField(help_text="Why it was rejected, for people.")
    field = serializers.CharField(allow_null=True, help_text="Where: `lines.2.quantity`.")


class BulkResultSerializer(serializers.Serializer):
    """What became of the orders, counted and one by one in the order of the call."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    results = BulkRowSerializer(many=True)
