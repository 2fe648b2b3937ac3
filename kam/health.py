"""Answers of /healthz (the process lives) and /readyz (it can serve)."""

from django.db import connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers."""
    connection.ensure_connection()
    return JsonResponse({"status": "ok"})
