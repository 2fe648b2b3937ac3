"""What the file of an export is called, and what it is."""

from __future__ import annotations

from django.utils import timezone, translation

from core.sheets import CSV_TYPE, WORKBOOK_TYPE
from dashboards.choices import ExportForm
from dashboards.models import ExportJob


def file_name(job: ExportJob) -> str:
    """The list and the day, in the language of the file."""
    made = timezone.localtime(job.finished_at).strftime("%Y-%m-%d") if job.finished_at else ""
    with translation.override(job.language):
        return f"{job.title} {made}.{job.file_format}"


def content_type(job: ExportJob) -> str:
    """The media type of the file."""
    return CSV_TYPE if job.file_format == ExportForm.CSV else WORKBOOK_TYPE
