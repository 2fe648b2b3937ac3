"""Rows of contracts."""

from contracts.models.contracts import Contract, ContractLine, ContractVersion, NumberSequence, Signatory
from contracts.models.documents import ContractDocument, DocumentTemplate
from contracts.models.money import DunningReminder, Instalment, Receipt, ReceiptShare
from contracts.models.renewals import ContractPolicy, DunningRule, Renewal, RenewalRule

__all__ = [
    "Contract",
    "ContractDocument",
    "ContractLine",
    "ContractPolicy",
    "ContractVersion",
    "DocumentTemplate",
    "DunningReminder",
    "DunningRule",
    "Instalment",
    "NumberSequence",
    "Receipt",
    "ReceiptShare",
    "Renewal",
    "RenewalRule",
    "Signatory",
]
