"""Contracts, what is owed and paid, and renewals as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.exports import ACCOUNT
from contracts import ageing, pipeline
from contracts.choices import State
from contracts.filters import CONTRACT_DEFAULT_SORT, CONTRACT_SORTS, ContractFilter
from contracts.forms.money import (
    INSTALMENT_DEFAULT_SORT,
    INSTALMENT_SORTS,
    RECEIPT_DEFAULT_SORT,
    RECEIPT_SORTS,
    AgeingFilter,
    ReceiptFilter,
)
from contracts.forms.renewals import (
    RENEWAL_DEFAULT_SORT,
    RENEWAL_SORTS,
    WAITING_SORTS,
    RenewalListFilter,
    WaitingFilter,
)
from contracts.models import Contract, Instalment, Receipt, Renewal
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind

_OF_CONTRACT = (
    Cell(_("Account code"), "contract.account.code", width=14),
    Cell(_("Account"), "contract.account.local_name", width=32),
    Cell(_("Contract number"), "contract.number"),
    Cell(_("title"), "contract.title", width=30),
)


def _contracts(asked: Asked) -> Found:
    found = ContractFilter(asked.query, queryset=Contract.objects.visible_to(asked.user))
    return filtered(found, asked, CONTRACT_SORTS, CONTRACT_DEFAULT_SORT)


def _contract_cells(asked: Asked) -> Sequence[Cell]:
    states = {state.value: str(state.label) for state in State}
    return cells_of(
        Contract, *ACCOUNT, "number", "external_number", "title", "kind",
        Cell(pgettext_lazy("of a contract", "state"), lambda row: states.get(row.state_now)), "start_date", "end_date",
        "notice_date", "renewal_date", "renews_itself", "signed_on", "terminated_on", "currency", "net_amount",
        "gross_amount", "received_amount", "owner", "our_party", "customer_party",
    )  # fmt: skip


def _load_contracts(rows: Any, asked: Asked) -> models.QuerySet[Any]:
    return rows.with_state(asked.today).select_related("account", "owner")


def _receivables(asked: Asked) -> Found:
    rows = Instalment.objects.visible_to(asked.user).open()
    found = AgeingFilter(asked.query, queryset=rows, request=asked)
    return filtered(found, asked, INSTALMENT_SORTS, INSTALMENT_DEFAULT_SORT)


def _receivable_cells(asked: Asked) -> Sequence[Cell]:
    def days_late(row: Any) -> int | None:
        return ageing.days_overdue(row.due_date, asked.today) or None

    return cells_of(
        Instalment, *_OF_CONTRACT, "position", Cell(_("instalment"), "title"), "due_date", "event", "event_date",
        Cell(_("days overdue"), days_late, Kind.WHOLE), Cell(_("currency"), "contract.currency"), "amount",
        "settled_amount", Cell(pgettext_lazy("amount", "open"), "open_amount", Kind.MONEY), "invoice_number",
        "invoice_date", Cell(_("Account manager"), "contract.account.manager"),
    )  # fmt: skip


def _load_parts(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("contract__account__manager")


def _receipts(asked: Asked) -> Found:
    found = ReceiptFilter(asked.query, queryset=Receipt.objects.visible_to(asked.user))
    return filtered(found, asked, RECEIPT_SORTS, RECEIPT_DEFAULT_SORT)


def _receipt_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Receipt, *_OF_CONTRACT, "date", "kind", "currency", "amount", "method", "reference", "invoice_number", "note",
        "posted_by", "voided_at", "void_reason",
    )  # fmt: skip


def _load_receipts(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("contract__account", "posted_by")


def _renewals(asked: Asked) -> Found:
    rows = Renewal.objects.visible_to(asked.user).order_by()
    found = RenewalListFilter(asked.query, queryset=rows, request=asked)
    return filtered(found, asked, RENEWAL_SORTS, RENEWAL_DEFAULT_SORT)


def _renewal_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Renewal, *_OF_CONTRACT, Cell(_("Account manager"), "contract.account.manager"), "term_end", "notice_date",
        "opened_on", "value_currency", "value_amount", "acted_at", "escalated_on", "alerted_on", "outcome",
        "outcome_note", "decided_by", "decided_on",
    )  # fmt: skip


def _load_renewals(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("contract__account__manager", "decided_by")


def _waiting(asked: Asked) -> Found:
    """What the page of renewals shows as not opened yet."""
    rows = Contract.objects.visible_to(asked.user).waiting_for_renewal(asked.today, pipeline.horizon(asked.today))
    found = WaitingFilter(asked.query, queryset=rows.order_by(), request=asked)
    return filtered(found, asked, WAITING_SORTS, RENEWAL_DEFAULT_SORT)


def _not_yet(asked: Asked) -> bool:
    """Whether the page of renewals shows the other of its two lists."""
    found = RenewalListFilter(asked.query, queryset=Renewal.objects.none(), request=asked)
    return found.form.is_valid() and found.not_yet


register(
    ListExport(
        "contracts", _("Contracts"), Contract,
        {"contracts:contract_list": {}, "contracts:account_panel": {"account": "account_pk"},
         "contracts:contract_board": {}},
        find=_contracts, cells=_contract_cells, load=_load_contracts,
    ),
    ListExport(
        "receivables", _("Receivables"), Instalment, {"contracts:ageing": {}}, find=_receivables,
        cells=_receivable_cells, load=_load_parts, also=("receipts",),
    ),
    ListExport("receipts", _("Receipts"), Receipt, {}, find=_receipts, cells=_receipt_cells, load=_load_receipts),
    ListExport(
        "renewals", _("Renewals"), Renewal, {"contracts:renewal_list": {}}, find=_renewals, cells=_renewal_cells,
        load=_load_renewals, instead=("renewals_to_come", _not_yet),
    ),
    ListExport(
        "renewals_to_come", _("Renewals not opened yet"), Contract, {}, find=_waiting, cells=_contract_cells,
        load=_load_contracts,
    ),
)  # fmt: skip
