"""Parse what people type on the pages of documents and templates."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.choices import ContractKind, DocumentKind
from contracts.models import Contract, ContractDocument, ContractVersion, DocumentTemplate

DOCUMENT_FILES = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.doc,.xls,.zip,.txt"
LARGEST_KEY = 2**63 - 1


class UploadForm(forms.Form):
    """A file of a contract."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"))
    file = forms.FileField(label=gettext_lazy("file"), allow_empty_file=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [choice for choice in DocumentKind.choices if choice[0] != "generated"]
        self.fields["kind"].help_text = _("A signed scan is a PDF or a picture.")
        self.fields["file"].widget.attrs["accept"] = DOCUMENT_FILES


class GenerateForm(forms.Form):
    """Which version, from which template, in which language and format."""

    version = forms.ModelChoiceField(ContractVersion.objects.none(), label=gettext_lazy("version"), empty_label=None)
    template = forms.ModelChoiceField(
        DocumentTemplate.objects.none(), label=gettext_lazy("template"), required=False,
        empty_label=gettext_lazy("Standard template"),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=gettext_lazy("language"), choices=settings.LANGUAGES,
        help_text=gettext_lazy("Of the standard template; other templates have a language of their own."),
    )  # fmt: skip
    file_format = forms.ChoiceField(
        label=gettext_lazy("format"), choices=[("docx", gettext_lazy("Word (DOCX)")), ("pdf", "PDF")]
    )

    def __init__(self, *args: Any, contract: Contract, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = contract.versions.select_related("contract").order_by("-number")
        templates = DocumentTemplate.objects.filter(is_active=True, kind__in=["", contract.kind])
        self.fields["template"].queryset = templates
        self.fields["template"].label_from_instance = lambda row: f"{row.name} ({row.get_language_display()})"


class TemplateForm(forms.ModelForm):
    """A template; its file may stay as it is where there is one."""

    upload = forms.FileField(label=gettext_lazy("file"), required=False, allow_empty_file=True)

    class Meta:
        model = DocumentTemplate
        fields = ["name", "kind", "language", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].required = not self.instance.pk
        self.fields["upload"].widget.attrs["accept"] = ".docx"
        self.fields["upload"].help_text = _("A Word document (DOCX) with fields such as {{ contract.number }}.")


class TemplateFilter(django_filters.FilterSet):
    """Templates by language and kind, and whether they are in use."""

    language = django_filters.ChoiceFilter(label=gettext_lazy("language"), choices=settings.LANGUAGES)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("kind"), choices=ContractKind.choices)
    is_active = django_filters.BooleanFilter(label=gettext_lazy("in use"))

    class Meta:
        model = DocumentTemplate
        fields: list[str] = []


class DocumentFilter(django_filters.FilterSet):
    """Documents by contract and kind."""

    contract = django_filters.NumberFilter(
        label=gettext_lazy("contract"), field_name="contract", max_value=LARGEST_KEY, min_value=1
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("kind"), choices=DocumentKind.choices)

    class Meta:
        model = ContractDocument
        fields: list[str] = []
