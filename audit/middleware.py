"""Tells the audit through which door a request came."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.services import audit_context


class AuditContextMiddleware:
    """Every write of this request carries the same request id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        via = "api" if request.path.startswith("/api/") else "web"
        with audit_context(via, str(uuid.uuid4())):
            return self.get_response(request)
