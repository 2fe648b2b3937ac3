"""A draft with its lines, signatories and instalments on one page, and what people say when they lead a contract on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.forms import AccountChoiceField
from accounts.models import Account
from contacts.models import Contact
from contracts.choices import DueBy, Phase, Side
from contracts.errors import EndBeforeStart
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, Signatory
from core.forms import DayInput, LookupSelect
from orders.models import ProductLine
from users.models import User

MOST_ROWS, MOST_SIGNATORIES = 200, 50
FEW_PEOPLE = 100
LINES, SIGNATORIES, INSTALMENTS = "lines", "signatories", "instalments"
FIXED = ("kind", "our_party", "customer_party", "currency")  # once the first version is signed


class AccountForm(forms.Form):
    """The first question where the page was not opened from an account."""

    account = AccountChoiceField(
        label=gettext_lazy("account"), help_text=gettext_lazy("Type a code or part of a name.")
    )


class ContractForm(forms.ModelForm):
    """What the contract says over all its versions."""

    class Meta:
        model = Contract
        fields = ("title", "kind", "external_number", "owner", "our_party", "customer_party", "currency")
        widgets = {"owner": LookupSelect("users:user_lookup")}

    sections = (
        (gettext_lazy("Contract"), ("title", "kind", "external_number", "owner")),
        (gettext_lazy("Parties"), ("our_party", "customer_party", "currency")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.owner_id))
        self.fields["owner"].queryset = owners.order_by("name", "pk")
        if self.instance.phase not in (Phase.DRAFT, Phase.IN_APPROVAL, Phase.APPROVED):
            for name in FIXED:
                self.fields[name].disabled = True


class DetailsForm(forms.ModelForm):
    """What no version holds, and what may change at any time."""

    class Meta:
        model = Contract
        fields = ("title", "external_number", "owner")
        widgets = {"owner": LookupSelect("users:user_lookup")}

    wide = ("title",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.owner_id))
        self.fields["owner"].queryset = owners.order_by("name", "pk")


class VersionForm(forms.ModelForm):
    """Term, payment and terms of one version; reason and effective date only of an amendment."""

    class Meta:
        model = ContractVersion
        fields = (
            "reason", "effective_date", "start_date", "end_date", "notice_days", "auto_renewal_months", "tax_rate",
            "payment_terms", "terms",
        )  # fmt: skip
        widgets = {
            "start_date": DayInput(),
            "end_date": DayInput(),
            "effective_date": DayInput(),
            "terms": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {
            "notice_days": gettext_lazy("Notice is given so many days before the end, at the latest."),
            "auto_renewal_months": gettext_lazy("0: it ends unless it is renewed."),
        }

    sections = (
        (gettext_lazy("Amendment"), ("reason", "effective_date")),
        (gettext_lazy("Term"), ("start_date", "end_date", "notice_days", "auto_renewal_months")),
        (gettext_lazy("Payment and terms"), ("tax_rate", "payment_terms", "terms")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.number is None or self.instance.number == 1:
            del self.fields["reason"], self.fields["effective_date"]
        else:
            self.fields["reason"].required = self.fields["effective_date"].required = True

    def clean(self) -> None:
        super().clean()
        start, end = self.cleaned_data.get("start_date"), self.cleaned_data.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", str(EndBeforeStart()))


class RowForm(forms.Form):
    """A row that counts once one of `telling` is filled in; what is chosen beforehand does not make it one."""

    telling: tuple[str, ...] = ()

    def has_changed(self) -> bool:
        return bool({*self.telling, "DELETE"} & set(self.changed_data))


class LineForm(RowForm):
    """One line; the product lines to choose from are the same list for all rows."""

    telling = ("product_line", "description", "unit", "unit_price")

    product_line = forms.TypedChoiceField(label=gettext_lazy("Product line"), coerce=int)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=200, required=False)
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), max_digits=16, decimal_places=3, min_value=0, initial=1
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    unit_price = forms.DecimalField(label=gettext_lazy("Unit price"), max_digits=18, decimal_places=4, min_value=0)
    discount = forms.DecimalField(
        label=gettext_lazy("Discount, %"), max_digits=5, decimal_places=2, min_value=0, max_value=100, initial=0,
        required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product_line"].choices = choices.product_lines

    def row(self) -> ContractLine:
        values = self.cleaned_data
        names = ("description", "quantity", "unit", "unit_price")
        discount = values["discount"] or Decimal(0)
        return ContractLine(
            product_line_id=values["product_line"], discount=discount, **{name: values[name] for name in names}
        )


class SignatoryForm(RowForm):
    """Who signs: somebody of ours, somebody of theirs, or just a name."""

    telling = ("user", "contact", "name", "position")

    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=Side.choices, initial=Side.CUSTOMER)
    user = forms.TypedChoiceField(label=gettext_lazy("Our person"), coerce=int, empty_value=None, required=False)
    contact = forms.TypedChoiceField(
        label=gettext_lazy("Contact of the customer"), coerce=int, empty_value=None, required=False
    )
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120, required=False)
    position = forms.CharField(label=gettext_lazy("Job title"), max_length=120, required=False)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = choices.users
        self.fields["contact"].choices = choices.contacts
        if choices.lookup:
            self.fields["user"].widget.attrs["data-lookup"] = choices.lookup

    def clean(self) -> None:
        values = self.cleaned_data
        values["contact" if values.get("side") == Side.OURS else "user"] = None
        if not (values.get("name") or values.get("user") or values.get("contact")) and not self.errors:
            self.add_error("name", _("Choose a person or write a name."))

    def row(self) -> Signatory:
        values = self.cleaned_data
        return Signatory(
            side=values["side"], user_id=values["user"], contact_id=values["contact"], name=values["name"],
            position=values["position"],
        )  # fmt: skip


class InstalmentForm(RowForm):
    """One instalment; `position` is the number that receipts know it by, over all versions."""

    telling = ("title", "amount", "due_date", "event")

    position = forms.IntegerField(min_value=1, max_value=32_000, required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=pgettext_lazy("of an instalment", "Title"), max_length=120, required=False)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount with tax"), max_digits=18, decimal_places=3, min_value=Decimal("0.001")
    )
    due_by = forms.ChoiceField(label=gettext_lazy("Due"), choices=DueBy.choices, initial=DueBy.DATE)
    due_date = forms.DateField(label=gettext_lazy("Due date"), required=False, widget=DayInput())
    event = forms.CharField(
        label=gettext_lazy("Event"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("For example acceptance")}),
    )  # fmt: skip
    days_after = forms.IntegerField(
        label=gettext_lazy("Days after"), min_value=0, max_value=3650, required=False, initial=0
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def clean(self) -> None:
        values = self.cleaned_data
        if values.get("due_by") == DueBy.DATE and not values.get("due_date") and "due_date" not in self.errors:
            self.add_error("due_date", _("A due date is needed."))
        if values.get("due_by") == DueBy.EVENT and not values.get("event") and "event" not in self.errors:
            self.add_error("event", _("Say which event."))

    def row(self) -> Instalment:
        values = self.cleaned_data
        names = ("position", "title", "amount", "due_by", "due_date", "event")
        return Instalment(days_after=values["days_after"] or 0, **{name: values[name] for name in names})


class Choices:
    """What the rows choose from, fetched once for all of them: product lines, our people, the customer's."""

    lookup = ""

    def __init__(self, account: Account, viewer: User, data: Mapping[str, Any] | None, stored: Iterable[Any]) -> None:
        lines = ProductLine.objects.visible_to(viewer)
        self.product_lines = [("", "–"), *((line.pk, str(line)) for line in lines)]
        here = Contact.objects.visible_to(viewer).filter(employments__account=account).distinct()
        self.contacts = [("", "–"), *((row.pk, row.local_name) for row in here.order_by("name", "pk"))]
        people = User.objects.visible_to(viewer)
        found = list(people.active().order_by("name", "pk")[: FEW_PEOPLE + 1])
        chosen = {row.user_id for row in stored} | _posted_people(data or {})
        if len(found) > FEW_PEOPLE:
            found = []
            self.lookup = reverse("users:user_lookup")
        missing = chosen - {None, *(row.pk for row in found)}
        found += list(people.filter(pk__in=missing)) if missing else []
        self.users = [("", "–"), *((row.pk, str(row)) for row in found)]


class Rows(forms.BaseFormSet):
    """Rows of one kind: those left empty and those taken out do not count."""

    def _construct_form(self, i: int, **kwargs: Any) -> forms.Form:
        return super()._construct_form(i, **{**kwargs, "empty_permitted": True})  # type: ignore[misc]  # not in the stubs

    def is_out(self, form: forms.Form) -> bool:
        return bool(self.is_bound and self._should_delete_form(form))

    @property
    def kept(self) -> list[Any]:
        """The forms that make a row, in their order."""
        return [form for form in self.forms if form.has_changed() and not self.is_out(form)]

    def rows(self) -> list[Any]:
        return [form.row() for form in self.kept]


def _posted_people(data: Mapping[str, Any]) -> set[int]:
    """Whom the rows name, in what was sent."""
    names = [name for name in data if re.fullmatch(rf"{SIGNATORIES}-\d+-user", name)]
    texts = {str(data[name]) for name in names}
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10}


def _set(form: type[forms.Form], most: int) -> type[Rows]:
    made: Any = forms.formset_factory(
        form, formset=Rows, extra=0, max_num=most, absolute_max=most, validate_max=True, can_delete=True
    )
    return made


SETS = {
    LINES: _set(LineForm, MOST_ROWS),
    SIGNATORIES: _set(SignatoryForm, MOST_SIGNATORIES),
    INSTALMENTS: _set(InstalmentForm, MOST_ROWS),
}
FIELDS = {name: tuple(rows.form.base_fields) for name, rows in SETS.items()}


class SubmitForm(forms.Form):
    """A word to those who are asked for approval."""

    note = forms.CharField(
        label=gettext_lazy("note to the approvers"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class SignForm(forms.Form):
    """When both sides had signed."""

    signed_on = forms.DateField(label=gettext_lazy("signed on"), widget=DayInput())


class AmendForm(forms.Form):
    """Why, and from when."""

    reason = forms.CharField(label=gettext_lazy("reason of the amendment"), max_length=300)
    effective_date = forms.DateField(label=gettext_lazy("effective from"), widget=DayInput())

    wide = ("reason",)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)


class TerminateForm(forms.Form):
    """The last day, and why."""

    as_of = forms.DateField(
        label=gettext_lazy("last day of the contract"), widget=DayInput(),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)

    wide = ("reason",)


class GiveNoticeForm(forms.Form):
    """When notice was given, and why."""

    on = forms.DateField(label=gettext_lazy("notice given on"), widget=DayInput())
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=300)

    wide = ("reason",)
