"""What views are given."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from users.models import User


class UserRequest(HttpRequest):
    """A request of somebody who is logged in (the middleware has seen to that)."""

    user: User


def is_fragment(request: HttpRequest) -> bool:
    """Only a part is asked for, by htmx (a restored history entry and a boosted link need the whole page) or `live`."""
    headers = request.headers
    whole = "true" in (headers.get("HX-History-Restore-Request"), headers.get("HX-Boosted"))
    return is_live(request) or (headers.get("HX-Request") == "true" and not whole)


def is_live(request: HttpRequest) -> bool:
    """A page refreshes a part of itself, by itself (static/src/live.js)."""
    return request.headers.get("X-Live") == "1"


def live(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For what pages ask for again and again: 304 where the answer is the one that the page has, and nothing is kept.

    A form in it would differ each time by its CSRF token: hx-post needs none.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if not is_live(request) or response.status_code != HTTPStatus.OK or response.streaming:
            return response
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        response.headers["ETag"], response.headers["Cache-Control"] = etag, "private, no-store"
        return get_conditional_response(request, etag=etag, response=response) or response

    return answered


def panel(request: HttpRequest, template: str, fragment: str = "panel") -> str:
    """The template, or only its fragment for htmx."""
    return f"{template}#{fragment}" if is_fragment(request) else template


def attachment(content: IO[bytes], name: str, content_type: str) -> FileResponse:
    """An answer with a file, to be kept and never to be run in a page."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def next_url(request: HttpRequest) -> str:
    """The page of ours that `next` names, in the form or the address; "" where there is none or it leads elsewhere."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if ours else ""


def client_network(request: HttpRequest) -> str:
    """Whose request it is, for limits: the address, of IPv6 its /64 network, which one customer has. Behind a proxy it
    is the last address that the proxy added."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and (forwarded := request.headers.get("X-Forwarded-For")):
        address = forwarded.rsplit(",", 1)[-1].strip()
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if version == 6 else address


def back_to(request: HttpRequest, default: Any) -> HttpResponse:
    """Redirect to `next_url`, else to `default`: a row, a view's name or an address."""
    return redirect(next_url(request) or default)


def requires(right: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """403 unless the user has the right: the name of a property of theirs, as `is_administrator`."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not getattr(request.user, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
