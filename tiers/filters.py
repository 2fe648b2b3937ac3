"""Filters of runs and proposals, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from core.paging import Sort
from tiers.choices import NO_TIER, TIERS, UNCHANGED, State, tier_name, tier_value
from tiers.models import TierPolicy, TierProposal, TierRun
from users.models import Team, User

TIER_CHOICES = [*Tier.choices, (NO_TIER, _("No tier"))]

# What a BigAutoField holds; beyond it SQLite refuses the query
ROW_ID = {"min_value": 1, "max_value": 2**63 - 1, "decimal_places": 0}
PROPOSAL_SORTS = {"revenue": Sort("revenue_amount"), "account": Sort("account__name"), "id": Sort("pk")}
DEFAULT_PROPOSAL_SORT = "-revenue"
RUN_SORTS = {"as_of": Sort("as_of"), "id": Sort("pk")}
DEFAULT_RUN_SORT = "-as_of"


def move_choices() -> list[tuple[str, str]]:
    """Every move there can be, as `B-A`, and the accounts that stay."""
    tiers = [*TIERS, ""]
    moves = [(a, b) for a in tiers for b in tiers if a != b]
    return [
        *((f"{tier_name(a)}-{tier_name(b)}", f"{a or _('no tier')} → {b or _('no tier')}") for a, b in moves),
        (UNCHANGED, str(_("Unchanged"))),
    ]


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
    """What the page of one run offers: move, state, and the team that is responsible for the account."""

    move = django_filters.ChoiceFilter(label=_("move"), choices=move_choices, method="is_move")
    state = django_filters.ChoiceFilter(label=_("state"), choices=State.choices)
    team = django_filters.ModelChoiceFilter(label=_("team"), queryset=Team.objects.all(), method="in_team")

    class Meta:
        model = TierProposal
        fields: list[str] = []

    def is_move(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.in_move(value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(account__manager__in=User.objects.filter(team__path__startswith=value.path))


class ProposalFilter(RunPageFilter):
    """Proposals: by run, account, state, move and team."""

    run = django_filters.NumberFilter(label=_("run"), field_name="run_id", **ROW_ID)
    account = django_filters.NumberFilter(label=_("account"), field_name="account_id", **ROW_ID)
    tier_before = django_filters.ChoiceFilter(label=_("from tier"), choices=TIER_CHOICES, method="tier_is")
    proposed_tier = django_filters.ChoiceFilter(label=_("to tier"), choices=TIER_CHOICES, method="tier_is")

    def tier_is(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{name: tier_value(value)})
