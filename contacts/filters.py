"""Filters of contacts, the same on the page and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contacts.choices import Attitude, BirthdayCalendar, DecisionRole, Seniority
from contacts.models import Contact, ContactLink, Employment
from core.forms import LookupSelect
from core.paging import Sort
from search.services import matching_ids
from users.models import User

SORTS = {"name": Sort("name"), "updated": Sort("updated_at"), "id": Sort("pk")}
DEFAULT_SORT = "name"
# The bound makes the database find these people first: it guesses far too few for a common syllable, and would walk
# the index of names instead, asking the search for each of them.
MOST_FOUND = 50_000


class ContactFilter(django_filters.FilterSet):
    """`q` finds names, pinyin, initials, phone numbers and addresses. All that is asked about a person's work (account,
    role, owner, …) must hold of one employment that the user sees; `left` is about who is gone, or who is not."""

    q = django_filters.CharFilter(label=_("Search"), method="search")
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), method="of_job", widget=forms.HiddenInput
    )
    decision_role = django_filters.MultipleChoiceFilter(
        label=_("role in decisions"), choices=DecisionRole.choices, method="of_job"
    )
    attitude = django_filters.MultipleChoiceFilter(label=_("attitude to us"), choices=Attitude.choices, method="of_job")
    seniority = django_filters.MultipleChoiceFilter(label=_("level"), choices=Seniority.choices, method="of_job")
    owner = django_filters.ModelChoiceFilter(
        label=_("relationship owner"),
        queryset=User.objects.order_by("name"),
        method="of_job",
        widget=LookupSelect("users:user_lookup"),
    )
    left = django_filters.ChoiceFilter(
        label=_("employment"), choices=[("false", _("Present")), ("true", _("Former"))], method="of_job"
    )
    birthday_month = django_filters.ChoiceFilter(
        label=_("month of birth"), choices=[(str(number), name) for number, name in MONTHS.items()]
    )
    birthday_calendar = django_filters.ChoiceFilter(
        label=_("calendar of the birthday"), choices=BirthdayCalendar.choices, method="of_calendar"
    )

    bar = ("q", "decision_role", "attitude", "owner", "left")

    class Meta:
        model = Contact
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=matching_ids("contact", value)[:MOST_FOUND])

    def of_calendar(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(birthday_calendar=value, birthday_month__isnull=False)

    def of_job(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        """Nothing alone: `filter_queryset` puts all that is asked of one employment together."""
        return queryset

    def filter_queryset(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        queryset = super().filter_queryset(queryset)
        asked = self.form.cleaned_data
        condition = Q()
        for name in ("account", "owner"):
            condition &= Q(**{name: asked[name]}) if asked.get(name) else Q()
        for name in ("decision_role", "attitude", "seniority"):
            condition &= Q(**{f"{name}__in": asked[name]}) if asked.get(name) else Q()
        here = Q(until_date__isnull=True) | Q(until_date__gte=timezone.localdate())
        if asked.get("left") == "false":
            condition &= here
        elif asked.get("left") == "true":
            condition &= ~here
        if not condition:
            return queryset
        jobs = Employment.objects.order_by().visible_to(self.request.user).filter(condition)
        return queryset.filter(pk__in=jobs.values("contact"))


class EmploymentFilter(django_filters.FilterSet):
    """Employments: by person, account, role, owner; `open` are those without a last day."""

    open = django_filters.BooleanFilter(
        label=pgettext_lazy("of an employment", "open"), field_name="until_date", lookup_expr="isnull"
    )

    class Meta:
        model = Employment
        fields = ["contact", "account", "decision_role", "attitude", "owner"]


class ContactLinkFilter(django_filters.FilterSet):
    """Lines of the map: by account and kind."""

    class Meta:
        model = ContactLink
        fields = ["account", "kind"]
