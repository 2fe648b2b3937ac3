"""Filters of account lists, the same on the page and in the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.buying import buyers_of, lines
from accounts.choices import Category, Gap, HealthBand, Industry, Region, Size, Stage, Status, Tier
from accounts.models import Account, AccountMember, ManagerAssignment, Tag, TierHistory
from core.forms import LookupSelect, YesNoSelect
from core.paging import Sort
from search.services import matching_ids
from users.models import Team, User

NO_TIER = "none"
TIERS = [*Tier.choices, (NO_TIER, _("No tier"))]
NO_SCORE = "none"

SORTS = {
    "name": Sort("name"),
    "code": Sort("code"),
    "revenue": Sort("summary__revenue_12m_amount"),
    "last_order": Sort("summary__last_order_date", nullable=True),
    "last_contact": Sort("summary__last_contact_date", nullable=True),
    "contact_due": Sort("summary__contact_due_date", nullable=True),
    "next_visit": Sort("summary__next_visit_date", nullable=True),
    "next_renewal": Sort("summary__next_renewal_date", nullable=True),
    "health": Sort("summary__health_score", nullable=True),
    "id": Sort("pk"),
}
DEFAULT_SORT = "-revenue"
HUGE = 10**12

OVERDUE, NEVER, COVERED, UNCOVERED, WITH_CADENCE = "overdue", "never", "covered", "uncovered", "cadence"
CONTACT_STATES = [
    (OVERDUE, _("Contact overdue")),
    (COVERED, _("Within the cadence")),
    (UNCOVERED, _("Not within the cadence")),
    (WITH_CADENCE, _("With a cadence")),
    (NEVER, _("Never contacted")),
]

GAPS = [
    (Gap.NO_MANAGER, _("Active without an account manager")),
    (Gap.MANAGER_LEFT, _("The account manager is deactivated")),
    (Gap.NO_DEPUTY, _("A or B without a deputy")),
    (Gap.NO_SPONSOR, _("A without an executive sponsor")),
]


class BuyingAccounts(django_filters.FilterSet):
    """Rows of accounts that bought a product line within twelve months; `to_account` is the path from the row."""

    to_account = "account"
    only_when_set: tuple[str, ...] = ("product_line",)

    product_line = django_filters.ModelChoiceFilter(
        label=pgettext_lazy("of accounts", "buys the product line"), queryset=lines, method="bought_line"
    )

    def bought_line(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__in": buyers_of(value, timezone.localdate())})


class AboutAccounts(BuyingAccounts):
    """For lists whose own filters `team`, `manager`, `region` mean somebody or something else (who owns an alert, who
    makes a visit, the day of an answer): these mean the account as it is now."""

    only_when_set = ("product_line", "account_tier", "account_team", "account_manager", "account_region")

    account_tier = django_filters.ChoiceFilter(label=_("tier of the account"), choices=TIERS, method="of_tier")
    account_team = django_filters.ModelChoiceFilter(
        label=_("team of the account manager"), queryset=Team.objects.all(), method="of_team",
        widget=LookupSelect("users:team_lookup"),
    )  # fmt: skip
    account_manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name", "pk"), method="of_manager",
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    account_region = django_filters.ChoiceFilter(
        label=_("region of the account"), choices=Region.choices, method="in_account_region"
    )

    def of_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__tier": "" if value == NO_TIER else value})

    def of_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        people = User.objects.filter(team__path__startswith=value.path).order_by()
        return queryset.filter(**{f"{self.to_account}__manager__in": people})

    def of_manager(self, queryset: models.QuerySet[Any], name: str, value: User) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__manager": value})

    def in_account_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(**{f"{self.to_account}__region": value})


class AccountFilter(BuyingAccounts):
    """`q` finds names, pinyin, initials and codes; the other filters are exact. `gap` is what is missing in the
    responsibility for an account."""

    to_account = "pk"
    bar: ClassVar[tuple[str, ...]] = ("q", "tier", "status", "stage", "category")

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
        queryset=User.objects.order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    tag = django_filters.ModelChoiceFilter(label=_("tag"), field_name="tags", queryset=Tag.objects.all())
    contact = django_filters.ChoiceFilter(
        label=pgettext_lazy("state of contact", "contact"), choices=CONTACT_STATES, method="in_contact_state"
    )
    health = django_filters.MultipleChoiceFilter(
        label=_("health"), choices=[*HealthBand.choices, (NO_SCORE, _("No score"))], method="in_bands"
    )
    alerted = django_filters.BooleanFilter(label=_("with an open alert"), method="is_alerted", widget=YesNoSelect)

    gap = django_filters.ChoiceFilter(label=_("responsibility"), choices=GAPS, method="with_gap")
    revenue_from = django_filters.NumberFilter(
        label=_("revenue of 12 months from"), field_name="summary__revenue_12m_amount", lookup_expr="gte",
        min_value=-HUGE, max_value=HUGE,
    )  # fmt: skip

    class Meta:
        model = Account
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=matching_ids("account", value))

    def in_tiers(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        return queryset.filter(tier__in=["" if tier == NO_TIER else tier for tier in value]) if value else queryset

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(manager__in=User.objects.filter(team__path__startswith=value.path))

    def in_bands(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        bands = ["" if band == NO_SCORE else band for band in value]
        return queryset.filter(summary__health_band__in=bands) if bands else queryset

    def is_alerted(self, queryset: models.QuerySet[Any], name: str, value: object) -> models.QuerySet[Any]:
        return queryset.filter(summary__open_alerts__gt=0) if value else queryset.filter(summary__open_alerts=0)

    def with_gap(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        return queryset.with_gap(value, timezone.localdate())

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
