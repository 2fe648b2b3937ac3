"""Filters of the page of promises and next steps: mine and open unless asked for something else."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from core.paging import Sort
from interactions.choices import StepKind, StepStatus
from interactions.models import NextStep
from search.services import matching_ids
from users.models import User

MINE, TEAM, EVERYBODY = "mine", "team", "all"
OVERDUE, ALL = "overdue", "all"
CLOSED = (StepStatus.DONE, StepStatus.DROPPED)
BY_DUE, BY_CLOSING = Sort("due_date"), Sort("closed_at", descending=True)


class StepListFilter(django_filters.FilterSet):
    """`q` is anything that finds accounts, or a part of the text."""

    bar = ("q", "who", "status", "kind", "due_date")

    q = django_filters.CharFilter(label=_("Text or account"), method="search", max_length=100)
    who = django_filters.ChoiceFilter(
        label=_("owner"),
        choices=[(TEAM, _("My team")), (EVERYBODY, pgettext_lazy("owners of steps", "Everybody"))],
        empty_label=pgettext_lazy("owner of steps", "Mine"),
        method="of_whom",
    )
    status = django_filters.ChoiceFilter(
        label=_("status"),
        choices=[
            (OVERDUE, _("Overdue")),
            (StepStatus.DONE, StepStatus.DONE.label),
            (StepStatus.DROPPED, StepStatus.DROPPED.label),
            (ALL, pgettext_lazy("steps", "All")),
        ],
        empty_label=StepStatus.OPEN.label,
        method="in_status",
    )
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=StepKind.choices)
    due_date = django_filters.DateFromToRangeFilter(label=_("due"))
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name", "pk"), widget=forms.HiddenInput
    )

    class Meta:
        model = NextStep
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(Q(account__in=matching_ids("account", value)) | Q(text__icontains=value))

    def of_whom(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        if value == EVERYBODY:
            return queryset
        user = self.request.user
        people = User.objects.led_by(user).order_by() if user.leads else User.objects.filter(team=user.team_id)
        return queryset.filter(owner__in=people if user.team_id else [user])

    def in_status(self, queryset: Any, name: str, value: str) -> models.QuerySet[Any]:
        if value == OVERDUE:
            return queryset.overdue(timezone.localdate())
        return queryset if value == ALL else queryset.filter(status=value)

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        found, chosen = super().filter_queryset(queryset), self.form.cleaned_data
        if not chosen.get("status"):
            found = found.open()
        if not any(chosen.get(name) for name in ("who", "account", "owner")):
            found = found.filter(owner=self.request.user)
        return found

    @property
    def sort(self) -> Sort:
        """What is open by its due day, so that what is overdue comes first; what is closed, the newest first."""
        return BY_CLOSING if self.form["status"].value() in CLOSED else BY_DUE
