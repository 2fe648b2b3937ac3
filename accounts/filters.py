"""Filters of account lists, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Category, Industry, Region, Size, Stage, Status, Tier
from accounts.models import Account, AccountMember, ManagerAssignment, Tag, TierHistory
from core.forms import LookupSelect
from core.paging import Sort
from search.services import matching_ids
from users.models import Team, User

NO_TIER = "none"

SORTS = {
    "name": Sort("name"),
    "code": Sort("code"),
    "revenue": Sort("summary__revenue_12m_amount"),
    "last_order": Sort("summary__last_order_date", nullable=True),
    "last_contact": Sort("summary__last_contact_date", nullable=True),
    "contact_due": Sort("summary__contact_due_date", nullable=True),
    "next_visit": Sort("summary__next_visit_date", nullable=True),
    "next_renewal": Sort("summary__next_renewal_date", nullable=True),
    "id": Sort("pk"),
}
DEFAULT_SORT = "-revenue"

OVERDUE, NEVER, COVERED = "overdue", "never", "covered"
CONTACT_STATES = [
    (OVERDUE, _("Contact overdue")),
    (COVERED, _("Within the cadence")),
    (NEVER, _("Never contacted")),
]


class AccountFilter(django_filters.FilterSet):
    """`q` finds names, pinyin, initials and codes; the other filters are exact."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    tier = django_filters.MultipleChoiceFilter(
        label=_("tier"), choices=[*Tier.choices, (NO_TIER, _("No tier"))], method="in_tiers"
    )
    status = django_filters.MultipleChoiceFilter(label=pgettext_lazy("of an account", "status"), choices=Status.choices)
    stage = django_filters.ChoiceFilter(label=_("relationship stage"), choices=Stage.choices)
    category = django_filters.ChoiceFilter(label=_("category"), choices=Category.choices)
    industry = django_filters.ChoiceFilter(label=_("industry"), choices=Industry.choices)
    region = django_filters.ChoiceFilter(label=_("region"), choices=Region.choices)
    size = django_filters.ChoiceFilter(label=_("size"), choices=Size.choices)
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    tag = django_filters.ModelChoiceFilter(label=_("tag"), field_name="tags", queryset=Tag.objects.all())
    contact = django_filters.ChoiceFilter(
        label=pgettext_lazy("state of contact", "contact"), choices=CONTACT_STATES, method="in_contact_state"
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=matching_ids("account", value))

    def in_tiers(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        return queryset.filter(tier__in=["" if tier == NO_TIER else tier for tier in value]) if value else queryset

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(manager__in=User.objects.filter(team__path__startswith=value.path))

    def in_contact_state(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return queryset.in_contact_state(value, timezone.localdate())


class AssignmentFilter(django_filters.FilterSet):
    """Manager history: by account, by manager, only the open ones."""

    open = django_filters.BooleanFilter(label=_("open"), field_name="until_date", lookup_expr="isnull")

    class Meta:
        model = ManagerAssignment
        fields = ["account", "manager"]


class MemberFilter(django_filters.FilterSet):
    """Team members: by account, user and role."""

    class Meta:
        model = AccountMember
        fields = ["account", "user", "role", "right"]


class TierHistoryFilter(django_filters.FilterSet):
    """Tier changes: by account, tier and day."""

    since_after = django_filters.DateFilter(label=_("since, from"), field_name="since", lookup_expr="gte")
    since_before = django_filters.DateFilter(label=_("since, to"), field_name="since", lookup_expr="lte")

    class Meta:
        model = TierHistory
        fields = ["account", "tier", "source"]
