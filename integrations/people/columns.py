"""The fields of a contact in a file, and how headings in English and Chinese are recognised."""

from __future__ import annotations

import tomllib
from pathlib import Path

from integrations.people.problems import FIELD_NAMES
from integrations.tables.headings import Headings

REQUIRED = ("account", "name")
FIELDS = tuple(FIELD_NAMES)
HEADINGS = Headings(
    FIELD_NAMES, REQUIRED, tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))
)

guess_columns = HEADINGS.guess
locate = HEADINGS.locate
