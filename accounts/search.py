"""Accounts in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from search.registry import Document, Hit, SearchIndex, register


@register
class AccountIndex(SearchIndex):
    """By names, pinyin, initials, code and credit code; own accounts first, then by tier."""

    kind = "account"
    label = _("Accounts")
    list_url_name = "accounts:account_list"

    def all_rows(self) -> models.QuerySet[Any]:
        return Account.objects.order_by().only("pk", "name", "name_en", "code", "credit_code")

    def document(self, row: Account) -> Document:
        return Document(row.pk, row.name, [row.name, row.name_en], [row.code, row.credit_code or ""])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Account.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        own, tiers = Q(manager=user), [Q(tier=tier) for tier in ("A", "B", "C")]
        return [*(own & tier for tier in tiers), own, *tiers]

    def samples(self, user: Any) -> list[Q]:
        own, best, visible = Q(manager=user), Q(tier="A"), Q()
        if user.sees_everything:
            return [own, best]
        return [own, best, visible] if user.leads else [own, visible]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        rows = Account.objects.visible_to(user).filter(pk__in=ids).select_related("manager").in_bulk()
        return [_hit(rows[pk], user) for pk in ids if pk in rows]

    def recent(self, user: Any, limit: int) -> list[Hit]:
        """The accounts that the user manages, the last to order first."""
        rows = Account.objects.visible_to(user).filter(manager=user, summary__isnull=False).select_related("manager")
        return [
            _hit(row, user) for row in rows.order_by(models.F("summary__last_order_date").desc(nulls_last=True))[:limit]
        ]


def _hit(account: Account, user: Any) -> Hit:
    parts = [account.code, account.other_name, str(account.manager or "")]
    return Hit(
        title=account.local_name,
        detail=" · ".join(part for part in parts if part),
        url=account.get_absolute_url(),
        tier=account.tier,
        own=account.manager_id == user.pk,
    )
