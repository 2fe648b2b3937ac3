"""What the integration services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class UnknownScope(DomainError):
    code = "unknown_scope"
    message = _("There is no scope “%(scope)s”. Possible are: %(known)s.")


class ScopeNotAllowed(Forbidden):
    code = "scope_not_allowed"
    message = _("A token of this user cannot have the scope “%(scope)s”: the user's role does not allow it.")


class ResourceNotAllowed(Forbidden):
    code = "wrong_scope"
    message = _("This token does not have the scope “%(scope)s”.")


class TokenAlreadyRevoked(Conflict):
    code = "token_already_revoked"
    message = _("This token has been revoked already.")


class ImportNotOpen(Conflict):
    code = "import_not_open"
    message = _("This import has been started or finished already.")


class UploadTooLarge(DomainError):
    code = "upload_too_large"
    message = _("The file is too large: at most %(limit)s.")


class BadRowsLeft(Conflict):
    code = "bad_rows_left"
    message = _("%(count)s rows are bad: correct the file, or choose to import the good rows only.")


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = _("The file has more than %(limit)s rows; divide it.")


class SheetMissing(DomainError):
    code = "sheet_missing"
    message = _(
        "The sheet “%(sheet)s” is missing; the file has: %(found)s. Where there is nothing to say, leave it with its "
        "headings only."
    )


class SheetTwice(DomainError):
    code = "sheet_twice"
    message = _("“%(first)s” and “%(second)s” are both sheets of the same kind (%(sheet)s): keep one of them.")


class SheetUnreadable(DomainError):
    """Something is wrong with one sheet as a whole; `code` is that of what it is."""

    message = _("Sheet “%(sheet)s”: %(error)s")


class ImportsForLeaders(Forbidden):
    code = "imports_for_leaders"
    message = _(
        "Only supervisors, directors and administrators import signed contracts: nobody is asked to approve them."
    )


class RowsNotAllowed(Forbidden):
    code = "may_not_export"
    message = _("Exporting is a right of its own, which this user does not have.")
