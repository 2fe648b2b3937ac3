"""Filters of requests and rules, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from approvals.choices import RequestStatus, Subject
from approvals.models import ApprovalRequest, ApprovalRule
from core.forms import LookupSelect
from core.paging import Sort
from users.models import User

# A request's key follows the moment of asking.
SORTS = {"requested": Sort("pk"), "title": Sort("title"), "id": Sort("pk")}
DEFAULT_SORT = "-requested"
RULE_SORTS = {"subject": Sort("subject"), "position": Sort("position"), "id": Sort("pk")}
ROW_ID = {"min_value": 1, "max_value": 2**63 - 1, "decimal_places": 0}


class RequestPageFilter(django_filters.FilterSet):
    """`q` is a part of the title, or of the name of who asked."""

    bar = ("q", "status", "subject", "requested_by")

    q = django_filters.CharFilter(label=_("Title or requester"), method="search", max_length=100)
    status = django_filters.ChoiceFilter(
        label=pgettext_lazy("of an approval", "status"), choices=RequestStatus.choices
    )  # fmt: skip
    subject = django_filters.ChoiceFilter(label=pgettext_lazy("of an approval", "subject"), choices=Subject.choices)
    requested_by = django_filters.ModelChoiceFilter(
        label=_("requested by"),
        queryset=User.objects.order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )
    requested_at = django_filters.DateFromToRangeFilter(label=_("requested"))

    class Meta:
        model = ApprovalRequest
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        text = value.strip()
        return queryset.filter(Q(title__icontains=text) | Q(requested_by__name__icontains=text))


class RequestFilter(RequestPageFilter):
    """`object_id` with `subject` are the rounds about one row; `to_decide=true` those that wait for the caller."""

    object_id = django_filters.NumberFilter(label=_("row"), **ROW_ID)
    to_decide = django_filters.BooleanFilter(label=_("to decide"), method="waits_for_me")

    def waits_for_me(self, queryset: models.QuerySet[Any], name: str, value: bool) -> models.QuerySet[Any]:  # noqa: FBT001  django-filter's signature
        mine = queryset.to_decide(self.request.user, timezone.localdate())
        return mine if value else queryset.exclude(pk__in=mine.values("pk"))


class RuleFilter(django_filters.FilterSet):
    """By subject and whether in force."""

    subject = django_filters.ChoiceFilter(label=pgettext_lazy("of an approval", "subject"), choices=Subject.choices)
    is_active = django_filters.BooleanFilter(label=_("in force"))

    class Meta:
        model = ApprovalRule
        fields: list[str] = []
