"""Every write to users and teams."""

from users.services.passwords import request_password_link, set_password
from users.services.people import (
    create_user,
    deactivate_user,
    reactivate_user,
    set_language,
    update_own_profile,
    update_user,
)
from users.services.teams import create_team, delete_team, update_team

__all__ = [
    "create_team",
    "create_user",
    "deactivate_user",
    "delete_team",
    "reactivate_user",
    "request_password_link",
    "set_language",
    "set_password",
    "update_own_profile",
    "update_team",
    "update_user",
]
