"""Forms of questionnaires: begin one, rename it, and the definition as the builder sends it."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.checking.shape import MAX_BYTES
from surveys.models import Questionnaire
from surveys.shipped import TEMPLATES


class QuestionnaireForm(forms.ModelForm):
    """A name, in Chinese and perhaps in English."""

    class Meta:
        model = Questionnaire
        fields = ["name", "name_en"]
        help_texts = {"name": _("For us only: customers see the title that the questions begin with.")}


class NewQuestionnaireForm(QuestionnaireForm):
    """What to begin with, and what it is called; with a template, it is called as the template unless named."""

    template = forms.ChoiceField(
        label=pgettext_lazy("questionnaire", "begin with"), required=False, widget=forms.RadioSelect
    )

    class Meta(QuestionnaireForm.Meta):
        fields = ["name", "name_en"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        empty = ("", pgettext_lazy("questionnaire", "Empty"))
        field: Any = self.fields["template"]
        field.choices = [*((template.key, template.label) for template in TEMPLATES.values()), empty]
        self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        template = TEMPLATES.get(cleaned.get("template") or "")
        if template and not cleaned.get("name"):
            cleaned["name"], cleaned["name_en"] = template.name, cleaned.get("name_en") or template.name_en
        elif not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", _("Give it a name."))
        return cleaned


class DefinitionField(forms.CharField):
    """JSON as strict as the database takes it: no NaN, no numbers of thousands of digits."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        try:
            return json.loads(text, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is not JSON."), code="not_json") from None


def _refuse(name: str) -> None:
    raise ValueError(name)


class BuilderForm(forms.Form):
    """What the builder sends: the whole definition, and which state of the draft it was made from."""

    definition = DefinitionField(
        label=_("questions as JSON"),
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
