"""Django's error pages; under /api/ they are problem details like every other error there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from core.api.problems import problem_details


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400: what Django itself refuses, such as a suspicious host or too many fields."""
    if _is_api(request):
        return _problem("bad_request", _("The request is not valid."), 400)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403 raised outside the API's own views."""
    if _is_api(request):
        return _problem("forbidden", _("You may not do this."), 403)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: no such URL."""
    if _is_api(request):
        return _problem("not_found", _("Not found."), 404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500: a fault of ours; says nothing about it, the log does."""
    if _is_api(request):
        return _problem("server_error", _("Something went wrong on our side; it has been logged."), 500)
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _problem(code: str, title: str, status: int) -> HttpResponse:
    return JsonResponse(problem_details(code, title, status), status=status, content_type="application/problem+json")
