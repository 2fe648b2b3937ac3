"""Input of the tier pages. A policy's form has the fields of the chosen method only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from core.money import CURRENCY_CHOICES
from tiers import parameters as rules
from tiers.choices import Combine, Criterion, Measure, Method
from tiers.models import TierOverride, TierPolicy, TierPolicyVersion

POINT_UNITS: dict[str, Any] = {
    "revenue": _("value:score, value in the policy's currency"),
    "growth": _("value:score, value in percent against as many months before"),
    "margin": _("value:score, value in percent of the revenue with known cost"),
    "potential": _("value:score, value as on the account, 0 to 100"),
    "wallet_share": _("value:score, value in percent of the annual purchases"),
    "payment_behaviour": _("value:score, value as on the account, 0 to 100"),
    "tenure": _("value:score, value in years since the account became a customer"),
    "strategic_fit": _("value:score, value as on the account, 0 to 100"),
}
LABELS: dict[str, tuple[Any, Any]] = {
    "cut_a": (_("A ends at"), _("Percent of cumulative revenue, above 0 and at most 100.")),
    "cut_b": (_("B ends at"), _("Percent of cumulative revenue, more than A.")),
    "measure": (_("Compared with the bounds"), ""),
    "bound_a": (_("A from"), _("Revenue in the policy's currency.")),
    "bound_b": (_("B from"), _("Revenue in the policy's currency, less than A.")),
    "band_a": (_("A from a score of"), _("Above 0 and at most 100.")),
    "band_b": (_("B from a score of"), _("Less than A.")),
    "down_runs": (_("Runs in a row before a downgrade"), _("1: at once, unless there is a margin.")),
    "up_runs": (_("Runs in a row before an upgrade"), _("1: at once.")),
    "margin": (
        pgettext_lazy("of hysteresis", "Margin"),
        _("How far beyond the bound a downgrade passes: points of cumulative share (Pareto), points of score "
          "(scorecard), percent of the bound (threshold). 0: no margin."),
    ),
    "combine": (_("With both runs and margin"), ""),
}  # fmt: skip
HYSTERESIS = ("down_runs", "margin", "combine", "up_runs")


def parameter_names(method: str) -> list[str]:
    """The fields of a method, in the order of the form."""
    if method != Method.SCORECARD:
        return list(rules.DEFAULTS[method])
    pairs = [name for criterion in Criterion.values for name in (f"weight_{criterion}", f"points_{criterion}")]
    return ["band_a", "band_b", *pairs]


def parameter_field(name: str) -> forms.Field:
    """The input of one parameter. Numbers are text here: `tiers.parameters` reads and checks them."""
    if name in ("measure", "combine"):
        choices = Measure.choices if name == "measure" else Combine.choices
        return forms.ChoiceField(label=LABELS[name][0], choices=choices)
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    if name.startswith("weight_"):
        label: Any = _("%(criterion)s: weight") % {"criterion": Criterion(name.removeprefix("weight_")).label}
        return forms.CharField(label=label, widget=widget, help_text=_("0: not used."))
    if name.startswith("points_"):
        criterion = name.removeprefix("points_")
        label = _("%(criterion)s: points") % {"criterion": Criterion(criterion).label}
        return forms.CharField(label=label, help_text=POINT_UNITS[criterion])
    return forms.CharField(label=LABELS[name][0], widget=widget, help_text=LABELS[name][1])


class PolicyForm(forms.ModelForm):
    """A policy and what its next version computes; `version()` gives that version, unsaved."""

    method = forms.ChoiceField(label=_("method"), choices=Method.choices)
    months = forms.IntegerField(label=_("trailing months"), min_value=1, max_value=60)
    currency = forms.ChoiceField(
        label=_("currency"),
        choices=[("", _("That of the revenue, or the reporting currency")), *CURRENCY_CHOICES],
        required=False,
    )
    note = forms.CharField(label=_("note"), max_length=250, required=False, help_text=_("Why this change."))
    as_of = forms.DateField(label=_("what-if as of"), widget=forms.DateInput)

    class Meta:
        model = TierPolicy
        fields = ["code", "name", "name_en", "enabled", "schedule", "schedule_month", "schedule_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = self.instance.current_version if self.instance.pk else None
        shown = self.data if self.is_bound else self.initial
        method = shown.get("method") or (current.method if current else Method.PARETO.value)
        self.chosen = str(method) if method in Method.values else Method.PARETO.value
        self.names = [*parameter_names(self.chosen), *HYSTERESIS]
        for name in self.names:
            self.fields[name] = parameter_field(name)
        for name, value in self._defaults(current).items():
            self.initial.setdefault(name, value)
        self.fields["method"].widget.attrs |= {
            "hx-post": "", "hx-trigger": "change", "hx-target": "#policy-form", "hx-select": "#policy-form",
            "hx-swap": "outerHTML", "hx-vals": '{"refresh": "1"}', "hx-include": "closest form",
        }  # fmt: skip
        criteria = [name for name in parameter_names(self.chosen) if name.startswith(("weight_", "points_"))]
        bounds = [name for name in parameter_names(self.chosen) if name not in criteria]
        self.sections = [
            (_("Policy"), ["code", "name", "name_en", "enabled"]),
            (_("Schedule"), ["schedule", "schedule_month", "schedule_day"]),
            (_("Rules"), ["method", "months", "currency", *bounds]),
            *([(_("Criteria: how much each weighs, and what its values are worth"), criteria)] if criteria else []),
            (_("Hysteresis: when a move passes"), list(HYSTERESIS)),
            (_("This change"), ["note", "as_of"]),
        ]

    def _defaults(self, current: TierPolicyVersion | None) -> dict[str, Any]:
        values = {**rules.HYSTERESIS_DEFAULTS, **rules.DEFAULTS[self.chosen], "method": self.chosen, "months": 12}
        if current is not None:
            same = current.method == self.chosen
            kept = current.parameters if same else {name: current.parameters[name] for name in HYSTERESIS}
            values |= {**kept, "months": current.months, "currency": current.currency}
        return {
            name: rules.points_text(value) if name.startswith("points_") else value for name, value in values.items()
        }

    def clean(self) -> dict[str, Any]:
        """Parameters by the rules of the method, each error beside its field."""
        cleaned = super().clean() or self.cleaned_data
        raw = {name: self._raw(name, cleaned) for name in self.names if name in cleaned}
        if not self.errors:
            try:
                self.parameters = rules.clean(self.chosen, raw)
            except ValidationError as error:
                for name, errors in error.error_dict.items():
                    self.add_error(name if name in self.fields else None, errors)
        return cleaned

    def _raw(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        if not name.startswith("points_"):
            return cleaned[name]
        try:
            return rules.parse_points(cleaned[name])
        except ValueError:
            return []

    def version(self) -> TierPolicyVersion:
        """The version that the input describes, unsaved."""
        values = {name: self.cleaned_data[name] for name in ("method", "months", "currency", "note")}
        return TierPolicyVersion(parameters=self.parameters, **values)


class RunForm(forms.Form):
    as_of = forms.DateField(
        label=_("as of"),
        widget=forms.DateInput,
        help_text=_("The run looks at the full months before the month of this day."),
    )


class AdjustForm(forms.Form):
    tier = forms.ChoiceField(label=_("tier"), choices=Tier.choices)
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)


class RejectForm(forms.Form):
    reason = forms.CharField(label=_("reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)


class OverrideForm(forms.ModelForm):
    class Meta:
        model = TierOverride
        fields = ["tier", "expires_on", "reason"]
        widgets = {"expires_on": forms.DateInput, "reason": forms.Textarea(attrs={"rows": 2})}
