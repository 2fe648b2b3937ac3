"""Whose accounts a campaign asks: the filters of the account list, on the day of the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import pgettext_lazy

from accounts.choices import Status
from accounts.filters import AccountFilter
from surveys.account_filter import register

# What the campaign has fields of its own for.
OWN_FIELDS = ("tier", "stage")


ASKABLE = [choice for choice in Status.choices if choice[0] != Status.TERMINATED]


class AudienceFilter(AccountFilter):
    """The account list's filters; states of contact are those of `today`, not of the clock."""

    today: dt.date
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an account", "status"), choices=ASKABLE, widget=forms.CheckboxSelectMultiple
    )

    def in_contact_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.in_contact_state(value, self.today)


def filter_of(chosen: Mapping[str, Any], accounts: Any, today: dt.date) -> AudienceFilter:
    """The FilterSet with these filters set: `{filter: [values]}`."""
    query = QueryDict(mutable=True)
    for name, values in chosen.items():
        query.setlist(name, [str(value) for value in values])
    found = AudienceFilter(query, queryset=accounts)
    found.today = today
    return found


def narrow(accounts: Any, chosen: Mapping[str, Any], today: dt.date) -> Any:
    """The accounts that pass. A filter whose value is no longer valid (a tag that was deleted) lets none pass: nobody
    is asked whom the campaign was not made for."""
    found = filter_of(chosen, accounts, today)
    return found.qs if found.is_valid() else accounts.none()


register(narrow)
