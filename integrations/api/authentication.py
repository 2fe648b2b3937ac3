"""Bearer tokens: a program acts as the owner of its token."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from audit.services import set_via
from integrations.models import ApiToken
from integrations.services.tokens import find_token, note_use
from users.models import User


class InvalidToken(AuthenticationFailed):
    default_code = "invalid_token"
    default_detail = _("This token is not known.")


class TokenExpired(AuthenticationFailed):
    default_code = "token_expired"
    default_detail = _("This token has expired.")


class TokenRevoked(AuthenticationFailed):
    default_code = "token_revoked"
    default_detail = _("This token has been revoked.")


class UserInactive(AuthenticationFailed):
    default_code = "user_inactive"
    default_detail = _("The owner of this token is deactivated.")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer kam_…`. The request speaks the owner's language unless it asks for another one."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token, now = find_token(text.strip()), timezone.now()
        if token is None:
            raise InvalidToken
        if token.revoked_at is not None:
            raise TokenRevoked
        if token.expires_at is not None and token.expires_at <= now:
            raise TokenExpired
        if not token.owner.is_active:
            raise UserInactive
        note_use(token, now=now)
        set_via(f"api:{token.prefix}")
        self._prefer(token.owner, request)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kam"'

    @staticmethod
    def _prefer(user: User, request: Request) -> None:
        """The owner's zone and language; PreferencesMiddleware puts the thread's own back after the request."""
        timezone.activate(user.time_zone)
        if "Accept-Language" not in request.headers:
            translation.activate(user.language)


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes bearer tokens."""

    target_class = TokenAuthentication
    name = "bearerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "kam_…",
            "description": (
                "An API token, made under Integrations or by `manage.py create_api_token`. It acts as its owner, "
                "within its scopes (`accounts:read`, `orders:write` …)."
            ),
        }
