"""The closed lists of reports and exports."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sharing(models.TextChoices):
    PRIVATE = "private", pgettext_lazy("sharing", "Only me")
    TEAM = "team", pgettext_lazy("sharing", "My team and the teams below it")
    EVERYONE = "everyone", pgettext_lazy("sharing", "Everyone")


class RunStatus(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("of a report", "Waiting")
    RUNNING = "running", pgettext_lazy("of a report", "Running")
    DONE = "done", pgettext_lazy("of a report", "Done")
    FAILED = "failed", pgettext_lazy("of a report", "Failed")


class Format(models.TextChoices):
    PAGE = "page", pgettext_lazy("format of a report", "Page")
    XLSX = "xlsx", "XLSX"
    CSV = "csv", "CSV"
    PDF = "pdf", "PDF"


FILES = (Format.XLSX, Format.CSV, Format.PDF)
SENT_BY_MAIL = (Format.XLSX, Format.PDF)


class Frequency(models.TextChoices):
    WEEKLY = "weekly", pgettext_lazy("schedule", "Every week")
    MONTHLY = "monthly", pgettext_lazy("schedule", "Every month")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


LAST_WORKING_DAY = 0
"""As the day of a month."""


class MailStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("of a mail", "Waiting")
    SENDING = "sending", pgettext_lazy("of a mail", "Sending")
    SENT = "sent", pgettext_lazy("of a mail", "Sent")
    UNCERTAIN = "uncertain", _("Not known whether it was sent")
    REFUSED = "refused", pgettext_lazy("of a mail", "Refused")
    DROPPED = "dropped", pgettext_lazy("of a mail", "Not sent: no longer wanted")


class ExportStatus(models.TextChoices):
    """How far an export is; a file that is no longer kept is expired."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", pgettext_lazy("of an export", "Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", pgettext_lazy("of an export", "Expired")


class ExportForm(models.TextChoices):
    """What kind of file."""

    XLSX = "xlsx", _("Excel (XLSX)")
    CSV = "csv", _("CSV")


class PeriodKind(models.TextChoices):
    MONTH = "month", pgettext_lazy("period", "Month")
    QUARTER = "quarter", pgettext_lazy("period", "Quarter")
    YEAR = "year", pgettext_lazy("period", "Year")


class Measure(models.TextChoices):
    """What people have targets for; the formulas are in `dashboards/scorecards/actuals.py`."""

    COVERAGE = "coverage", pgettext_lazy("measure", "Coverage")
    RETENTION = "retention", pgettext_lazy("measure", "Revenue retention")
    REVENUE = "revenue", pgettext_lazy("measure", "Revenue")
    NPS = "nps", pgettext_lazy("measure", "NPS")
    COLLECTIONS = "collections", pgettext_lazy("measure", "Collections")


SHARES = (Measure.COVERAGE, Measure.RETENTION)
AMOUNTS = (Measure.REVENUE, Measure.COLLECTIONS)
