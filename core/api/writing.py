"""Writing safely: a POST is done once for each key, and an update only to the row as it was read."""

from __future__ import annotations

import copy
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from core.idempotency import check_key, claim, keep, let_go

Handler = Callable[..., Any]
SHOWS = ("retrieve", "show")
"""Actions that show one row: their answers carry its ETag."""


class PreconditionFailed(DomainError):
    code = "precondition_failed"
    status = 412
    message = _("The row is no longer as you read it. Read it again, and decide anew.")


def guarded(view: Any, request: Request) -> Handler | None:
    """The handler of this request with the promises of its headers around it; None where there is none."""
    handler = getattr(view, request.method.lower(), None)
    if handler is None:
        return None
    if request.method == "POST" and "Idempotency-Key" in request.headers:
        return lambda *args, **kwargs: _once(handler, *args, **kwargs)
    if request.method in ("PUT", "PATCH", "DELETE") and "If-Match" in request.headers:
        return lambda *args, **kwargs: _unless_changed(view, handler, *args, **kwargs)
    if request.method == "GET" and view.action in SHOWS:
        return lambda *args, **kwargs: _tagged(handler(*args, **kwargs))
    return handler


def _once(handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Any:
    """Do it, or answer as before. Raises BadKey, KeyReused.

    Key, effects and answer are one transaction. What fails leaves no key, and may be sent again.
    """
    key = request.headers["Idempotency-Key"]
    check_key(key)
    owner = f"token:{request.auth.pk}" if request.auth is not None else f"user:{request.user.pk}"
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        row, is_new = claim(owner, key, fingerprint)
        if not is_new:
            return Response(row.body, status=row.status, headers={"Idempotency-Replayed": "true"})
        response = handler(request, *args, **kwargs)
        if isinstance(response, Response) and response.status_code < 400:
            keep(row, response.status_code, _plain(response.data))
        else:
            let_go(row)
        return response


def _unless_changed(view: Any, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Any:
    """Do it if the row is as one of the ETags in `If-Match` says. Raises PreconditionFailed.

    The row is locked before it is looked at, so that nobody changes it in between.
    """
    wanted = {tag.strip() for tag in request.headers["If-Match"].split(",")}
    with transaction.atomic():
        _lock(view, request, kwargs.get("pk"))
        present = _present(view, request, *args, **kwargs)
        if "*" not in wanted and present not in wanted:
            raise PreconditionFailed
        response = handler(request, *args, **kwargs)
        if request.method != "DELETE" and response.status_code < 300:
            response["ETag"] = _present(view, request, *args, **kwargs)
        return response


def _present(view: Any, request: Request, *args: Any, **kwargs: Any) -> str:
    """The ETag that a GET of the same address has now; 404 where it finds nothing."""
    reader = copy.copy(view)
    reader.action = view.action_map.get("get", "")
    if reader.action not in SHOWS:
        raise PreconditionFailed
    return _tag(getattr(reader, reader.action)(request, *args, **kwargs))


def _lock(view: Any, request: Request, pk: int | None) -> None:
    """Until the end of the transaction: two such updates of one address follow each other, and the row stays."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [412, zlib.crc32(request.path.encode()) - 2**31])
    if pk is not None:
        model: type[models.Model] = view.get_queryset().model
        model._base_manager.select_for_update(of=("self",)).filter(pk=pk).order_by().first()


def _tagged(response: Any) -> Any:
    if isinstance(response, Response) and response.status_code == 200:
        response["ETag"] = _tag(response)
    return response


def _tag(response: Response) -> str:
    """Of what is shown, so that whatever a client could have seen differently counts as a change."""
    return f'"{hashlib.sha256(JSONRenderer().render(response.data)).hexdigest()[:32]}"'


def _plain(data: Any) -> Any:
    return None if data is None else json.loads(JSONRenderer().render(data))


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(request.get_full_path().encode())
    for part in _parts(request.data):
        digest.update(part)
    return digest.hexdigest()


def _parts(data: Any) -> Iterator[bytes]:
    if not hasattr(data, "lists"):
        yield json.dumps(data, sort_keys=True, default=str).encode()
        return
    for name, values in sorted(data.lists()):
        yield f"\0{name}\0".encode()
        for value in values:
            if isinstance(value, UploadedFile):
                yield f"{value.name}\0{value.size}\0".encode()
                yield from value.chunks()
                value.seek(0)
            else:
                yield f"{value}\0".encode()
