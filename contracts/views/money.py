"""Money: receipts posted and voided, events and invoices of instalments, ageing, expected against received."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import pages as account_pages
from contracts import ageing as ages
from contracts import pages, receivables, services
from contracts.forms.money import (
    INSTALMENT_DEFAULT_SORT,
    INSTALMENT_SORTS,
    SHARES_SHOWN,
    AgeingFilter,
    CurveFilter,
    EventForm,
    InvoiceForm,
    ReceiptForm,
    VoidForm,
)
from contracts.models import Contract, Instalment, Receipt
from contracts.rates import dated_rates
from contracts.services.receipts import SIGNED
from contracts.settlement import due_order
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel
from core.paging import Sort, keyset_page

INSTALMENTS_SHOWN, RECEIPTS_SHOWN = 200, 50


@require_GET
def contract_money(request: UserRequest, pk: int) -> HttpResponse:
    """The plan of a contract with what is settled, its receipts and the balance: a part of the contract's page."""
    contract = pages.get_contract(request.user, pk)
    plan = _plan(contract)
    receipts = Receipt.objects.visible_to(request.user).filter(contract=contract).select_related("posted_by")
    shown = list(receipts.prefetch_related("shares")[: RECEIPTS_SHOWN + 1])
    today = timezone.localdate()
    for row in plan:
        row.days_late = ages.days_overdue(row.due_date, today) if row.is_current and row.open_amount else None
    is_signed = contract.phase in SIGNED
    planned = sum((row.amount for row in plan), 0)
    settled = sum((row.settled_amount for row in plan), 0)
    context = {
        "contract": contract,
        "plan": plan[:INSTALMENTS_SHOWN],
        "more": max(len(plan) - INSTALMENTS_SHOWN, 0),
        "receipts": shown[:RECEIPTS_SHOWN],
        "more_receipts": len(shown) > RECEIPTS_SHOWN,
        "planned": planned,
        "settled": settled,
        "open": planned - settled,
        "overdue": sum((row.open_amount for row in plan if row.days_late), 0),
        "credit": contract.received_amount - settled if is_signed else 0,
        "is_signed": is_signed,
        "today": today,
    }
    return render(request, panel(request, "contracts/money_panel.html"), context)


@require_http_methods(["GET", "POST"])
def receipt_create(request: UserRequest, pk: int) -> HttpResponse:
    """Post money that came in or went back."""
    contract = pages.get_editable_contract(request.user, pk)
    plan = [row for row in sorted(_plan(contract), key=due_order) if row.open_amount and row.is_current]
    form = ReceiptForm(
        request.POST or None, contract=contract, instalments=plan, initial={"date": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        receipt = form.save(commit=False)
        receipt.contract, receipt.currency = contract, contract.currency
        try:
            services.post_receipt(
                receipt, form.shares(), actor=request.user, now=timezone.now(),
                allow_credit=form.cleaned_data["allow_credit"],
            )  # fmt: skip
        except DomainError as error:
            form.add_refusal(error)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(receipt)s is posted.") % {"receipt": receipt})
            return redirect(contract)
    context = {
        "form": form,
        "contract": contract,
        "open": sum((row.open_amount for row in plan), 0),
        "hidden": max(len(plan) - SHARES_SHOWN, 0),
    }
    return render(request, "contracts/receipt_form.html", context)


@require_http_methods(["GET", "POST"])
def receipt_void(request: UserRequest, pk: int) -> HttpResponse:
    """A receipt that was posted wrongly counts no more."""
    receipt = get_object_or_404(Receipt.objects.visible_to(request.user), pk=pk)
    contract = pages.get_editable_contract(request.user, receipt.contract_id)
    receipt.contract = contract

    def void(values: dict[str, Any]) -> str:
        services.void_receipt(receipt, reason=values["reason"], actor=request.user, now=timezone.now())
        return _("%(receipt)s is voided.") % {"receipt": receipt}

    form = VoidForm(request.POST or None)
    return _answer(request, contract, form, "contracts/receipt_void.html", void, {"receipt": receipt})


@require_http_methods(["GET", "POST"])
def instalment_event(request: UserRequest, pk: int) -> HttpResponse:
    """The event that an instalment waits for has happened."""
    row, contract = _instalment(request, pk)
    today = timezone.localdate()

    def note(values: dict[str, Any]) -> str:
        services.record_event(row, date=values["date"], actor=request.user, today=today)
        return _("The event is noted.") if values["date"] else _("The event is taken back.")

    form = EventForm(request.POST or None, initial={"date": row.event_date or today})
    return _answer(request, contract, form, "contracts/instalment_event.html", note, {"instalment": row})


@require_http_methods(["GET", "POST"])
def instalment_invoice(request: UserRequest, pk: int) -> HttpResponse:
    """An instalment was invoiced."""
    row, contract = _instalment(request, pk)

    def note(values: dict[str, Any]) -> str:
        services.set_invoice(row, **values, actor=request.user)
        return _("The invoice is noted.") if row.invoice_number else _("The invoice is taken away.")

    initial = {"number": row.invoice_number, "date": row.invoice_date or timezone.localdate()}
    form = InvoiceForm(request.POST or None, initial=initial)
    return _answer(request, contract, form, "contracts/instalment_invoice.html", note, {"instalment": row})


@require_GET
def ageing(request: UserRequest) -> HttpResponse:
    """What is open by how long it is overdue, and the instalments behind each number."""
    rows = Instalment.objects.visible_to(request.user).open()
    found = AgeingFilter(request.GET, queryset=rows.select_related("contract__account__manager"), request=request)
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), INSTALMENT_SORTS, INSTALMENT_DEFAULT_SORT)
    page = keyset_page(found.qs, sort, request.GET.get("cursor"))
    today = timezone.localdate()
    for row in page.rows:
        row.days_late = ages.days_overdue(row.due_date, today)
    summary = ages.ageing(ages.counted(found.all_buckets, today), dated_rates(), today)
    chosen = found.form.cleaned_data
    context = {
        "filter": found,
        "page": page,
        # The table has counted them all: no statement more.
        "count": (summary.count_of(chosen.get("bucket") or (), chosen.get("currency") or ()), True),
        "sort_key": sort_key,
        "ageing": summary,
        "buckets": ages.Bucket.choices,
        "rows": [_cells(request, row, chosen) for row in summary.rows],
        "together": _cells(request, summary.reporting, chosen),
        "all_url": _url(request, [], []),
        "today": today,
        "reporting": settings.REPORTING_CURRENCY,
    }
    return render(request, panel(request, "contracts/ageing.html", "rows"), context)


@require_GET
def receivables_curve(request: UserRequest) -> HttpResponse:
    """What was expected against what came in, by month."""
    contracts = Contract.objects.visible_to(request.user)
    found = CurveFilter(request.GET, queryset=contracts, request=request)
    scope_form(found.form, request.user)
    found.form.is_valid()
    instalments, receipts = Instalment.objects.visible_to(request.user), Receipt.objects.visible_to(request.user)
    if found.narrows:
        ids = found.qs.order_by().values("pk")
        instalments, receipts = instalments.filter(contract__in=ids), receipts.filter(contract__in=ids)
    context = {
        "filter": found,
        **_curve(instalments, receipts, found.form.cleaned_data.get("currency") or ""),
    }
    return render(request, panel(request, "contracts/receivables.html", "rows"), context)


@require_GET
def account_receivables(request: UserRequest, account_pk: int) -> HttpResponse:
    """The same for one account: a part of its page; without JavaScript, a page."""
    account = account_pages.get_account(request.user, account_pk)
    instalments = Instalment.objects.visible_to(request.user).filter(contract__account=account)
    receipts = Receipt.objects.visible_to(request.user).filter(contract__account=account)
    asked = request.GET.get("currency", "")
    context = {"account": account, "active_tab": "contracts", **_curve(instalments, receipts, asked)}
    return render(request, panel(request, "contracts/account_receivables.html"), context)


def _curve(instalments: QuerySet[Any], receipts: QuerySet[Any], currency: str) -> dict[str, Any]:
    """The curve in the currency, in the reporting one where it is none of those that occur."""
    today = timezone.localdate()
    planned, came = receivables.expected(instalments), receivables.received(receipts)
    known = receivables.currencies(planned, came)
    if currency in known:
        curve = receivables.curve_in(currency, planned, came, today)
    else:
        curve = receivables.curve_reporting(planned, came, dated_rates(known), today)
    return {
        "curve": curve,
        "option": receivables.option(curve, today),
        "currencies": known,
        "currency": currency if currency in known else "",
        "this_month": today.replace(day=1),
        "reporting": settings.REPORTING_CURRENCY,
    }


def _plan(contract: Contract) -> list[Any]:
    """The instalments that count: of the signed version, before that of the draft."""
    return list(contract.instalments.filter(version=contract.version_id).order_by("position"))


def _instalment(request: UserRequest, pk: int) -> tuple[Instalment, Contract]:
    """Raises Http404, and PermissionDenied where the user may only read."""
    row = get_object_or_404(Instalment.objects.visible_to(request.user), pk=pk)
    row.contract = pages.get_editable_contract(request.user, row.contract_id)
    return row, row.contract


def _answer(
    request: UserRequest, contract: Contract, form: forms.Form, template: str, act: Callable[[dict[str, Any]], str],
    context: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    """Do it and go back to the contract, or show the form with what was typed and why not."""
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, said)
            return redirect(contract)
    return render(request, template, {"form": form, "contract": contract, **context})


def _cells(request: UserRequest, row: ages.Row, chosen: dict[str, Any]) -> dict[str, Any]:
    """A row of the table: its cells with the address of the rows behind each, those that are shown below marked."""
    parts = [(str(ages.Bucket(cell.bucket).label), cell, [cell.bucket]) for cell in row.columns]
    parts += [(_("Overdue"), row.overdue, list(ages.OVERDUE)), (_("Total"), row.total, [])]
    shown = (sorted(chosen.get("bucket") or []), sorted(chosen.get("currency") or []))
    cells = [
        {
            "label": label,
            "cell": cell,
            "url": _url(request, row.currencies, buckets) if cell.count else "",
            "chosen": shown == (sorted(buckets), sorted(row.currencies)),
        }
        for label, cell, buckets in parts
    ]
    return {"currency": row.currency, "cells": cells, "unpriced": row.unpriced}


def _url(request: UserRequest, currencies: list[str], buckets: list[str]) -> str:
    query = request.GET.copy()
    for name in ("cursor", "bucket", "currency"):
        query.pop(name, None)
    query.setlist("currency", currencies)
    query.setlist("bucket", [str(bucket) for bucket in buckets])
    return "?" + query.urlencode()
