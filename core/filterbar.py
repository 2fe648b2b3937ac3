"""The filter bar of a list: which filters are in the bar, which are on, and what the page is without one of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils import formats
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import exports

IN_BAR = 5
PAGING = ("cursor", "page")


@dataclass(frozen=True)
class Chip:
    """An active filter in words; `url` is the list without it."""

    label: str
    value: str
    url: str


def split(filterset: Any) -> tuple[list[BoundField], list[BoundField]]:
    """The fields shown in the bar, in its order, and those under “More filters”: by the FilterSet's `bar` or the first
    five. Those in `only_when_set` are shown where they are: numbers elsewhere link to lists by them."""
    rare = {name for name in getattr(filterset, "only_when_set", ()) if not filterset.data.get(name)}
    fields = [bound for bound in filterset.form if not bound.is_hidden and bound.name not in rare]
    names = getattr(filterset, "bar", None) or [bound.name for bound in fields[:IN_BAR]]
    places = {name: place for place, name in enumerate(names)}
    shown = sorted((b for b in fields if b.name in places), key=lambda bound: places[bound.name])
    return shown, [b for b in fields if b.name not in places]


def kept(filterset: Any, query: QueryDict) -> list[tuple[str, str]]:
    """What the page itself asks for beside the filters (a tab): the FilterSet's `kept`, as name and value."""
    return [(name, str(query[name])) for name in getattr(filterset, "kept", ()) if query.get(name)]


def chips(filterset: Any, query: QueryDict) -> list[Chip]:
    """One chip for each value of each active filter; filters with an invalid value have none, nor what is kept."""
    form = filterset.form
    if not form.is_bound:
        return []
    form.is_valid()
    found: list[Chip] = []
    for bound in form:
        if bound.name in getattr(filterset, "kept", ()):
            continue
        value = form.cleaned_data.get(bound.name)
        for name, raw, text in _values(bound, value, query):
            found.append(Chip(capfirst(str(bound.label)), text, without(query, name, raw)))
    return found


def _values(bound: BoundField, value: Any, query: QueryDict) -> list[tuple[str, str | None, str]]:
    """(parameter, its value or None for all, words) of what the filter is set to."""
    if value in (None, "", [], slice(None, None, None)) or (hasattr(value, "exists") and not value):
        return []
    if isinstance(value, slice):
        return [
            (f"{bound.html_name}_{suffix}", None, f"{sign} {_words(bound, part)}")
            for part, suffixes, sign in ((value.start, ("min", "after"), "≥"), (value.stop, ("max", "before"), "≤"))
            if part is not None
            for suffix in suffixes
            if f"{bound.html_name}_{suffix}" in query
        ]
    if isinstance(value, list | tuple | models.QuerySet):
        return [(bound.html_name, str(getattr(item, "pk", item)), _words(bound, item)) for item in value]
    return [(bound.html_name, None, _words(bound, value))]


def _words(bound: BoundField, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, dt.datetime):  # an end of a range of days
        value = value.date()
    choices = getattr(bound.field, "choices", None)
    if choices is not None and not isinstance(bound.field, forms.ModelChoiceField):
        flat = {str(key): label for key, label in bound.field.choices}
        return str(flat.get(str(value), value))
    return str(formats.localize(value))


def export_link(context: Any) -> dict[str, str] | None:
    """Where the list of this page is exported with its filters: `url`, and `base` to which other filters are added; for
    those who may."""
    request: Any = context["request"]
    match, user = request.resolver_match, request.user
    export = exports.of_page(match.view_name) if match else None
    if export is None or not (getattr(user, "may_export", False) and export.may(user)):
        return None
    own = {"list": export.name, **exports.parameters_of(export, match.view_name, match.kwargs, context)}
    query = request.GET.copy()
    for key in (*PAGING, *own):
        query.pop(key, None)
    base = f"{reverse('dashboards:export_create')}?{urlencode(own)}"
    return {"base": base, "url": f"{base}&{query.urlencode()}" if query else base}


def without(query: QueryDict, name: str, value: str | None) -> str:
    """The query string without one filter (or one of its values), back on the first page."""
    rest = query.copy()
    for key in PAGING:
        rest.pop(key, None)
    kept = [item for item in rest.getlist(name) if value is not None and item != value]
    rest.setlist(name, kept)
    return "?" + rest.urlencode()
