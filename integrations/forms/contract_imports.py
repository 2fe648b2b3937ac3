"""The form of an import of contracts: its files, and which rows the page shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from integrations.services.contract_imports import MAX_UPLOAD

MOST_FILES = 20


class Files(forms.ClearableFileInput):
    """A choice of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each as Django checks one."""
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class ContractUploadForm(forms.Form):
    """A workbook with the sheets, or the sheets as CSV files."""

    upload = FilesField(
        label=_("File or files"),
        help_text=format_lazy(
            _("One XLSX workbook, or one CSV file for each sheet (chosen together or as ZIP); at most {size}."),
            size=filesizeformat(MAX_UPLOAD),
        ),
        widget=Files(attrs={"accept": ".xlsx,.zip,.csv,.txt,.tsv"}),
    )

    def clean_upload(self) -> list[UploadedFile]:
        """Refuse what is too large or too much before it is kept."""
        files: list[UploadedFile] = self.cleaned_data["upload"]
        if sum(file.size or 0 for file in files) > MAX_UPLOAD:
            raise forms.ValidationError(
                _("The file is too large: at most %(limit)s."), params={"limit": filesizeformat(MAX_UPLOAD)}
            )
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)s are possible here."), params={"most": MOST_FILES})
        return files
