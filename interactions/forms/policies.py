"""A draft of the contact policy with its rules in one form, the rhythm of an account, a capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from contacts.choices import Seniority
from interactions.choices import CHANNELS, HOLIDAYS
from interactions.models import AccountRhythm, Capacity, ContactPolicy, PolicyRule

MAX_RULES = 100


POLICY_FIELDS = (
    "note",
    "visits_per_day",
    "birthday_days_ahead",
    "holiday_days_ahead",
    "greeting_tiers",
    "holidays",
)
RULE_FIELDS = ("duty", "tier", "stage", "region", "cadence_days", "minimum_seniority", "channels")


class PolicyForm(forms.ModelForm):
    """What a version says besides its rules."""

    holidays = forms.MultipleChoiceField(
        label=_("holidays with greetings"),
        choices=[(str(day), day.label) for day in HOLIDAYS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    greeting_tiers = forms.MultipleChoiceField(
        label=_("tiers with greetings"), choices=Tier.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = ContactPolicy
        fields = POLICY_FIELDS
        help_texts = {
            "note": _("One line for the list of versions."),
            "visits_per_day": _("For everybody without a capacity of their own."),
        }

    sections = (
        (_("This version"), ("note", "visits_per_day")),
        (_("Greetings"), ("birthday_days_ahead", "holiday_days_ahead", "greeting_tiers", "holidays")),
    )


class RuleForm(forms.ModelForm):
    """One rule; an empty tier, stage or region means any."""

    channels = forms.MultipleChoiceField(
        label=_("channels that count"),
        choices=[(str(kind), kind.label) for kind in CHANNELS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one channel that counts.")},
    )

    class Meta:
        model = PolicyRule
        fields = RULE_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("tier", "stage", "region"):
            field = self.fields[name]
            field.choices = [("", _("Any")), *(choice for choice in field.choices if choice[0])]
        levels = [choice for choice in Seniority.choices if choice[0]]
        self.fields["minimum_seniority"].choices = [(0, _("Anybody")), *levels]


class BaseRules(forms.BaseFormSet):
    """The rules of a draft: at least one, no two for the same accounts."""

    def clean(self) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for number, form in enumerate(self.forms, 1):
            if form.errors:
                continue
            key = tuple(form.cleaned_data.get(name) for name in ("duty", "tier", "stage", "region"))
            first = seen.setdefault(key, number)
            if first != number:
                text = _("Rule %(first)s is for the same accounts: keep one of the two.") % {"first": first}
                form.add_error("duty", text)

    def rules(self) -> list[PolicyRule]:
        """The rules typed, unsaved."""
        return [form.instance for form in self.forms]


RuleFormSet = forms.formset_factory(
    RuleForm,
    formset=BaseRules,
    extra=0,
    min_num=0,
    max_num=MAX_RULES,
    absolute_max=MAX_RULES,
    validate_max=True,
)
RULE = {"duty": "manager", "cadence_days": 30, "channels": ["visit", "meeting", "call"], "minimum_seniority": 0}


def rule_values(rule: PolicyRule) -> dict[str, Any]:
    """A rule as the first values of its form."""
    return {name: getattr(rule, name) for name in RULE_FIELDS}


def changed_rows(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows as they were typed, with one more (`add`) or one less (`remove` names its number)."""
    total = str(data.get("form-TOTAL_FORMS", "0"))
    number = min(int(total), MAX_RULES) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = []
    for index in range(number):
        row = {name: data.get(f"form-{index}-{name}", "") for name in RULE_FIELDS}
        row["channels"] = data.getlist(f"form-{index}-channels") if hasattr(data, "getlist") else []
        rows.append(row)
    if "add" in data and len(rows) < MAX_RULES:
        rows.append(dict(RULE))
    removed = str(data.get("remove", ""))
    return [row for index, row in enumerate(rows) if str(index) != removed]


class RhythmForm(forms.ModelForm):
    """What one account wants otherwise; everything may stay empty."""

    class Meta:
        model = AccountRhythm
        fields = ["cadence_days", "override_until", "override_reason", "paused_until", "pause_reason", "weekday"]
        help_texts = {
            "cadence_days": _("Empty: as the policy says."),
            "override_until": _("Empty: for good."),
            "paused_until": _("No visits are planned up to this day, itself included."),
            "weekday": _("Visits are planned on this day of the week only, where it is a working day."),
        }

    sections = (
        (_("Own cadence"), ("cadence_days", "override_until", "override_reason")),
        (_("Pause"), ("paused_until", "pause_reason")),
        (_("Fixed day"), ("weekday",)),
    )
    wide = ("override_reason",)


class CapacityForm(forms.ModelForm):
    """Visits per day of one person; empty: as the policy says."""

    visits_per_day = forms.IntegerField(
        label=_("visits per day"),
        min_value=0,
        max_value=20,
        required=False,
        help_text=_("Empty: as the contact policy says. 0: no visits are planned."),
    )

    class Meta:
        model = Capacity
        fields = ["visits_per_day"]
