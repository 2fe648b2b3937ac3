"""Errors as RFC 9457 problem details (`application/problem+json`) with a stable `code`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

from core.errors import DomainError


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every expected error becomes a problem; anything else is a 500 of Django's."""
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
    return Response(problem, status=problem["status"], headers=headers, content_type="application/problem+json")


def problem_details(code: str, title: str, http_status: int, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body: `type` (about:blank is implied by a relative URN), `code`, `title`, `status`, `errors` by field."""
    body: dict[str, Any] = {"type": f"urn:kam:problem:{code}", "code": code, "title": title, "status": http_status}
    if errors:
        body["errors"] = errors
    return body


def _problem(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, DomainError):
        errors = [{"field": error.field, "code": error.code, "message": str(error)}] if error.field else None
        return problem_details(error.code, str(error), error.status, errors)
    if isinstance(error, Http404):
        return problem_details("not_found", _("Not found."), 404)
    if isinstance(error, PermissionDenied):
        return problem_details("forbidden", _("You may not do this."), 403)
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(as_serializer_error(error))
    if isinstance(error, exceptions.ValidationError):
        title = _("Some fields are not valid.")
        return problem_details("invalid", title, status.HTTP_400_BAD_REQUEST, list(_flatten(error.get_full_details())))
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        code = codes if isinstance(codes, str) else error.default_code
        return problem_details(code, str(error.detail), error.status_code)
    return None


def _flatten(detail: Any, path: str = "") -> Any:
    """Every leaf of DRF's nested details as {field, code, message}; a nested field is `lines.0.quantity`."""
    if isinstance(detail, dict) and set(detail) == {"message", "code"} and not isinstance(detail["message"], dict | list):
        yield {"field": path, "code": str(detail["code"]), "message": str(detail["message"])}
        return
    items = detail.items() if isinstance(detail, dict) else enumerate(detail)
    for key, value in items:
        leaf_list = isinstance(detail, list) and isinstance(value, dict) and set(value) == {"message", "code"}
        yield from _flatten(value, path if leaf_list else f"{path}.{key}".lstrip("."))
