"""What is wrong with a row: a code, the field, and what the sentence names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

Words = Mapping[str, str | Promise]


class RowBad(Exception):
    """A cell or a row cannot be taken: a code, the field, and what the sentence names."""

    def __init__(self, code: str, field: str = "", **params: Any) -> None:
        self.code, self.field, self.params = code, field, params
        super().__init__(code)


def sentence(messages: Words, names: Words, code: str, field: str, params: Mapping[str, Any]) -> str:
    """The problem in the active language; `name` in it is the field's."""
    words = {"name": names.get(field, field), **params}
    if "name" in params:
        words["name"] = names.get(str(params["name"]), params["name"])
    text = str(messages[code]) % words
    return text[:1].upper() + text[1:]
