"""Time zones to choose from: the common ones first, by place, then all of them by name."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COMMON: list[tuple[str, str | Promise]] = [
    ("Asia/Shanghai", _("China (Beijing, Shanghai)")),
    ("Asia/Hong_Kong", _("Hong Kong")),
    ("Asia/Macau", _("Macao")),
    ("Asia/Taipei", _("Taipei")),
    ("Asia/Urumqi", _("Xinjiang (Urumqi)")),
    ("Asia/Singapore", _("Singapore")),
    ("Asia/Tokyo", _("Tokyo")),
    ("Asia/Seoul", _("Seoul")),
    ("Asia/Kolkata", _("India")),
    ("Asia/Dubai", _("Dubai")),
    ("Europe/Berlin", _("Central Europe (Berlin, Paris)")),
    ("Europe/London", _("London")),
    ("America/New_York", _("New York")),
    ("America/Chicago", _("Chicago")),
    ("America/Los_Angeles", _("Los Angeles")),
    ("Australia/Sydney", _("Sydney")),
    ("UTC", _("UTC")),
]


def zone_choices() -> list[tuple[str | Promise, list[tuple[str, str | Promise]]]]:
    """Grouped choices of a select; every zone of the machine's database once."""
    listed = {name for name, _label in COMMON}
    rest = sorted(name for name in available_timezones() if name not in listed and "/" in name)
    return [(_("Common"), COMMON), (_("All time zones"), [(name, name.replace("_", " ")) for name in rest])]


def users_zone(user: Any) -> ZoneInfo:
    """The user's zone, before login the company's. A zone can vanish from the machine's time zone database; nothing
    must fail for that."""
    if user.is_authenticated:
        try:
            return ZoneInfo(user.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            pass
    return ZoneInfo(settings.TIME_ZONE)
