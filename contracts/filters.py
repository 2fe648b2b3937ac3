"""Filters of contracts, the same on the pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from accounts.models import Account
from contracts.choices import ContractKind, State, VersionStatus
from contracts.models import Contract, ContractLine, ContractVersion
from core.forms import LookupSelect
from core.money import CURRENCY_CHOICES
from core.paging import Sort
from orders.models import ProductLine
from search.services import matching_ids
from users.models import User

CONTRACT_SORTS = {
    "number": Sort("pk"),
    "end_date": Sort("end_date", nullable=True),
    "renewal_date": Sort("renewal_date", nullable=True),
    "net_amount": Sort("net_amount"),
    "id": Sort("pk"),
}
CONTRACT_DEFAULT_SORT = "-id"
VERSION_SORTS = {"id": Sort("pk")}
LINE_SORTS = {"id": Sort("pk")}
NO_TIER = "none"


class ContractFilter(django_filters.FilterSet):
    """`q` is part of a number, title or party, or anything that finds accounts; `state` is the state of today."""

    bar = ("q", "state", "kind", "owner", "end_date")

    q = django_filters.CharFilter(label=_("Number, title or account"), method="search", max_length=100)
    state = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of a contract", "state"), choices=State.choices, method="in_state"
    )
    kind = django_filters.MultipleChoiceFilter(label=_("kind"), choices=ContractKind.choices)
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name", "pk"), widget=LookupSelect("users:user_lookup")
    )
    end_date = django_filters.DateFromToRangeFilter(label=_("end"))
    tier = django_filters.MultipleChoiceFilter(
        label=_("tier"), choices=[*Tier.choices, (NO_TIER, _("No tier"))], method="in_tiers"
    )
    currency = django_filters.ChoiceFilter(label=_("currency"), choices=CURRENCY_CHOICES)
    net_amount = django_filters.RangeFilter(label=_("net total"))
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Contract
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        """Two index ranges instead of an OR over the whole table."""
        contracts = Contract.objects.order_by()
        by_words = contracts.filter(pk__in=matching_ids("contract", value)).values("pk")
        by_account = contracts.filter(account__in=matching_ids("account", value)).values("pk")
        return queryset.filter(pk__in=by_words.union(by_account, all=True))

    def in_state(self, queryset: Any, name: str, value: list[str]) -> models.QuerySet[Any]:
        return queryset.in_state(value, timezone.localdate()) if value else queryset

    def in_tiers(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        tiers = ["" if tier == NO_TIER else tier for tier in value]
        return queryset.filter(account__tier__in=tiers) if value else queryset


class VersionFilter(django_filters.FilterSet):
    """Versions: of a contract or an account, by status."""

    contract = django_filters.ModelChoiceFilter(label=_("contract"), queryset=Contract.objects.all())
    account = django_filters.ModelChoiceFilter(
        label=_("account"), field_name="contract__account", queryset=Account.objects.all()
    )
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of a contract version", "status"), choices=VersionStatus.choices
    )

    class Meta:
        model = ContractVersion
        fields: list[str] = []


class LineFilter(django_filters.FilterSet):
    """Lines: of a version, a contract or an account, by product line; `current` for those of the newest signed version
    (of a contract that was never signed: of its draft)."""

    version = django_filters.ModelChoiceFilter(label=_("version"), queryset=ContractVersion.objects.all())
    contract = django_filters.ModelChoiceFilter(
        label=_("contract"), field_name="version__contract", queryset=Contract.objects.all()
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), field_name="version__contract__account", queryset=Account.objects.all()
    )
    product_line = django_filters.ModelChoiceFilter(label=_("product line"), queryset=ProductLine.objects.all())
    current = django_filters.BooleanFilter(label=_("current"), method="of_current")

    class Meta:
        model = ContractLine
        fields: list[str] = []

    def of_current(self, queryset: models.QuerySet[Any], name: str, value: bool) -> models.QuerySet[Any]:  # noqa: FBT001
        current = models.Q(version=models.F("version__contract__version"))
        return queryset.filter(current) if value else queryset.exclude(current)


class BoardFilter(ContractFilter):
    """As the list, without the state: that is what the columns of the board are."""

    bar = ("q", "kind", "owner", "tier", "currency")
    state = None
