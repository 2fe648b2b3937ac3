"""Every write to contracts."""

from contracts.services.amendments import amend_contract, compare_versions, renew_contract
from contracts.services.drafts import draft_contract, update_details, update_draft
from contracts.services.endings import carry_out_termination, drop_termination, give_notice, terminate_contract
from contracts.services.guards import may_decide, version_at_work
from contracts.services.lifecycle import (
    approve_version,
    discard_version,
    enter_signed_contract,
    is_termination_asked,
    reopen_version,
    send_back_version,
    sign_version,
    submit_version,
)
from contracts.services.numbers import number_text, take_numbers
from contracts.services.owners import pass_on_contracts
from contracts.services.parts import Parts, parts_of, reporting_amount
from contracts.services.receipts import post_receipt, record_event, set_invoice, void_receipt
from contracts.services.settling import resettle

__all__ = [
    "Parts",
    "amend_contract",
    "approve_version",
    "carry_out_termination",
    "compare_versions",
    "discard_version",
    "draft_contract",
    "drop_termination",
    "enter_signed_contract",
    "give_notice",
    "is_termination_asked",
    "may_decide",
    "number_text",
    "parts_of",
    "pass_on_contracts",
    "post_receipt",
    "record_event",
    "renew_contract",
    "reopen_version",
    "reporting_amount",
    "resettle",
    "send_back_version",
    "set_invoice",
    "sign_version",
    "submit_version",
    "take_numbers",
    "terminate_contract",
    "update_details",
    "update_draft",
    "version_at_work",
    "void_receipt",
]
