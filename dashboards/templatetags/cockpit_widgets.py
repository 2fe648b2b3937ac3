"""What only the cockpit draws: the number of a tile, its change, and why there is nothing."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import icon, money, number, percent
from dashboards.cockpit.scope import Scope
from dashboards.cockpit.tile import MONEY, SCORE, SHARE, Number, Tile
from dashboards.templatetags.day_widgets import sparkline

register = template.Library()
register.simple_tag(sparkline)


@register.simple_tag
def tile_number(shown: Number) -> SafeString | str:
    """As its kind is written; a dash where there was nothing to divide by."""
    if shown.kind == MONEY:
        return money(shown.value)
    if shown.kind == SHARE:
        return percent(shown.value, 1)
    return number(shown.shown)


@register.simple_tag
def tile_change(tile: Tile) -> SafeString:
    """Since the period before: an arrow, by how much, and from what."""
    change = tile.change
    if change is None:
        return SafeString("")
    kind = tile.main.kind
    name = "trending-up" if change > 0 else "trending-down" if change < 0 else "arrow-right"  # icons: arrow-right
    if kind == MONEY:
        text = numbers.percent(change, 1, sign=True)
    elif kind == SHARE:
        text = _("%(points)s points") % {"points": f"{100 * change:+.1f}"}
    else:
        text = f"{change:+.0f}" if kind == SCORE else f"{change:+,d}"
    before = tile_number(Number("", "", tile.main.rows, tile.before, kind=kind, value=tile.before))
    words = {"good": _("better"), "bad": _("worse"), "flat": ""}[tile.tone]
    shown = '<span class="tile-change is-{}">{}{}<span class="visually-hidden">{}</span></span>'
    earlier = format_html('<span class="tile-before">{} {}</span>', _("before:"), before)
    return format_html(shown, tile.tone, icon(name), text, words) + earlier


@register.simple_tag
def cockpit_emptiness(scope: Scope) -> str:
    """Why there is no account."""
    narrowed = scope.tier or scope.region or scope.line
    if narrowed:
        return _("No account fits these filters.")
    if scope.manager == scope.viewer:
        return _("You manage no accounts: what is shown here are the accounts that somebody manages.")
    if scope.manager:
        return _("%(name)s manages no accounts.") % {"name": scope.manager}
    if scope.team:
        if not scope.team_has_people:
            return _("Nobody is in %(team)s or in a team below it, so it has no accounts.") % {
                "team": scope.team.local_name
            }
        return _("Nobody in %(team)s manages an account yet.") % {"team": scope.team.local_name}
    return _("There are no accounts yet.")
