"""How the headings of a table are recognised, in every language of the interface and by other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst

from orders.errors import MissingColumns, RepeatedColumn
from orders.intake.columns import normalise

MOST_SHOWN = 300  # characters of headings in a message


class Headings:
    """The fields of a table: `names` as people read them, `words` by which files call them otherwise."""

    def __init__(
        self, names: Mapping[str, str | Promise], required: Sequence[str], words: Mapping[str, Sequence[str]]
    ) -> None:
        self.names, self.required, self.words = names, tuple(required), words

    @property
    def labels(self) -> list[str]:
        """A heading for every field in the active language: those of the template."""
        return [capfirst(str(name)) for name in self.names.values()]

    @cached_property
    def known(self) -> dict[str, list[str]]:
        """Field -> its names, as `normalise` leaves them: those of the template in every language, then other words."""
        known: dict[str, list[str]] = {field: [] for field in self.names}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                for field in self.names:
                    known[field].append(normalise(str(self.names[field])))
        return {
            field: list(dict.fromkeys([*known[field], *map(normalise, self.words.get(field, ()))]))
            for field in self.names
        }

    def guess(self, header: Sequence[str]) -> dict[str, str]:
        """Field -> heading for every field that some heading names; each heading serves one field."""
        by_name: dict[str, str] = {}
        for heading in header:
            by_name.setdefault(normalise(heading), heading)
        guessed: dict[str, str] = {}
        for field, names in self.known.items():
            for name in names:
                if name in by_name and by_name[name] not in guessed.values():
                    guessed[field] = by_name[name]
                    break
        return guessed

    def locate(self, mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, int]:
        """Field -> position of its column. Raises MissingColumns or RepeatedColumn, naming the headings."""
        positions: dict[str, list[int]] = {}
        for number, heading in enumerate(header):
            positions.setdefault(heading.strip().casefold(), []).append(number)
        located, missing = {}, []
        for field, heading in mapping.items():
            found = positions.get(heading.strip().casefold(), [])
            if len(found) > 1:
                raise RepeatedColumn(column=heading)
            if found:
                located[field] = found[0]
            else:
                missing.append(f"{self.names[field]} ({heading})")
        missing += [str(self.names[field]) for field in self.required if field not in mapping]
        if missing:
            found_headings = ", ".join(heading for heading in header if heading)[:MOST_SHOWN] or "–"
            raise MissingColumns(missing=", ".join(missing), found=found_headings)
        return located
