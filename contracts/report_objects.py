"""What contracts can be reported on: contracts, instalments, receipts, renewals."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.report_columns import account_columns, manager_columns
from contracts import ageing
from contracts.choices import ContractKind, Phase, ReceiptKind, ReceiptMethod, RenewalOutcome, State
from contracts.models import Contract, Instalment, Receipt, Renewal
from contracts.querysets import state_conditions
from core.money import CURRENCY_CHOICES
from core.reporting import (
    MONEY,
    Asked,
    Column,
    Kind,
    ReportObject,
    choice_of,
    days_since,
    in_reporting_currency,
    register,
    yes_if,
)


def _states(asked: Asked) -> list[tuple[Q, str]]:
    return [(condition, str(state)) for state, condition in state_conditions(asked.today).items()]


_contracts = ReportObject(
    key="contracts",
    label=_("Contracts"),
    model=lambda: Contract,
    rows=lambda asked: Contract.objects.visible_to(asked.viewer).order_by(),
    shown=("number", "title", "account", "state", "net", "end"),
    url="contracts:contract_detail",
    columns=(
        Column("number", _("Contract number"), Kind.TEXT, "number", groups=False),
        Column("title", _("Title"), Kind.TEXT, "title", groups=False),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=ContractKind.choices),
        Column("state", _("State"), Kind.CHOICE, value=choice_of(_states), choices=State.choices),
        Column("phase", _("Phase"), Kind.CHOICE, "phase", choices=Phase.choices),
        Column(
            "net", _("Net total"), Kind.MONEY, value=in_reporting_currency("net_amount", "currency"), raw="net_amount"
        ),
        Column(
            "received",
            _("Received"),
            Kind.MONEY,
            value=in_reporting_currency("received_amount", "currency"),
            raw="received_amount",
        ),
        Column("currency", _("Currency"), Kind.CHOICE, "currency", choices=CURRENCY_CHOICES),
        Column("signed", _("Signed on"), Kind.DATE, "signed_on"),
        Column("start", _("Start"), Kind.DATE, "start_date"),
        Column("end", _("End"), Kind.DATE, "end_date"),
        Column("notice", _("Notice by"), Kind.DATE, "notice_date"),
        Column("renews_itself", _("Renews itself"), Kind.YESNO, "renews_itself"),
        *manager_columns("owner", "owner", _("Owner")),
        *account_columns(),
    ),
)


def _open_instalments(asked: Asked) -> QuerySet[Any]:
    """Of signed plans, as receivables are counted everywhere."""
    return Instalment.objects.visible_to(asked.viewer).filter(is_current=True).order_by()


def _is_open(asked: Asked) -> Q:
    return Q(settled_amount__lt=F("amount"))


def _is_overdue(asked: Asked) -> Q:
    return Q(settled_amount__lt=F("amount"), due_date__lt=asked.today)


def _days_overdue(asked: Asked) -> Any:
    return Case(When(_is_overdue(asked), then=days_since("due_date")(asked)))


def _overdue_amount(asked: Asked) -> Any:
    rest = in_reporting_currency(F("amount") - F("settled_amount"), "contract__currency")(asked)
    return Case(When(_is_overdue(asked), then=rest), default=Value(0, output_field=MONEY), output_field=MONEY)


_instalments = ReportObject(
    key="instalments",
    label=_("Instalments"),
    model=lambda: Instalment,
    rows=_open_instalments,
    shown=("due", "contract", "account", "amount", "open", "age"),
    url="contracts:contract_detail",
    url_path="contract_id",
    columns=(
        Column("contract", _("Contract"), Kind.RELATION, "contract", name="number", url="contracts:contract_detail"),
        Column("title", _("Title"), Kind.TEXT, "title", groups=False),
        Column("due", _("Due date"), Kind.DATE, "due_date"),
        Column(
            "amount",
            _("Amount"),
            Kind.MONEY,
            value=in_reporting_currency("amount", "contract__currency"),
            raw="amount",
        ),
        Column(
            "open",
            _("Open amount"),
            Kind.MONEY,
            value=in_reporting_currency(F("amount") - F("settled_amount"), "contract__currency"),
            raw="amount",
        ),
        Column("overdue_amount", _("Overdue amount"), Kind.MONEY, value=_overdue_amount, raw="amount"),
        Column("is_open", _("Open"), Kind.YESNO, value=yes_if(_is_open)),
        Column("overdue", _("Overdue"), Kind.YESNO, value=yes_if(_is_overdue)),
        Column(
            "age",
            _("Age"),
            Kind.CHOICE,
            value=choice_of(lambda asked: [(rule, code) for code, rule in ageing.conditions(asked.today).items()]),
            choices=ageing.Bucket.choices,
        ),
        Column("days_overdue", _("Days overdue"), Kind.NUMBER, value=_days_overdue, sums=("avg", "max")),
        Column("invoice", _("Invoice number"), Kind.TEXT, "invoice_number", groups=False),
        Column("currency", _("Currency"), Kind.CHOICE, "contract__currency", choices=CURRENCY_CHOICES),
        *account_columns("contract__account"),
    ),
)

_receipts = ReportObject(
    key="receipts",
    label=_("Receipts"),
    model=lambda: Receipt,
    rows=lambda asked: Receipt.objects.visible_to(asked.viewer).filter(voided_at__isnull=True).order_by(),
    shown=("date", "contract", "account", "kind", "received", "method"),
    url="contracts:contract_detail",
    url_path="contract_id",
    columns=(
        Column("date", _("Date"), Kind.DATE, "date"),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=ReceiptKind.choices),
        Column(
            "received",
            _("Received less refunds"),
            Kind.MONEY,
            value=in_reporting_currency(
                Case(When(kind=ReceiptKind.REFUND, then=-F("amount")), default=F("amount"), output_field=MONEY),
                "currency",
                "date",
            ),
            raw="amount",
        ),
        Column("method", _("Way of paying"), Kind.CHOICE, "method", choices=ReceiptMethod.choices),
        Column("reference", _("Reference"), Kind.TEXT, "reference", groups=False),
        Column("currency", _("Currency"), Kind.CHOICE, "currency", choices=CURRENCY_CHOICES),
        Column("contract", _("Contract"), Kind.RELATION, "contract", name="number", url="contracts:contract_detail"),
        *account_columns("contract__account"),
    ),
)

_RENEWED = (RenewalOutcome.RENEWED, RenewalOutcome.AUTO_RENEWED)


def _was_renewed(asked: Asked) -> Any:
    """Of renewals that are decided; of open ones there is nothing to say."""
    return Case(
        When(outcome__in=_RENEWED, then=Value(value=True)),
        When(outcome=RenewalOutcome.LOST, then=Value(value=False)),
        output_field=BooleanField(null=True),
    )


def _value_of(*outcomes: str) -> Any:
    def value(asked: Asked) -> Any:
        price = in_reporting_currency("value_amount", "value_currency")(asked)
        return Case(When(outcome__in=outcomes, then=price), output_field=MONEY)

    return value


_renewals = ReportObject(
    key="renewals",
    label=_("Renewals"),
    model=lambda: Renewal,
    rows=lambda asked: Renewal.objects.visible_to(asked.viewer).order_by(),
    shown=("term_end", "contract", "account", "value", "outcome", "manager"),
    url="contracts:renewal_detail",
    columns=(
        Column("term_end", _("Term ends"), Kind.DATE, "term_end"),
        Column("notice", _("Notice by"), Kind.DATE, "notice_date"),
        Column("opened", _("Opened on"), Kind.DATE, "opened_on"),
        Column("decided", _("Decided on"), Kind.DATE, "decided_on"),
        Column("outcome", _("Outcome"), Kind.CHOICE, "outcome", choices=RenewalOutcome.choices),
        Column("renewed", _("Renewed"), Kind.YESNO, value=_was_renewed),
        Column(
            "value",
            _("Value"),
            Kind.MONEY,
            value=in_reporting_currency("value_amount", "value_currency"),
            raw="value_amount",
        ),
        Column("renewed_value", _("Value renewed"), Kind.MONEY, value=_value_of(*_RENEWED)),
        Column("decided_value", _("Value decided"), Kind.MONEY, value=_value_of(*_RENEWED, RenewalOutcome.LOST)),
        Column("value_rate", _("Renewal rate by value"), Kind.NUMBER, ratio=("renewed_value", "decided_value")),
        Column("acted", _("Acted on"), Kind.DATE, "acted_at", moment=True),
        Column("contract", _("Contract"), Kind.RELATION, "contract", name="number", url="contracts:contract_detail"),
        *account_columns("contract__account"),
    ),
)

register(_contracts, _instalments, _receipts, _renewals)
