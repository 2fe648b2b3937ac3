"""How django-allauth behaves here: no sign-up (administrators make people), and every write through our services."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from users import services
from users.models import User
from users.tasks import mail_password_link


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This user is deactivated. Ask an administrator."),
        "too_many_login_attempts": _(
            "Too many failed attempts: logging in as this user is locked for 10 minutes. "
            "To get in now, choose a new password by e-mail."
        ),
        "username_password_mismatch": _("User name and password do not match."),
        "email_password_mismatch": _("E-mail address and password do not match."),
        "enter_current_password": _("This is not your current password."),
        "invalid_password_reset": _("This link has been used already or has expired."),
        "rate_limited": _("Too many requests. Wait a minute and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("users:profile")

    def set_password(self, user: User, password: str) -> None:
        """The one place where allauth writes a password: change, and reset by link. A new one ends the lockout."""
        actor = self.request.user if self.request.user.is_authenticated else user
        services.set_password(user, password, actor=actor)
        ratelimit.clear(self.request, app="allauth.account", action="login_failed", key=_lockout_key(user))

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The mail goes out from a worker: an unknown address is answered just as fast as a known one."""
        services.request_password_link(user, actor=None)
        mail_password_link.delay_on_commit(user.pk)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are counted by user, however they are named: user name, e-mail, capitals. (allauth counts by what
        was typed and by the request's host name, which leaves a way around the lockout for each; it offers no public
        hook for this, so the lockout tests guard the override.)"""
        typed = str(credentials.get("username") or credentials.get("email") or "").strip().lower()
        user = User.objects.with_login(typed).first()
        return _lockout_key(user) if user else f"login:{typed}"


def _lockout_key(user: User) -> str:
    return f"user:{user.pk}"
