"""Whose contracts a page shows or adds up: by tier, team, account manager, region and what is bought."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Region, Tier
from accounts.filters import BuyingAccounts
from contracts.models import Contract
from core.forms import LookupSelect
from users.models import Team, User

NO_TIER = "none"
TIERS = [*Tier.choices, (NO_TIER, _("No tier"))]


class OfAccounts(BuyingAccounts):
    """Rows of accounts of a tier, team, manager or region; `to_account` is the path from the row to its account."""

    to_account = "contract__account"

    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="in_tier")
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name"), method="of_manager",
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip

    region = django_filters.ChoiceFilter(label=_("region"), choices=Region.choices, method="in_region")

    def in_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__region": value})

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__tier": "" if value == NO_TIER else value})

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        people = User.objects.filter(team__path__startswith=value.path)
        return queryset.filter(**{f"{self.to_account}__manager__in": people})

    def of_manager(self, queryset: models.QuerySet[Any], name: str, value: User) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__manager": value})


class ContractsOf(OfAccounts):
    """Contracts; `narrowing` names the filters that leave some out."""

    to_account = "account"
    narrowing: tuple[str, ...] = ("tier", "team", "manager", "region", "product_line")

    class Meta:
        model = Contract
        fields: list[str] = []

    def as_it_is(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        """Says how the rows are shown, not which."""
        return queryset

    @property
    def narrows(self) -> bool:
        """Whether not all contracts are meant."""
        return any(self.form.cleaned_data.get(name) for name in self.narrowing)
