"""Contracts in Django's admin."""

from django.contrib import admin

from contracts.models import (
    Contract,
    ContractDocument,
    ContractLine,
    ContractPolicy,
    ContractVersion,
    DocumentTemplate,
    DunningReminder,
    DunningRule,
    Instalment,
    NumberSequence,
    Receipt,
    ReceiptShare,
    Renewal,
    RenewalRule,
    Signatory,
)
from core.admin import ReadOnlyAdmin


@admin.register(NumberSequence)
class NumberSequenceAdmin(ReadOnlyAdmin):
    list_display = ["year", "last"]


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["number", "title", "account", "kind", "phase", "end_date", "net_amount", "currency", "owner"]
    list_select_related = ["account", "owner"]
    search_fields = ["=number", "=external_number", "=account__code"]


@admin.register(ContractVersion)
class ContractVersionAdmin(ReadOnlyAdmin):
    list_display = ["contract", "number", "status", "start_date", "end_date", "net_amount", "signed_on"]
    list_select_related = ["contract"]
    search_fields = ["=contract__number"]


@admin.register(ContractLine)
class ContractLineAdmin(ReadOnlyAdmin):
    list_display = ["version", "position", "product_line", "quantity", "unit_price", "discount", "amount"]
    list_select_related = ["version__contract", "product_line"]
    search_fields = ["=version__contract__number"]


@admin.register(Signatory)
class SignatoryAdmin(ReadOnlyAdmin):
    list_display = ["version", "side", "name", "position"]
    list_select_related = ["version__contract"]
    search_fields = ["=version__contract__number"]


@admin.register(Instalment)
class InstalmentAdmin(ReadOnlyAdmin):
    list_display = ["contract", "version", "position", "amount", "due_date", "settled_amount", "is_current"]
    list_select_related = ["contract", "version__contract"]
    search_fields = ["=contract__number"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["contract", "kind", "date", "amount", "currency", "posted_by", "voided_at"]
    list_select_related = ["contract", "posted_by"]
    search_fields = ["=contract__number", "=reference"]


@admin.register(ReceiptShare)
class ReceiptShareAdmin(ReadOnlyAdmin):
    list_display = ["receipt", "instalment_position", "amount"]
    list_select_related = ["receipt"]
    search_fields = ["=receipt__contract__number"]


@admin.register(DunningReminder)
class DunningReminderAdmin(ReadOnlyAdmin):
    list_display = ["instalment", "level", "created_on", "step"]
    list_select_related = ["instalment", "step"]


@admin.register(ContractPolicy)
class ContractPolicyAdmin(ReadOnlyAdmin):
    list_display = ["our_party", "plan_mismatch", "escalate_after", "alert_before"]


@admin.register(RenewalRule)
class RenewalRuleAdmin(ReadOnlyAdmin):
    list_display = ["tier", "min_amount", "open_days"]


@admin.register(DunningRule)
class DunningRuleAdmin(ReadOnlyAdmin):
    list_display = ["tier", "level", "days_overdue"]


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyAdmin):
    list_display = ["contract", "term_end", "notice_date", "opened_on", "outcome", "decided_by"]
    list_select_related = ["contract", "decided_by"]
    search_fields = ["=contract__number"]


@admin.register(DocumentTemplate)
class DocumentTemplateAdmin(ReadOnlyAdmin):
    list_display = ["name"]


@admin.register(ContractDocument)
class ContractDocumentAdmin(ReadOnlyAdmin):
    list_display = ["name", "contract", "kind"]
    list_select_related = ["contract"]
    search_fields = ["=contract__number"]
