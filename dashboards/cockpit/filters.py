"""What the address of the cockpit asks for; the same on the page and in the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import Region
from accounts.filters import TIERS, BuyingAccounts
from accounts.models import Account
from contracts.retention import ONE_DAY, Period, quarter_of, year_of
from core.forms import LookupSelect
from dashboards.cockpit.scope import Scope
from users.models import Team, User

LAST_QUARTER, YEAR, LAST_YEAR = "last_quarter", "year", "last_year"
PERIODS = [(LAST_QUARTER, _("Last quarter")), (YEAR, _("This year")), (LAST_YEAR, _("Last year"))]


class CockpitFilter(BuyingAccounts):
    """Whose accounts, and in which period: this quarter unless another one is asked for. Supervisors choose among the
    teams below their own, which is meant where none is chosen; account managers have their own accounts."""

    period = django_filters.ChoiceFilter(
        label=_("period"), choices=PERIODS, empty_label=_("This quarter"), method="keep"
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="keep", widget=LookupSelect("users:team_lookup")
    )
    tier = django_filters.ChoiceFilter(label=_("tier"), choices=TIERS, method="keep")
    region = django_filters.ChoiceFilter(label=_("region"), choices=Region.choices, method="keep")
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name", "pk"), method="keep",
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    bar = ("period", "team", "tier", "region", "product_line")
    only_when_set = ("manager",)

    class Meta:
        model = Account
        fields: list[str] = []

    def __init__(self, data: Any, *, viewer: User) -> None:
        super().__init__(data, queryset=Account.objects.none())
        self.viewer = viewer
        self.form.fields["team"].queryset = _teams(viewer)
        self.form.fields["manager"].queryset = _people(viewer)
        if not viewer.leads:
            del self.form.fields["team"], self.form.fields["manager"]

    def keep(self, queryset: models.QuerySet[Any], name: str, value: object) -> models.QuerySet[Any]:
        return queryset

    def scope(self, now: dt.datetime, today: dt.date) -> Scope:
        """What is asked for; a value that is none of the choices leaves its filter out."""
        self.form.is_valid()
        chosen = getattr(self.form, "cleaned_data", {})
        team, manager = chosen.get("team"), chosen.get("manager")
        if not self.viewer.leads:
            manager = self.viewer
        elif not self.viewer.sees_everything and team is None:
            team = self.viewer.team
        return Scope(
            viewer=self.viewer, now=now, today=today, period=period_of(chosen.get("period") or "", today), team=team,
            manager=manager, tier=chosen.get("tier") or "", region=chosen.get("region") or "",
            line=chosen.get("product_line"),
        )  # fmt: skip


def period_of(name: str, today: dt.date) -> Period:
    """The quarter or year that the choice means."""
    if name == LAST_QUARTER:
        return before(quarter_of(today))
    if name == YEAR:
        return year_of(today)
    return before(year_of(today)) if name == LAST_YEAR else quarter_of(today)


def before(period: Period) -> Period:
    """The period before, of the same kind."""
    return (quarter_of if "Q" in period.name else year_of)(period.first - ONE_DAY)


def _teams(viewer: User) -> models.QuerySet[Team]:
    teams = Team.objects.visible_to(viewer)
    if viewer.sees_everything:
        return teams
    return teams.subtree(viewer.team) if viewer.leads and viewer.team else teams.none()


def _people(viewer: User) -> models.QuerySet[User]:
    people = User.objects.visible_to(viewer).order_by("name", "pk")
    return people.planned_by(viewer)
