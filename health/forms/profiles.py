"""Parse a health profile: for whom, weights and bounds of each signal, exceptions, bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Category, Stage, Status, Tier
from health.choices import SignalGroup
from health.models import HealthProfile
from health.profile_words import HUNDRED, SEGMENTS, typed_bound, unit_words
from health.signals import Signal, Unit, all_signals

NO_TIER = "none"
MOST_EXCEPTIONS = 10
EXCEPTION = {"signal": "stage_interrupted", "at": "50", "cap": "39"}
EXCEPTION_FIELDS = tuple(EXCEPTION)
WEIGHTS = {"max_digits": 7, "decimal_places": 2, "required": False}


class SignalRow(NamedTuple):
    """A signal in the table of weights."""

    signal: Signal
    unit: str
    weight: BoundField
    bound: BoundField


class GroupRow(NamedTuple):
    """A group in the table of weights, with its signals."""

    label: Any
    weight: BoundField
    signals: list[SignalRow]


def _number(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=-1000, max_value=1000, **WEIGHTS)  # type: ignore[arg-type]


class ProfileForm(forms.ModelForm):
    """A profile without its exceptions. Fields of weights and bounds are made from the signals that there are; an
    empty weight is 0, an empty bound that of the signal itself."""

    statuses = forms.MultipleChoiceField(
        label=pgettext_lazy("of accounts", "statuses"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[choice for choice in Status.choices if choice[0] != Status.TERMINATED],
        help_text=_("None ticked: all."),
    )  # fmt: skip
    tiers = forms.MultipleChoiceField(
        label=_("tiers"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[*Tier.choices, (NO_TIER, _("No tier"))], help_text=_("None ticked: all."),
    )  # fmt: skip
    stages = forms.MultipleChoiceField(
        label=_("relationship stages"), required=False, widget=forms.CheckboxSelectMultiple, choices=Stage.choices,
        help_text=_("None ticked: all."),
    )  # fmt: skip
    categories = forms.MultipleChoiceField(
        label=_("categories"), required=False, widget=forms.CheckboxSelectMultiple, choices=Category.choices,
        help_text=_("None ticked: all."),
    )  # fmt: skip

    class Meta:
        model = HealthProfile
        fields = ("name", "name_hant", "name_en", "position", "is_active", *SEGMENTS, "healthy_from", "watch_from")
        labels = {"position": pgettext_lazy("sequence", "Order")}
        help_texts = {
            "position": _("The first profile that fits an account counts; smaller numbers come first."),
            "healthy_from": _("The lowest healthy score."),
            "watch_from": _("The lowest score to watch; below it an account is at risk."),
        }

    sections = (
        (pgettext_lazy("of health", "Profile"), ("name", "name_hant", "name_en", "position", "is_active")),
        (_("Which accounts"), SEGMENTS),
        (_("Bands"), ("healthy_from", "watch_from")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profile, fields = self.instance, self.fields
        self.initial["tiers"] = [tier or NO_TIER for tier in profile.tiers]
        self.known = all_signals()
        for code, name in SignalGroup.choices:
            fields[f"group_{code}"] = _number(name)
            self.initial[f"group_{code}"] = profile.groups.get(code, 0)
        for key, signal in self.known.items():
            said = profile.signals.get(key) or {}
            bound = said.get("bound")
            fields[f"weight_{key}"] = _number(_("%(signal)s: weight") % {"signal": signal.label})
            fields[f"bound_{key}"] = _number(_("%(signal)s: bound") % {"signal": signal.label})
            self.initial[f"weight_{key}"] = said.get("weight", 0)
            self.initial[f"bound_{key}"] = f"{typed_bound(signal, signal.bound if bound is None else bound):g}"

    def clean_tiers(self) -> list[str]:
        return ["" if tier == NO_TIER else tier for tier in self.cleaned_data["tiers"]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.instance.groups = {code: _plain(data.get(f"group_{code}")) or 0 for code in SignalGroup.values}
        self.instance.signals = {key: self._said(key, signal, data) for key, signal in self.known.items()}
        return data

    def _said(self, key: str, signal: Signal, data: Mapping[str, Any]) -> dict[str, Any]:
        bound = _plain(data.get(f"bound_{key}"))
        if bound is None:
            bound = signal.bound
        elif signal.unit == Unit.SHARE:
            bound = round(bound / HUNDRED, 6)
        return {"weight": _plain(data.get(f"weight_{key}")) or 0, "bound": bound}

    @property
    def table(self) -> Iterator[GroupRow]:
        """The fields of weights and bounds, by group."""
        for code, name in SignalGroup.choices:
            rows = [
                SignalRow(signal, unit_words(signal), self[f"weight_{key}"], self[f"bound_{key}"])
                for key, signal in self.known.items()
                if signal.group == code
            ]
            yield GroupRow(name, self[f"group_{code}"], rows)

    @property
    def plain_fields(self) -> list[tuple[Any, list[BoundField]]]:
        """The other fields, under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.sections]


class ExceptionForm(forms.Form):
    """A signal that is so bad caps the score."""

    signal = forms.ChoiceField(label=_("signal"))
    at = forms.DecimalField(
        label=_("severity from"), min_value=1, max_value=100, max_digits=5, decimal_places=1,
        help_text=_("50: at its bound; 100: the worst."),
    )  # fmt: skip
    cap = forms.IntegerField(label=_("score at most"), min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["signal"].choices = [(key, signal.label) for key, signal in all_signals().items()]

    def exception(self) -> dict[str, Any]:
        """As the profile keeps it."""
        data = self.cleaned_data
        return {"signal": data["signal"], "at": float(data["at"]) / HUNDRED, "cap": data["cap"]}


ExceptionFormSet = forms.formset_factory(
    ExceptionForm, extra=0, max_num=MOST_EXCEPTIONS, absolute_max=MOST_EXCEPTIONS, validate_max=True
)


def exception_values(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Exceptions as the first values of their forms."""
    return [{**row, "at": f"{float(row['at']) * HUNDRED:g}"} for row in rows]


def changed_exceptions(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, with one more exception (`add`) or one less (`remove` names its number)."""
    total = str(data.get("form-TOTAL_FORMS", "0"))
    number = min(int(total), MOST_EXCEPTIONS) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = [{name: data.get(f"form-{index}-{name}", "") for name in EXCEPTION_FIELDS} for index in range(number)]
    removed = str(data.get("remove", ""))
    rows = [row for index, row in enumerate(rows) if str(index) != removed]
    if "add" in data and len(rows) < MOST_EXCEPTIONS:
        rows.append(dict(EXCEPTION))
    typed: dict[str, Any] = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        typed |= {f"form-{index}-{name}": value for name, value in row.items()}
    return typed


def _plain(value: Decimal | None) -> float | int | None:
    """A whole number as such: so profiles read like those that are shipped."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
