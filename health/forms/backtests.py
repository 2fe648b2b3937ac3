"""Parse the question of a backtest."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from health.models import AlertRule, Backtest, HealthProfile
from health.services.backtest_scores import PROFILE_FIELDS, RULE_FIELDS


class BacktestForm(forms.ModelForm):
    """Snapshots, horizon, and a profile to compare the current rules with."""

    profile = forms.ModelChoiceField(
        label=_("What if this profile counted for all accounts"),
        queryset=HealthProfile.objects.all(),
        required=False,
        help_text=_("Its health scores are judged beside those of the current profiles. It need not be active."),
    )

    rules = forms.ModelMultipleChoiceField(
        label=_("What if exactly these alert rules held"),
        queryset=AlertRule.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They are judged beside those in force. A rule may be written and left inactive to try it here."),
    )

    class Meta:
        model = Backtest
        fields = ("from_date", "to_date", "horizon_days", "every")
        help_texts = {
            "horizon_days": _("An account counts as lost that orders nothing for so many days after a snapshot."),
        }

    sections = (
        (_("Snapshots"), ("from_date", "to_date", "every", "horizon_days")),
        (_("Compare with"), ("profile", "rules")),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            last = (today - dt.timedelta(days=90)).replace(day=1)
            self.initial.update({"to_date": last, "from_date": (last - dt.timedelta(days=80)).replace(day=1)})

    def save(self, commit: bool = True) -> Backtest:  # noqa: FBT001, FBT002 — the signature is Django's
        profile = self.cleaned_data.get("profile")
        if profile is not None:
            self.instance.what_if["profile"] = {name: getattr(profile, name) for name in PROFILE_FIELDS}
        rules = [{name: getattr(rule, name) for name in RULE_FIELDS} for rule in self.cleaned_data.get("rules") or ()]
        if rules:
            self.instance.what_if["rules"] = rules
        return super().save(commit=commit)
