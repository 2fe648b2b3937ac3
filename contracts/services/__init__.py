"""Every write to contracts."""

from contracts.services.drafts import draft_contract, update_draft
from contracts.services.numbers import number_text, take_numbers
from contracts.services.parts import Parts, parts_of, reporting_amount

__all__ = [
    "Parts",
    "draft_contract",
    "number_text",
    "parts_of",
    "reporting_amount",
    "take_numbers",
    "update_draft",
]
