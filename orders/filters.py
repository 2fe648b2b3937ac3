"""Filters of orders and products, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.money import CURRENCY_CHOICES
from core.paging import Sort
from orders.models import Order, OrderKind, Product, ProductLine
from search.services import matching_ids

ORDER_SORTS = {"order_date": Sort("order_date"), "id": Sort("pk")}
ORDER_DEFAULT_SORT = "-order_date"
PRODUCT_SORTS = {"code": Sort("code"), "name": Sort("name"), "id": Sort("pk")}
PRODUCT_DEFAULT_SORT = "code"


class OrderFilter(django_filters.FilterSet):
    """`q` is an order number, or anything that finds accounts; the other filters are exact."""

    q = django_filters.CharFilter(label=_("Order number or account"), method="search")
    order_date = django_filters.DateFromToRangeFilter(label=_("order date"))
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=OrderKind.choices)
    currency = django_filters.ChoiceFilter(label=_("currency"), choices=CURRENCY_CHOICES)
    source = django_filters.CharFilter(label=_("source system"), max_length=40)
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Order
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        """Two index ranges instead of an OR over the whole table."""
        orders = Order.objects.order_by()
        by_number = orders.filter(external_id=value.strip()).values("pk")
        by_account = orders.filter(account__in=matching_ids("account", value)).values("pk")
        return queryset.filter(pk__in=by_number.union(by_account, all=True))


class ProductFilter(django_filters.FilterSet):
    """`q` is part of the code or of a name."""

    q = django_filters.CharFilter(label=_("Code or name"), method="search")
    line = django_filters.ModelChoiceFilter(label=_("product line"), queryset=ProductLine.objects.order_by("code"))

    class Meta:
        model = Product
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.containing(value.strip())  # of CatalogueQuerySet
