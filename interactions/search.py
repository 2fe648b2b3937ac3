"""Interactions in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from interactions.models import Interaction
from search.registry import Document, Hit, SearchIndex, register

INDEXED = 10_000  # characters of the minutes


def account_mark(account_id: int) -> str:
    """The word by which a search is narrowed to one account."""
    return f"account{account_id}"


@register
class InteractionIndex(SearchIndex):
    """By subject, minutes, place and topics; those of own accounts first."""

    kind = "interaction"
    label = _("Interactions")
    list_url_name = "interactions:interaction_list"

    def all_rows(self) -> models.QuerySet[Any]:
        return Interaction.objects.order_by().prefetch_related("topics")

    def document(self, row: Interaction) -> Document:
        texts = [row.title, row.place, row.minutes[:INDEXED], *(topic.name for topic in row.topics.all())]
        return Document(row.pk, row.title, [], texts=texts, marks=[account_mark(row.account_id)])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Interaction.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        return [Q(account__manager=user)]

    def samples(self, user: Any) -> list[Q]:
        return [Q(author=user)]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        rows = Interaction.objects.visible_to(user).filter(pk__in=ids).select_related("account").defer("minutes")
        found = rows.in_bulk()
        return [_hit(found[pk], user) for pk in ids if pk in found]


def _hit(row: Interaction, user: Any) -> Hit:
    day = formats.date_format(row.date, "DATE_FORMAT")
    return Hit(
        title=row.title or row.get_kind_display(),
        detail=" · ".join([row.account.local_name, row.get_kind_display(), day]),
        url=row.get_absolute_url(),
        tier=row.account.tier,
        own=row.account.manager_id == user.pk,
    )
