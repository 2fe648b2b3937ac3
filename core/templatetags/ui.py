"""The widget set of the pages: small tags, the bigger ones with a template in templates/components/.

They are built-ins of every template. Numbers, money and dates are written in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages import constants
from django.forms import BaseForm, BoundField
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import filterbar, formfields, numbers
from core.markdown import render as render_markdown

register = template.Library()

NOTHING = mark_safe('<span class="text-secondary">–</span>')
RECENT = dt.timedelta(days=7)
MANIFOLD = 10  # a growth of 1,000% and more reads better as a multiple
# States of rows, as their models name them.
DOTS = {
    "active": "ok",
    "approved": "ok",
    "applied": "ok",
    "done": "ok",
    "finished": "ok",
    "completed": "ok",
    "prospect": "info",
    "proposed": "info",
    "pending": "info",
    "running": "info",
    "open": "info",
    "planned": "info",
    "draft": "muted",
    "queued": "muted",
    "superseded": "muted",
    "terminated": "muted",
    "inactive": "muted",
    "expired": "muted",
    "revoked": "muted",
    "cancelled": "muted",
    "interrupted": "warning",
    "missed": "warning",
    "adjusted": "warning",
    "sent_back": "warning",
    "withdrawn": "muted",
    "failed": "danger",
    "rejected": "danger",
}
TOASTS = {
    constants.SUCCESS: ("success", "circle-check"),
    constants.WARNING: ("warning", "alert-triangle"),
    constants.ERROR: ("danger", "alert-circle"),
}  # icons: circle-check alert-triangle alert-circle info-circle


# Icons, badges, dots
@register.simple_tag
@cache
def icon(name: str, css: str = "") -> SafeString:
    """A Tabler outline icon from the sprite; decoration only, so say the thing in text or aria-label too."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("build/icons.svg"),
        name,
    )


@register.simple_tag
def tier_badge(tier: str | None, *, long: bool = False) -> SafeString:
    """The tier as letter and colour; `long` writes “Tier A”."""
    if not tier:
        return format_html('<span class="tier tier-none" title="{}">–</span>', _("No tier"))
    label = _("Tier %(tier)s") % {"tier": tier}
    return format_html('<span class="tier tier-{}" title="{}">{}</span>', tier.lower(), label, label if long else tier)


@register.simple_tag
def status_dot(kind: str, label: Any) -> SafeString:
    """A coloured dot with its label; kind is ok, warning, danger, info, muted, or a state that DOTS knows."""
    kind = DOTS.get(kind, kind)
    return format_html('<span class="status-dot-label"><span class="dot dot-{}"></span>{}</span>', kind, label)


# Numbers, money, dates
@register.simple_tag
def number(value: Decimal | float | None, digits: int = 0) -> SafeString | str:
    """A number grouped by thousands, with `digits` decimals."""
    return NOTHING if value is None else numbers.plain(value, digits)


@register.simple_tag
def percent(share: Decimal | float | None, digits: int = 1) -> SafeString | str:
    """A share (0.123) as per cent (12.3%)."""
    return NOTHING if share is None else numbers.percent(share, digits)


@register.simple_tag
def share(part: Decimal | float | None, whole: Decimal | float | None, digits: int = 0) -> SafeString | str:
    """`part` of `whole` as per cent; a dash where there is nothing to take a share of."""
    return NOTHING if part is None or not whole else numbers.percent(part / whole, digits)  # type: ignore[operator]


@register.simple_tag
def money(amount: Decimal | float | None, currency: str = "", *, full: bool = False) -> SafeString:
    """An amount with its currency (default: the reporting one), compact, all digits on hover; `full` shows them all."""
    if amount is None or amount == "":
        return NOTHING
    currency = currency or settings.REPORTING_CURRENCY
    exact = numbers.full_money(Decimal(amount), currency)
    shown = exact if full else numbers.short_money(Decimal(amount), currency, get_language() or "en")
    negative = " money-negative" if Decimal(amount) < 0 else ""
    return format_html('<span class="money{}" title="{}">{}</span>', negative, exact, shown)


@register.simple_tag
def trend(share: Decimal | float | None) -> SafeString:
    """A change as a share (0.1 is +10%) with arrow and sign; a dash where there is nothing to compare with."""
    if share is None:
        return format_html('<span class="trend text-secondary" title="{}">–</span>', _("Nothing to compare with"))
    share = Decimal(share)
    level = "flat" if abs(share) < Decimal("0.005") else "up" if share > 0 else "down"
    # icons: trending-up trending-down arrow-right
    name = {"up": "trending-up", "down": "trending-down", "flat": "arrow-right"}[level]
    exact = numbers.percent(share, sign=True)
    if share >= MANIFOLD:
        shown = f"×{numbers.plain(share + 1)}"
    else:
        shown = numbers.percent(share, 0 if abs(share) >= Decimal("0.0995") else 1, sign=True)
    return format_html('<span class="trend trend-{}" title="{}">{}{}</span>', level, exact, icon(name), shown)


@register.simple_tag
def day(value: dt.date | None) -> SafeString:
    """A date as the language writes it."""
    if not value:
        return NOTHING
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value, "DATE_FORMAT"))


@register.simple_tag
def when(value: dt.datetime | None) -> SafeString:
    """A moment: relative within a week, else the date; the exact local time on hover."""
    if not value:
        return NOTHING
    local, now = timezone.localtime(value), timezone.now()
    if abs(now - value) < dt.timedelta(minutes=1):
        text = _("just now")
    elif abs(now - value) >= RECENT:
        text = formats.date_format(local, "DATE_FORMAT")
    elif value > now:
        text = _("in %(time)s") % {"time": timeuntil(value, now, depth=1)}
    else:
        text = _("%(time)s ago") % {"time": timesince(value, now, depth=1)}
    exact = formats.date_format(local, "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, text)


# Lists
@register.simple_tag(takes_context=True)
def query_string(context: Context, **changes: Any) -> str:
    """The current query string with `changes` (None or "" removes), on page 1 unless the cursor is what changes."""
    query = _query(context).copy()
    if not set(changes) & set(filterbar.PAGING):
        for key in filterbar.PAGING:
            query.pop(key, None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = value
    return "?" + query.urlencode()


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, key: str, label: Any, **attrs: Any) -> dict[str, Any]:
    """A column header that sorts by `key`, the other way round where it is the sort already; `class=` for the cell."""
    current = str(context.get("sort_key") or _query(context).get("sort", ""))
    active = current.removeprefix("-") == key
    descending = current.startswith("-")
    first = f"-{key}" if attrs.get("first") == "desc" else key
    target = (key if descending else f"-{key}") if active else first
    state = ("descending" if descending else "ascending") if active else ""
    return {"url": query_string(context, sort=target), "label": label, "state": state, "css": attrs.get("class", "")}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Any, count: tuple[int, bool] | None = None) -> dict[str, Any]:
    """First, previous, next and last of a keyset page; `count` is what bounded_count gives."""
    back, on = page.previous_cursor, page.next_cursor
    # icons: chevrons-left chevron-left chevron-right chevrons-right
    steps = (
        (back and query_string(context, cursor=None), _("First page"), "chevrons-left"),
        (back and query_string(context, cursor=back), _("Previous page"), "chevron-left"),
        (on and query_string(context, cursor=on), _("Next page"), "chevron-right"),
        (on and query_string(context, cursor=page.last_cursor), _("Last page"), "chevrons-right"),
    )
    shown = count and numbers.plain(count[0]) + ("" if count[1] else "+")
    return {"steps": steps, "count": shown, "total": count and count[0], "moves": bool(back or on)}


@register.inclusion_tag("components/filter_bar.html", takes_context=True)
def filter_bar(context: Context, filterset: Any) -> dict[str, Any]:
    """The form of a FilterSet above its list, and a removable chip for each active filter."""
    shown, more = filterbar.split(filterset)
    query = _query(context)
    active, kept = filterbar.chips(filterset, query), filterbar.kept(filterset, query)
    if query.get("sort"):
        kept.append(("sort", str(query["sort"])))
    in_more = {bound.html_name for bound in more} & {name for name in query if query[name]}
    return {
        "form": filterset.form,
        "path": context["request"].path,
        "search": next((bound for bound in shown if bound.name == "q"), None),
        "shown": [bound for bound in shown if bound.name != "q"],
        "more": more,
        "more_active": len(in_more),
        "chips": active,
        "kept": kept,
        "reset": "?" + urlencode(kept),
        "export": filterbar.export_link(context),
    }


@register.inclusion_tag("components/filter_field.html")
def filter_field(bound: BoundField) -> dict[str, Any]:
    """One filter: a labelled select or input; several choices become a menu of ticks."""
    widget = bound.field.widget
    many = bool(getattr(widget, "allow_multiple_selected", False))
    chosen = {str(value) for value in (bound.value() or [])} if many else set()
    options = [(str(key), label, str(key) in chosen) for key, label in bound.field.choices] if many else []
    return {"field": bound, "many": many, "options": options, "chosen": len(chosen)}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: Any, text: Any = "", url: str = "", label: Any = "", icon: str = "inbox") -> dict[str, Any]:
    """Why there is nothing here, in one sentence, and one button to the next step."""
    return {"title": title, "text": text, "url": url, "label": label, "icon": icon}


# Forms
@register.simple_tag
def control(field: BoundField, *, small: bool = False, bare: bool = False) -> SafeString:
    """The field's input with the classes of the design; `bare` leaves its placeholder out."""
    return formfields.render_control(field, small=small, bare=bare)


@register.simple_tag
def control_kind(field: BoundField) -> str:
    """How the field is laid out: check, group, select or text."""
    return formfields.control_kind(field)


@register.simple_tag
def choices_of(field: BoundField) -> list[Any]:
    """The ticks or radios of a field of several choices."""
    return formfields.choices_of(field)


@register.simple_tag
def is_wide(field: BoundField) -> bool:
    """Whether the field takes the form's whole width."""
    return formfields.is_wide(field)


@register.simple_tag
def form_sections(form: BaseForm) -> list[formfields.Section]:
    """The form's fields under their headings."""
    return formfields.sections(form)


@register.inclusion_tag("components/form_actions.html")
def form_actions(label: Any = "", cancel_url: str = "", *, danger: bool = False) -> dict[str, Any]:
    """The buttons that end a form."""
    return {"label": label or _("Save"), "cancel_url": cancel_url, "danger": danger}


# Layout
@register.simple_tag(takes_context=True)
def page_title(context: Context) -> SafeString:
    """What the page put into its `title` block, once more."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks and blocks.get_block("title")
    return block.render(context) if block else SafeString("")


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(context: Context, url_name: str, label: Any, icon: str, match: str = "", go: str = "") -> dict[str, Any]:
    """A link of the navigation, marked when the page's view name starts with one of the words in `match`.

    `go` is the key that opens it after g.
    """
    view_name = getattr(getattr(context.get("request"), "resolver_match", None), "view_name", "") or ""
    active = view_name.startswith(tuple((match or url_name).split()))
    return {"url": _url(url_name), "label": label, "icon": icon, "active": active, "go": go}


@register.simple_tag
def toast_style(level: int) -> tuple[str, str]:
    """(colour, icon) of a message of this level."""
    return TOASTS.get(level, ("info", "info-circle"))


@register.filter
def undo_url(message: Any) -> str:
    """Where a toast's "Undo" leads: a message with the tag `undo:<path>` has one."""
    tags = str(getattr(message, "extra_tags", "") or "")
    return tags.removeprefix("undo:") if tags.startswith("undo:/") else ""


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """(code, name in itself) of the languages of the interface."""
    return list(settings.LANGUAGES)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> dict[str, str]:
    """`choice` (auto, light, dark) from the cookie, and the `mode` to paint first."""
    request: HttpRequest | None = context.get("request")
    choice = request.COOKIES.get("kam_theme", "") if request else ""
    choice = choice if choice in ("light", "dark") else "auto"
    return {"choice": choice, "mode": "dark" if choice == "dark" else "light"}


@register.filter
def markdown(text: str) -> SafeString:
    """Markdown as HTML that can do nothing (core/markdown.py)."""
    return render_markdown(text)


@register.filter
def initials(name: str) -> str:
    """For avatars: the last two characters of a Chinese name, the first letters of other names."""
    words = str(name).split()
    if not words:
        return "?"
    if not words[0].isascii() and len(words) == 1:
        return words[0][-2:]
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()


def _query(context: Context) -> QueryDict:
    request = context.get("request")
    return request.GET if request is not None else QueryDict()


def _url(name: str) -> str:
    """The URL of that name, or nothing while its app has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
