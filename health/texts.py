"""Texts that are kept in the product's languages: `{language: text}`."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils import translation


def in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in `language` (the reader's unless given), else in the first of the product's languages that has one."""
    wanted = (language or translation.get_language() or settings.LANGUAGE_CODE).lower()
    order = [wanted, *(code for code, _name in settings.LANGUAGES)]
    return next((texts[code] for code in order if texts.get(code)), "")
