"""Input of the approval pages: a decision, a comment, a rule with its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.choices import TIERS, Approver, Mode
from approvals.models import ApprovalRule
from approvals.registry import all_kinds
from approvals.services import StepPlan
from approvals.services.requests import LIMIT
from approvals.services.rules import MAX_STEPS
from users.models import User

APPROVE, SEND_BACK = "approve", "send_back"
NO_TIER = "none"
STEP_FIELDS = ("approver", "mode", "people")
STEP = {"approver": Approver.SUPERIOR.value, "mode": Mode.ONE.value, "people": []}


class DecisionForm(forms.Form):
    """One comment and two buttons. `step` is the step that was on the page."""

    decision = forms.ChoiceField(
        label=_("decision"),
        choices=[(APPROVE, _("Approve")), (SEND_BACK, _("Send back"))],
        widget=forms.HiddenInput,
        error_messages={"required": _("Approve it, or send it back.")},
    )
    step = forms.IntegerField(min_value=1, max_value=32767, widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("comment"),
        required=False,
        max_length=LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to send it back: what should be different?"),
    )


class CommentForm(forms.Form):
    """Something to say without deciding."""

    text = forms.CharField(label=_("comment"), max_length=LIMIT, widget=forms.Textarea(attrs={"rows": 2}))


class RuleForm(forms.ModelForm):
    """A rule without its steps; conditions may all stay empty."""

    tiers = forms.MultipleChoiceField(
        label=_("tiers"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: all.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("kinds"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None ticked: all.")
    )

    class Meta:
        model = ApprovalRule
        fields = (
            "name", "name_en", "subject", "position", "is_active", "min_amount", "min_discount", "tiers", "kinds",
        )  # fmt: skip
        help_texts = {"position": _("The first rule in force whose conditions all hold is the one that counts.")}

    sections = (
        (_("Rule"), ("name", "name_en", "subject", "position", "is_active")),
        (_("Conditions: empty holds for everything"), ("min_amount", "min_discount", "tiers", "kinds")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tiers"] = [tier or NO_TIER for tier in self.initial.get("tiers") or []]
        tiers = [(tier, tier) if tier else (NO_TIER, _("No tier")) for tier in TIERS]
        self._offer("tiers", tiers, self.initial["tiers"])
        self._offer("kinds", list(all_kinds().items()), self.initial.get("kinds") or [])

    def clean_tiers(self) -> list[str]:
        return ["" if tier == NO_TIER else tier for tier in self.cleaned_data["tiers"]]

    def _offer(self, name: str, choices: list[tuple[str, Any]], chosen: list[str]) -> None:
        """What is chosen stays a choice, also where nobody knows the code any more."""
        known = {code for code, _label in choices}
        self.fields[name].choices = [*choices, *((code, code) for code in chosen if code not in known)]


class StepForm(forms.Form):
    """One step of a rule."""

    approver = forms.ChoiceField(label=_("approver"), choices=Approver.choices)
    mode = forms.ChoiceField(label=_("mode"), choices=Mode.choices)
    people = forms.ModelMultipleChoiceField(
        label=_("people"),
        queryset=User.objects.active().order_by("name", "pk"),
        required=False,
        widget=forms.SelectMultiple(attrs={"data-search": "", "size": 4}),
        help_text=_("Only for named persons."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("approver") == Approver.PERSON and not cleaned.get("people") and "people" not in self.errors:
            self.add_error("people", _("Name at least one person."))
        return cleaned

    def plan(self) -> StepPlan:
        """The step that was typed, unsaved."""
        values = self.cleaned_data
        people = list(values["people"]) if values["approver"] == Approver.PERSON else []
        return StepPlan(values["approver"], values["mode"], people)


StepFormSet = forms.formset_factory(
    StepForm, extra=0, min_num=0, max_num=MAX_STEPS, absolute_max=MAX_STEPS, validate_max=True
)


def step_values(plans: list[StepPlan]) -> list[dict[str, Any]]:
    """Steps as the first values of their forms."""
    return [
        {"approver": plan.approver, "mode": plan.mode, "people": [user.pk for user in plan.people]} for plan in plans
    ]


def changed_steps(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps as they were typed, with one more (`add`) or one less (`remove` names its number)."""
    total = str(data.get("form-TOTAL_FORMS", "0"))
    number = min(int(total), MAX_STEPS) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows: list[dict[str, Any]] = []
    for index in range(number):
        row: dict[str, Any] = {name: data.get(f"form-{index}-{name}", "") for name in STEP_FIELDS}
        people = data.getlist(f"form-{index}-people") if hasattr(data, "getlist") else []
        row["people"] = [pk for pk in people if pk.isascii() and pk.isdigit() and len(pk) <= 18]
        rows.append(row)
    if "add" in data and len(rows) < MAX_STEPS:
        rows.append(dict(STEP))
    removed = str(data.get("remove", ""))
    return [row for index, row in enumerate(rows) if str(index) != removed]
