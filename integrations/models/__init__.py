"""Rows of the integrations."""

from integrations.models.contact_imports import (
    ContactImportJob,
    ContactImportProblem,
    OnKnown,
)
from integrations.models.contract_imports import ContractImportJob, ContractImportRow, RowResult
from integrations.models.imports import ImportJob, ImportPhase, ImportStatus
from integrations.models.jobs import CheckedJob, CheckedStatus, FileJob
from integrations.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "CheckedJob",
    "CheckedStatus",
    "ContactImportJob",
    "ContactImportProblem",
    "ContractImportJob",
    "ContractImportRow",
    "FileJob",
    "ImportJob",
    "ImportPhase",
    "ImportStatus",
    "OnKnown",
    "RowResult",
]
