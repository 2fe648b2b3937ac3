"""Contracts, their versions and lines as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.models import Account
from contacts.models import Contact
from contracts.choices import State
from contracts.models import Contract, ContractLine, ContractVersion, Instalment, Signatory
from contracts.services import Parts, parts_of
from contracts.services.parts import MAX_INSTALMENTS, MAX_LINES, MAX_SIGNATORIES
from contracts.totals import line_amount
from core.api.serializers import NamedRelatedField, ScopedModelSerializer, ScopedRelatedField, StrictSerializer
from orders.models import ProductLine
from users.models import User

PARTS = {"lines": ContractLine, "signatories": Signatory, "instalments": Instalment}
NUMBERED = "Rows are numbered in the order of the list; what is sent here is not used."


class ProductLineField(NamedRelatedField):
    """A product line by id, of those fetched once for all rows of the request."""

    def to_internal_value(self, data: Any) -> Any:
        number = data["id"] if isinstance(data, dict) and "id" in data else data
        if type(number) is not int:
            self.fail("incorrect_type", data_type=type(number).__name__)
        if not hasattr(self.root, "product_lines"):
            self.root.product_lines = {row.pk: row for row in self.get_queryset()}
        known = self.root.product_lines
        if number not in known:
            self.fail("does_not_exist", pk_value=number)
        return known[number]


class ContractLineSerializer(ScopedModelSerializer):
    """One line; `amount` = quantity × unit price × (1 − discount), rounded to the currency's minor unit.

    An `amount` that is sent must be that.
    """

    product_line = ProductLineField(queryset=ProductLine.objects.all())
    position = serializers.IntegerField(required=False, help_text=NUMBERED)
    amount = serializers.DecimalField(max_digits=18, decimal_places=3, required=False)

    class Meta:
        model = ContractLine
        fields = ["position", "product_line", "description", "quantity", "unit", "unit_price", "discount", "amount"]


class SignatorySerializer(ScopedModelSerializer):
    """Who signs: one of our users, one of the customer's people, or just a name."""

    user = NamedRelatedField(queryset=User.objects.active(), required=False, allow_null=True)
    contact = NamedRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="Default: that of the user or contact."
    )

    class Meta:
        model = Signatory
        fields = ["side", "user", "contact", "name", "position"]


class PlannedInstalmentSerializer(ScopedModelSerializer):
    """An instalment, tax included. `position` names it over all versions: one that stays keeps its number."""

    position = serializers.IntegerField(required=False, min_value=1, max_value=30_000)

    class Meta:
        model = Instalment
        fields = ["position", "title", "amount", "due_by", "due_date", "event", "days_after"]


class VersionSerializer(ScopedModelSerializer):
    """What was agreed, without its rows. A signed version never changes."""

    contract = NamedRelatedField(read_only=True)
    author = NamedRelatedField(read_only=True, allow_null=True)
    discount = serializers.DecimalField(
        max_digits=5, decimal_places=2, read_only=True, help_text="In per cent of the list total."
    )

    class Meta:
        model = ContractVersion
        fields = [
            "id", "contract", "number", "status", "reason", "effective_date", "start_date", "end_date", "notice_days",
            "auto_renewal_months", "tax_rate", "payment_terms", "terms", "list_amount", "discount", "net_amount",
            "tax_amount", "gross_amount", "signed_on", "author", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class VersionDetailSerializer(VersionSerializer):
    """A version with its lines, signatories and instalments."""

    lines = ContractLineSerializer(many=True, read_only=True)
    signatories = SignatorySerializer(many=True, read_only=True)
    instalments = PlannedInstalmentSerializer(many=True, read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "lines", "signatories", "instalments"]
        read_only_fields = fields


class LineRowSerializer(ContractLineSerializer):
    """A line with its version and contract."""

    version = ScopedRelatedField(read_only=True)
    contract = NamedRelatedField(source="version.contract", read_only=True)
    currency = serializers.CharField(source="version.contract.currency", read_only=True)

    class Meta(ContractLineSerializer.Meta):
        fields = ["id", "version", "contract", "currency", *ContractLineSerializer.Meta.fields]
        read_only_fields = fields


class DraftSerializer(ScopedModelSerializer):
    """The version at work: terms, lines, signatories, plan. Lists are replaced as a whole."""

    lines = ContractLineSerializer(many=True, required=False, max_length=MAX_LINES)
    signatories = SignatorySerializer(many=True, required=False, max_length=MAX_SIGNATORIES)
    instalments = PlannedInstalmentSerializer(many=True, required=False, max_length=MAX_INSTALMENTS)

    class Meta:
        model = ContractVersion
        fields = [
            "id", "number", "status", "reason", "effective_date", "start_date", "end_date", "notice_days",
            "auto_renewal_months", "tax_rate", "payment_terms", "terms", "lines", "signatories", "instalments",
            "list_amount", "net_amount", "tax_amount", "gross_amount",
        ]  # fmt: skip
        read_only_fields = ["number", "status", "list_amount", "net_amount", "tax_amount", "gross_amount"]
        # The service compares the dates, and says so with a code.
        validators: list[Any] = []


class ContractSerializer(ScopedModelSerializer):
    """A contract. `phase` is what people decided, `state` what the date of today makes of it.

    The dates and amounts are those of the newest signed version (`version`), before the first signature of the draft;
    `end_date` of one that renews itself is the end of the term that runs.
    """

    account = NamedRelatedField(queryset=Account.objects.all())
    owner = NamedRelatedField(queryset=User.objects.active(), required=False, help_text="Default: the caller.")
    phase = serializers.ChoiceField(choices=Contract._meta.get_field("phase").choices, read_only=True)
    state = serializers.SerializerMethodField()
    version = ScopedRelatedField(read_only=True, allow_null=True)
    predecessor = NamedRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Contract
        fields = [
            "id", "number", "external_number", "account", "kind", "title", "our_party", "customer_party", "currency",
            "owner", "phase", "state", "version", "predecessor", "signed_on", "start_date", "end_date", "notice_date",
            "renewal_date", "renews_itself", "notice_given_on", "terminated_on", "termination_reason", "net_amount",
            "gross_amount", "received_amount", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "number", "signed_on", "start_date", "end_date", "notice_date", "renewal_date", "renews_itself",
            "notice_given_on", "terminated_on", "termination_reason", "net_amount", "gross_amount", "received_amount",
        ]  # fmt: skip

    def get_state(self, row: Contract) -> State:
        return State(row.state_now)


class ContractDetailSerializer(ContractSerializer):
    """A contract with its version at work, null where there is none (read signed ones at contract-versions)."""

    our_party = serializers.CharField(max_length=200, required=False, help_text="Default: that of the policy.")
    customer_party = serializers.CharField(max_length=200, required=False, help_text="Default: the account's name.")
    draft = DraftSerializer(allow_null=True)
    warnings = serializers.SerializerMethodField(
        help_text="In the answer to a write: what speaks against it. It is done all the same."
    )

    class Meta(ContractSerializer.Meta):
        fields = [*ContractSerializer.Meta.fields, "draft", "warnings"]

    def __init__(self, instance: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(instance, *args, **kwargs)
        if isinstance(instance, models.Model):
            self.fields["draft"].instance = getattr(instance, "draft", None)

    def get_warnings(self, row: Contract) -> list[str]:
        return [str(text) for text in row.warnings]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An amount that is sent is the one that is computed."""
        if "draft" in attrs and attrs["draft"] is None:
            raise serializers.ValidationError({"draft": [_("A draft has terms.")]})
        currency = attrs.get("currency") or getattr(self.instance, "currency", "")
        for number, row in enumerate(attrs.get("draft", {}).get("lines", ())):
            sent: Decimal | None = row.pop("amount", None)
            if sent is not None and "unit_price" in row:
                computed = line_amount(ContractLine(**row), currency)
                if sent != computed:
                    text = _("The amount of this line is %(amount)s.") % {"amount": computed}
                    raise serializers.ValidationError({f"draft.lines.{number}.amount": [text]})
        return attrs

    def parts(self) -> Parts:
        """The rows that were sent; those of the draft for what was not."""
        sent = self.validated_data.get("draft", {})
        missing = any(name not in sent for name in PARTS) and self.fields["draft"].instance is not None
        stored = parts_of(self.fields["draft"].instance) if missing else Parts()
        found = {name: getattr(stored, name) for name in PARTS}
        for name, model in PARTS.items():
            if name in sent:
                found[name] = [model(**_without_number(row, name)) for row in sent.pop(name)]
        return Parts(**found)


def _without_number(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Lines are numbered anew; instalments keep their numbers."""
    return {key: value for key, value in row.items() if name != "lines" or key not in ("position", "amount")}


class SubmitSerializer(StrictSerializer):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, help_text="For the approvers.")


class SignSerializer(StrictSerializer):
    signed_on = serializers.DateField()


class AmendSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300)
    effective_date = serializers.DateField()


class ContractReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=300, help_text="Why.")


class NoticeSerializer(ContractReasonSerializer):
    on = serializers.DateField(help_text="The day on which notice was given.")


class TerminateSerializer(ContractReasonSerializer):
    as_of = serializers.DateField(help_text="The last day of the contract.")


class NothingSerializer(StrictSerializer):
    """Nothing to say."""


class FieldChangeSerializer(serializers.Serializer):
    """A value before and after, as text; null where there is none."""

    name = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)
    delta = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)


class RowChangeSerializer(serializers.Serializer):
    """A row that was added, removed or changed; `old` and `new` are its positions."""

    kind = serializers.ChoiceField(choices=["added", "removed", "changed"])
    text = serializers.CharField()
    old = serializers.IntegerField(allow_null=True)
    new = serializers.IntegerField(allow_null=True)
    fields_changed = FieldChangeSerializer(many=True)


class DifferenceSerializer(serializers.Serializer):
    """What differs between two versions; rows that are the same are left out."""

    old = serializers.IntegerField(help_text="Number of the earlier version.")
    new = serializers.IntegerField(help_text="Number of the later version.")
    terms = FieldChangeSerializer(many=True)
    amounts = FieldChangeSerializer(many=True)
    lines = RowChangeSerializer(many=True)
    instalments = RowChangeSerializer(many=True)
    signatories = RowChangeSerializer(many=True)
