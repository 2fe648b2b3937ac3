"""Filters of greetings."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import LookupSelect
from interactions.choices import GreetingStatus, Occasion
from interactions.models import Greeting
from users.models import User


class GreetingFilter(django_filters.FilterSet):
    """By status, occasion, person and day."""

    status = django_filters.ChoiceFilter(label=_("status"), choices=GreetingStatus.choices)
    occasion = django_filters.ChoiceFilter(label=_("occasion"), choices=Occasion.choices)
    owner = django_filters.ModelChoiceFilter(
        label=pgettext_lazy("of a greeting", "from"),
        queryset=User.objects.active().order_by("name"),
        widget=LookupSelect("users:user_lookup"),
    )
    date = django_filters.DateFromToRangeFilter(label=_("date"))

    class Meta:
        model = Greeting
        fields: list[str] = []
