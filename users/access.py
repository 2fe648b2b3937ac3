"""Who may manage users and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from users.errors import NotAdministrator

if TYPE_CHECKING:
    from users.models import User


def require_administrator(actor: User | None) -> None:
    """Raises NotAdministrator unless `actor` is one; None is the system itself (a command) and may."""
    if actor is not None and not (actor.is_active and actor.is_administrator):
        raise NotAdministrator
