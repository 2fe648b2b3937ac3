"""Where a report comes from, for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from dashboards.models import Report
from dashboards.reports.shipped import SHIPPED
from users.models import User


@dataclass(frozen=True)
class Source:
    """Where a report comes from: shipped (by its code) or saved. `key` names it in an address."""

    key: str
    title: str
    about: str
    raw: Any
    report: Report | None = None

    @property
    def url(self) -> str:
        if self.report:
            return str(self.report.get_absolute_url())
        return reverse("dashboards:report_shipped", args=[self.key])

    @property
    def rows_url(self) -> str:
        name = "dashboards:report_rows" if self.report else "dashboards:report_shipped_rows"
        return reverse(name, args=[self.report.pk if self.report else self.key])


def source_of(viewer: User, key: str) -> Source:
    """The report of that key that the user may read. Raises Http404."""
    if key in SHIPPED:
        shipped = SHIPPED[key]
        return Source(key, str(shipped.name), str(shipped.about), shipped.definition)
    if not key.isdecimal() or len(key) > 18:
        raise Http404
    reports = Report.objects.visible_to(viewer).select_related("owner")
    report = get_object_or_404(reports, pk=int(key))
    return Source(key, report.name, report.description, report.definition, report)
