"""Filters of playbooks, of those at work and of their tasks, the same on the pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Stage
from accounts.models import Account
from core.forms import LookupSelect, YesNoSelect
from core.paging import Sort
from health.choices import PlaybookRunStatus, Reason, StepStatus
from health.filters import NO_REGION, NO_TIER, REGIONS, TIERS
from health.models import Playbook, PlaybookRun, PlaybookTask
from search.services import matching_ids
from users.models import Team, User

RUN_SORTS = {"started_on": Sort("started_on"), "id": Sort("pk")}
RUN_DEFAULT_SORT = "-started_on"
TASK_SORTS = {"due_date": Sort("due_date"), "id": Sort("pk")}
TASK_DEFAULT_SORT = "due_date"
ALL = "all"


class PlaybookFilter(django_filters.FilterSet):
    """`reason` and `stage` that a playbook is for."""

    is_active = django_filters.BooleanFilter(label=_("active"), widget=YesNoSelect)
    reason = django_filters.ChoiceFilter(label=_("reason"), choices=Reason.choices, method="with_code")
    stage = django_filters.ChoiceFilter(label=_("relationship stage"), choices=Stage.choices, method="with_code")

    class Meta:
        model = Playbook
        fields: list[str] = []

    def with_code(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        """The lists are short and the playbooks few: SQLite cannot look into a list."""
        keys = [pk for pk, codes in queryset.order_by().values_list("pk", f"{name}s") if value in codes]
        return queryset.filter(pk__in=keys)


class PlaybookListFilter(PlaybookFilter):
    """On the page, which shows those that are switched off last."""

    is_active = None


class PlaybookRunFilter(django_filters.FilterSet):
    """`q` is anything that finds accounts; `owner` has a task of it that is open."""

    q = django_filters.CharFilter(label=_("Account"), method="search", max_length=100)
    status = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a playbook at an account", "status"), choices=PlaybookRunStatus.choices
    )
    playbook = django_filters.ModelChoiceFilter(label=_("playbook"), queryset=Playbook.objects.all())
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name", "pk"), method="of_owner",
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    started = django_filters.DateFromToRangeFilter(
        label=pgettext_lazy("of a playbook", "started"), field_name="started_on"
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = PlaybookRun
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def of_owner(self, queryset: models.QuerySet[Any], name: str, value: User) -> models.QuerySet[Any]:
        own = PlaybookTask.objects.open().filter(owner=value, run=models.OuterRef("pk"))
        return queryset.filter(models.Exists(own.order_by()))


class PlaybookRunListFilter(PlaybookRunFilter):
    """On the page: what is at work, unless asked for something else."""

    status = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a playbook at an account", "status"),
        choices=[
            (PlaybookRunStatus.DONE.value, PlaybookRunStatus.DONE.label),
            (PlaybookRunStatus.STOPPED.value, PlaybookRunStatus.STOPPED.label),
            (ALL, pgettext_lazy("playbooks at accounts", "All")),
        ],
        empty_label=PlaybookRunStatus.RUNNING.label,
        method="in_status",
    )
    account_tier = django_filters.ChoiceFilter(
        label=_("tier"), choices=TIERS, method="of_tier", widget=forms.HiddenInput
    )
    region = django_filters.ChoiceFilter(
        label=_("region"), choices=REGIONS, method="in_region", widget=forms.HiddenInput
    )
    account_team = django_filters.ModelChoiceFilter(
        label=_("team"), queryset=Team.objects.all(), method="managed_in", widget=forms.HiddenInput
    )
    bar = ("q", "status", "playbook", "owner")

    def of_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__tier="" if value == NO_TIER else value)

    def in_region(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__region="" if value == NO_REGION else value)

    def managed_in(self, queryset: models.QuerySet[Any], name: str, value: Team) -> models.QuerySet[Any]:
        return queryset.filter(account__manager__team__path__startswith=value.path)

    def in_status(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset if value == ALL else queryset.filter(status=value)

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("status") else found.running()


class PlaybookTaskFilter(django_filters.FilterSet):
    """`status` alone also finds tasks of playbooks that have ended; `open_only` only what is still to be done."""

    status = django_filters.ChoiceFilter(choices=StepStatus.choices)
    open_only = django_filters.BooleanFilter(method="to_do")
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.order_by("name", "pk"))
    run = django_filters.ModelChoiceFilter(queryset=PlaybookRun.objects.all())
    account = django_filters.ModelChoiceFilter(field_name="run__account", queryset=Account.objects.all())
    due = django_filters.DateFromToRangeFilter(field_name="due_date")

    class Meta:
        model = PlaybookTask
        fields: list[str] = []

    def to_do(self, queryset: Any, name: str, value: bool) -> models.QuerySet[Any]:  # noqa: FBT001  the filter's own call
        return queryset.open() if value else queryset
