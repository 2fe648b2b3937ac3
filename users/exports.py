"""Colleagues and their leave as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from users.filters import DEFAULT_SORT, LEAVE_DEFAULT_SORT, LEAVE_SORTS, SORTS, LeaveFilter, UserFilter
from users.models import Leave, User


def _users(asked: Asked) -> Found:
    found = UserFilter(asked.query, queryset=User.objects.visible_to(asked.user))
    return filtered(found, asked, SORTS, DEFAULT_SORT)


def _user_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        User, "name", "username", "email", "phone", "role", "team", Cell(_("Active"), "is_active"), "language",
        "time_zone",
    )  # fmt: skip


def _load_users(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("team")


def _leave(asked: Asked) -> Found:
    found = LeaveFilter(asked.query, queryset=Leave.objects.visible_to(asked.user))
    return filtered(found, asked, LEAVE_SORTS, LEAVE_DEFAULT_SORT)


def _leave_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(Leave, "user", "user.team", "from_date", "until_date", "kind", "delegate", "note")


def _load_leave(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("user__team", "delegate")


register(
    ListExport("users", _("Users"), User, {"users:user_list": {}}, find=_users, cells=_user_cells, load=_load_users),
    ListExport("leave", _("Leave"), Leave, {"users:leave_list": {}}, find=_leave, cells=_leave_cells, load=_load_leave),
)
