"""Where an invitation leads to: addresses on the host that the installation names as its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from surveys.tokens import token_for


def answer_url(seed: str) -> str:
    """The page on which the invitation with that seed is answered."""
    return _absolute("survey_answer", seed)


def unsubscribe_url(seed: str) -> str:
    """The page, and the one-click address, on which its contact wants no more surveys."""
    return _absolute("survey_unsubscribe", seed)


def _absolute(name: str, seed: str) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=[token_for(seed)])
