"""Filters of responses, the same on the page and in the API: also those that a number of the results counted."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import AboutAccounts
from accounts.models import Account
from contacts.models import Contact
from core.forms import LookupSelect
from core.paging import Sort
from search.services import matching_ids
from surveys import definition as definitions
from surveys.choices import Cut, ResponseSource
from surveys.counting import FIELDS
from surveys.definition import Definition
from surveys.filters.results import slice_choices
from surveys.models import Answer, Campaign, Questionnaire, Response
from surveys.recommendation import ANY, DETRACTOR, PASSIVE, PROMOTER, with_recommendation
from users.models import User

RESPONSE_SORTS = {"date": Sort("date", nullable=True), "id": Sort("pk")}


class ResponseFilter(AboutAccounts):
    """`q` is anything that finds accounts. `question` with `part` (row of a matrix, choice of a multiple choice, item
    of a ranking), `low` to `high` (both included) and `choice` are the answers that a number counted; `slice` is a cut
    with its key as on the day of the answer (`tier:A`, `team:7`, `tier:` for none)."""

    bar = ("q", "campaign", "date", "source")

    q = django_filters.CharFilter(label=_("Account"), method="search", max_length=100)
    campaign = django_filters.ModelChoiceFilter(
        label=_("survey campaign"), queryset=Campaign.objects.filter(anonymous=False).defer("definition")
    )
    questionnaire = django_filters.ModelChoiceFilter(
        label=_("questionnaire"), queryset=Questionnaire.objects.all(), widget=forms.HiddenInput,
        field_name="campaign__questionnaire_version__questionnaire",
    )  # fmt: skip
    date = django_filters.DateFromToRangeFilter(label=_("date"))
    source = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an answer", "source"), choices=ResponseSource.choices
    )
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name", "pk"),
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    question = django_filters.CharFilter(label=_("question"), max_length=40, method="in_answer")
    part = django_filters.CharFilter(label=pgettext_lazy("of a question", "part"), max_length=40, method="in_answer")
    choice = django_filters.CharFilter(label=_("choice"), max_length=40, method="in_answer")
    low = django_filters.NumberFilter(label=_("value from"), method="in_answer")
    high = django_filters.NumberFilter(label=_("value up to"), method="in_answer")
    slice = django_filters.ChoiceFilter(label=_("only"), choices=[], method="in_slice", widget=forms.HiddenInput)
    nps = django_filters.ChoiceFilter(
        label=_("recommendation"),
        choices=[
            (ANY, _("Answered")),
            (PROMOTER, _("Promoters (9–10)")),
            (PASSIVE, _("Passives (7–8)")),
            (DETRACTOR, _("Detractors (0–6)")),
        ],
        method="has_recommended",
    )
    account = django_filters.ModelChoiceFilter(
        label=_("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    contact = django_filters.ModelChoiceFilter(
        label=_("contact"), queryset=Contact.objects.all(), widget=forms.HiddenInput
    )

    class Meta:
        model = Response
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.form.fields["slice"].choices = slice_choices((data or {}).get("slice", ""))

    def name_questions(self, asked: Definition, language: str) -> None:
        """Let the questions of a campaign be chosen by their words."""
        fields = self.form.fields
        fields["question"] = _named(fields["question"], [(one.key, one.text.into(language)) for one in asked.questions])
        chosen = asked.by_key.get((self.data or {}).get("question", ""))
        rows = [(row.key, row.text.into(language)) for row in (*chosen.rows, *chosen.choices)] if chosen else []
        for name in ("part", "choice"):
            if rows:
                fields[name] = _named(fields[name], rows)

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(account__in=matching_ids("account", value))

    def has_recommended(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return with_recommendation(queryset, value)

    def in_answer(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        """Applied together, by `filter_queryset`."""
        return queryset

    def in_slice(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        cut, _colon, key = value.partition(":")
        column = FIELDS[Cut(cut)]
        if column in ("tier", "region"):
            return queryset.filter(**{column: key})
        if key and not key.isdigit():
            return queryset.none()
        return queryset.filter(**({f"{column}_id": int(key)} if key else {f"{column}__isnull": True}))

    def filter_queryset(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Every filter by itself, those of an answer as one: the same answer has to fulfil them all."""
        queryset = super().filter_queryset(queryset)
        chosen = self.form.cleaned_data
        if not chosen.get("question"):
            return queryset
        answers = Answer.objects.order_by().filter(response=OuterRef("pk"), question=chosen["question"])
        if chosen.get("part"):
            answers = answers.filter(part=chosen["part"])
        if chosen.get("choice"):
            answers = answers.filter(choice=chosen["choice"])
        if chosen.get("low") is not None:
            answers = answers.filter(value__gte=chosen["low"])
        if chosen.get("high") is not None:
            answers = answers.filter(value__lte=chosen["high"])
        return queryset.filter(Exists(answers))


def _named(field: forms.Field, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=field.label, required=False, choices=[("", "–"), *choices])


def asked_by(campaign: Campaign | None) -> Definition | None:
    """The questions of a campaign, where there is one."""
    return definitions.read(campaign.definition) if campaign else None
