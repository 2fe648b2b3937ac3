"""Saved reports: saved, copied, deleted."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.services import diff, record, snapshot
from core import reporting
from dashboards.choices import Sharing
from dashboards.models import Report
from dashboards.reports.definition import check
from dashboards.reports.errors import ReportForbidden
from users.models import User

FIELDS = ("name", "description", "definition", "sharing")


@transaction.atomic
def save_report(report: Report, *, actor: User) -> Report:
    """Save a new report, or the changes of one's own. Raises InvalidReport, ReportForbidden, ValidationError."""
    definition = check(report.definition, reporting.reportable())
    report.definition = definition.as_json()
    if report.pk is None:
        report.owner = actor
        report.full_clean()
        report.save()
        record("report.created", report, actor=actor)
        return report
    known = Report.objects.editable_by(actor).select_for_update().filter(pk=report.pk).first()
    if known is None:
        raise ReportForbidden
    before = snapshot(known)
    report.full_clean()
    report.save()
    if changes := diff(before, report):
        record("report.updated", report, actor=actor, changes=changes)
    return report


def copy_report(name: str, about: str, definition: dict[str, Any], *, actor: User) -> Report:
    """A private report of one's own with what another one asks. Raises InvalidReport, ValidationError."""
    made = Report(name=name[:120], description=about[:300], definition=definition, sharing=Sharing.PRIVATE)
    return save_report(made, actor=actor)


@transaction.atomic
def delete_report(report: Report, *, actor: User) -> None:
    """Delete a report with its schedules. Raises ReportForbidden."""
    if not Report.objects.editable_by(actor).filter(pk=report.pk).exists():
        raise ReportForbidden
    record("report.deleted", report, actor=actor)
    report.delete()
