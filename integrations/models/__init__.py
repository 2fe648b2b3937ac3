"""Rows of the integrations."""

from integrations.models.imports import ImportJob, ImportPhase, ImportStatus
from integrations.models.tokens import ApiToken

__all__ = ["ApiToken", "ImportJob", "ImportPhase", "ImportStatus"]
