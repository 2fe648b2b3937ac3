"""E-mails to users, in the language that each of them reads."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from users.models import User


def send_password_link(user: User, *, invited: bool = False) -> None:
    """Mail a link to choose a password; `invited`: with words of welcome. Raises SMTPException, OSError."""
    kind = "invitation" if invited else "password_reset"
    with translation.override(user.language):
        context = {
            "user": user,
            "url": password_link(user),
            "base_url": settings.BASE_URL,
            "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
            "language": user.language,
        }
        subject = render_to_string(f"users/email/{kind}.subject.txt", context)
        mail = EmailMultiAlternatives(
            " ".join(subject.split()), render_to_string(f"users/email/{kind}.txt", context), to=[user.email]
        )
        mail.attach_alternative(render_to_string(f"users/email/{kind}.html", context), "text/html")
    mail.send()


def password_link(user: User) -> str:
    """The link of allauth's reset page, on the address that the installation names as its own: the host name of the
    request that asked for it can be forged."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
    return settings.BASE_URL.rstrip("/") + path
