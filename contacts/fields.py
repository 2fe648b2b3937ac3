"""Phone numbers as E.164."""

from __future__ import annotations

from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

DEFAULT_REGION = "CN"
EXTENSION = ";ext="


def to_e164(text: str, region: str = DEFAULT_REGION) -> str:
    """The number as E.164, as people write it in `region` or with + and the country code: `+8613800138000`.

    An extension follows as `;ext=12` (RFC 3966). Raises ValidationError for what cannot be a phone number.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("%(value)s is not a phone number. Outside China write + and the country code."),
            code="phone",
            params={"value": text},
        )
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain}{EXTENSION}{number.extension}" if number.extension else plain


def readable(stored: str) -> str:
    """An E.164 number as people read it: `+86 138 0013 8000`."""
    try:
        number = phonenumbers.parse(stored.replace(EXTENSION, " ext. "), DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return stored
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneField(models.CharField):
    """A phone number or nothing, kept as E.164 however it was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return to_e164(text) if text and text.strip() else ""
