"""Filters of scores, of their history and of moves between bands, the same on the pages and in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Category, Region, Stage
from accounts.filters import AccountFilter
from accounts.models import Account
from core.forms import LookupSelect, YesNoSelect
from core.paging import Sort
from health.choices import Band
from health.distribution import BETTER, FOUR_WEEKS, NONE, WORSE, moved, with_bands, with_newest_bands
from health.filters import RISK_SORTS, RiskFilter, RiskListFilter
from health.models import HealthPoint, HealthProfile
from users.models import Team

BANDS = [*Band.choices, (NONE, _("No score"))]
SCORE_SORTS = RISK_SORTS | {"id": Sort("pk")}
SCORE_DEFAULT_SORT = "score"
HISTORY_SORTS = {"date": Sort("date"), "id": Sort("pk")}
HISTORY_DEFAULT_SORT = "-date"
MOVE_SORTS = {"name": Sort("name"), "revenue": Sort("summary__revenue_12m_amount")}
MOVE_DEFAULT_SORT = "-revenue"
NONE_CHOICE = (NONE, pgettext_lazy("of a filter", "None"))
BY = [
    ("stage", _("Relationship stage")),
    ("category", _("Category")),
    ("region", _("Region")),
    ("manager", _("Account manager")),
    ("team", _("Team")),
    ("profile", _("Health profile")),
]


class DistributionFilter(RiskFilter):
    """Which accounts are counted, and along what (by tier, unless something else is asked for)."""

    by = django_filters.ChoiceFilter(label=_("counted by"), choices=BY, empty_label=_("Tier"), method="keep")
    bar: ClassVar[tuple[str, ...]] = ("q", "by", "tier", "manager", "team")

    def keep(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset

    @property
    def dimension(self) -> str:
        return str(self.form.cleaned_data.get("by") or "tier")

    @property
    def dimension_label(self) -> str:
        return str(dict(BY).get(self.dimension, _("Tier")))


class ScoreFilter(RiskListFilter):
    """Scores of accounts. `none` asks for those without a stage, category, region or score; `own_team` is the manager's
    team without those below it; `unmanaged` and `teamless` ask for accounts that nobody, or no team, answers for."""

    band = django_filters.ChoiceFilter(label=_("health band"), choices=BANDS, method="with_code")
    stage = django_filters.ChoiceFilter(
        label=_("relationship stage"), choices=[*Stage.choices, NONE_CHOICE], method="with_code"
    )
    category = django_filters.ChoiceFilter(
        label=_("category"), choices=[*Category.choices, NONE_CHOICE], method="with_code"
    )
    region = django_filters.ChoiceFilter(label=_("region"), choices=[*Region.choices, NONE_CHOICE], method="with_code")
    profile = django_filters.ModelChoiceFilter(label=_("health profile"), queryset=HealthProfile.objects.all())
    own_team = django_filters.ModelChoiceFilter(
        label=_("team alone"), field_name="account__manager__team", queryset=Team.objects.all(),
        widget=LookupSelect("users:team_lookup"),
    )  # fmt: skip
    unmanaged = django_filters.BooleanFilter(
        label=_("without a manager"), field_name="account__manager", lookup_expr="isnull", widget=YesNoSelect
    )
    teamless = django_filters.BooleanFilter(
        label=_("without a team"), field_name="account__manager__team", lookup_expr="isnull", widget=YesNoSelect
    )
    score_from = django_filters.NumberFilter(
        label=_("score from"), field_name="score", lookup_expr="gte", min_value=0, max_value=101
    )
    score_below = django_filters.NumberFilter(
        label=_("score below"), field_name="score", lookup_expr="lt", min_value=0, max_value=101
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    def with_code(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        path = name if name == "band" else f"account__{name}"
        return queryset.filter(**{path: "" if value == NONE else value})


class HistoryFilter(django_filters.FilterSet):
    """Points of the history: by account, day and band."""

    date_after = django_filters.DateFilter(label=_("from"), field_name="date", lookup_expr="gte")
    date_before = django_filters.DateFilter(label=_("until"), field_name="date", lookup_expr="lte")
    band = django_filters.ChoiceFilter(label=_("health band"), choices=BANDS, method="with_code")

    class Meta:
        model = HealthPoint
        fields = ["account"]

    def with_code(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(band="" if value == NONE else value)


class MigrationFilter(AccountFilter):
    """Which accounts, and between which days: four weeks up to the newest night (`latest`) unless others are given."""

    since = django_filters.DateFilter(label=pgettext_lazy("compared days", "from"), method="keep")
    until = django_filters.DateFilter(label=pgettext_lazy("compared days", "to"), method="keep")
    latest = dt.date.min
    bar: ClassVar[tuple[str, ...]] = ("q", "since", "until", "tier", "manager", "team")

    def keep(self, queryset: models.QuerySet[Any], name: str, value: object) -> models.QuerySet[Any]:
        return queryset

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The two days, the earlier one first."""
        self.form.is_valid()
        chosen = self.form.cleaned_data
        until = chosen.get("until") or self.latest
        first, last = sorted((chosen.get("since") or until - FOUR_WEEKS, until))
        return first, last

    def filter_queryset(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        chosen = self.form.cleaned_data
        of_days = chosen.get("since") or chosen.get("until")
        return super().filter_queryset(with_bands(queryset, *self.days) if of_days else with_newest_bands(queryset))


class MoveFilter(MigrationFilter):
    """The rows behind a number: which band it was, and which it is."""

    was = django_filters.ChoiceFilter(label=_("band then"), choices=BANDS, method="with_band")
    now = django_filters.ChoiceFilter(label=_("band now"), choices=BANDS, method="with_band")
    move = django_filters.ChoiceFilter(
        label=pgettext_lazy("between health bands", "move"),
        choices=[(WORSE, _("To a worse band")), (BETTER, _("To a better band"))],
        method="has_moved",
    )
    bar: ClassVar[tuple[str, ...]] = ("q", "since", "until", "was", "now", "tier", "manager")

    def has_moved(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(moved(value))

    def with_band(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        path = "then_band" if name == "was" else "now_band"
        return queryset.filter(**{path: "" if value == NONE else value})
