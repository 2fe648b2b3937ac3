"""What the rows of a cut are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.choices import Region
from orders.models import ProductLine
from surveys.choices import Cut
from users.models import Team, User


def labels(by: str, keys: Iterable[str]) -> dict[str, str]:
    """Key -> what it is called in the reader's language; one statement at most."""
    wanted = set(keys)
    if by == Cut.TIER:
        return {key: _("Tier %(tier)s") % {"tier": key} if key else _("No tier") for key in wanted}
    if by == Cut.REGION:
        return {key: str(Region(key).label) if key in Region.values else _without(by) for key in wanted}
    models: dict[str, Any] = {Cut.TEAM: Team, Cut.MANAGER: User, Cut.PRODUCT_LINE: ProductLine}
    ids = [int(key) for key in wanted if key.isdigit()]
    rows = models[by]._default_manager.in_bulk(ids) if ids else {}
    names = {str(pk): str(getattr(row, "local_name", row)) for pk, row in rows.items()}
    return {key: names.get(key) or _without(by) for key in wanted}


def _without(by: str) -> str:
    return {
        Cut.TEAM: pgettext("results", "No team"),
        Cut.MANAGER: pgettext("results", "No account manager"),
        Cut.REGION: pgettext("results", "No region"),
        Cut.PRODUCT_LINE: pgettext("results", "No product line"),
    }[Cut(by)]
