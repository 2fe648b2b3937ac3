"""Forms of reports: what the builder posts, and how a report is saved and scheduled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import LookupSelect
from core.reporting import Kind, ReportObject
from dashboards.choices import SENT_BY_MAIL, SHARES, Format, Measure, PeriodKind
from dashboards.models import Report, ReportSchedule
from dashboards.reports.definition import MOST_FILTERS
from dashboards.reports.values import ME
from dashboards.services.scorecards import Wanted
from users.models import Team, User

GROUPS = ("g0", "g1", "g2")
"""The two groups of the rows and the one of the columns."""


def definition_of(data: QueryDict, one: ReportObject) -> dict[str, Any]:
    """What the builder's fields say, as a definition that has still to be checked. Fields of another object, left over
    from before the object was changed, are left out."""
    groups = [_group(data, name, one) for name in GROUPS]
    sums = [_sum(text) for text in data.getlist("sums") if text == "count" or one.column(text.partition(":")[2])]
    raw: dict[str, Any] = {
        "object": one.key,
        "columns": [key for key in data.getlist("columns") if one.column(key)],
        "filters": [found for number in range(MOST_FILTERS) if (found := _filter(data, f"f{number}", one))],
        "groups": [group for group in groups[:2] if group],
        "sums": sums,
        "chart": data.get("chart", ""),
    }
    if groups[2]:
        raw["cross"] = groups[2]
    limit = data.get("limit", "").strip()
    raw["limit"] = int(limit) if limit.isdecimal() else limit or 0
    raw["sort"] = _sort(data, raw, one)
    return {name: value for name, value in raw.items() if value}


def _group(data: QueryDict, name: str, one: ReportObject) -> dict[str, str] | None:
    column = one.column(data.get(f"{name}_column", ""))
    if column is None:
        return None
    grain = data.get(f"{name}_grain", "") if column.kind == Kind.DATE else ""
    return {"column": column.key, **({"grain": grain} if grain else {})}


def _sum(text: str) -> dict[str, str]:
    function, _sep, column = text.partition(":")
    return {"function": function, **({"column": column} if column else {})}


def _sort(data: QueryDict, raw: dict[str, Any], one: ReportObject) -> str:
    """What is asked for, unless it fits no more: groups came or went since."""
    text = data.get("sort", "")
    name = text.removeprefix("-")
    if raw["groups"] or raw.get("cross") or raw["sums"]:
        fits = name == "group" or (
            name.startswith("sum:") and name[4:].isdecimal() and int(name[4:]) < len(raw["sums"] or [1])
        )
    else:
        fits = name in (raw["columns"] or one.shown)
    return text if fits else ""


def _filter(data: QueryDict, name: str, one: ReportObject) -> dict[str, Any] | None:
    """One filter; None where its field is not chosen yet, or where its value is still empty."""
    column = one.column(data.get(f"{name}_column", ""))
    if column is None or data.get("drop") == name:
        return None
    op, values = data.get(f"{name}_op", ""), [text for text in data.getlist(f"{name}_value") if text != ""]
    found: dict[str, Any] = {"column": column.key, "op": op}
    if op in ("empty", "not_empty"):
        return found
    if op == "between":
        ends = [data.get(f"{name}_from", "").strip() or None, data.get(f"{name}_to", "").strip() or None]
        return {**found, "value": ends} if any(ends) else None
    if not values:
        return None
    return {**found, "value": _value(column.kind, op, values)}


def _value(kind: Kind, op: str, values: list[str]) -> Any:
    if op in ("in", "not_in"):
        if kind == Kind.CHOICE:
            return ["" if text == "~" else text for text in values]
        return [text if text == ME else int(text) if text.isdecimal() else text for text in values]
    if kind == Kind.YESNO:
        return {"yes": True, "no": False}.get(values[0], values[0])
    return int(values[0]) if op in ("older", "not_since") and values[0].isdecimal() else values[0]


class ReportForm(forms.ModelForm):
    """The name of a report, and whom it is shared with."""

    class Meta:
        model = Report
        fields = ("name", "description", "sharing")


class ScheduleForm(forms.ModelForm):
    """When a report goes out, and to whom."""

    receivers = forms.ModelMultipleChoiceField(
        label=_("Receivers"),
        queryset=User.objects.active(),
        help_text=_("Everyone gets the rows that they see themselves. Only those who may export get files."),
        widget=forms.SelectMultiple(attrs={"data-search": ""}),
    )

    class Meta:
        model = ReportSchedule
        fields = ("frequency", "weekday", "month_day", "hour", "format", "receivers", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [(0, _("Last working day")), *((day, str(day)) for day in range(1, 29))]
        self.fields["month_day"].widget = forms.Select(choices=days)
        self.fields["hour"].widget = forms.Select(choices=[(hour, f"{hour:02d}:00") for hour in range(24)])
        self.fields["format"].choices = [(code.value, code.label) for code in Format if code in SENT_BY_MAIL]
        self.fields["receivers"].queryset = self.fields["receivers"].queryset.filter(may_export=True)


class TargetsForm(forms.Form):
    """A target and a weight for each measure; a measure without a weight is not on the card."""

    def __init__(self, *args: Any, targets: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {row.measure: row for row in targets}
        for measure in Measure:
            row, share = known.get(measure.value), measure in SHARES
            shown = None if row is None else (row.target * 100 if share else row.target).normalize()
            self.fields[f"target_{measure.value}"] = forms.DecimalField(
                label=_("%(measure)s: target, per cent") % {"measure": measure.label} if share
                else _("%(measure)s: target") % {"measure": measure.label},
                required=False, max_digits=18, decimal_places=2, initial=shown and f"{shown:f}",
            )  # fmt: skip
            self.fields[f"weight_{measure.value}"] = forms.IntegerField(
                label=_("%(measure)s: weight") % {"measure": measure.label}, required=False, min_value=0,
                max_value=100, initial=row and row.weight,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for measure in Measure.values:
            if cleaned.get(f"weight_{measure}") and cleaned.get(f"target_{measure}") is None:
                self.add_error(f"target_{measure}", _("A measure with a weight needs a target."))
        return cleaned

    @property
    def wanted(self) -> list[Wanted]:
        """The targets that were typed."""
        found = []
        for measure in Measure.values:
            weight, target = self.cleaned_data[f"weight_{measure}"], self.cleaned_data[f"target_{measure}"]
            if weight:
                share = Decimal(100) if measure in SHARES else Decimal(1)
                found.append(Wanted(measure, target / share, weight))
        return found


class ScorecardForm(TargetsForm):
    """Of whom, over which period; then the targets."""

    person = forms.ModelChoiceField(
        label=pgettext_lazy("one of us", "Person"), required=False, queryset=User.objects.order_by("name"),
        widget=LookupSelect("users:user_lookup"), help_text=_("Or leave it empty and choose a team."),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        label=_("Team"), required=False, queryset=Team.objects.all(), widget=LookupSelect("users:team_lookup")
    )
    kind = forms.ChoiceField(label=_("Period"), choices=PeriodKind.choices, initial=PeriodKind.QUARTER)
    first_day = forms.DateField(
        label=_("A day in it"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The card is for the month, quarter or year of this day."),
    )  # fmt: skip
    field_order = ("person", "team", "kind", "first_day")


class ReopenScorecardForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class ScorecardCommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
