"""Filters of the audit."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.labels import ACTIONS
from audit.models import AuditEntry
from audit.presentation import kind_choices


def _people(request: Any) -> models.QuerySet[Any]:
    return get_user_model()._default_manager.order_by("name", "pk")


class AuditFilter(django_filters.FilterSet):
    """Dates are days in the reader's time zone; `account` is an account's code and finds all that belongs to it."""

    bar = ("actor", "action", "at", "account")

    actor = django_filters.ModelChoiceFilter(
        label=_("by"), queryset=_people, widget=forms.Select(attrs={"data-search": ""})
    )
    action = django_filters.ChoiceFilter(
        label=_("action"), choices=list(ACTIONS.items()), widget=forms.Select(attrs={"data-search": ""})
    )
    object_type = django_filters.ChoiceFilter(label=_("kind"), choices=kind_choices)
    at = django_filters.DateFromToRangeFilter(
        label=_("date"), widget=django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
    )
    account = django_filters.CharFilter(label=_("account code"), max_length=40, method="of_account")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def of_account(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        # The accounts are on a higher floor: found by name, as an entry's own row is.
        accounts = apps.get_model("accounts", "Account")._default_manager.filter(code=value.strip())
        return queryset.filter(account_id__in=list(accounts.values_list("pk", flat=True)))
