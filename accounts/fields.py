"""Model fields of our own."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import credit_code


def validate_credit_code(value: str) -> None:
    """Raises ValidationError unless `value` is a credit code with the right check character (GB 32100-2015)."""
    if not credit_code.is_valid(value):
        raise ValidationError(
            _("%(value)s is not a unified social credit code: 18 characters, the last one a check digit."),
            code="credit_code",
            params={"value": value},
        )


class CreditCodeField(models.CharField):
    """A unified social credit code: normalised, checked, unique; nothing is null, so that many may be empty."""

    default_validators = [validate_credit_code]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 18, "unique": True, "null": True, "blank": True, **kwargs})

    def to_python(self, value: Any) -> str | None:
        return credit_code.normalise(value) or None if isinstance(value, str) else value

    def formfield(self, **kwargs: Any) -> forms.Field:
        # People paste codes with spaces; the length is judged after normalising.
        field = super().formfield(**{**kwargs, "max_length": 40, "empty_value": None})
        return cast(forms.Field, field)  # a column without choices has one
