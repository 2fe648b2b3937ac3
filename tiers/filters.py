"""Filters of runs and proposals, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from core.paging import Sort
from tiers.choices import State
from tiers.models import TierPolicy, TierProposal, TierRun
from users.models import Team, User

NO_TIER = "none"
TIER_CHOICES = [*Tier.choices, (NO_TIER, _("No tier"))]

PROPOSAL_SORTS = {"revenue": Sort("revenue_amount"), "account": Sort("account__name"), "id": Sort("pk")}
DEFAULT_PROPOSAL_SORT = "-revenue"
RUN_SORTS = {"as_of": Sort("as_of"), "id": Sort("pk")}
DEFAULT_RUN_SORT = "-as_of"


def tier_name(tier: str) -> str:
    """A tier as filters and addresses write it: `none` for no tier."""
    return tier or NO_TIER


def tier_value(name: str) -> str:
    """The tier that `tier_name` wrote."""
    return "" if name == NO_TIER else name


class RunFilter(django_filters.FilterSet):
    """Runs: by policy and date."""

    policy = django_filters.ModelChoiceFilter(
        label=_("tier policy"), field_name="version__policy", queryset=TierPolicy.objects.all()
    )
    as_of_after = django_filters.DateFilter(label=_("as of, from"), field_name="as_of", lookup_expr="gte")
    as_of_before = django_filters.DateFilter(label=_("as of, to"), field_name="as_of", lookup_expr="lte")

    class Meta:
        model = TierRun
        fields: list[str] = []


class RunPageFilter(django_filters.FilterSet):
    """What the page of one run offers beside the moves: state, and the team that is responsible for the account."""

    state = django_filters.ChoiceFilter(label=_("state"), choices=State.choices)
    team = django_filters.ModelChoiceFilter(label=_("team"), queryset=Team.objects.all(), method="in_team")

    class Meta:
        model = TierProposal
        fields: list[str] = []

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(account__manager__in=User.objects.filter(team__path__startswith=value.path))


class ProposalFilter(RunPageFilter):
    """Proposals: by run, account, state, move and team."""

    run = django_filters.NumberFilter(label=_("run"), field_name="run_id")
    account = django_filters.NumberFilter(label=_("account"), field_name="account_id")
    tier_before = django_filters.ChoiceFilter(label=_("from tier"), choices=TIER_CHOICES, method="tier_is")
    proposed_tier = django_filters.ChoiceFilter(label=_("to tier"), choices=TIER_CHOICES, method="tier_is")

    def tier_is(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{name: tier_value(value)})
