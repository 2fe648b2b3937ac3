"""The page of the contract policy: its fields, and the rules of renewals and reminders as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from contracts.models import ContractPolicy, DunningRule, RenewalRule

MAX_RULES = 60
ANY_TIER = _("Others")


class ContractPolicyForm(forms.ModelForm):
    """What counts for all contracts."""

    class Meta:
        model = ContractPolicy
        fields = ["our_party", "plan_mismatch", "escalate_after", "alert_before"]
        help_texts = {
            "our_party": _("Our company as it signs; new contracts begin with it."),
            "plan_mismatch": _("What happens when a contract is submitted whose instalments do not sum to its total."),
            "escalate_after": _("A renewal that nobody acted on goes to the supervisor so many days after it opened."),
            "alert_before": _("A renewal that nobody acted on becomes an alert so many days before the notice date."),
        }

    sections = (
        (_("Contracts"), ("our_party", "plan_mismatch")),
        (_("Renewals that nobody acts on"), ("escalate_after", "alert_before")),
    )
    wide = ("our_party",)


class _RuleForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [*Tier.choices, ("", ANY_TIER)]


class RenewalRuleForm(_RuleForm):
    """When renewals of a tier, from an amount on, open."""

    class Meta:
        model = RenewalRule
        fields = ["tier", "min_amount", "open_days"]


class DunningRuleForm(_RuleForm):
    """After how many days which reminder is given."""

    class Meta:
        model = DunningRule
        fields = ["tier", "level", "days_overdue"]


class BaseRules(forms.BaseFormSet):
    """Rows of rules, no two for the same cases."""

    def clean(self) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for number, form in enumerate(self.forms, 1):
            if form.errors:
                continue
            names = list(form.fields)[:2]
            first = seen.setdefault(tuple(form.cleaned_data.get(name) for name in names), number)
            if first != number:
                form.add_error(
                    "tier", _("Rule %(first)s is for the same cases: keep one of the two.") % {"first": first}
                )

    def rules(self) -> list[Any]:
        """The rules typed, unsaved."""
        return [form.instance for form in self.forms]


def _formset(form: type[forms.ModelForm]) -> Any:
    return forms.formset_factory(
        form, formset=BaseRules, extra=0, min_num=0, max_num=MAX_RULES, absolute_max=MAX_RULES, validate_max=True
    )


RenewalRules = _formset(RenewalRuleForm)
DunningRules = _formset(DunningRuleForm)
RENEWAL, DUNNING = "renewal", "dunning"
FIELDS = {RENEWAL: ("tier", "min_amount", "open_days"), DUNNING: ("tier", "level", "days_overdue")}
NEW_ROW: dict[str, dict[str, Any]] = {
    RENEWAL: {"tier": "", "min_amount": 0, "open_days": 90},
    DUNNING: {"tier": "", "level": 1, "days_overdue": 7},
}


def first_rows(kind: str, rules: Iterable[Any]) -> list[dict[str, Any]]:
    """The rules as the form begins with them."""
    return [{name: _plain(getattr(rule, name)) for name in FIELDS[kind]} for rule in rules]


def changed_rows(kind: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a kind as typed, with one more (`add` names the kind) or one less (`remove`: kind and number)."""
    total = str(data.get(f"{kind}-TOTAL_FORMS", "0"))
    number = min(int(total), MAX_RULES) if total.isascii() and total.isdigit() and len(total) < 5 else 0
    rows = [{name: data.get(f"{kind}-{index}-{name}", "") for name in FIELDS[kind]} for index in range(number)]
    if data.get("add") == kind and len(rows) < MAX_RULES:
        rows.append(dict(NEW_ROW[kind]))
    removed = str(data.get("remove", ""))
    return [row for index, row in enumerate(rows) if f"{kind}-{index}" != removed]


def _plain(value: Any) -> Any:
    """An amount without zeros at its end."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
