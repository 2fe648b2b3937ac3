"""Rows of the integrations."""

from integrations.models.tokens import ApiToken

__all__ = ["ApiToken"]
