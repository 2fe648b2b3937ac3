"""What the results page is asked for: a period, another to compare it with, a cut, a question, a slice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys import reports
from surveys.choices import Cut
from surveys.cut_labels import labels
from surveys.models import Response
from surveys.results import Months

PREVIOUS, YEAR, OWN = "previous", "year", "own"
DEFAULT_MONTHS = 12
MOST_DIGITS = 18
"""Of the key of a slice: what a number of a row has at most."""
_MONTH = re.compile(r"(20\d\d|19\d\d)-(0[1-9]|1[0-2])")


class MonthInput(forms.TextInput):
    """The browser's own picker of months."""

    input_type = "month"


class MonthField(forms.CharField):
    """A month as 2026-03; the cleaned value stays text, as it is shown."""

    widget = MonthInput

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if text and not _MONTH.fullmatch(text):
            raise forms.ValidationError(_("Enter a month: year-month."), code="invalid")
        return text


class MonthFilter(django_filters.Filter):
    field_class = MonthField


class ResultFilter(django_filters.FilterSet):
    """`slice` is a cut and one of its keys, `tier:A`; `questions` are (key, text) of those that rate."""

    bar = ("from_month", "until_month", "compare", "question")

    from_month = MonthFilter(label=pgettext_lazy("months", "from"), method="as_it_is")
    until_month = MonthFilter(label=pgettext_lazy("months", "until"), method="as_it_is")
    compare = django_filters.ChoiceFilter(
        label=_("compare with"),
        choices=[
            (PREVIOUS, _("The months before")),
            (YEAR, _("A year earlier")),
            (OWN, _("The months chosen under “More filters”")),
        ],
        empty_label=pgettext_lazy("compare with", "Nothing"),
        method="as_it_is",
    )
    question = django_filters.ChoiceFilter(label=_("question"), choices=[], empty_label=None, method="as_it_is")
    other_from = MonthFilter(label=_("compare with the months from"), method="as_it_is")
    other_until = MonthFilter(label=_("compare with the months until"), method="as_it_is")
    by = django_filters.ChoiceFilter(
        label=pgettext_lazy("results", "by"), choices=Cut.choices[1:], method="as_it_is", widget=forms.HiddenInput
    )
    slice = django_filters.ChoiceFilter(label=_("only"), choices=[], method="as_it_is", widget=forms.HiddenInput)

    class Meta:
        model = Response
        fields: list[str] = []

    def __init__(self, data: Any, *, questions: Sequence[tuple[str, str]], anonymous: bool) -> None:
        super().__init__(data, queryset=Response.objects.none())
        self.form.fields["question"].choices = questions
        self.form.fields["slice"].choices = slice_choices(data.get("slice", ""))
        if len(questions) < 2:
            del self.form.fields["question"]
        if anonymous:
            self.form.fields["by"].choices = [choice for choice in Cut.choices[1:] if choice[0] in reports.CUTS]
        self.form.is_valid()

    def as_it_is(self, queryset: models.QuerySet[Any], name: str, value: Any) -> models.QuerySet[Any]:
        """Says what is shown, not which rows."""
        return queryset

    def chosen(self, name: str) -> str:
        """What was chosen, "" where it was nothing or nothing valid."""
        return self.form.cleaned_data.get(name) or ""

    @property
    def cut_and_key(self) -> tuple[str, str]:
        """The slice; (all, "") for none."""
        cut, _colon, key = self.chosen("slice").partition(":")
        return (cut, key) if cut else (Cut.ALL, "")

    def periods(self, today: dt.date) -> tuple[Months, Months | None]:
        """The months to show and those to compare them with. Who compares without saying which months means the last
        twelve."""
        months = Months(_first(self.chosen("from_month")), _first(self.chosen("until_month")))
        compare = self.chosen("compare")
        if compare in (PREVIOUS, YEAR):
            last = months.last or today.replace(day=1)
            months = Months(months.first or reports.add_months(last, 1 - DEFAULT_MONTHS), last)
            return months, (reports.previous if compare == PREVIOUS else reports.year_before)(months)
        if compare == OWN and (self.chosen("other_from") or self.chosen("other_until")):
            return months, Months(_first(self.chosen("other_from")), _first(self.chosen("other_until")))
        return months, None


def slice_choices(text: str) -> list[tuple[str, str]]:
    """The one slice that the address names, with its words; none where it names none."""
    cut, colon, key = text.partition(":")
    if cut not in Cut.values[1:] or not colon or len(key) > MOST_DIGITS:
        return []
    if cut not in (Cut.TIER, Cut.REGION) and key and not (key.isascii() and key.isdecimal()):
        return []
    return [(text, labels(cut, [key])[key])]


def _first(text: str) -> dt.date | None:
    return dt.date.fromisoformat(f"{text}-01") if text else None
