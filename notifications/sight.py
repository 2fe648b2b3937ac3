"""Who may be told of what concerns somebody else: only those who could open it themselves.

What a notification is about is the row whose page its address opens, or the one that `about` among its parameters opens
where the address is that of a list. Which rows a reader sees is the rule of their model, `visible_to`, and no other.
A notification that names an account and leads to no such page is nobody's but the receiver's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, Resolver404, resolve

from notifications.models import Notification
from users.models import User

ABOUT = "about"
"""The parameter with the path of the page of what is told, where the address leads to a list."""
_SAMPLE = 1


def withhold_unseen(copies: Iterable[Notification]) -> list[Notification]:
    """Those whose receiver sees what they are about; one statement for each receiver and kind of row."""
    kept, asked = [], defaultdict(list)
    for copy in copies:
        found = _subject(str(copy.params.get(ABOUT) or copy.url))
        if found is not None:
            asked[copy.user, found[0]].append((found[1], copy))
        elif "account" not in copy.params:
            kept.append(copy)
    for (user, model), pairs in asked.items():
        seen = _seen(user, model, {pk for pk, _copy in pairs})
        kept += [copy for pk, copy in pairs if pk in seen]
    return kept


def _seen(user: User, model: type[models.Model], pks: set[int]) -> set[int]:
    rows: Any = model._default_manager
    return set(rows.visible_to(user).filter(pk__in=pks).order_by().values_list("pk", flat=True))


def _subject(path: str) -> tuple[type[models.Model], int] | None:
    """The model and the key of the row whose page this is."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    model = _models_by_page().get(match.view_name)
    return (model, match.kwargs["pk"]) if model is not None else None


@cache
def _models_by_page() -> dict[str, type[models.Model]]:
    """Every model whose rows have a page of their own, and a rule of who sees them."""
    found = {}
    for model in apps.get_models():
        address = getattr(model, "get_absolute_url", None)
        if address is None or not hasattr(model._default_manager, "visible_to"):
            continue
        try:
            match = resolve(urlsplit(address(model(pk=_SAMPLE))).path)
        except (NoReverseMatch, Resolver404):
            continue
        if match.kwargs == {"pk": _SAMPLE}:
            found[match.view_name] = model
    return found
