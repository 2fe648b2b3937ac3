"""Forms of imports of contacts: the file, and which column is what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from integrations.models import OnKnown
from integrations.people.columns import FIELDS, REQUIRED
from integrations.people.problems import FIELD_NAMES
from integrations.services.contact_imports import MAX_UPLOAD

COLUMN = "column_"


def on_known_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("People who are known already"),
        choices=OnKnown,
        initial=OnKnown.SKIP,
        help_text=_("Known by mobile phone, e-mail or WeChat ID, or by name at the same account."),
    )


class ContactUploadForm(forms.Form):
    """A file of contacts."""

    file = forms.FileField(
        label=_("File"),
        help_text=format_lazy(_("XLSX, CSV or CSV.gz, at most {size}."), size=filesizeformat(MAX_UPLOAD)),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.txt,.tsv,.xlsx"}),
    )
    on_known = on_known_field()

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is kept."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MAX_UPLOAD:
            raise forms.ValidationError(
                _("The file is too large: at most %(limit)s."), params={"limit": filesizeformat(MAX_UPLOAD)}
            )
        return file


class ContactMappingForm(forms.Form):
    """Which column is which field."""

    on_known = on_known_field()

    def __init__(self, *args: Any, header: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        headings = [("", "–"), *[(heading, heading) for heading in dict.fromkeys(header) if heading]]
        for name in FIELDS:
            field = forms.ChoiceField(label=FIELD_NAMES[name], choices=headings, required=name in REQUIRED)
            self.fields[COLUMN + name] = field

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[COLUMN + name] for name in FIELDS]

    def columns(self) -> dict[str, str]:
        """Field -> heading. Only after is_valid()."""
        return {name: self.cleaned_data[COLUMN + name] for name in FIELDS if self.cleaned_data.get(COLUMN + name)}
