"""The form of a file of earlier results."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from surveys.choices import VersionStatus
from surveys.models import QuestionnaireVersion

MAX_UPLOAD = 50 * 1024 * 1024


class EarlierForm(forms.Form):
    """Which questions were asked, what the campaign is called, and the file."""

    version = forms.ModelChoiceField(
        label=_("questionnaire"),
        queryset=QuestionnaireVersion.objects.filter(status=VersionStatus.PUBLISHED).select_related("questionnaire"),
        help_text=_("The questions that were asked then. If they were others, make a questionnaire of them first."),
    )
    name = forms.CharField(
        label=_("name of the campaign"),
        max_length=120,
        help_text=_("The answers go to a campaign of this name, which is over; the same name adds to it."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX, CSV or CSV.gz. One row for each answer."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.txt,.tsv,.xlsx"}),
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large before it is kept."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is not None and file.size > MAX_UPLOAD:
            limit = filesizeformat(MAX_UPLOAD)
            raise forms.ValidationError(_("The file is too large: at most %(limit)s."), params={"limit": limit})
        return file
