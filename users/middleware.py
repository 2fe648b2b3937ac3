"""Language and time zone of the person who is logged in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from users.zones import users_zone


class PreferencesMiddleware:
    """A user's own language and zone; before login the cookie's or the browser's language, and the company's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        with translation.override(_language(request, user)), timezone.override(users_zone(user)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        if not user.is_authenticated:
            patch_vary_headers(response, ("Accept-Language",))
        return response


def _language(request: HttpRequest, user: Any) -> str:
    if user.is_authenticated and translation.check_for_language(user.language):
        return user.language
    return translation.get_language_from_request(request)
