"""Errors as RFC 9457 problem details (`application/problem+json`) with a stable `code`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import DomainError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
NOT_A_FIELD = {"non_field_errors", "__all__"}
TITLES: dict[int, Promise] = {
    400: gettext_lazy("The request is not valid"),
    401: gettext_lazy("Not logged in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    406: gettext_lazy("Format not available"),
    409: gettext_lazy("Conflict"),
    412: gettext_lazy("Changed meanwhile"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Format not supported"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Server error"),
}


class ProblemFieldSerializer(serializers.Serializer):
    """One thing wrong with the input."""

    field = serializers.CharField(
        help_text="The path of the field, such as `orders.0.lines.2.quantity`; empty: the whole body."
    )
    code = serializers.CharField(help_text="Stable; for programs.")
    message = serializers.CharField(help_text="For people, in the language of the request.")


class ProblemSerializer(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="`urn:kam:problem:` and the code.")
    title = serializers.CharField(help_text="The kind of error, for people.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What happened this time, for people.")
    code = serializers.CharField(help_text="Stable; for programs.")
    errors = ProblemFieldSerializer(many=True, required=False, help_text="What is wrong, by field.")


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every expected error becomes a problem; anything else goes on to Django (core.api.handlers)."""
    problem = _problem(error)
    if problem is None:
        return None
    set_rollback()
    headers = {}
    if isinstance(error, exceptions.APIException):
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header
        if getattr(error, "wait", None):
            headers["Retry-After"] = str(int(error.wait) + 1)
    return Response(problem, status=problem["status"], headers=headers, content_type=MEDIA_TYPE)


def problem_details(code: str, detail: str, status: int, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body: `type`, `title`, `status` are the kind of error, `detail` is this one, `errors` the fields at fault."""
    body: dict[str, Any] = {
        "type": f"urn:kam:problem:{code}",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return body


def field_errors(error: DomainError | DjangoValidationError | exceptions.ValidationError) -> list[dict[str, str]]:
    """What `error` says, as {field, code, message}; used for whole requests and for the rows of bulk calls."""
    if isinstance(error, DomainError):
        return [{"field": error.field or "", "code": error.code, "message": str(error)}]
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(serializers.as_serializer_error(error))
    return list(_flatten(error.get_full_details()))


def _problem(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, DomainError):
        return problem_details(error.code, str(error), error.status, field_errors(error) if error.field else None)
    if isinstance(error, Http404):
        return problem_details("not_found", _("There is no such row, or you may not see it."), 404)
    if isinstance(error, PermissionDenied):
        return problem_details("forbidden", str(error) or _("You may not do this."), 403)
    if isinstance(error, IntegrityError):
        # Validation passed and the database refused: somebody else was quicker with the same key.
        logger.warning("Refused by the database", exc_info=error)
        return problem_details("conflict", _("This collides with a change that was just made by somebody else."), 409)
    if isinstance(error, DjangoValidationError | exceptions.ValidationError):
        return problem_details("invalid", _("Some fields are not valid."), 400, field_errors(error))
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else error.default_code
        return problem_details(code, str(error.detail), error.status_code)
    return None


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Every leaf of DRF's nested details as {field, code, message}; a nested field is `lines.0.quantity`."""
    if _is_leaf(detail):
        yield {"field": path, "code": str(detail["code"]), "message": str(detail["message"])}
        return
    items = detail.items() if isinstance(detail, dict) else enumerate(detail)
    for key, value in items:
        same_place = key in NOT_A_FIELD or (isinstance(detail, list) and _is_leaf(value))
        yield from _flatten(value, path if same_place else f"{path}.{key}".lstrip("."))


def _is_leaf(detail: Any) -> bool:
    return (
        isinstance(detail, dict)
        and set(detail) == {"message", "code"}
        and not isinstance(detail["message"], dict | list)
    )
