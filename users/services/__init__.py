"""Every write to users and teams."""

from users.services.calendar import (
    confirm_calendar_year,
    fill_calendar_year,
    import_calendar_days,
    remove_calendar_day,
    set_calendar_day,
)
from users.services.leave import add_leave, remove_leave, update_leave
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
    "add_leave",
    "confirm_calendar_year",
    "create_team",
    "create_user",
    "deactivate_user",
    "delete_team",
    "fill_calendar_year",
    "import_calendar_days",
    "reactivate_user",
    "remove_calendar_day",
    "remove_leave",
    "request_password_link",
    "set_calendar_day",
    "set_language",
    "set_password",
    "update_leave",
    "update_own_profile",
    "update_team",
    "update_user",
]
