"""The list of accounts as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.filters import DEFAULT_SORT, SORTS, AccountFilter
from accounts.models import Account
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind

ACCOUNT = (Cell(_("Account code"), "account.code", width=14), Cell(_("Account"), "account.local_name", width=32))
"""Which account a row belongs to; for the lists of the apps above."""


def _find(asked: Asked) -> Found:
    rows = Account.objects.visible_to(asked.user, asked.today).with_list_columns()
    return filtered(AccountFilter(asked.query, queryset=rows), asked, SORTS, DEFAULT_SORT)


def account_cells(asked: Asked) -> Sequence[Cell]:
    """The columns of a list of accounts."""
    return cells_of(
        Account,
        Cell(_("Account code"), "code", width=14), Cell(_("Account"), "local_name", width=32),
        Cell(_("name in the other language"), "other_name", width=32), "credit_code",
        Cell(_("parent account"), "seen_parent"), "tier", "status",
        "stage", "category", "industry", "region", "city", "address", "size", "source", "customer_since", "manager",
        Cell(_("tags"), "tag_names"),
        "summary.revenue_12m_amount", "summary.revenue_prior_12m_amount",
        Cell(_("change"), "summary.revenue_trend", Kind.SHARE), "summary.last_order_date", "summary.last_contact_date",
        "summary.contact_due_date", "summary.next_visit_date", "summary.next_renewal_date", "summary.nps",
        "summary.health_score", "summary.open_alerts", "phone", "website",
    )  # fmt: skip


def load_accounts(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    """Without the long texts: they are no part of a list."""
    return rows.select_related("manager", "summary").defer("business_scope", "profile")


def prepare_accounts(rows: list[Any], asked: Asked) -> None:
    """Parents, of which those that the user does not see stay unnamed, and tags; a statement each."""
    seen = Account.objects.visible_to(asked.user, asked.today).order_by()
    parents = seen.only("name", "name_en").in_bulk({row.parent_id for row in rows if row.parent_id})
    tags: dict[int, list[str]] = defaultdict(list)
    tagged = Account.tags.through.objects.filter(account__in=[row.pk for row in rows]).order_by("tag__name")
    for account, name in tagged.values_list("account", "tag__name"):
        tags[account].append(name)
    for row in rows:
        row.seen_parent = parents.get(row.parent_id)
        row.tag_names = ", ".join(tags[row.pk])


register(
    ListExport(
        "accounts",
        _("Accounts"),
        Account,
        {"accounts:account_list": {}},
        find=_find,
        cells=account_cells,
        load=load_accounts,
        prepare=prepare_accounts,
    )
)
