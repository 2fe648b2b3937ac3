"""What the services of the dashboards refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden
from core.numbers import plain


class ExportNotAllowed(Forbidden):
    code = "export_not_allowed"
    message = _("You may not export: it is a right of its own, which an administrator gives.")


class UnknownList(DomainError):
    code = "unknown_list"
    message = _("There is no such list, or you do not have it.")


class ListNotNarrowed(DomainError):
    code = "list_not_narrowed"
    message = _("This list needs to be told: %(names)s.")


class TooManyExportRows(DomainError):
    code = "too_many_rows_to_export"
    message = _(
        "The list has %(rows)s rows, and an export at most %(limit)s. Narrow the list with its filters, for example to "
        "one year, team or region, and export the parts."
    )


class NothingToExport(DomainError):
    code = "nothing_to_export"
    message = _("The list has no rows with these filters: there is nothing to export.")


class TooManyExports(Conflict):
    code = "too_many_exports"
    message = _("%(count)s of your exports are waiting or running. Wait for one of them, or cancel it.")


class ExportOver(Conflict):
    code = "export_over"
    message = _("This export is finished already.")


class ExportNotReady(Conflict):
    code = "export_not_ready"
    message = _("This export has no file to download.")


class ExportBroken(DomainError):
    code = "export_broken"
    message = _("An unexpected error stopped the export; it has been logged.")


class ExportWorkerDied(DomainError):
    code = "export_worker_died"
    message = _("Its worker died %(times)s times.")


_KEPT: tuple[type[DomainError], ...] = (
    ExportNotAllowed, UnknownList, ListNotNarrowed, TooManyExportRows, NothingToExport, ExportBroken, ExportWorkerDied,
)  # fmt: skip


def message_of(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a refusal that was kept by its code; numbers as the reader's language writes them."""
    words = {name: plain(value) if isinstance(value, int) else value for name, value in params.items()}
    found = next((str(error.message) for error in _KEPT if error.code == code), code)
    return found % words if words else found


class NotYourScorecard(Forbidden):
    code = "not_your_scorecard"
    message = _("Targets are set and signed by a supervisor of the person; nobody signs their own scorecard.")


class WeightsWrong(DomainError):
    code = "weights_wrong"
    message = _("The weights add up to %(total)s; they must add up to 100.")


class TargetWrong(DomainError):
    code = "target_wrong"
    message = _("This target is not possible: %(measure)s.")


class ScorecardExists(Conflict):
    code = "scorecard_exists"
    message = _("There is a scorecard for this period already.")


class ScorecardOfWhom(DomainError):
    code = "scorecard_of_whom"
    message = _("A scorecard is of a person or of a team.")


class ScorecardSigned(Conflict):
    code = "scorecard_signed"
    message = _("This scorecard is signed; reopen it with a reason to change it.")


class ScorecardNotSigned(Conflict):
    code = "scorecard_not_signed"
    message = _("This scorecard is not signed.")


class PeriodNotOver(Conflict):
    code = "period_not_over"
    message = _("The period ends on %(date)s; sign afterwards.")


class ReasonNeeded(DomainError):
    code = "reopen_reason_needed"
    message = _("Say why.")


class CommentEmpty(DomainError):
    code = "comment_empty"
    message = _("Write something.")
