"""Filters of the company's pages: which accounts count, over how many months; and the rows behind each number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import HealthBand, InterruptionReason, Region, Status, Tier
from accounts.filters import NO_TIER
from accounts.models import Account
from core.forms import LookupSelect, YesNoSelect
from core.paging import Sort
from dashboards.choices import PeriodKind
from dashboards.director import cohorts, months
from dashboards.director.lines import span_of
from dashboards.director.links import NONE
from dashboards.director.moves import Days, with_tiers
from dashboards.models import AccountPurchases, Scorecard
from dashboards.scorecards.rules import Period
from interactions.filters.coverage import month_of
from orders.models import MonthlyRevenue, ProductLine
from orders.revenue import months_until
from users.models import Team, User

SCORECARD_SORTS = {"first_day": Sort("first_day"), "score": Sort("score", nullable=True), "id": Sort("pk")}
SCORECARD_DEFAULT_SORT = "-first_day"
COMPANY_SORTS = {"name": Sort("name"), "revenue": Sort("summary__revenue_12m_amount"), "id": Sort("pk")}
COMPANY_DEFAULT_SORT = "-revenue"
TIERS = [*Tier.choices, (NO_TIER, _("No tier"))]


class CompanyFilter(django_filters.FilterSet):
    """Which accounts, with what they are today; over the last 24 months, unless something else is asked for."""

    months = django_filters.ChoiceFilter(
        label=_("months"), choices=[("12", "12"), ("36", "36")], empty_label="24", method="keep"
    )
    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="in_tier")
    region = django_filters.ChoiceFilter(
        label=_("region"), choices=[*Region.choices, (NONE, pgettext_lazy("of a filter", "None"))], method="in_region"
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def keep(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(tier="" if value == NO_TIER else value)

    def in_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(region="" if value == NONE else value)

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(manager__in=User.objects.filter(team__path__startswith=value.path))

    @property
    def month_count(self) -> int:
        return int(self.form.cleaned_data.get("months") or 24)

    def span(self, today: dt.date) -> list[dt.date]:
        """The months up to the current one."""
        return months_until(today, self.month_count)

    def days(self, today: dt.date) -> Days:
        """The same as days."""
        return Days(self.span(today)[0], today)

    @property
    def is_narrowed(self) -> bool:
        """Whether some accounts are left out."""
        chosen = self.form.cleaned_data
        return any(chosen.get(name) for name in ("tier", "region", "team"))

    def parts(self, region: str = "region") -> Q:
        """The same accounts as cells of manager, tier and region; of months of coverage with `account__region`."""
        chosen, found = self.form.cleaned_data, Q()
        if chosen.get("tier"):
            found &= Q(tier="" if chosen["tier"] == NO_TIER else chosen["tier"])
        if chosen.get("region"):
            found &= Q(**{region: "" if chosen["region"] == NONE else chosen["region"]})
        if chosen.get("team"):
            people = User.objects.filter(team__path__startswith=chosen["team"].path).order_by()
            found &= Q(manager_id__in=people.values("pk"))
        return found


class CompanyAccountFilter(CompanyFilter):
    """The accounts behind a number. Months are `2026-10`, cohorts `2026-10` or `2026-Q4` with the `step` in which they
    came back; `was` and `became` are tiers before and after the days `since`..`until`."""

    booked = django_filters.CharFilter(
        method="in_booked", label=_("with revenue or returns in"), widget=forms.HiddenInput
    )
    bought = django_filters.CharFilter(method="in_bought", label=_("bought in"), widget=forms.HiddenInput)
    scored = django_filters.CharFilter(method="in_scored", label=_("scored in"), widget=forms.HiddenInput)
    answered = django_filters.CharFilter(method="in_answered", label=_("answered in"), widget=forms.HiddenInput)
    cohort = django_filters.CharFilter(method="in_cohort", label=_("first order in"), widget=forms.HiddenInput)
    step = django_filters.NumberFilter(
        method="keep", label=_("came back in step"), min_value=0, max_value=60, widget=forms.HiddenInput
    )
    was = django_filters.ChoiceFilter(
        choices=TIERS, method="has_moved", label=_("tier before"), widget=forms.HiddenInput
    )
    became = django_filters.ChoiceFilter(choices=TIERS, method="keep", label=_("tier after"), widget=forms.HiddenInput)
    since = django_filters.DateFilter(method="keep", label=_("from"), widget=forms.HiddenInput)
    until = django_filters.DateFilter(method="keep", label=_("until"), widget=forms.HiddenInput)
    line = django_filters.ModelChoiceFilter(
        queryset=ProductLine.objects.all(), method="in_line", label=_("product line, 12 months"),
        widget=forms.HiddenInput,
    )  # fmt: skip
    interruption = django_filters.ChoiceFilter(
        choices=[*InterruptionReason.choices, (NONE, pgettext_lazy("of a filter", "None"))], method="is_interrupted",
        label=_("reason of the interruption"), widget=forms.HiddenInput,
    )  # fmt: skip
    band = django_filters.ChoiceFilter(
        choices=HealthBand.choices, field_name="summary__health_band", label=_("health"), widget=forms.HiddenInput
    )
    months = None
    bar = ("tier", "region", "team")

    def in_booked(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=_facts(value).values("account"))

    def in_bought(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=_facts(value).filter(sales_amount__gt=0).values("account"))

    def in_scored(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        month = month_of(value)
        if month is None:
            return queryset.none()
        day = months.scored_on(month, timezone.localdate())
        if day < month:
            return queryset.none()
        return queryset.filter(health_points__date=day, health_points__score__isnull=False)

    def in_answered(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        month = month_of(value)
        if month is None:
            return queryset.none()
        return queryset.filter(pk__in=months.nps_answers([month]).values("response__account"))

    def in_cohort(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        cohort, step = cohorts.read(value), self.form.cleaned_data.get("step")
        if cohort is None or (step or 0) * cohort.length >= cohorts.KEPT_MONTHS:
            return queryset.none()
        rows: Any = AccountPurchases.objects.filter(
            first_month__gte=cohort.first, first_month__lt=cohort.end
        ).order_by()
        if step is not None:
            rows = cohorts.came_back(rows, int(step), cohort.length)
        return queryset.filter(pk__in=rows.values("pk"))

    def has_moved(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        chosen = self.form.cleaned_data
        if not (chosen.get("became") and chosen.get("since") and chosen.get("until")):
            return queryset.none()
        then, after = ("" if tier == NO_TIER else tier for tier in (value, chosen["became"]))
        moved = with_tiers(queryset, Days(chosen["since"], chosen["until"]))
        return moved.filter(tier_then=then, tier_after=after)

    def in_line(self, queryset: models.QuerySet[Any], name: str, value: ProductLine) -> models.QuerySet[Any]:
        span = span_of(timezone.localdate())
        facts = MonthlyRevenue.objects.filter(product_line=value, month__gte=span.first, month__lt=span.end)
        return queryset.filter(pk__in=facts.filter(sales_amount__gt=0).order_by().values("account"))

    def is_interrupted(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(status=Status.INTERRUPTED, interruption_reason="" if value == NONE else value)


def _facts(month: str) -> Any:
    first = month_of(month)
    rows = MonthlyRevenue.objects.order_by()
    return rows.filter(month=first) if first else rows.none()


class ScorecardFilter(django_filters.FilterSet):
    """By person, by team with all below it, by kind of period and a day in it, signed or not."""

    person = django_filters.ModelChoiceFilter(
        label=_("person"), queryset=User.objects.order_by("name"), widget=LookupSelect("users:user_lookup")
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    kind = django_filters.ChoiceFilter(label=pgettext_lazy("of a scorecard", "period"), choices=PeriodKind.choices)
    on = django_filters.DateFilter(
        label=_("a day in it"), method="on_day", widget=forms.DateInput(attrs={"type": "date"})
    )
    signed = django_filters.BooleanFilter(
        label=_("signed"), field_name="signed_at", lookup_expr="isnull", exclude=True, widget=YesNoSelect
    )

    class Meta:
        model = Scorecard
        fields: list[str] = []

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(team__path__startswith=value.path)

    def on_day(self, queryset: models.QuerySet[Any], name: str, value: dt.date) -> models.QuerySet[Any]:
        wanted = Q(pk__in=[])
        for kind in PeriodKind.values:
            wanted |= Q(kind=kind, first_day=Period.of(kind, value).first)
        return queryset.filter(wanted)
