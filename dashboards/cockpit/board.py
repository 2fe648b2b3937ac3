"""The tiles of the cockpit, put together: eight main ones, and the rest in groups."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.rates import dated_rates
from dashboards.cockpit import agreements, danger, portfolio, voice, work
from dashboards.cockpit.courses import add_courses, add_targets
from dashboards.cockpit.portfolio import Portfolio
from dashboards.cockpit.scope import Scope
from dashboards.cockpit.tile import Tile

GROUPS = {
    "revenue": _("Revenue"),
    "coverage": _("Contact"),
    "health": pgettext_lazy("group of tiles", "Health"),
    "contracts": _("Contracts"),
    "satisfaction": pgettext_lazy("group of tiles", "Satisfaction"),
    "work": pgettext_lazy("group of tiles", "Work"),
}


def main_tiles(scope: Scope, found: Portfolio) -> list[Tile]:
    """Two rows of four."""
    rates = dated_rates()
    return _addressed(
        scope,
        [
            portfolio.revenue(scope, found),
            danger.value_at_risk(scope),
            danger.alerts(scope),
            portfolio.health(scope, found),
            portfolio.coverage(scope, found),
            agreements.renewals(scope, rates),
            agreements.receivables(scope, rates),
            voice.nps(scope),
        ],
    )


def other_tiles(scope: Scope) -> list[Tile]:
    """The rest."""
    return _addressed(
        scope,
        [
            portfolio.concentration(scope),
            work.visits(scope),
            danger.migration(scope),
            agreements.renewal_rate(scope),
            agreements.net_retention(scope, dated_rates()),
            voice.response_rate(scope),
            voice.follow_ups(scope),
            work.approvals(scope),
            work.workload(scope),
            portfolio.gaps(scope),
        ],
    )


def all_tiles(scope: Scope) -> list[Tile]:
    """Both, for clients."""
    return main_tiles(scope, portfolio.portfolio_of(scope)) + other_tiles(scope)


def _addressed(scope: Scope, tiles: Iterable[Tile]) -> list[Tile]:
    found = list(tiles)
    add_courses(scope, found)
    add_targets(scope, found)
    for tile in found:
        for number in tile.numbers:
            number.address(scope)
    return found
