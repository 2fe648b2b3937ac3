"""The words for the actions that the dashboards record."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DASHBOARD_ACTIONS: dict[str, str | Promise] = {
    "export.requested": _("Export asked for"),
    "export.finished": _("Export finished"),
    "export.cancelled": _("Export cancelled"),
    "export.downloaded": _("Export downloaded"),
    "export.expired": _("File of an export deleted"),
}
