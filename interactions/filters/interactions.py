"""Filters of interactions and next steps, the same on the pages and in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from contacts.models import Contact, Employment
from core.forms import LookupSelect
from core.paging import Sort
from interactions.choices import Kind, Mood, Outcome, StepKind, StepStatus
from interactions.models import Interaction, InteractionFile, NextStep
from interactions.search import account_mark
from search.services import matching_ids
from users.models import User

INTERACTION_SORTS = {"occurred_at": Sort("occurred_at"), "id": Sort("pk")}
INTERACTION_DEFAULT_SORT = "-occurred_at"
STEP_DEFAULT_SORT = "due_date"
STEP_SORTS = {"due_date": Sort("due_date"), "id": Sort("pk")}


class InteractionFilter(django_filters.FilterSet):
    """`q` is words of subject, minutes, place and topics; the others are exact."""

    bar = ("q", "kind", "colleague", "date")

    q = django_filters.CharFilter(label=_("Words"), method="search")
    kind = django_filters.MultipleChoiceFilter(label=_("kind"), choices=Kind.choices)
    colleague = django_filters.ModelChoiceFilter(
        label=_("our people"),
        queryset=User.objects.active().order_by("name", "pk"),
        method="with_colleague",
        widget=LookupSelect("users:user_lookup"),
    )
    outcome = django_filters.ChoiceFilter(label=_("outcome"), choices=Outcome.choices)
    date = django_filters.DateFromToRangeFilter(label=_("date"))
    mood = django_filters.ChoiceFilter(label=_("mood"), choices=Mood.choices)
    topic = django_filters.CharFilter(label=_("topic"), field_name="topics__name", max_length=40)
    contact = django_filters.ModelChoiceFilter(
        label=_("the customer's people"),
        queryset=Contact.objects.all(),
        method="with_contact",
        widget=forms.HiddenInput,
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Interaction
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=matching_ids("interaction", value))

    def with_colleague(self, queryset: models.QuerySet[Any], name: str, value: User) -> models.QuerySet[Any]:
        return queryset.with_colleague(value)  # type: ignore[attr-defined]

    def with_contact(self, queryset: models.QuerySet[Any], name: str, value: Contact) -> models.QuerySet[Any]:
        return queryset.with_contact(value)  # type: ignore[attr-defined]


class ContactTimelineFilter(InteractionFilter):
    """What one contact took part in."""

    contact = None


class AccountTimelineFilter(InteractionFilter):
    """Inside one account: the search looks into nothing else, and the people to choose from are the account's."""

    bar = ("q", "kind", "contact", "date")

    contact = django_filters.ModelChoiceFilter(
        label=_("the customer's people"), queryset=Contact.objects.all(), method="with_contact"
    )
    account = None

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account_pk = account.pk
        jobs = Employment.objects.filter(account=account).order_by().values("contact")
        self.form.fields["contact"].queryset = Contact.objects.filter(pk__in=jobs)

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=matching_ids("interaction", value, [account_mark(self.account_pk)]))


class NextStepFilter(django_filters.FilterSet):
    """Promises and next steps."""

    status = django_filters.ChoiceFilter(label=_("status"), choices=StepStatus.choices)
    kind = django_filters.ChoiceFilter(label=_("kind"), choices=StepKind.choices)
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name", "pk"), widget=LookupSelect("users:user_lookup")
    )
    due_date = django_filters.DateFromToRangeFilter(label=_("due"))
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    interaction = django_filters.ModelChoiceFilter(
        label=_("interaction"), queryset=Interaction.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = NextStep
        fields: list[str] = []


class InteractionFileFilter(django_filters.FilterSet):
    """Files of one interaction or account."""

    interaction = django_filters.ModelChoiceFilter(label=_("interaction"), queryset=Interaction.objects.all())
    account = django_filters.ModelChoiceFilter(
        label=_("account"), field_name="interaction__account", queryset=Account.objects.all()
    )

    class Meta:
        model = InteractionFile
        fields: list[str] = []
