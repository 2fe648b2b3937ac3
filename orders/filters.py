"""Filters of orders and products, the same on the pages and in the API."""

from __future__ import annotations

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AccountChoiceField
from accounts.models import Account
from core.money import CURRENCY_CHOICES
from core.paging import Sort
from orders.models import Order, OrderKind, Product, ProductLine
from orders.querysets import CatalogueQuerySet

ORDER_SORTS = {"date": Sort("order_date"), "id": Sort("pk")}
ORDER_DEFAULT_SORT = "-date"
PRODUCT_SORTS = {"code": Sort("code"), "name": Sort("name"), "id": Sort("pk")}
PRODUCT_DEFAULT_SORT = "code"


class AccountFilter(django_filters.ModelChoiceFilter):
    """One account, by its code."""

    field_class = AccountChoiceField


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"})


class OrderFilter(django_filters.FilterSet):
    """`number` is the order number in the source system, whole."""

    number = django_filters.CharFilter(label=_("order number"), field_name="external_id")
    account = AccountFilter(label=_("account code"), queryset=Account.objects.all(), to_field_name="code")
    from_date = django_filters.DateFilter(label=_("from"), field_name="order_date", lookup_expr="gte", widget=_day)
    until_date = django_filters.DateFilter(label=_("until"), field_name="order_date", lookup_expr="lte", widget=_day)
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=OrderKind.choices)
    currency = django_filters.ChoiceFilter(label=_("currency"), choices=CURRENCY_CHOICES)
    source = django_filters.CharFilter(label=_("source system"), field_name="source")

    class Meta:
        model = Order
        fields: list[str] = []


class ProductFilter(django_filters.FilterSet):
    """`q` is a part of the code or of a name."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    line = django_filters.ModelChoiceFilter(label=_("product line"), queryset=ProductLine.objects.all())

    class Meta:
        model = Product
        fields: list[str] = []

    def search(self, queryset: CatalogueQuerySet, name: str, value: str) -> CatalogueQuerySet:
        return queryset.containing(value)
