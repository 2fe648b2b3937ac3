"""Parse an alert rule with its conditions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from health.conditions import MAX_CONDITIONS, is_share
from health.models import AlertRule, Playbook
from health.rule_words import in_per_cent, known_measures

NO_TIER = "none"
OPERATORS = [("gte", _("at least")), ("lte", _("at most"))]
CONDITION = {"measure": "probability", "op": "gte", "value": "60"}
CONDITION_FIELDS = ("measure", "op", "value")
HUNDRED = Decimal(100)
HIGHEST = 10**12


class AlertRuleForm(forms.ModelForm):
    """A rule without its conditions."""

    tiers = forms.MultipleChoiceField(
        label=_("tiers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[*Tier.choices, (NO_TIER, _("No tier"))],
        help_text=_("None ticked: all."),
    )
    any_of = forms.ChoiceField(
        label=_("It fires when"),
        choices=[
            ("", pgettext_lazy("conditions", "all conditions hold")),
            ("1", pgettext_lazy("conditions", "any condition holds")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = AlertRule
        fields = ("name", "name_hant", "name_en", "reason", "is_active", "playbook", "tiers", "any_of")
        help_texts = {
            "reason": _("An account has one open alert per reason; of two rules of a reason the worse one counts."),
            "playbook": _("Recommended first where this rule opened the alert."),
        }

    sections = (
        (_("Rule"), ("name", "name_hant", "name_en", "reason", "playbook", "is_active")),
        (_("Which accounts"), ("tiers",)),
        (pgettext_lazy("of a rule", "When"), ("any_of",)),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tiers"] = [tier or NO_TIER for tier in self.initial.get("tiers") or []]
        self.initial["any_of"] = "1" if self.initial.get("any_of") else ""
        fields: Any = self.fields
        fields["playbook"].queryset = Playbook.objects.active()

    def clean_any_of(self) -> bool:
        return bool(self.cleaned_data["any_of"])

    def clean_tiers(self) -> list[str]:
        return ["" if tier == NO_TIER else tier for tier in self.cleaned_data["tiers"]]


class ConditionForm(forms.Form):
    """One condition; shares are typed in per cent."""

    measure = forms.ChoiceField(label=_("measure"))
    op = forms.ChoiceField(label=_("comparison"), choices=OPERATORS)
    value = forms.DecimalField(
        label=pgettext_lazy("of a condition", "value"), max_digits=15, decimal_places=4, min_value=-HIGHEST,
        max_value=HIGHEST,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["measure"].choices = known_measures()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        value = data.get("value")
        if value is not None and is_share(data.get("measure", "")) and not 0 <= value <= HUNDRED:
            self.add_error("value", _("Between 0 and 100 per cent."))
        return data

    def condition(self) -> dict[str, Any]:
        """As the rule keeps it."""
        data = self.cleaned_data
        value = data["value"] / HUNDRED if in_per_cent(data["measure"]) else data["value"]
        return {"measure": data["measure"], "op": data["op"], "value": float(value)}


ConditionFormSet = forms.formset_factory(
    ConditionForm, extra=0, min_num=1, max_num=MAX_CONDITIONS, absolute_max=MAX_CONDITIONS,
    validate_min=True, validate_max=True,
)  # fmt: skip


def condition_values(conditions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions as the first values of their forms."""
    return [{**condition, "value": _typed_value(condition)} for condition in conditions]


def changed_conditions(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The conditions as they were typed, with one more (`add`) or one less (`remove` names its number)."""
    total = str(data.get("form-TOTAL_FORMS", "0"))
    number = min(int(total), MAX_CONDITIONS) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = [{name: data.get(f"form-{index}-{name}", "") for name in CONDITION_FIELDS} for index in range(number)]
    if "add" in data and len(rows) < MAX_CONDITIONS:
        rows.append(dict(CONDITION))
    removed = str(data.get("remove", ""))
    return [row for index, row in enumerate(rows) if str(index) != removed]


def _typed_value(condition: Mapping[str, Any]) -> str:
    value = Decimal(str(condition["value"])) * (HUNDRED if in_per_cent(condition["measure"]) else 1)
    return f"{value.normalize():f}"
