"""Rows of the integrations."""

from integrations.models.contact_imports import (
    ContactImportJob,
    ContactImportProblem,
    ContactImportStatus,
    OnKnown,
)
from integrations.models.imports import ImportJob, ImportPhase, ImportStatus
from integrations.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "ContactImportJob",
    "ContactImportProblem",
    "ContactImportStatus",
    "ImportJob",
    "ImportPhase",
    "ImportStatus",
    "OnKnown",
]
