"""What views are given."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from users.models import User


class UserRequest(HttpRequest):
    """A request of somebody who is logged in (the middleware has seen to that)."""

    user: User


def is_fragment(request: HttpRequest) -> bool:
    """htmx asks for a part only (a restored history entry and a boosted link need the whole page)."""
    headers = request.headers
    whole = "true" in (headers.get("HX-History-Restore-Request"), headers.get("HX-Boosted"))
    return headers.get("HX-Request") == "true" and not whole


def panel(request: HttpRequest, template: str, fragment: str = "panel") -> str:
    """The template, or only its fragment for htmx."""
    return f"{template}#{fragment}" if is_fragment(request) else template


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
