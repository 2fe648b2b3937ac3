"""Widgets that only the pages of contracts have."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from contracts.choices import DueBy, State
from contracts.difference import Change, RowChange
from contracts.due_words import event_words
from contracts.states import state_on
from core import numbers
from core.money import CURRENCIES, minor_digits
from core.templatetags.ui import NOTHING, icon, status_dot

register = template.Library()

DOTS = {
    State.DRAFT: "muted",
    State.IN_APPROVAL: "info",
    State.APPROVED: "info",
    State.SIGNED: "info",
    State.IN_FORCE: "ok",
    State.EXPIRING: "warning",
    State.RENEWED: "ok",
    State.EXPIRED: "danger",
    State.TERMINATED: "danger",
    State.DISCARDED: "muted",
}
SOON_DAYS = 30


@register.simple_tag
def state_dot(contract: Any) -> SafeString:
    """The state of today with its colour: `state_now` where the query gave it, else computed."""
    state = getattr(contract, "state_now", "") or state_on(contract, timezone.localdate(), is_renewed=False)
    return status_dot(DOTS.get(State(state), "muted"), State(state).label)


@register.simple_tag
def state_name(state: str) -> SafeString:
    """A state with its dot."""
    return status_dot(DOTS.get(State(state), "muted"), State(state).label)


@register.simple_tag
def version_dot(version: Any) -> SafeString:
    """The status of a version with its colour."""
    kinds = {"signed": "ok", "approved": "info", "in_approval": "info"}
    return status_dot(kinds.get(version.status, "muted"), version.get_status_display())


@register.simple_tag
def due_mark(value: dt.date | None) -> SafeString:
    """How far off a day is, where it is near: “in 12 days”, “today”; nothing where it is over."""
    if value is None:
        return SafeString()
    days = (value - timezone.localdate()).days
    if not 0 <= days <= SOON_DAYS:
        return SafeString()
    text = ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days} if days else _("today")
    return format_html(
        '<span class="due-soon">{}{}</span>', icon("clock-exclamation"), text
    )  # icons: clock-exclamation


@register.simple_tag
def share_bar(part: Decimal | None, whole: Decimal | None) -> SafeString:
    """How much of an amount is there: a bar with the per cent beside it; a dash where there is nothing to share."""
    if not whole:
        return NOTHING
    share = Decimal(part or 0) / Decimal(whole)
    return format_html(
        '<span class="share-bar"><progress max="100" value="{}" aria-hidden="true"></progress>{}</span>',
        min(round(share * 100), 100),
        numbers.percent(share, 0),
    )


@register.simple_tag
def exact(amount: Decimal | None, currency: str = "") -> str | SafeString:
    """All digits of an amount in the currency's minor unit, without the currency: a table names it once."""
    if amount is None or amount == "":  # a row that is not there yet has none
        return NOTHING
    return numbers.plain(amount, minor_digits(currency) if currency in CURRENCIES else 2)


@register.simple_tag
def decimal(value: Decimal | None, least: int = 0) -> str | SafeString:
    """A quantity or price with the decimals it has, `least` of them at least."""
    if value is None:
        return NOTHING
    exponent = Decimal(value).normalize().as_tuple().exponent
    return numbers.plain(value, max(least, -exponent if isinstance(exponent, int) else 0))


@register.simple_tag
def difference(old: Decimal, new: Decimal, currency: str) -> SafeString:
    """By how much an amount changed, with its sign; nothing where it did not."""
    if old == new:
        return SafeString()
    text = numbers.plain(new - old, minor_digits(currency))
    return format_html('<span class="delta">{}{}</span>', "+" if new > old else "", text)


@register.simple_tag
def change_mark(kind: str) -> SafeString:
    """What became of a row, as a sign and in words for those who do not see it."""
    labels = {
        Change.ADDED: _("Added"),
        Change.REMOVED: pgettext("of two versions", "Removed"),
        Change.CHANGED: pgettext("of two versions", "Changed"),
        Change.SAME: pgettext("of two versions", "The same"),
    }
    sign = {Change.ADDED: "+", Change.REMOVED: "−", Change.CHANGED: "±", Change.SAME: ""}[Change(kind)]
    label = labels[Change(kind)]
    return format_html(
        '<span class="change-mark" title="{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>'
        "</span>",
        label, sign, label,
    )  # fmt: skip


@register.simple_tag
def pair(row: RowChange, name: str, currency: str = "", *, least: int = 0, sign: str = "") -> SafeString:
    """A value of a row: struck out what was, then what is, where both are there and differ.

    An amount where `currency` is given; else a number with `least` decimals at least and `sign` behind it, or a text.
    """

    def text(side: Any) -> str:
        value = getattr(side, name)
        if isinstance(value, Decimal):
            return str(exact(value, currency) if currency else decimal(value, least)) + sign
        return str(value)

    if row.old is not None and row.new is not None and name in row.names:
        return format_html("<del>{}</del> <ins>{}</ins>", text(row.old), text(row.new))
    if row.new is None:
        return format_html("<del>{}</del>", text(row.old))
    return format_html("{}", text(row.new))


@register.simple_tag
def due_pair(row: RowChange) -> SafeString:
    """When an instalment is due, before and after."""
    old, new = (due_text(side) if side is not None else None for side in (row.old, row.new))
    if old is not None and new is not None and old != new:
        return format_html("<del>{}</del> <ins>{}</ins>", old, new)
    return format_html("<del>{}</del>", old) if new is None else format_html("{}", new)


@register.simple_tag
def due_text(instalment: Any) -> str:
    """“31 Mar 2026”, or “Acceptance, 30 days later”."""
    if instalment.due_by == DueBy.DATE:
        return formats.date_format(instalment.due_date, "DATE_FORMAT")
    return event_words(instalment.event, instalment.days_after)


@register.simple_tag
def date_icon(kind: str) -> SafeString:
    """The sign of a kind of date in the calendar."""
    # icons: player-play flag alarm refresh cash
    names = {"start": "player-play", "end": "flag", "notice": "alarm", "renewal": "refresh", "due": "cash"}
    return icon(names[kind])


@register.simple_tag
def cell(bound: BoundField, label: str = "") -> SafeString:
    """An input in a row of the form: named by its column (`label`) and its row, wrong ones marked."""
    widget = bound.field.widget
    attrs: dict[str, Any] = {"class": "cell-input", "aria-label": label or bound.label}
    if bound.errors:
        attrs |= {"class": "cell-input is-invalid", "aria-invalid": "true"}
        attrs["aria-describedby"] = f"{bound.auto_id}_error"
    if not isinstance(widget, forms.Select) or widget.template_name != forms.Select.template_name:
        if isinstance(widget, forms.NumberInput):
            attrs["inputmode"] = "decimal"
        return bound.as_widget(attrs=attrs)
    attrs = bound.build_widget_attrs(widget.build_attrs(widget.attrs, attrs), widget) | {"id": bound.auto_id}
    chosen = str(bound.value() if bound.value() is not None else "")
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, SafeString(" selected") if str(key) == chosen else "", text) for key, text in widget.choices),
    )
    return format_html('<select name="{}"{}>{}</select>', bound.html_name, flatatt(attrs), options)


@register.simple_tag
def cell_errors(bound: BoundField) -> SafeString:
    """What is wrong with an input of a row."""
    if not bound.errors:
        return SafeString()
    return format_html(
        '<div class="field-error" id="{}_error">{}</div>', bound.auto_id, " ".join(map(str, bound.errors))
    )


@register.filter
def month_name(value: dt.date) -> str:
    return formats.date_format(value, "YEAR_MONTH_FORMAT")
