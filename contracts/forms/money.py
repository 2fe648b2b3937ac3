"""Filters of instalments and receipts, the same on the pages and in the API; and what is typed about money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Account
from contracts import ageing
from contracts.ageing import Bucket
from contracts.choices import ReceiptKind
from contracts.models import Contract, Instalment, Receipt
from contracts.narrowing import ContractsOf, OfAccounts
from core import numbers
from core.errors import DomainError
from core.forms import DayInput, add_domain_error
from core.money import CURRENCY_CHOICES, minor_digits
from core.paging import Sort
from search.services import matching_ids

INSTALMENT_SORTS = {"due_date": Sort("due_date", nullable=True), "id": Sort("pk")}
INSTALMENT_DEFAULT_SORT = "due_date"
RECEIPT_SORTS = {"date": Sort("date"), "id": Sort("pk")}
RECEIPT_DEFAULT_SORT = "-date"
SHARES_SHOWN = 60
"""So many instalments have a field of their own in the form of a receipt; the API takes more."""
LARGEST_KEY = 2**63 - 1


class InstalmentFilter(OfAccounts):
    """`q` is anything that finds accounts, or the beginning of a contract's number; `bucket` counts open instalments of
    signed plans alone."""

    q = django_filters.CharFilter(label=gettext_lazy("Account or contract number"), method="search", max_length=100)
    bucket = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("ageing", "overdue"), choices=Bucket.choices, method="in_buckets"
    )
    currency = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("currency"), choices=CURRENCY_CHOICES, field_name="contract__currency"
    )
    account = django_filters.ModelChoiceFilter(
        label=gettext_lazy("account"), queryset=Account.objects.all(), field_name="contract__account",
        widget=forms.HiddenInput,
    )  # fmt: skip
    contract = django_filters.NumberFilter(
        label=gettext_lazy("contract"), field_name="contract", max_value=LARGEST_KEY, min_value=1,
        widget=forms.HiddenInput,
    )  # fmt: skip
    bar = ("q", "bucket", "currency", "tier", "team", "manager")

    class Meta:
        model = Instalment
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(_of_contracts_found(value))

    def in_buckets(self, queryset: Any, name: str, value: list[str]) -> models.QuerySet[Any]:
        return ageing.in_buckets(queryset.open(), value, timezone.localdate()) if value else queryset


class AgeingFilter(InstalmentFilter):
    """On the page: `all_buckets` are the rows whatever their bucket and currency, which is what the table counts."""

    all_buckets: models.QuerySet[Any]

    def filter_queryset(self, queryset: Any) -> models.QuerySet[Any]:
        chosen = self.form.cleaned_data
        for name, value in chosen.items():
            if name not in ("bucket", "currency"):
                queryset = self.filters[name].filter(queryset, value)
        self.all_buckets = queryset
        for name in ("bucket", "currency"):
            queryset = self.filters[name].filter(queryset, chosen.get(name))
        return queryset


class InstalmentListFilter(InstalmentFilter):
    """In the API: instalments of all versions, `current=true` those of signed plans."""

    current = django_filters.BooleanFilter(label=gettext_lazy("current"), field_name="is_current")
    open = django_filters.BooleanFilter(label=gettext_lazy("open"), method="which_are_open")
    due_date = django_filters.DateFromToRangeFilter(label=gettext_lazy("due date"))
    invoice_number = django_filters.CharFilter(label=gettext_lazy("invoice number"), max_length=60)

    def which_are_open(self, queryset: Any, name: str, value: bool) -> models.QuerySet[Any]:  # noqa: FBT001
        return queryset.open() if value else queryset.filter(is_current=True, settled_amount__gte=F("amount"))


class ReceiptFilter(django_filters.FilterSet):
    """Receipts and refunds; `voided=false` leaves out those that count no more."""

    q = django_filters.CharFilter(label=gettext_lazy("Account or contract number"), method="search", max_length=100)
    contract = django_filters.NumberFilter(
        label=gettext_lazy("contract"), field_name="contract", max_value=LARGEST_KEY, min_value=1
    )
    account = django_filters.ModelChoiceFilter(
        label=gettext_lazy("account"), queryset=Account.objects.all(), field_name="contract__account"
    )
    kind = django_filters.ChoiceFilter(label=gettext_lazy("kind"), choices=ReceiptKind.choices)
    currency = django_filters.ChoiceFilter(label=gettext_lazy("currency"), choices=CURRENCY_CHOICES)
    date = django_filters.DateFromToRangeFilter(label=gettext_lazy("date"))
    reference = django_filters.CharFilter(label=gettext_lazy("reference"), max_length=80)
    voided = django_filters.BooleanFilter(
        label=gettext_lazy("voided"), field_name="voided_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Receipt
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(_of_contracts_found(value))


class CurveFilter(ContractsOf):
    """Whose contracts the curve adds up, and in which currency; without one all together in the reporting currency."""

    currency = django_filters.ChoiceFilter(
        label=gettext_lazy("currency"), choices=CURRENCY_CHOICES, method="as_it_is",
        empty_label=gettext_lazy("Reporting currency"),
    )  # fmt: skip
    account = django_filters.ModelChoiceFilter(
        label=gettext_lazy("account"), queryset=Account.objects.all(), widget=forms.HiddenInput
    )
    bar = ("currency", "tier", "team", "manager")
    narrowing = (*ContractsOf.narrowing, "account")


class ReceiptForm(forms.ModelForm):
    """Money that came in or went back, and what of it is meant for which instalment (nothing: what is due first)."""

    allow_credit = forms.BooleanField(
        label=gettext_lazy("Keep what is too much as credit"), required=False,
        help_text=gettext_lazy("Without it, more than all that is open is refused."),
    )  # fmt: skip

    class Meta:
        model = Receipt
        fields = ("kind", "date", "amount", "method", "reference", "invoice_number", "note")
        widgets = {"kind": forms.RadioSelect, "date": DayInput, "note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, contract: Contract, instalments: list[Instalment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contract, digits = contract, minor_digits(contract.currency)
        self.fields["amount"].label = _("amount in %(currency)s") % {"currency": contract.currency}
        self.fields["amount"].widget.attrs |= {"step": str(Decimal(1).scaleb(-digits)), "inputmode": "decimal"}
        self.positions = [row.position for row in instalments[:SHARES_SHOWN]]
        for row in instalments[:SHARES_SHOWN]:
            self.fields[f"share_{row.position}"] = _share_field(row, contract.currency)
        names = [f"share_{position}" for position in self.positions]
        self.sections = [(_("Split over instalments"), names)] if names else []

    def shares(self) -> list[tuple[int, Decimal]]:
        """The position and amount of each share that was typed."""
        typed = ((position, self.cleaned_data.get(f"share_{position}")) for position in self.positions)
        return [(position, amount) for position, amount in typed if amount is not None]

    def add_refusal(self, error: DomainError) -> None:
        """Show what a service refused beside its field; `shares.1` is the second share that was typed."""
        name, _dot, number = (error.field or "").partition(".")
        if name == "shares" and number.isdigit():
            error.field = f"share_{self.shares()[int(number)][0]}"
        elif error.field == "currency":
            error.field = "amount"
        add_domain_error(self, error)


class VoidForm(forms.Form):
    """Why a receipt counts no more."""

    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("Say why.")},
    )  # fmt: skip


class EventForm(forms.Form):
    """When the event of an instalment happened; empty where it has not after all."""

    date = forms.DateField(label=gettext_lazy("event happened on"), widget=DayInput, required=False)


class InvoiceForm(forms.Form):
    """The invoice of an instalment; empty where there is none after all."""

    number = forms.CharField(label=gettext_lazy("invoice number"), max_length=60, required=False)
    date = forms.DateField(label=gettext_lazy("invoice date"), widget=DayInput, required=False)


def _of_contracts_found(text: str) -> models.Q:
    """Two index ranges: accounts found by the words, contracts whose number begins so."""
    contracts = Contract.objects.order_by()
    by_account = contracts.filter(account__in=matching_ids("account", text)).values("pk")
    by_number = contracts.filter(number__istartswith=text).values("pk")
    return models.Q(contract__in=by_account.union(by_number, all=True))


def _share_field(row: Instalment, currency: str) -> forms.DecimalField:
    field = forms.DecimalField(
        required=False, min_value=Decimal(0), max_digits=18, decimal_places=3, label=_share_label(row)
    )
    field.help_text = _("%(amount)s open") % {"amount": numbers.full_money(row.open_amount, currency)}
    field.widget.attrs |= {"step": str(Decimal(1).scaleb(-minor_digits(currency))), "inputmode": "decimal"}
    return field


def _share_label(row: Instalment) -> str:
    """Number, title and due date, as far as it has them."""
    due = date_format(row.due_date, "DATE_FORMAT") if row.due_date else row.event
    return " · ".join(str(part) for part in (row.position, row.title, due) if part)
