"""The base of every error that the domain raises on purpose."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule of the domain refuses something.

    `code` is stable and part of the API (problem details); `message` is a translated sentence for people; `field`
    names the input field at fault, where there is one. `status` is the HTTP status the API answers with.
    """

    code = "invalid"
    message: str | Promise = "Invalid."
    status = 400

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None, **params: object) -> None:
        self.field = field
        self.params = params
        text = message if message is not None else self.message
        super().__init__(str(text) % params if params else str(text))


class Conflict(DomainError):
    """The row is no longer in the state that the action needs (somebody else was quicker)."""

    code = "conflict"
    status = 409


class Forbidden(DomainError):
    """The row is visible, but this user may not do this to it."""

    code = "forbidden"
    status = 403
