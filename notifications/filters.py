"""Filters of notifications and deliveries, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.channels import CHANNELS
from notifications.choices import DeliveryMode, DeliveryStatus
from notifications.events import GROUPS
from notifications.models import Delivery, Notification


def _groups() -> list[tuple[str, Any]]:
    return [(code, group.label) for code, group in GROUPS.items()]


def _channels() -> list[tuple[str, str]]:
    return [(code, str(channel.label)) for code, channel in CHANNELS.items()]


class NotificationFilter(django_filters.FilterSet):
    """`unread=true` are those that were not read yet."""

    unread = django_filters.BooleanFilter(label=_("unread"), field_name="read_at", lookup_expr="isnull")
    event = django_filters.ChoiceFilter(label=_("event"), choices=_groups, method="of_group")
    created_at = django_filters.DateFromToRangeFilter(label=_("created"))

    class Meta:
        model = Notification
        fields: list[str] = []

    def of_group(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(kind__in=GROUPS[value].kinds)


class DeliveryFilter(django_filters.FilterSet):
    """`q` is a part of the receiver's name or of the address."""

    bar = ("q", "status", "channel", "event", "created_at")

    q = django_filters.CharFilter(label=_("Receiver or address"), method="search", max_length=100)
    status = django_filters.ChoiceFilter(
        label=pgettext_lazy("of a delivery", "status"), choices=DeliveryStatus.choices
    )  # fmt: skip
    channel = django_filters.ChoiceFilter(label=_("channel"), choices=_channels)
    event = django_filters.ChoiceFilter(label=_("event"), choices=_groups, method="of_group")
    mode = django_filters.ChoiceFilter(label=pgettext_lazy("of a delivery", "as"), choices=DeliveryMode.choices)
    created_at = django_filters.DateFromToRangeFilter(label=_("created"))

    class Meta:
        model = Delivery
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        text = value.strip()
        return queryset.filter(Q(user__name__icontains=text) | Q(target__icontains=text))

    def of_group(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(notification__kind__in=GROUPS[value].kinds)
