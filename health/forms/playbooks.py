"""Parse playbooks: their texts in every language, their steps; starting one, and what is done with its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from django import forms
from django.conf import settings
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.choices import Stage
from accounts.models import Account
from core.forms import DayInput, LookupSelect
from health.choices import Reason, StepRole
from health.models import Playbook
from health.playbook_steps import (
    LANGUAGES,
    MAX_DAYS,
    MAX_DESCRIPTION,
    MAX_ITEM,
    MAX_ITEMS,
    MAX_NAME,
    MAX_STEPS,
    MAX_TEMPLATE,
    MAX_TITLE,
    Step,
)
from users.models import User

NAMES = dict(settings.LANGUAGES)


class TextsForm(forms.Form):
    """Fields of one text in each language: `add_texts` makes them, `texts` puts them together again."""

    def add_texts(self, name: str, label: Any, most: int, *, lines: int = 0, values: Mapping[str, str]) -> None:
        for language in LANGUAGES:
            attrs: dict[str, Any] = {"lang": language, "data-text": name} | ({"rows": lines} if lines else {})
            widget = forms.Textarea(attrs=attrs) if lines else forms.TextInput(attrs=attrs)
            self.fields[f"{name}_{language}"] = forms.CharField(
                label=label, required=False, max_length=most, widget=widget, initial=values.get(language, "")
            )

    def texts(self, name: str) -> dict[str, str]:
        return {language: text for language in LANGUAGES if (text := self.cleaned_data.get(f"{name}_{language}"))}

    def bound_texts(self, name: str) -> list[tuple[str, str, Any]]:
        """Code and name of each language with its field."""
        return [(language, NAMES[language], self[f"{name}_{language}"]) for language in LANGUAGES]


class PlaybookForm(TextsForm):
    """A playbook without its steps."""

    reasons = forms.MultipleChoiceField(
        label=_("recommended for alerts"), choices=Reason.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    stages = forms.MultipleChoiceField(
        label=_("relationship stages"), choices=Stage.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: in every stage."),
    )  # fmt: skip
    starts_at_stage = forms.BooleanField(
        label=_("starts by itself when an account enters one of these stages"), required=False,
        help_text=_("The night after the change, once for each time. Accounts made in the stage are left alone."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("active"), required=False, initial=True)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, playbook: Playbook, **kwargs: Any) -> None:
        fields = ("reasons", "stages", "starts_at_stage", "is_active")
        kwargs["initial"] = {name: getattr(playbook, name) for name in fields} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.playbook = playbook
        self.add_texts("name", _("name"), MAX_NAME, values=playbook.names)
        self.add_texts("description", _("description"), MAX_DESCRIPTION, lines=2, values=playbook.descriptions)

    def names(self) -> list[tuple[str, str, Any]]:
        return self.bound_texts("name")

    def descriptions(self) -> list[tuple[str, str, Any]]:
        return self.bound_texts("description")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(f"name_{language}") for language in LANGUAGES):
            self.add_error(None, _("Give the playbook a name in at least one language."))
        return cleaned

    def filled(self) -> Playbook:
        """The playbook with what was typed, unsaved."""
        row, data = self.playbook, self.cleaned_data
        row.names, row.descriptions = self.texts("name"), self.texts("description")
        row.reasons, row.stages = data["reasons"], data["stages"]
        row.starts_at_stage, row.is_active = data["starts_at_stage"], data["is_active"]
        return row


class StepForm(TextsForm):
    """One step. A checklist is a text with one item a line; line by line the languages say the same."""

    role = forms.ChoiceField(label=_("who"), choices=StepRole.choices, initial=StepRole.MANAGER)
    due_days = forms.IntegerField(label=_("working days"), min_value=0, max_value=MAX_DAYS, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        step = (kwargs.get("initial") or {}).get("step") or Step({})
        kwargs["initial"] = {"role": step.role, "due_days": step.due_days}
        super().__init__(*args, **kwargs)
        rows = {code: "\n".join(item.get(code, "") for item in step.checklist).rstrip() for code in LANGUAGES}
        self.add_texts("title", _("title"), MAX_TITLE, values=step.titles)
        self.add_texts("checklist", _("checklist"), MAX_ITEMS * (MAX_ITEM + 2), lines=4, values=rows)
        self.add_texts("template", _("text template"), MAX_TEMPLATE, lines=4, values=step.template)

    def titles(self) -> list[tuple[str, str, Any]]:
        return self.bound_texts("title")

    def checklists(self) -> list[tuple[str, str, Any]]:
        return self.bound_texts("checklist")

    def templates(self) -> list[tuple[str, str, Any]]:
        return self.bound_texts("template")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("DELETE"):
            return cleaned
        if not any(cleaned.get(f"title_{language}") for language in LANGUAGES):
            self.add_error(None, _("Give the step a title in at least one language."))
        self._check_lines()
        return cleaned

    def _check_lines(self) -> None:
        counts = {code: len(rows) for code in LANGUAGES if (rows := self._lines(code))}
        if len(set(counts.values())) > 1:
            said = ", ".join(f"{NAMES[code]} {count}" for code, count in counts.items())
            text = _t("The checklist has not the same number of lines in each language: %(counts)s.")
            self.add_error(None, text % {"counts": said})
        if any(count > MAX_ITEMS for count in counts.values()):
            self.add_error(None, _t("A checklist has at most %(most)s items.") % {"most": MAX_ITEMS})
        if any(len(line) > MAX_ITEM for code in LANGUAGES for line in self._lines(code)):
            self.add_error(None, _t("An item has at most %(most)s characters.") % {"most": MAX_ITEM})

    def _lines(self, language: str) -> list[str]:
        text = self.cleaned_data.get(f"checklist_{language}") or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def step(self) -> Step:
        rows = zip_longest(*(self._lines(code) for code in LANGUAGES), fillvalue="")
        items = [{code: text for code, text in zip(LANGUAGES, row, strict=True) if text} for row in rows]
        data = self.cleaned_data
        return Step(self.texts("title"), data["role"], data["due_days"], items, self.texts("template"))


class BaseStepFormSet(BaseFormSet):
    """The steps of a playbook in their order."""

    def steps(self) -> list[Step]:
        """Those that stay, ordered as they were moved; new ones without a place come last, empty ones are no steps."""
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        last = len(self.forms) + 1
        return [form.step() for form in sorted(kept, key=lambda form: form.cleaned_data.get("ORDER") or last)]


StepFormSet = formset_factory(
    StepForm, formset=BaseStepFormSet, extra=0, can_order=True, can_delete=True, max_num=MAX_STEPS, validate_max=True,
    absolute_max=MAX_STEPS + 10,
)  # fmt: skip


class StartForm(forms.Form):
    """Which playbook to put to work, and where."""

    account = forms.ModelChoiceField(
        label=_("account"), queryset=Account.objects.all(), empty_label="–",
        widget=LookupSelect("accounts:account_lookup"),
    )  # fmt: skip
    playbook = forms.ModelChoiceField(label=_("playbook"), queryset=Playbook.objects.active())
    alert = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account is not None:
            self.initial["account"] = account.pk
            self.fields["account"].widget = forms.HiddenInput()


class NoteForm(forms.Form):
    """What is noted when a task is done or skipped, or a playbook is stopped."""

    note = forms.CharField(label=_("note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))


class TickForm(forms.Form):
    """One item of a checklist, from 0."""

    item = forms.IntegerField(min_value=0, max_value=MAX_ITEMS)
    done = forms.BooleanField(required=False)


class TaskForm(forms.Form):
    """Whose a task is, and when it is due."""

    owner = forms.ModelChoiceField(
        label=_("owner"), queryset=User.objects.active().order_by("name", "pk"), required=False,
        widget=LookupSelect("users:user_lookup"),
    )  # fmt: skip
    due_date = forms.DateField(label=_("due"), widget=DayInput)
