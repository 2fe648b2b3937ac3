"""Texts that are kept in the product's languages: `{language: text}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation


def in_language(texts: Mapping[str, str], language: str | None = None) -> str:
    """The text in `language` (the reader's unless given), else in the first of the product's languages that has one."""
    wanted = (language or translation.get_language() or settings.LANGUAGE_CODE).lower()
    order = [wanted, *(code for code, _name in settings.LANGUAGES)]
    return next((texts[code] for code in order if texts.get(code)), "")


def local_name(row: Any) -> str:
    """The name of a rule or a profile for the reader: its Traditional Chinese or English one where there is one."""
    language = (translation.get_language() or "").lower()
    own = {"zh-hant": row.name_hant, "en": row.name_en}.get(language if language == "zh-hant" else language[:2])
    return str(own or row.name)
