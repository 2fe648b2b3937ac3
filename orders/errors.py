"""What the order services and the intake of files refuse."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden
from orders.intake.problems import MESSAGES


class RowProblem(DomainError):
    """One row or one order cannot be taken; `code` is a key of `orders.intake.problems.MESSAGES`."""

    def __init__(self, code: str, *, field: str | None = None, **params: object) -> None:
        self.code = code
        super().__init__(MESSAGES[code], field=field, **params)


class UnreadableFile(DomainError):
    """The base of everything that is wrong with a file as a whole; nothing of it has been imported."""

    code = "unreadable_file"
    message: str | Promise = _("The file cannot be read.")


class EmptyFile(UnreadableFile):
    code = "empty_file"
    message = _("The file is empty: it has no rows below the headings.")


class NotATable(UnreadableFile):
    code = "not_a_table"
    message = _("This is not a table: the file is neither CSV, CSV.gz nor XLSX. %(detail)s")


class WrongEncoding(UnreadableFile):
    code = "wrong_encoding"
    message = _(
        "The text cannot be read: it is neither UTF-8, GB18030 nor UTF-16 (at byte %(position)s). "
        "Save the file as UTF-8, or name its encoding in the profile."
    )


class BrokenRow(UnreadableFile):
    code = "broken_row"
    message = _("Row %(row)s cannot be read: %(detail)s")


class FileTooLarge(UnreadableFile):
    code = "file_too_large"
    message = _("The file is too large: at most %(limit)s.")


class MissingColumns(UnreadableFile):
    code = "missing_columns"
    message = _("These columns are missing: %(missing)s. The file has: %(found)s.")


class RepeatedColumn(UnreadableFile):
    code = "repeated_column"
    message = _("The heading “%(column)s” occurs twice; the columns cannot be told apart.")


class MixedNumbers(UnreadableFile):
    code = "mixed_numbers"
    message = _(
        "The file writes numbers in two ways: “%(point)s” (row %(point_row)s) and “%(comma)s” (row %(comma_row)s). "
        "Choose the decimal sign in the profile; rows written the other way are then rejected."
    )


class CurrencyNeeded(DomainError):
    code = "currency_needed"
    message = _("Say in which currency the amounts are: name a currency or map the currency column.")


class UnknownCurrency(DomainError):
    code = "unknown_currency"
    message = _("“%(currency)s” is not a currency that KAM knows (ISO 4217, three letters).")


class UnknownProfile(DomainError):
    code = "unknown_profile"
    message = _("There is no import profile “%(name)s”. There are: %(known)s.")


class BadProfile(DomainError):
    code = "bad_profile"
    message = _("The import profile is not valid: %(detail)s")


class ProfileShipped(Conflict):
    code = "profile_shipped"
    message = _("“%(name)s” is a profile that KAM ships with; save yours under another name.")


class BadRows(Conflict):
    """Nothing was imported because some rows are bad and nobody asked for the good ones only."""

    code = "bad_rows"
    message = _("Nothing was imported: %(rows)s rows cannot be taken (%(reasons)s).")


class ImportForbidden(Forbidden):
    code = "import_forbidden"
    message = _("Only directors and administrators import orders: an import writes to every account.")


class RateForbidden(Forbidden):
    code = "rate_forbidden"
    message = _("Only directors and administrators set exchange rates.")


class BadRate(DomainError):
    code = "bad_rate"
    message = _("An exchange rate is a number above zero.")


class ReportingCurrencyRate(DomainError):
    code = "reporting_currency_rate"
    message = _("%(currency)s is the reporting currency; its rate is always 1.")


class CatalogueForbidden(Forbidden):
    code = "catalogue_forbidden"
    message = _("Only directors and administrators change products and product lines.")
