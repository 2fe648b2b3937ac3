"""Filters of the audit."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.labels import ACTIONS
from audit.models import AuditEntry
from audit.presentation import kind_choices


def _people(request: Any) -> models.QuerySet[Any]:
    return get_user_model()._default_manager.order_by("name", "pk")


class AuditFilter(django_filters.FilterSet):
    """Dates are days in the reader's time zone; `account` is an account's id and finds all that belongs to it."""

    bar = ("actor", "action", "object_type", "at", "account")

    actor = django_filters.ModelChoiceFilter(
        label=_("by"), queryset=_people, widget=forms.Select(attrs={"data-select": "search"})
    )
    action = django_filters.ChoiceFilter(
        label=_("action"), choices=list(ACTIONS.items()), widget=forms.Select(attrs={"data-select": "search"})
    )
    object_type = django_filters.ChoiceFilter(label=_("kind"), choices=kind_choices)
    at = django_filters.DateFromToRangeFilter(label=_("date"))
    account = django_filters.NumberFilter(
        label=_("account"), field_name="account_id", min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
    )
    object_id = django_filters.NumberFilter(label=_("row"), min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    class Meta:
        model = AuditEntry
        fields: list[str] = []
