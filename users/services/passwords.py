"""Passwords are known to their owners only: administrators send a link, never a password."""

from __future__ import annotations

from django.db import transaction

from audit.services import record
from users.errors import UserInactive
from users.models import User


@transaction.atomic
def set_password(user: User, password: str, *, actor: User) -> None:
    """Store a new password (validated by the form that took it). All other sessions of the user end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password_changed", user, actor=actor)


@transaction.atomic
def request_password_link(user: User, *, actor: User | None) -> None:
    """Note that a link to choose a password was asked for; `users.tasks.mail_password_link` sends it after the commit.

    `actor` is None where somebody asked on the login page. Raises UserInactive.
    """
    if not User.objects.active().filter(pk=user.pk).exists():
        raise UserInactive
    record("user.password_link_requested", user, actor=actor)
