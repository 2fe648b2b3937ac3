"""The accounts behind a number of the company as a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.exports import account_cells, load_accounts, name_parents
from accounts.models import Account
from core.exports import Asked, Found, ListExport, filtered, register
from dashboards.filters import COMPANY_DEFAULT_SORT, COMPANY_SORTS, CompanyAccountFilter


def _find(asked: Asked) -> Found:
    rows = Account.objects.visible_to(asked.user, asked.today).with_list_columns()
    filterset = CompanyAccountFilter(asked.query, queryset=rows, request=asked)
    return filtered(filterset, asked, COMPANY_SORTS, COMPANY_DEFAULT_SORT)


register(
    ListExport(
        "company_accounts",
        _("Accounts behind a number"),
        Account,
        {"dashboards:company_accounts": {}},
        find=_find,
        cells=account_cells,
        load=load_accounts,
        prepare=name_parents,
    )
)
