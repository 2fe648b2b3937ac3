"""Why a report is refused or not run at once."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class InvalidReport(DomainError):
    """The definition names what there is not, or a value that does not fit; `problems` says each."""

    code = "invalid_report"
    message = _("The report cannot be run: %(problems)s")


class ReportTooSlow(DomainError):
    code = "report_too_slow"
    message = _("This report takes longer than %(seconds)s seconds. It can run in the background.")


class ReportTooLarge(DomainError):
    code = "report_too_large"
    message = _("The report has more than %(limit)s rows. Narrow it with a filter, or group it less finely.")


class ReportForbidden(Forbidden):
    code = "report_forbidden"
    message = _("Only the owner of a report may change it.")


class ReportWithoutExport(Forbidden):
    code = "report_without_export"
    message = _("You need the right to export.")


class ReportBusy(Conflict):
    code = "report_busy"
    message = _("You already have %(count)s reports running. Wait until one is done.")
