"""Contracts in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.choices import State
from contracts.models import Contract
from interactions.search import account_mark
from search.registry import Document, Hit, SearchIndex, register


@register
class ContractIndex(SearchIndex):
    """By number, title and party; those of own accounts first."""

    kind = "contract"
    label = _("Contracts")
    list_url_name = "contracts:contract_list"

    def all_rows(self) -> models.QuerySet[Any]:
        return Contract.objects.order_by()

    def document(self, row: Contract) -> Document:
        codes = [code for code in (row.number, row.external_number) if code]
        return Document(row.pk, row.title, [row.title, row.customer_party], codes, marks=[account_mark(row.account_id)])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Contract.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        return [Q(owner=user), Q(account__manager=user)]

    def samples(self, user: Any) -> list[Q]:
        return [Q(owner=user)]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        rows = Contract.objects.visible_to(user).filter(pk__in=ids).select_related("account")
        found = rows.with_state(timezone.localdate()).in_bulk()
        return [_hit(found[pk], user) for pk in ids if pk in found]


def _hit(row: Any, user: Any) -> Hit:
    return Hit(
        title=f"{row.number} {row.title}",
        detail=" · ".join([row.account.local_name, str(State(row.state_now).label)]),
        url=row.get_absolute_url(),
        tier=row.account.tier,
        own=row.account.manager_id == user.pk or row.owner_id == user.pk,
    )
