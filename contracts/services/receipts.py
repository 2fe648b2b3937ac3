"""Money that came in or went back, and what is known of an instalment: its event, its invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import diff, record, snapshot
from contracts.choices import DueBy, Phase, ReceiptKind
from contracts.errors import (
    AmountTooLarge,
    CurrencyDiffers,
    DateOutside,
    EventInFuture,
    InstalmentNotCurrent,
    InvoiceNumberMissing,
    MoreThanOpen,
    MoreThanReceived,
    NoSuchInstalment,
    NotByEvent,
    ReceiptInFuture,
    ReceiptsNeedSignature,
    ReceiptVoided,
    RefundGiven,
    ShareInvalid,
    SharesOfRefund,
    SharesTooLarge,
    ShareTwice,
    TooManyRows,
)
from contracts.models import Contract, Instalment, Receipt, ReceiptShare
from contracts.services.dunning import close_settled
from contracts.services.guards import given_reason, lock_contract, require_editable
from contracts.services.parts import FIRST_DAY, LAST_DAY, MAX_INSTALMENTS, too_many_decimals
from contracts.services.settling import resettle
from contracts.totals import LIMIT, fits_minor_unit
from core.numbers import full_money
from interactions.moments import local_date
from users.models import User

SIGNED = (Phase.SIGNED, Phase.TERMINATED)
Shares = Sequence[tuple[int, Decimal]]


@transaction.atomic
def post_receipt(
    receipt: Receipt, shares: Shares, *, actor: User | None, now: dt.datetime, allow_credit: bool = False
) -> Receipt:
    """Post an unsaved receipt or refund and settle the plan anew.

    `shares` say what of a receipt is meant for which instalment (by position); the rest goes to what is due first.
    `allow_credit` lets a receipt be larger than all that is open; what is too much is then credit. An error in a share
    has a `field` such as `shares.0`. Raises AccountReadOnly, ReceiptsNeedSignature, CurrencyDiffers, ReceiptInFuture,
    DateOutside, TooManyDecimals, AmountTooLarge, MoreThanOpen, MoreThanReceived, NoSuchInstalment, ShareTwice,
    ShareInvalid, SharesTooLarge, SharesOfRefund, TooManyRows, ValidationError.
    """
    contract = lock_contract(receipt.contract)
    require_editable(contract, actor)
    if contract.phase not in SIGNED:
        raise ReceiptsNeedSignature
    receipt.posted_by, receipt.voided_at, receipt.void_reason = actor, None, ""
    check_receipt(receipt, contract, local_date(now, actor))
    rows = {row.position: row for row in Instalment.objects.filter(contract=contract, is_current=True)}
    check_shares(receipt, shares, rows)
    if receipt.kind == ReceiptKind.REFUND:
        check_refund(receipt, contract.received_amount)
    elif not allow_credit:
        check_open(receipt, sum((row.open_amount for row in rows.values()), Decimal(0)))
    receipt.save()
    ReceiptShare.objects.bulk_create(
        ReceiptShare(receipt=receipt, instalment_position=position, amount=amount) for position, amount in shares
    )
    _settle(contract, now)
    changes = {"contract": (None, contract.number), "date": (None, receipt.date), "amount": (None, receipt.amount)}
    changes["currency"] = (None, receipt.currency)
    action = "receipt.refunded" if receipt.kind == ReceiptKind.REFUND else "receipt.posted"
    record(action, receipt, actor=actor, changes=changes)
    return receipt


@transaction.atomic
def void_receipt(receipt: Receipt, *, reason: str, actor: User | None, now: dt.datetime) -> Receipt:
    """A receipt or refund that was posted wrongly counts no more; it stays to be seen, with the reason.

    Raises AccountReadOnly, ReasonMissing, ReceiptVoided, RefundGiven (more was refunded than would remain).
    """
    contract = lock_contract(receipt.contract)
    require_editable(contract, actor)
    receipt.refresh_from_db()
    receipt.contract = contract
    if receipt.voided_at is not None:
        raise ReceiptVoided
    text = given_reason(reason)
    if receipt.kind == ReceiptKind.RECEIPT and contract.received_amount < receipt.amount:
        raise RefundGiven
    receipt.voided_at, receipt.void_reason = now, text
    receipt.save(update_fields=["voided_at", "void_reason", "updated_at"])
    _settle(contract, now)
    changes = {"contract": (contract.number, contract.number), "voided_at": (None, now)}
    record("receipt.voided", receipt, actor=actor, changes=changes, reason=text)
    return receipt


@transaction.atomic
def record_event(
    instalment: Instalment, *, date: dt.date | None, actor: User | None, today: dt.date | None = None
) -> Instalment:
    """Note when the event that an instalment waits for happened: that makes it due; None takes it back.

    Raises AccountReadOnly, InstalmentNotCurrent, NotByEvent, EventInFuture (after `today`, where given), DateOutside.
    """
    contract, before = _locked(instalment, actor)
    if instalment.due_by != DueBy.EVENT:
        raise NotByEvent
    if date is not None:
        if today is not None and date > today:
            raise EventInFuture(field="date")
        _check_day(date)
    was = instalment.event_date
    instalment.event_date = date
    instalment.due_date = date + dt.timedelta(days=instalment.days_after) if date else None
    if date != was:
        changes: dict[str, Any] = {"event_date": (was, date), **diff(before, instalment)}
        instalment.save(update_fields=["event_date", "due_date"])
        resettle(contract)  # what is due first has changed
        instalment.refresh_from_db(fields=["settled_amount"])
        record("instalment.event", instalment, actor=actor, changes=changes)
    return instalment


@transaction.atomic
def set_invoice(instalment: Instalment, *, number: str, date: dt.date | None, actor: User | None) -> Instalment:
    """Note the invoice of an instalment; an empty number takes it away.

    Raises AccountReadOnly, InstalmentNotCurrent, InvoiceNumberMissing, DateOutside, ValidationError.
    """
    _contract, before = _locked(instalment, actor)
    if date is not None:
        _check_day(date)
        if not number.strip():
            raise InvoiceNumberMissing(field="number")
    instalment.invoice_number, instalment.invoice_date = number.strip(), date
    if changes := diff(before, instalment):
        _clean(instalment, ["invoice_number", "invoice_date"], {"invoice_number": "number", "invoice_date": "date"})
        instalment.save(update_fields=[*changes])
        record("instalment.invoiced", instalment, actor=actor, changes=changes)
    return instalment


def _locked(instalment: Instalment, actor: User | None) -> tuple[Contract, dict[str, Any]]:
    """The locked contract, and the instalment as it is stored; raises AccountReadOnly, InstalmentNotCurrent."""
    contract = lock_contract(instalment.contract)
    require_editable(contract, actor)
    instalment.refresh_from_db()
    instalment.contract = contract
    if not instalment.is_current:
        raise InstalmentNotCurrent
    return contract, snapshot(instalment)


def _settle(contract: Contract, now: dt.datetime) -> None:
    resettle(contract)
    close_settled(now=now, contract=contract)


def check_receipt(receipt: Receipt, contract: Contract, today: dt.date) -> None:
    """Raises what is wrong with the receipt itself."""
    receipt.currency = receipt.currency or contract.currency
    if receipt.currency != contract.currency:
        raise CurrencyDiffers(field="currency", currency=contract.currency)
    receipt.clean_fields(exclude=["contract", "posted_by"])
    if receipt.date > today:
        raise ReceiptInFuture(field="date")
    _check_day(receipt.date)
    _check_amount(receipt.amount, contract.currency, "amount", _("Receipt"))


def _check_amount(amount: Decimal, currency: str, field: str, row: str) -> None:
    if not fits_minor_unit(amount, currency):
        raise too_many_decimals(field, row, currency)
    if amount >= LIMIT:
        raise AmountTooLarge(field=field, row=row)


def _check_day(day: dt.date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DateOutside(field="date", first=f"{FIRST_DAY:%Y-%m-%d}", last=f"{LAST_DAY:%Y-%m-%d}")


def check_shares(receipt: Receipt, shares: Shares, rows: dict[int, Instalment]) -> None:
    """Raises NoSuchInstalment, ShareTwice, ShareInvalid, TooManyDecimals, SharesTooLarge, SharesOfRefund."""
    if shares and receipt.kind == ReceiptKind.REFUND:
        raise SharesOfRefund(field="shares")
    if len(shares) > MAX_INSTALMENTS:
        raise TooManyRows(field="shares", most=MAX_INSTALMENTS)
    seen: set[int] = set()
    for number, (position, amount) in enumerate(shares):
        field, name = f"shares.{number}", _("Share %(number)d") % {"number": number + 1}
        if position not in rows:
            raise NoSuchInstalment(field=field, row=name, position=position)
        if position in seen:
            raise ShareTwice(field=field, row=name, position=position)
        seen.add(position)
        if not amount.is_finite() or amount <= 0:
            raise ShareInvalid(field=field, row=name)
        _check_amount(amount, receipt.currency, field, name)
    total = sum((amount for _position, amount in shares), Decimal(0))
    if total > receipt.amount:
        raise SharesTooLarge(field="shares", total=_text(total, receipt), amount=_text(receipt.amount, receipt))


def check_open(receipt: Receipt, open_amount: Decimal) -> None:
    """Raises MoreThanOpen."""
    if receipt.amount > open_amount:
        raise MoreThanOpen(field="amount", amount=_text(receipt.amount, receipt), open=_text(open_amount, receipt))


def check_refund(receipt: Receipt, received: Decimal) -> None:
    """Raises MoreThanReceived."""
    if receipt.amount > received:
        raise MoreThanReceived(field="amount", amount=_text(receipt.amount, receipt), received=_text(received, receipt))


def _text(amount: Decimal, receipt: Receipt) -> str:
    return full_money(amount, receipt.currency)


def _clean(row: Any, names: Sequence[str], renamed: dict[str, str]) -> None:
    """Raises ValidationError by the names of the caller's arguments."""
    others = [field.name for field in row._meta.fields if field.name not in names]
    try:
        row.clean_fields(exclude=others)
    except ValidationError as error:
        raise ValidationError({renamed[name]: messages for name, messages in error.message_dict.items()}) from error
