"""The columns of the rows that `papers` makes."""

CONTRACT_COLUMNS = [
    "id", "account", "year", "sequence", "number", "external_number", "kind", "title", "our_party", "customer_party",
    "currency", "owner", "phase", "predecessor", "signed_on", "notice_given_on", "terminated_on", "termination_reason",
    "start_date", "end_date", "notice_date", "renewal_date", "renews_itself", "net_amount", "gross_amount",
    "received_amount", "created_at", "updated_at",
]  # fmt: skip
VERSION_COLUMNS = [
    "id", "contract", "number", "status", "reason", "effective_date", "start_date", "end_date", "notice_days",
    "auto_renewal_months", "tax_rate", "payment_terms", "terms", "list_amount", "net_amount", "tax_amount",
    "gross_amount", "signed_on", "author", "created_at", "updated_at",
]  # fmt: skip
LINE_COLUMNS = [
    "version", "position", "product_line", "description", "quantity", "unit", "unit_price", "discount", "amount",
]  # fmt: skip
SIGNATORY_COLUMNS = ["version", "side", "user", "contact", "name", "position"]
INSTALMENT_COLUMNS = [
    "contract", "version", "position", "title", "amount", "due_by", "due_date", "event", "days_after", "event_date",
    "invoice_number", "invoice_date", "settled_amount", "is_current",
]  # fmt: skip
RECEIPT_COLUMNS = [
    "id", "contract", "kind", "date", "amount", "currency", "method", "reference", "invoice_number", "note",
    "posted_by", "void_reason", "created_at", "updated_at",
]  # fmt: skip
SHARE_COLUMNS = ["receipt", "instalment_position", "amount"]
RENEWAL_COLUMNS = [
    "contract", "term_end", "notice_date", "opened_on", "value_amount", "value_currency", "outcome", "outcome_note",
    "decided_by", "decided_on", "created_at", "updated_at",
]  # fmt: skip
