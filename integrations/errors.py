"""What the integration services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class UnknownScope(DomainError):
    code = "unknown_scope"
    message = _("There is no scope “%(scope)s”. Possible are: %(known)s.")


class ScopeNotAllowed(Forbidden):
    code = "scope_not_allowed"
    message = _("A token of this user cannot have the scope “%(scope)s”: the user's role does not allow it.")


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
