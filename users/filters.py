"""Filters of the list of people, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import LookupSelect
from core.paging import Sort
from users.models import Leave, LeaveKind, Role, Team, User

SORTS = {"name": Sort("name"), "username": Sort("username"), "id": Sort("pk")}
DEFAULT_SORT = "name"
ALL = "all"
STATUSES = (("false", _("Deactivated")), (ALL, _("All")))


class UserFilter(django_filters.FilterSet):
    """`q` is a part of the name, the user name or the e-mail; `team` stands for its whole subtree.

    Without `active` only active users are found; `active=false` finds the others, `active=all` both.
    """

    q = django_filters.CharFilter(label=_("Search"), method="search")
    team = django_filters.ModelChoiceFilter(label=_("team"), queryset=Team.objects.all(), method="in_team")
    role = django_filters.ChoiceFilter(label=_("role"), choices=Role.choices)
    active = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a user", "status"),
        choices=STATUSES,
        empty_label=pgettext_lazy("of a user", "Active"),
        method="in_status",
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        text = value.strip().lower()
        return queryset.filter(Q(name__icontains=text) | Q(username__contains=text) | Q(email__contains=text))

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(team__path__startswith=value.path)

    def in_status(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset if value == ALL else queryset.filter(is_active=False)

    def filter_queryset(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("active") else found.filter(is_active=True)


LEAVE_SORTS = {
    "from": Sort("from_date"),
    "until": Sort("until_date"),
    "user": Sort("user__name"),
    "id": Sort("pk"),
}
LEAVE_DEFAULT_SORT = "-from"


class LeaveFilter(django_filters.FilterSet):
    """Absences with a day in `from` to `until`; `team` stands for its whole subtree."""

    user = django_filters.ModelChoiceFilter(
        label=_("user"), queryset=User.objects.order_by("name", "pk"), widget=LookupSelect("users:user_lookup")
    )
    team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="in_team", widget=LookupSelect("users:team_lookup")
    )
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=LeaveKind.choices)
    day_after = django_filters.DateFilter(label=_("from"), field_name="until_date", lookup_expr="gte")
    day_before = django_filters.DateFilter(label=_("until"), field_name="from_date", lookup_expr="lte")

    class Meta:
        model = Leave
        fields: list[str] = []

    def in_team(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(user__team__path__startswith=value.path)
