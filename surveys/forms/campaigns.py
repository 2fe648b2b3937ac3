"""The form of a campaign, of its mails' texts, and of the survey policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Stage, Tier
from contacts.choices import DecisionRole
from core.forms import DayInput, LookupSelect
from core.languages import LANGUAGE_CHOICES
from surveys.choices import VersionStatus
from surveys.mails import TEXT_NAMES
from surveys.models import Campaign, QuestionnaireVersion, SurveyPolicy
from surveys.services.audience import NO_TIER
from surveys.services.campaigns import FIXED_BY_START, MAX_TEXT
from users.models import User

ACCOUNTS = "accounts"
"""Prefix of the account list's filters in the form."""
TEXT_LABELS = {
    "subject": _("subject of the invitation"),
    "body": _("text of the invitation"),
    "reminder_subject": _("subject of the reminder"),
    "reminder_body": _("text of the reminder"),
}
DATES = ("start_date", "end_date")


class VersionChoiceField(forms.ModelChoiceField):
    """Versions by the name of their questionnaire, as the reader calls it."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.questionnaire.local_name} · v{obj.number}"


class CampaignForm(forms.ModelForm):
    """Who is asked what, when and how. Tiers, stages and roles of the audience are fields of their own here; the
    filters of the account list are a form beside it."""

    questionnaire_version = VersionChoiceField(
        label=_("questionnaire"), queryset=QuestionnaireVersion.objects.none(), empty_label="–"
    )
    tiers = forms.MultipleChoiceField(
        label=_("tiers"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[*((value, value) for value in Tier.values), (NO_TIER, _("No tier"))],
    )  # fmt: skip
    stages = forms.MultipleChoiceField(
        label=_("relationship stages"), required=False, widget=forms.CheckboxSelectMultiple, choices=Stage.choices
    )
    roles = forms.MultipleChoiceField(
        label=_("roles in decisions"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=DecisionRole.choices,
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = (
            "name", "questionnaire_version", "owner", "anonymous", "timing", "start_date", "end_date",
            "every_months_a", "every_months_b", "every_months_c", "event", "event_days", "channel", "sender_name",
            "reply_to", "reminder_days", "product_line",
        )  # fmt: skip
        widgets = {"start_date": DayInput(), "end_date": DayInput(), "owner": LookupSelect("users:user_lookup")}
        help_texts = {
            "name": _("For us only: customers see the title that the questions begin with."),
            "anonymous": _(
                "No answer knows who gave it; results show from five answers up, and nothing is followed up."
            ),
            "end_date": _("Links take no answers after it. Without an end the campaign runs until you end it."),
            "every_months_a": _("0: this tier is never asked."),
            "event_days": _("An event is asked about so many days after it, and no later than two weeks after that."),
            "sender_name": _("The name that customers see; the mail comes from the address of the installation."),
            "reply_to": _("Where answers to the mails go."),
            "reminder_days": _("One reminder to who has not answered; empty for none."),
            "product_line": _("What the questions are about, for the results; may stay empty."),
        }

    sections = (
        (_("What is asked"), ("name", "questionnaire_version", "owner", "product_line", "anonymous")),
        (_("When"), ("timing", "start_date", "end_date")),
        (_("Recurring by tier"), ("every_months_a", "every_months_b", "every_months_c")),
        (_("After an event"), ("event", "event_days")),
        (_("How"), ("channel", "reminder_days", "sender_name", "reply_to")),
        (_("Who is asked"), ("tiers", "stages", "roles")),
    )  # fmt: skip
    wide = ("anonymous",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.instance.questionnaire_version_id
        fields: dict[str, Any] = self.fields
        fields["questionnaire_version"].queryset = newest_versions(chosen)
        people = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.owner_id))
        fields["owner"].queryset = people.order_by("name", "pk")
        for name in ("tiers", "stages", "roles"):
            fields[name].initial = (self.instance.audience or {}).get(name, [])
        for name in FIXED_BY_START if self.instance.started_at else ():
            fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """The audience is put together; `accounts` stays as it is until the view sets it."""
        cleaned: dict[str, Any] = super().clean() or {}
        named = {name: cleaned.get(name) or [] for name in ("tiers", "stages", "roles")}
        accounts = (self.instance.audience or {}).get(ACCOUNTS) or {}
        self.instance.audience = {**{name: values for name, values in named.items() if values}, ACCOUNTS: accounts}
        return cleaned


class TextsForm(forms.Form):
    """What the mails say instead of the product's words, in each language; what stays empty comes from the product."""

    def __init__(self, *args: Any, texts: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in text_fields():
            own = ((texts or {}).get(code) or {}).get(name, "")
            most = 150 if "subject" in name else MAX_TEXT
            widget = forms.TextInput() if "subject" in name else forms.Textarea(attrs={"rows": 4})
            self.fields[f"text_{code}_{name}"] = forms.CharField(
                label=TEXT_LABELS[name], required=False, max_length=most, widget=widget, initial=own
            )

    @property
    def sections(self) -> list[tuple[str, list[str]]]:
        """One section for each language."""
        return [(label, [f"text_{code}_{name}" for name in TEXT_NAMES]) for code, label in LANGUAGE_CHOICES]

    def texts(self) -> dict[str, dict[str, str]]:
        """What was written, by language."""
        found: dict[str, dict[str, str]] = {}
        for code, name in text_fields():
            if text := self.cleaned_data.get(f"text_{code}_{name}"):
                found.setdefault(code, {})[name] = text
        return found


def text_fields() -> Iterator[tuple[str, str]]:
    """(language code, name of the text)."""
    return ((code, name) for code, _label in LANGUAGE_CHOICES for name in TEXT_NAMES)


def newest_versions(chosen: int | None) -> Any:
    """The newest published version of each questionnaire that is not archived, and the one that is chosen already."""
    published = QuestionnaireVersion.objects.filter(status=VersionStatus.PUBLISHED, questionnaire__archived=False)
    newest = published.order_by().values("questionnaire").annotate(newest=Max("pk")).values("newest")
    rows = QuestionnaireVersion.objects.filter(Q(pk__in=newest) | Q(pk=chosen))
    return rows.select_related("questionnaire").defer("definition").order_by("questionnaire__name", "-number")


class SurveyPolicyForm(forms.ModelForm):
    """What counts for all campaigns."""

    class Meta:
        model = SurveyPolicy
        fields = (
            "min_days_between", "answer_days", "mails_per_minute", "follow_up_hours_a", "follow_up_hours_b",
            "follow_up_hours_c", "day_from", "day_until",
        )  # fmt: skip
        widgets = {name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("day_from", "day_until")}
        help_texts = {
            "min_days_between": _("No contact is asked more often than that, by all campaigns together."),
            "mails_per_minute": _("All campaigns together send no more than that."),
            "follow_up_hours_a": _("Working hours from an unhappy answer until the customer was called and told."),
        }

    sections = (
        (_("Asking"), ("min_days_between", "answer_days", "mails_per_minute")),
        (_("Closing the loop"), ("follow_up_hours_a", "follow_up_hours_b", "follow_up_hours_c")),
        (_("Working hours"), ("day_from", "day_until")),
    )


class BounceForm(forms.Form):
    """Why a mail came back."""

    error = forms.CharField(label=_("what the mail server said"), required=False, max_length=300)
