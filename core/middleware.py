"""What htmx answers need (toasts, the way to the login page, caches kept apart), and refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from core.errors import DomainError
from core.http import is_live


class HtmxMiddleware:
    """For requests with HX-Request: messages travel with the fragment, a redirect to the login takes the whole page.

    With X-Live the page asks by itself, and nobody looks: messages wait, and an ended session is 401.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request", "X-Live"])
        if is_live(request):
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED) if _to_login(response) else response
        if request.headers.get("HX-Request") != "true":
            return response
        if response.status_code in (301, 302):
            return self._redirected(request, response)
        if _is_fragment(response):
            self._add_toasts(request, response)
        return response

    @staticmethod
    def _redirected(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A session that has ended: the browser goes to the login and comes back to the page it was on."""
        if not _to_login(response):
            return response
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{page.path}?{page.query}" if page.query else page.path or "/"
        answer = HttpResponse(status=204)
        answer.headers["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
        return answer

    @staticmethod
    def _add_toasts(request: HttpRequest, response: HttpResponse) -> None:
        if not messages.get_messages(request):
            return
        toasts = render_to_string("components/toast_items.html", {"messages": messages.get_messages(request)}, request)
        response.content += f'<div id="toasts" hx-swap-oob="beforeend">{toasts}</div>'.encode()


def _to_login(response: HttpResponse) -> bool:
    login = resolve_url(settings.LOGIN_URL)
    return response.status_code in (301, 302) and urlsplit(response["Location"]).path == login


def _is_fragment(response: HttpResponse) -> bool:
    """A part of a page that htmx will swap in: HTML, complete, without a frame of its own (which has the toasts)."""
    return (
        not response.streaming
        and response.status_code == 200
        and response.headers.get("Content-Type", "").startswith("text/html")
        and not response.headers.get("HX-Redirect")
        and not response.content.lstrip()[:9].lower().startswith(b"<!doctype")
    )


class RefusalMiddleware:
    """Refusals that no page shows itself, as a page.

    Those of the domain (a forged cursor, a right that ended meanwhile), and the address of a form opened as a page:
    that is where a login leads if the session had ended when the form was sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.path.startswith("/api/"):
            return response
        page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return render(request, "refused.html", {"message": str(exception)}, status=exception.status)
        return None
